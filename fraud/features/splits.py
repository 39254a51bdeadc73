"""Train, validation and test windows by time, with a gap for the label delay between them.

    train | gap | validation | gap | test

The test window may be cut into folds, consecutive parts with train and validation windows of their own before each.
A gap is as long as the label delay: only then is every training label known when validation begins, and every
validation label when test begins. Each window's labels are those known at the moment of its use, not those known today.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import LeakageError, SplitError
from fraud.features.window_spans import parse_moment, window_spans
from fraud.windows import Span

WindowName = Literal["train", "validation", "test"]
FEWEST_FRAUDS = 100
"""Frauds that must be left to train on where the warm-up is left out."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """One window: its time span, its labelled rows and their labels as known when the window is used."""

    name: WindowName
    start: datetime
    """UTC, inclusive."""
    end: datetime
    """UTC, exclusive."""
    rows: NDArray[np.int64]
    """Positions of the labelled rows in the table sorted by (event_time, transaction_id), ascending."""
    y: NDArray[np.int8]
    """Labels of ``rows``: 1 fraud, 0 genuine."""
    unlabelled: int
    """Rows of the time span that had no label yet; they are in no window."""

    @property
    def frauds(self) -> int:
        """Rows labelled as fraud."""
        return int(self.y.sum())

    def describe(self) -> dict[str, Any]:
        """``from`` (inclusive) and ``to`` (exclusive), ISO 8601 in UTC, transactions, frauds, prevalence."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "transactions": len(self.rows),
            "frauds": self.frauds,
            "prevalence": self.frauds / len(self.rows) if len(self.rows) else 0.0,
        }


@dataclass(frozen=True, kw_only=True)
class Split:
    """Three windows, one after the other."""

    train: Window
    validation: Window
    test: Window
    label_delay_days: float
    """Length of each gap."""
    as_of: datetime | None
    """Moment as of which the data were read; None: everything stored."""
    immature: int = 0
    """Rows after the test window, whose frauds may not be reported yet; they are in no window."""
    in_gaps: int = 0
    """Rows in the two gaps, whose labels became known too late for the window before; they are in no window."""
    warm_up: int = 0
    """Labelled rows before the train window whose history windows are not full yet; they are in no window."""

    @property
    def windows(self) -> tuple[Window, Window, Window]:
        """In the order of time."""
        return self.train, self.validation, self.test

    def describe(self) -> dict[str, Any]:
        """The section ``split`` of report.json."""
        whole = {"label_delay_days": self.label_delay_days, "immature": self.immature, "in_gaps": self.in_gaps}
        return {window.name: window.describe() for window in self.windows} | whole | {"warm_up": self.warm_up}


def labels_as_of(moment: datetime | None, *, maturity_days: float, has_label_time: bool) -> pl.Expr:
    """Labels as they were known at a moment, over the columns event_time, is_fraud and label_time.

    Args:
        moment: UTC; None: everything stored.
        maturity_days: an event unreported for this long counted as genuine then.
        has_label_time: whether label_time comes from the data rather than from a constant delay.

    Returns:
        Int8: 1 fraud, 0 genuine, null where it was unknown. A row whose label is null is never used.
    """
    label = pl.col("is_fraud").cast(pl.Int8)
    if moment is None:
        return label
    known = pl.when(pl.col("label_time") <= moment).then(label)
    if not has_label_time:
        return known
    mature = pl.col("event_time") <= moment - timedelta(days=maturity_days)
    return (
        pl.when(label.is_not_null() & (pl.col("label_time") > moment) & mature)
        .then(pl.lit(0, pl.Int8))
        .otherwise(known)
    )


def _all_fraud(keys: pl.DataFrame) -> str:
    frauds = keys["is_fraud"].count()
    return (
        f"[split]: nothing is labelled genuine: expected both classes, found {frauds:,} frauds and "
        f"{len(keys) - frauds:,} transactions without a label; where an empty cell means genuine, set "
        'genuine = [""] in [columns] is_fraud, or ingest the labels of the others, and run again'
    )


def split_by_time(
    keys: pl.DataFrame, *, split: SplitConfig, labels: LabelsConfig, has_label_time: bool, warm_up_days: float = 0.0
) -> Split:
    """Cut the table into train, validation and test.

    Args:
        keys: event_time, is_fraud, label_time of the feature table, in its order.
        split: lengths in days, or shares of the transactions when below 1; train 0 takes everything earlier.
        labels: delay, and maturity where the data has label times.
        has_label_time: whether label_time comes from the data.
        warm_up_days: of the first rows, whose histories are not complete; from ``warm_up_days``.

    Raises:
        SplitError: nothing labelled, fewer days than requested, a window without fraud.
    """
    if keys["is_fraud"].count() == 0:
        raise SplitError(f"[split]: none of the {len(keys)} transactions is labelled; map is_fraud, or ingest labels")
    if keys["is_fraud"].all():
        raise SplitError(_all_fraud(keys))
    as_of = parse_moment(split.as_of)
    gap_days = labels.maturity if has_label_time else labels.delay_days
    spans = window_spans(keys, split, gap_days=gap_days, as_of=as_of, has_label_time=has_label_time)
    cut = WindowCutter(
        keys=keys, maturity_days=labels.maturity, has_label_time=has_label_time, warm_up_days=warm_up_days
    )
    return Split(
        train=(train := cut.train(spans[0], used_at=spans[1][0])),
        validation=(validation := cut.window("validation", spans[1], used_at=spans[2][0])),
        test=(test := cut.window("test", spans[2], used_at=as_of)),
        label_delay_days=gap_days,
        as_of=as_of,
        immature=rows_between(keys, test.end, as_of),
        in_gaps=rows_between(keys, train.end, validation.start) + rows_between(keys, validation.end, test.start),
        warm_up=cut.warm_up_rows(spans[0], train),
    )


