"""Rows that broke the contract: which rules, how many, and the rows as they came."""

from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig
from fraud.data.contract import FINITE, KNOWN_RULE, RULES, TEXT_RULE, UNIQUE_RULE
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.errors import DumpError

MAPPED_WRONGLY = 10
"""Rows from which on a dump whose rows all break one rule is an error: its mapping is wrong."""


def count_rules(broken: Path, conflicting: pl.Series) -> dict[str, int]:
    """Rows that broke each rule, the rules nobody broke left out.

    Args:
        broken: Parquet file of the rows that dataframely rejected, one boolean column a rule.
        conflicting: numbers of the rows whose transaction_id belongs to different rows.
    """
    rules = _rules(broken)
    counts = pl.scan_parquet(broken).select((~pl.col(rule)).sum() for rule in rules).collect(engine="streaming")
    found = counts.row(0, named=True) | {UNIQUE_RULE: len(conflicting)}
    return {rule: count for rule, count in found.items() if count}


def check_not_all_broken(source: Source, counts: dict[str, int], *, rows: int, columns: ColumnsConfig) -> None:
    """See that no rule was broken by every row of a dump of some size.

    Raises:
        DumpError: one was, so the mapping is wrong.
    """
    rule = next((rule for rule, count in counts.items() if count == rows >= MAPPED_WRONGLY), None)
    if rule is None:
        return
    role = rule.removesuffix(FINITE) if rule.endswith(FINITE) else rule
    read = _columns_of(rule, columns)
    cells = source.frame.select(read).head(1).collect().row(0) if read else ()
    required = RULES.get(rule, f"{role} is a finite number")
    raise DumpError(
        f"{source.dump.name}: all {rows:,} rows break one rule: expected that {required}, "
        f"found in row 1: {', '.join(f'{name} = {cell!r}' for name, cell in zip(read, cells, strict=True))}; "
        "correct [columns] (role, unit, format)"
    )


def quarantine(source: Source, broken: Path, conflicting: pl.Series, target: Path) -> int:
    """Write the rejected rows as they came, with ``dump_row`` and ``rules``, all the rules each one broke.

    Reads the dump a second time, which happens only where there is something to quarantine.

    Returns:
        The number of rejected rows.
    """
    own = pl.scan_parquet(broken).select("dump_row", own=_list_of_broken(_rules(broken)))
    twice = conflicting.unique().to_frame("dump_row").lazy().with_columns(shared=pl.lit([UNIQUE_RULE]))
    both = own.join(twice, on="dump_row", how="full", coalesce=True)
    nothing = pl.lit([], dtype=pl.List(pl.String))
    lists = [pl.col(name).fill_null(nothing) for name in ("own", "shared")]
    rules = both.select(pl.col("dump_row").cast(pl.UInt32).alias(ROW_NUMBER), pl.concat_list(lists).alias("rules"))
    raw = source.frame.rename({name: f"{name} (dump)" for name in source.columns if name in ("dump_row", "rules")})
    rows = raw.join(rules, on=ROW_NUMBER, how="inner", maintain_order="left").rename({ROW_NUMBER: "dump_row"})
    rows.select("dump_row", "rules", pl.exclude("dump_row", "rules")).sink_parquet(target, engine="streaming")
    return int(pl.scan_parquet(target).select(pl.len()).collect().item())


def _rules(broken: Path) -> list[str]:
    schema = pl.scan_parquet(broken).collect_schema()
    return [name for name, dtype in schema.items() if dtype == pl.Boolean and (name in RULES or name.endswith(FINITE))]


def _list_of_broken(rules: list[str]) -> pl.Expr:
    names = [pl.when(~pl.col(rule)).then(pl.lit(rule)) for rule in rules]
    return pl.concat_list(names).list.drop_nulls()


def _columns_of(rule: str, columns: ColumnsConfig) -> list[str]:
    """Columns of the dump that a rule depends on."""
    label = columns.label_time.sources if columns.label_time else ()
    own = {
        "transaction_id_present": (columns.transaction_id,),
        "event_time_present": columns.event_time.sources,
        "event_time_plausible": columns.event_time.sources,
        "amount_present": (columns.amount,),
        "amount_finite": (columns.amount,),
        "label_time_plausible": label,
        "label_time_not_before_event_time": (*columns.event_time.sources, *label),
        UNIQUE_RULE: (columns.transaction_id,),
        KNOWN_RULE: (columns.transaction_id,),
        TEXT_RULE: (columns.transaction_id, columns.fraud_type, *columns.entities.values(), *columns.categorical),
    }
    return [name for name in own.get(rule, (rule.removesuffix(FINITE),)) if name]
