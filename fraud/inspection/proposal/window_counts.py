"""Rows and frauds in the proposed windows, and those whose labels come too late for any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from fraud.text import counted
from fraud.windows import DAY, end_of_windows, lay_windows

REPORTED = 0.95
"""Share of the reports that must have come before a window's labels are used: the run tolerates the rest."""
FEWEST_REPORTS = 20


@dataclass(frozen=True, kw_only=True)
class Window:
    """One proposed window."""

    name: str
    start: datetime
    """Inclusive."""
    end: datetime
    """Exclusive."""
    rows: int
    """Labelled ones."""
    frauds: int
    """Known when the window is used."""
    late: int
    """Frauds reported only after that, and taken as genuine when the window is used."""

    @property
    def counts(self) -> str:
        """Its rows and frauds, in words."""
        late = f" and {self.late:,} reported too late" if self.late else ""
        return f"{counted(self.rows, 'row')}, {counted(self.frauds, 'fraud')}{late}"


@dataclass(frozen=True, kw_only=True)
class Windows:
    """The three windows, and the labelled rows in none of them."""

    train: Window
    validation: Window
    test: Window
    waiting_rows: int
    """Labelled rows whose labels come too late for the window before them, or have not come yet."""
    waiting_frauds: int

    @property
    def all(self) -> tuple[Window, Window, Window]:
        """The windows in the order of time."""
        return self.train, self.validation, self.test

    @property
    def without_fraud(self) -> list[Window]:
        """Windows without a fraud that is known when they are used."""
        return [window for window in self.all if not window.frauds]

    @property
    def rows(self) -> int:
        """Labelled rows in the three windows."""
        return sum(window.rows for window in self.all)


def days_until_reported(moments: pl.DataFrame) -> float | None:
    """Days within which nearly all frauds were reported; None where too few have a report.

    Only the older half of the frauds counts: of the latest ones, only those reported soon are known.
    """
    known = moments.drop_nulls("event_time").filter(pl.col("is_fraud") & pl.col("label_time").is_not_null())
    older = known.head(max(len(known) // 2, FEWEST_REPORTS))
    if len(older) < FEWEST_REPORTS:
        return None
    days = older.select((pl.col("label_time") - pl.col("event_time")).dt.total_seconds() / 86_400).to_series()
    return float(days.quantile(REPORTED, "higher") or 0.0)


def count_windows(moments: pl.DataFrame, sections: Mapping[str, Any], *, has_label_time: bool) -> Windows | None:
    """The windows of a config with their counts; None where the data have too few days for them.

    Args:
        moments: from ``read_moments``.
        sections: of the config: labels and split.
        has_label_time: whether the dumps state when frauds were reported.
    """
    split, labels = sections["split"], sections["labels"]
    wait = float(labels.get("delay_days", 7.0))
    gap = timedelta(days=float(labels.get("maturity_days", wait)) if has_label_time else wait)
    as_of = split.get("as_of")
    today = datetime.fromisoformat(as_of).replace(tzinfo=UTC) if as_of else None
    usual = pl.col("label_time").fill_null(pl.col("event_time") + timedelta(days=wait))
    rows = moments.drop_nulls("event_time").with_columns(label_time=usual)
    if rows.is_empty():
        return None
    last, whole = rows["event_time"][-1], split["test"] >= 1
    end = end_of_windows(last, gap, as_of=today, has_label_time=has_label_time, whole_days=whole)
    times = rows["event_time"].filter(rows["event_time"] < end)
    if times.is_empty():
        return None
    lengths = {name: split.get(name, 0.0) for name in ("train", "validation", "test")}
    train, validation, test = lay_windows(times, end, gap, **lengths)
    if train[1] <= times[0]:
        return None
    spans = {"train": train, "validation": validation, "test": test}
    used = {"train": validation[0], "validation": test[0], "test": today}
    found = {name: _window(rows, name, *span, used_at=used[name]) for name, span in spans.items()}
    known = rows if today is None else rows.filter(pl.col("event_time") < today)
    labelled, frauds = known["is_fraud"].count(), int(known["is_fraud"].sum())
    return Windows(
        **found,
        waiting_rows=labelled - sum(window.rows for window in found.values()),
        waiting_frauds=frauds - sum(window.frauds + window.late for window in found.values()),
    )


def days_back_to(moments: pl.DataFrame, window: Window, frauds: int, *, today: str | None) -> float | None:
    """Days before a window's end that hold this many known frauds; None where there are fewer in all."""
    known = moments.drop_nulls("event_time").filter(pl.col("is_fraud") & (pl.col("event_time") < window.end))
    if today:
        is_later = pl.col("label_time") > datetime.fromisoformat(today).replace(tzinfo=UTC)
        known = known.filter(~is_later.fill_null(value=False))
    times = known["event_time"].sort(descending=True)
    return (window.end - times[frauds - 1]) / DAY if len(times) >= frauds else None


def _window(rows: pl.DataFrame, name: str, start: datetime, end: datetime, *, used_at: datetime | None) -> Window:
    inside = rows.filter((pl.col("event_time") >= start) & (pl.col("event_time") < end)).drop_nulls("is_fraud")
    frauds = inside.filter("is_fraud")
    late = 0 if used_at is None else int((frauds["label_time"] > used_at).sum())
    return Window(name=name, start=start, end=end, rows=len(inside), frauds=len(frauds) - late, late=late)
