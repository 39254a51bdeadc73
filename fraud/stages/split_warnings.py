"""What to know of the windows before a report is used: months alone, immature rows, labels that came too late."""

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig, TimeSpec
from fraud.data import is_monthly
from fraud.features import FeatureTable, Split, late_reports
from fraud.text import counted


def split_warnings(split: Split, table: FeatureTable, *, columns: ColumnsConfig, labels: LabelsConfig) -> list[str]:
    """Warnings about the time, and about labels that came too late for their window, or may still come.

    Args:
        split: the windows.
        table: the features that were split.
        columns: which roles the data have.
        labels: when a label counts as known.
    """
    warnings = _monthly_time(columns.event_time)
    if split.immature:
        warnings.append(
            f"{counted(split.immature, 'transaction')} from {split.test.end:%Y-%m-%d} on "
            f"{'was' if split.immature == 1 else 'were'} left out as immature: frauds "
            "among them may not have been reported yet."
        )
    if columns.label_time is not None:
        if split.immature and split.as_of is None:
            warnings += _reports_after_the_last_event(table)
        late = late_reports(split.windows, table.scan().select("is_fraud").collect())
        warnings += [one.sentence(labels.maturity) for one in late]
    return warnings


def _monthly_time(spec: TimeSpec) -> list[str]:
    """What it costs to know months alone."""
    if not is_monthly(spec):
        return []
    counts = "each counts as one day, so that a day is a month here" if spec.unit else "each counts as its first day"
    return [
        f"The data contain only months: {counts}. What came earlier within a month counts as at the same time, and "
        "neither hours nor weekdays mean anything."
    ]


def _reports_after_the_last_event(table: FeatureTable) -> list[str]:
    """That reports are newer than all events, of which the last is taken for today; empty where none is."""
    time, reported = pl.col("event_time").max(), pl.col("label_time").filter("is_fraud")
    last, later = table.scan().select(time, later=(reported > time).sum()).collect().row(0)
    if not later:
        return []
    return [
        f"{counted(later, 'fraud')} {'was' if later == 1 else 'were'} reported after the last event, "
        f"{last:%Y-%m-%d %H:%M}, which is taken for today: labels "
        "alone do not show what day it is. If it is later, give it with --as-of, and fewer transactions are immature."
    ]