def check_split(split: Split, keys: pl.DataFrame) -> None:
    """Stop when windows overlap, are not in the order of time, lack their gap or use labels before they were known.

    Args:
        split: the windows for training and evaluation.
        keys: event_time, is_fraud, label_time of the feature table, in its order.

    Raises:
        LeakageError: which windows, and what is wrong with them.
    """
    times = keys["event_time"]
    for window in split.windows:
        _check_rows(window, len(keys))
        found = times.gather(window.rows)
        if len(found) and (found.min() < window.start or found.max() >= window.end):  # type: ignore[operator]
            raise LeakageError(
                f"split: rows of the {window.name} window lie outside {window.start:%Y-%m-%d %H:%M} to "
                f"{window.end:%Y-%m-%d %H:%M} (from {found[0]} to {found[-1]}); cut windows by time, not at random"
            )
    gap = timedelta(days=split.label_delay_days)
    for earlier, later in pairwise(split.windows):
        if later.start - earlier.end < gap:
            raise LeakageError(
                f"split: {earlier.name} ends {earlier.end:%Y-%m-%d %H:%M}, less than the label delay of "
                f"{split.label_delay_days:g} days before {later.name} starts {later.start:%Y-%m-%d %H:%M}: its labels "
                "were not known yet"
            )
        _check_labels(earlier, later.start, keys)
    if split.as_of is not None:
        _check_labels(split.test, split.as_of, keys)


def rows_between(keys: pl.DataFrame, start: datetime, end: datetime | None) -> int:
    """Number of rows from a moment (inclusive) to another one (exclusive); None: to the end."""
    times = keys["event_time"]
    return int(((times >= start) if end is None else (times >= start) & (times < end)).sum())


def _check_rows(window: Window, table_rows: int) -> None:
    outside = int(np.count_nonzero((window.rows < 0) | (window.rows >= table_rows)))
    repeated = int(np.count_nonzero(np.diff(np.sort(window.rows)) == 0))  # np.unique takes a hundred times as long
    if outside or repeated:
        raise LeakageError(
            f"split: {repeated} rows of the {window.name} window appear more than once and {outside} are not among the "
            f"{table_rows} of the feature table; rows were sampled before the split. Split first, then sample the "
            "training rows alone"
        )


def _check_labels(window: Window, used_at: datetime, keys: pl.DataFrame) -> None:
    frauds = keys["label_time"].gather(window.rows[window.y == 1])
    early = int((frauds > used_at).sum())
    if early:
        raise LeakageError(
            f"split: {early} frauds of the {window.name} window became known only after it was used on "
            f"{used_at:%Y-%m-%d %H:%M}; take labels as of then"
        )


@dataclass(frozen=True, kw_only=True)
class WindowCutter:
    """Cuts windows out of a table's keys."""

    keys: pl.DataFrame
    maturity_days: float
    has_label_time: bool
    warm_up_days: float

    def window(self, name: WindowName, span: Span, *, used_at: datetime | None) -> Window:
        """The labelled rows of a span, with their labels as known when they are used."""
        known = labels_as_of(used_at, maturity_days=self.maturity_days, has_label_time=self.has_label_time)
        return _window(self.keys, name, start=span[0], end=span[1], known=known)

    def train(self, span: Span, *, used_at: datetime) -> Window:
        """The train window without the warm-up, as far as enough is left.

        At most half of the span is left out, and nothing where fewer than ``FEWEST_FRAUDS`` frauds would remain.
        """
        window = self.window("train", span, used_at=used_at)
        full = self.keys["event_time"][0] + timedelta(days=self.warm_up_days)
        if not self.warm_up_days or span[0] >= full:
            return window
        start = min(full, span[0] + (span[1] - span[0]) / 2)
        kept = self.keys["event_time"].gather(window.rows) >= start
        if int(window.y[kept.to_numpy()].sum()) < FEWEST_FRAUDS:
            return window
        return self.window("train", (start, span[1]), used_at=used_at)

    def warm_up_rows(self, span: Span, train: Window) -> int:
        """Labelled rows of the span that ``train`` left out."""
        time = pl.col("event_time")
        return self.keys.filter(time >= span[0], time < train.start, pl.col("is_fraud").is_not_null()).height


def _window(keys: pl.DataFrame, name: WindowName, *, start: datetime, end: datetime, known: pl.Expr) -> Window:
    inside = (
        keys.lazy()
        .select("event_time", row=pl.int_range(pl.len()), y=known)
        .filter((pl.col("event_time") >= start) & (pl.col("event_time") < end))
        .collect()
    )
    labelled = inside.drop_nulls("y")
    window = Window(
        name=name,
        start=start,
        end=end,
        rows=labelled["row"].to_numpy().astype(np.int64),
        y=labelled["y"].to_numpy().astype(np.int8),
        unlabelled=len(inside) - len(labelled),
    )
    if window.frauds == 0:
        outside = ~pl.col("event_time").is_between(start, end, closed="left")
        elsewhere = keys.filter(outside & pl.col("is_fraud")).height
        raise SplitError(
            f"[split]: no fraud known in the {name} window, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} "
            f"({len(inside)} transactions, {len(labelled)} labelled); there are {elsewhere} frauds elsewhere: make the "
            "window longer or move it with as_of"
        )
    return window
