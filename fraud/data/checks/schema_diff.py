"""A dump compared with the stored transactions: does a column still hold what it held before?

| found | what happens |
|---|---|
| a column that [columns] names is missing | error, before anything is read (``mapping.check_columns``) |
| a number became text, identities or categories became other than numbers, or the reverse | error, unless accepted |
| all sizes of a number changed by one power of ten: euros are cents now | error, unless accepted |
| all events are years away from those stored | error, unless accepted; of some of them: warning |
| categories that were never stored | warning, with their share |
| a column without a role | warning (``results``) |
| all events older than the last one stored | note |

Errors are changes that would silently spoil the store. ``[dataset] accept`` names the columns for which the change is
meant. A dump is compared with the store's last days: a unit accepted once is the usual one the next month.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from fraud.config import ColumnsConfig
from fraud.data.checks.event_range import EventRange, event_range_of, find_far_events
from fraud.data.contract import FINITE
from fraud.data.findings import Finding
from fraud.data.staging.quarantine import MAPPED_WRONGLY
from fraud.data.staging.stage import StagedDump
from fraud.data.store.table import TransactionStore
from fraud.errors import ConfigError, DumpError
from fraud.text import nearest, percent

RECENT = timedelta(days=28)
"""Last days of the store, with which a dump is compared."""
ROWS_AT_MOST = 50_000
"""Rows of each side that are compared, spread evenly."""
FEWEST_VALUES = 100
"""Values of a column on each side, below which a change of unit or type may be chance."""
QUARTERS = (0.25, 0.5, 0.75)
SCALES = {factor: power for power in (1, 2, 3) for factor in (10.0**power, 10.0**-power)}
SLACK = 0.1
"""In powers of ten: how far from its factor each quartile may be."""
NUMBERS, WORDS = 0.98, 0.02
"""Share of numbers among texts above which a column holds numbers, and below which it holds words."""
NO_LONGER_NUMBERS = 0.5
"""Share of a numeric column's cells that are no numbers, above which its type has changed."""
NEW_SHARE = 0.001
"""Share of rows with new categories from which on there is a warning."""
NAMED_AT_MOST = 3
"""New categories in a message."""


@dataclass(frozen=True)
class Stored:
    """What a dump is compared with: the store, or the first of several dumps where nothing is stored yet."""

    rows: pl.LazyFrame
    """All of it."""
    last_event: datetime | None
    columns: ColumnsConfig

    @cached_property
    def sizes(self) -> Mapping[str, tuple[float, ...]]:
        """Quartiles of the absolute values other than 0, of each number."""
        return _sizes(self._recent, self.columns)

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """Share of texts that are numbers, of each entity and category."""
        return _share_of_numbers(self._recent, self.columns)

    @cached_property
    def _recent(self) -> pl.DataFrame:
        since = self.last_event - RECENT if self.last_event else None
        return _sample(self.rows.filter(pl.col("event_time") >= since) if since else self.rows, self.columns)

    def unknown(self, column: str, categories: pl.Series) -> pl.Series:
        """Those of the categories that were never stored."""
        recent = categories.filter(~categories.is_in(self._recent[column].unique().implode()))
        if recent.is_empty():
            return recent
        seen = self.rows.select(column).filter(pl.col(column).is_in(recent.implode())).unique()
        return recent.filter(~recent.is_in(seen.collect(engine="streaming").to_series().implode()))


def compare_with_store(
    staged: Sequence[StagedDump], store: TransactionStore, *, columns: ColumnsConfig, accept: Sequence[str]
) -> tuple[Finding, ...]:
    """How the dumps differ from what is stored, in the order of the dumps.

    Args:
        staged: validated dumps, not stored yet; those of labels alone are skipped.
        store: of the same data set; where it is empty, the first dump is used instead.
        columns: the mapping.
        accept: columns of which a change of unit or type is meant; ``event_time``, of the time.

    Raises:
        ConfigError: ``accept`` names no column whose change could be meant.
        DumpError: a column is not what it was, and not in ``accept``.
    """
    _check_accept(columns, accept)
    whole = [dump for dump in staged if not dump.labels_only and dump.manifest.accepted]
    if not whole:
        return ()
    first_event, last_event = _span(store)
    stored = Stored(store.scan() if store.exists else pl.scan_parquet(whole[0].rows), last_event, columns)
    findings: list[Finding] = []
    events = EventRange(first_event, last_event) if first_event and last_event else event_range_of(whole[0])
    for dump in whole if store.exists else whole[1:]:
        findings += find_far_events(dump, events, columns.event_time, accept=accept) if events else ()
        _check_numbers(dump, columns, accept)
        rows = _sample(pl.scan_parquet(dump.rows), columns)
        _check_texts(dump, rows, stored, accept)
        _check_sizes(dump, rows, stored, accept)
        findings += _new_categories(dump, stored, columns)
        findings += _out_of_order(dump, first_event, last_event)
    return tuple(findings)


def _check_accept(columns: ColumnsConfig, accept: Sequence[str]) -> None:
    known = ["event_time", *_numbers(columns), *columns.entity_names, *columns.categorical]
    for name in accept:
        if name not in known:
            raise ConfigError(
                f"[dataset] accept: no column '{name}' to accept a change of; expected any of {', '.join(known)}"
                f"{nearest(name, known)}"
            )


def _span(store: TransactionStore) -> tuple[datetime | None, datetime | None]:
    if not store.exists:
        return None, None
    time = pl.col("event_time")
    first, last = store.scan().select(time.min(), time.max().alias("last")).collect(engine="streaming").row(0)
    return first, last


