"""Dumps of different columns: transactions in one file, labels or identities of theirs in another."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from fraud.data import ROW, explained, recognise
from fraud.errors import DumpError
from fraud.inspection.reading.sample import columns_of, read_sample
from fraud.inspection.roles.label import SPEAKS_OF_FRAUD, speaks_of_label
from fraud.inspection.roles.names import REPORTED, hints

LISTED = "listed_as_fraud"
"""Marks transactions that a list of frauds has."""


def check_same_columns(paths: Sequence[Path], scratch: Path) -> None:
    """See that dumps have the same columns.

    Raises:
        DumpError: they do not; the message says how to go on.
    """
    groups = _groups(paths, scratch) if len(paths) > 1 else {}
    if len(groups) < 2:
        return
    first, second = list(groups)[:2]
    key = _key(first, second)
    advice = f"join them on {key} with --join joined.parquet" if key else "inspect them one kind at a time"
    raise DumpError(
        f"{groups[second][0]}: other columns than {groups[first][0].name}: expected {', '.join(first[:8])}, found "
        f"{', '.join(second[:8])}; {advice}"
    )


def join_dumps(paths: Sequence[Path], target: Path, scratch: Path) -> str:
    """Write dumps of different columns as one Parquet file, joined on the identity they share; says what came of it.

    The dumps with the most columns are the transactions, none of which is lost; what others tell comes beside them,
    and where they list the frauds alone, a column that marks these.

    Raises:
        DumpError: they share no identity, or an identity comes twice in what is joined to the transactions.
    """
    groups = _groups(paths, scratch)
    if len(groups) < 2:
        raise DumpError(
            f"{paths[0]}: nothing to join: expected dumps of different columns, found one kind; leave --join out"
        )
    kinds = sorted(groups, key=len, reverse=True)
    samples = {kind: read_sample(groups[kind], scratch / f"kind-{place}") for place, kind in enumerate(kinds)}
    joined, told = samples[kinds[0]].source.frame.drop(ROW, "__dump"), []
    for kind in kinds[1:]:
        key = _key(kinds[0], kind)
        where = groups[kind][0]
        if key is None:
            raise DumpError(f"{where}: shares no identity with {groups[kinds[0]][0].name}; name it the same in both")
        other = samples[kind].source.frame.drop(ROW, "__dump")
        twice = other.select(pl.col(key).is_duplicated().sum()).collect().item()
        if twice:
            raise DumpError(f"{where}: {twice:,} rows share their {key} with another one; expected one row each")
        listed = _lists_frauds(kind, key, where)
        if listed:
            mark = _free_name(LISTED, (*kinds[0], *kind))
            other = other.with_columns(pl.lit(1, pl.Int8).alias(mark))
        joined = joined.join(other, on=key, how="left", suffix="_2", maintain_order="left")
        told.append(f"{where.name} on {key}" + (f", whose rows are marked as {mark}" if listed else ""))
    with explained(recognise(paths[0])):
        joined.sink_parquet(target)
    rows = pl.scan_parquet(target).select(pl.len()).collect().item()
    return f"joined {' and '.join(told)} to {groups[kinds[0]][0].name}: {rows:,} rows in {target}"


def _lists_frauds(columns: Sequence[str], key: str, path: Path) -> bool:
    """Whether a dump lists frauds alone: its name, or a time of reports, says so, and no column is a label."""
    if any(speaks_of_label(name) for name in columns if name != key):
        return False
    rest = [name for name in columns if name != key]
    named = SPEAKS_OF_FRAUD.search(path.name.split(".")[0])
    return bool(named) or any(hints(name, REPORTED) for name in rest)


def _free_name(wanted: str, taken: Sequence[str]) -> str:
    return wanted if wanted not in taken else _free_name(f"{wanted}_2", taken)


def _groups(paths: Sequence[Path], scratch: Path) -> Mapping[tuple[str, ...], list[Path]]:
    groups: dict[tuple[str, ...], list[Path]] = {}
    for number, path in enumerate(paths):
        groups.setdefault(columns_of(path, scratch / f"look-{number}"), []).append(path)
    return groups


def _key(first: Sequence[str], second: Sequence[str]) -> str | None:
    shared = [name for name in first if name in second]
    named = [name for name in shared if hints(name, {"id", "transactionid", "transid", "txid", "num", "number", "ref"})]
    return next(iter(named or shared), None)
