"""Folds: the test window in consecutive parts, each judged by models that know what was known at its start.

Prequential evaluation (Gama, Sebastiao and Rodrigues 2013, "On evaluating stream learning algorithms"), as the Fraud
Detection Handbook asks for in chapter 5.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import SplitError
from fraud.features.sorted_search import minutes
from fraud.features.splits import Split, Window, WindowCutter, rows_between
from fraud.windows import Span, cut_span, windows_before

MINUTES_OF_A_DAY = 1440


def split_into_folds(
    whole: Split,
    keys: pl.DataFrame,
    *,
    split: SplitConfig,
    labels: LabelsConfig,
    has_label_time: bool,
    warm_up_days: float = 0.0,
) -> tuple[Split, ...]:
    """Cut the test window into ``folds`` consecutive parts, each with the train and validation windows before it.

    The first fold's train and validation windows are those of ``whole``; together the parts are its test window. A part
    before which there is no fraud to train on, or to validate with, is judged by the models of the part before it.

    Args:
        whole: from ``split_by_time`` with the same arguments.
        keys: event_time, is_fraud, label_time of the feature table, in its order.
        split: lengths, and the number of folds; fewer where the test window has fewer days.
        labels: delay, and maturity where the data has label times.
        has_label_time: whether label_time comes from the data.
        warm_up_days: of the first rows, whose histories are not complete.
    """
    times, test = keys["event_time"], whole.test
    before = times.filter(times < test.end)
    parts = cut_span(before, (test.start, test.end), split.folds, whole_days=split.test >= 1)
    if len(parts) == 1:
        return (whole,)
    gap = timedelta(days=whole.label_delay_days)
    cut = WindowCutter(
        keys=keys, maturity_days=labels.maturity, has_label_time=has_label_time, warm_up_days=warm_up_days
    )
    folds = [replace(whole, test=_part_of(test, parts[0], times))]
    for part in parts[1:]:
        train, validation = windows_before(before, part[0], gap, train=split.train, validation=split.validation)
        try:
            later = replace(
                whole,
                train=(window := cut.train(train, used_at=validation[0])),
                validation=cut.window("validation", validation, used_at=part[0]),
                test=_part_of(test, part, times),
                in_gaps=rows_between(keys, train[1], validation[0]) + rows_between(keys, validation[1], part[0]),
                warm_up=cut.warm_up_rows(train, window),
            )
        except SplitError:  # no fraud to train on, or to validate with
            joined = (folds[-1].test.start, part[1])
            folds[-1] = replace(folds[-1], test=_part_of(test, joined, times))
        else:
            folds.append(later)
    return tuple(folds)


def warm_up_days(windows: Sequence[str], *, delay_days: float) -> float:
    """Days until histories are complete: the longest history window, and until its labels are known."""
    return max(map(minutes, windows), default=0.0) / MINUTES_OF_A_DAY + delay_days


def _part_of(test: Window, span: Span, times: pl.Series) -> Window:
    """The rows of a test window in a part of its span, which may be without fraud."""
    start, end = (int(times.search_sorted(moment, side="left")) for moment in span)
    inside = slice(*np.searchsorted(test.rows, [start, end]).tolist())
    rows, y = test.rows[inside], test.y[inside]
    return replace(test, start=span[0], end=span[1], rows=rows, y=y, unlabelled=end - start - len(rows))