def _sample(rows: pl.LazyFrame, columns: ColumnsConfig) -> pl.DataFrame:
    names = [*_numbers(columns), *columns.entity_names, *columns.categorical]
    count = int(rows.select(pl.len()).collect(engine="streaming").item())
    return rows.select(names).gather_every(max(1, -(-count // ROWS_AT_MOST))).collect()


def _numbers(columns: ColumnsConfig) -> tuple[str, ...]:
    return (*(("amount",) if columns.amount else ()), *columns.numeric)


def _check_numbers(dump: StagedDump, columns: ColumnsConfig, accept: Sequence[str]) -> None:
    """See that numbers are numbers still.

    Raises:
        DumpError: most cells of a column are none.
    """
    for column in _numbers(columns):
        rule = "amount_finite" if column == "amount" else f"{column}{FINITE}"
        broken = dump.manifest.rejected_by_rule.get(rule, 0)
        if broken > max(NO_LONGER_NUMBERS * dump.manifest.rows, MAPPED_WRONGLY) and column not in accept:
            raise DumpError(
                f"{dump.manifest.file}: column '{column}' has changed its type: expected numbers as stored, found "
                f"{broken:,} of {dump.manifest.rows:,} cells that are none; fix the dump. {_meant(column)}"
            )


def _check_texts(dump: StagedDump, rows: pl.DataFrame, stored: Stored, accept: Sequence[str]) -> None:
    """See that identities and categories are written as before.

    Raises:
        DumpError: numbers have become words, or words numbers.
    """
    for column, share in _share_of_numbers(rows, stored.columns).items():
        before = stored.numbers.get(column)
        changed = before is not None and ((before > NUMBERS and share < WORDS) or (before < WORDS and share > NUMBERS))
        if changed and column not in accept:
            found = next(iter(rows[column].drop_nulls()), "")
            expected = "numbers" if share < WORDS else "words"
            raise DumpError(
                f"{dump.manifest.file}: column '{column}' has changed its type: expected {expected} as stored, found "
                f"'{found}' and the like; fix the dump. {_meant(column)}"
            )


def _check_sizes(dump: StagedDump, rows: pl.DataFrame, stored: Stored, accept: Sequence[str]) -> None:
    """See that numbers are in the unit they were in.

    Raises:
        DumpError: all quartiles of a column changed by one power of ten.
    """
    for column, sizes in _sizes(rows, stored.columns).items():
        factor = _factor(stored.sizes.get(column), sizes)
        if factor and column not in accept:
            times = f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of"
            raise DumpError(
                f"{dump.manifest.file}: column '{column}' seems to be in another unit: its values are {times} those "
                f"stored (median {sizes[1]:.4g}, stored {stored.sizes[column][1]:.4g}); convert it. {_meant(column)}"
            )


def _factor(before: Sequence[float] | None, now: Sequence[float]) -> float | None:
    """The power of ten by which all quartiles changed alike."""
    if before is None:
        return None
    ratios = [new / old for old, new in zip(before, now, strict=True)]
    near = 10.0**SLACK
    return next((factor for factor in SCALES if all(1 / near < ratio / factor < near for ratio in ratios)), None)


def _meant(column: str) -> str:
    return f"If the change is meant: --dataset.accept {column}"


def _sizes(rows: pl.DataFrame, columns: ColumnsConfig) -> dict[str, tuple[float, ...]]:
    sizes = {}
    for column in _numbers(columns):
        values = rows[column].drop_nulls().abs().to_numpy()
        values = values[values > 0]
        if len(values) >= FEWEST_VALUES:
            sizes[column] = tuple(np.quantile(values, QUARTERS).tolist())
    return sizes


def _share_of_numbers(rows: pl.DataFrame, columns: ColumnsConfig) -> dict[str, float]:
    shares = {}
    for column in (*columns.entity_names, *columns.categorical):
        values = rows[column].drop_nulls()
        if len(values) >= FEWEST_VALUES:
            shares[column] = 1 - values.cast(pl.Float64, strict=False).null_count() / len(values)
    return shares


def _new_categories(dump: StagedDump, stored: Stored, columns: ColumnsConfig) -> Iterator[Finding]:
    for column in columns.categorical:
        counts = pl.scan_parquet(dump.rows).group_by(column).len().drop_nulls().collect(engine="streaming")
        unknown = counts.filter(pl.col(column).is_in(stored.unknown(column, counts[column]).implode()))
        share = unknown["len"].sum() / max(1, dump.manifest.accepted)
        if share < NEW_SHARE:
            continue
        names = unknown.sort(["len", column], descending=[True, False])[column].to_list()
        named = ", ".join(f"'{name}'" for name in names[:NAMED_AT_MOST])
        more = f" and {len(names) - NAMED_AT_MOST:,} more" if len(names) > NAMED_AT_MOST else ""
        word = "category" if len(names) == 1 else "categories"
        yield Finding(
            "warning", f"{dump.manifest.file}: new {word} {named}{more} in {column}: {percent(float(share))} of rows"
        )


def _out_of_order(dump: StagedDump, first: datetime | None, last: datetime | None) -> Iterator[Finding]:
    begin, end = dump.manifest.first_event, dump.manifest.last_event
    if first is None or last is None or begin is None or end is None or end >= last:
        return
    where = f"begins {first:%Y-%m-%d %H:%M}" if end < first else f"ends {last:%Y-%m-%d %H:%M}"
    ends = f"its events end {end:%Y-%m-%d %H:%M}, the store {where}"
    yield Finding("note", f"{dump.manifest.file}: older than what is stored: {ends}")
