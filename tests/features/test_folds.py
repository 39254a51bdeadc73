"""Folds: consecutive parts of the test window, each with what was known at its start, and the warm-up left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from fraud.config import LabelsConfig, SplitConfig
from fraud.features.folds import split_into_folds, warm_up_days
from fraud.features.splits import Split, check_split, split_by_time

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS, A_DAY = 90, 20
LABELS = LabelsConfig(delay_days=5)


def keys(*, fraud_every: int = 7, delay_days: float = 5) -> pl.DataFrame:
    """Some transactions a day, of which every so many is a fraud that is reported after the delay."""
    rows = np.arange(DAYS * A_DAY)
    times = [START + timedelta(days=int(row // A_DAY), minutes=int(row % A_DAY) * 60) for row in rows]
    frame = pl.DataFrame({"event_time": times, "is_fraud": rows % fraud_every == 0})
    return frame.with_columns(label_time=pl.col("event_time") + pl.lit(timedelta(days=delay_days)))


def cut(
    frame: pl.DataFrame, *, warm_up: float = 0.0, labels: LabelsConfig = LABELS, has_label_time: bool = False, **split
):
    lengths = SplitConfig(**({"validation": 10, "test": 30, "folds": 3} | split))
    settings = {"split": lengths, "labels": labels, "has_label_time": has_label_time, "warm_up_days": warm_up}
    whole = split_by_time(frame, **settings)
    return whole, split_into_folds(whole, frame, **settings)


def parts_are_the_window(whole: Split, folds: tuple[Split, ...]) -> bool:
    rows = np.concatenate([one.test.rows for one in folds])
    edges = [(one.test.start, one.test.end) for one in folds]
    joined = all(end == start for (_, end), (start, _) in pairwise(edges))
    ends = (edges[0][0], edges[-1][1]) == (whole.test.start, whole.test.end)
    return joined and ends and np.array_equal(rows, whole.test.rows)


@pytest.mark.parametrize("lengths", [{}, {"train": 25}, {"validation": 0.1, "test": 0.3}, {"train": 0.3, "test": 0.3}])
def test_parts_are_the_test_window_and_later_models_know_more(lengths) -> None:
    frame = keys()
    whole, folds = cut(frame, **lengths)
    assert len(folds) == 3
    assert parts_are_the_window(whole, folds)
    for earlier, later in pairwise(folds):
        assert earlier.train.end < later.train.end
        assert earlier.validation.end < later.validation.end
    for fold in folds:
        check_split(fold, frame)
        assert fold.test.start - fold.validation.end >= timedelta(days=5)
        known = frame["label_time"].gather(fold.train.rows[fold.train.y == 1])
        assert known.max() <= fold.validation.start
    assert np.array_equal(folds[0].train.rows, whole.train.rows)
    assert sum(one.test.unlabelled for one in folds) == whole.test.unlabelled


def test_a_fraud_reported_late_is_genuine_to_an_early_fold_and_fraud_to_a_late_one() -> None:
    _, folds = cut(keys(delay_days=12), has_label_time=True, validation=20)
    labels = [dict(zip(one.validation.rows.tolist(), one.validation.y.tolist(), strict=True)) for one in folds]
    seen = [{one[row] for one in labels if row in one} for row in set().union(*labels)]
    assert {0, 1} in seen


def test_one_fold_is_the_whole_window_and_folds_are_no_more_than_days() -> None:
    whole, folds = cut(keys(), folds=1)
    assert folds == (whole,)
    whole, folds = cut(keys(), test=2, folds=5)
    assert len(folds) == 2
    assert parts_are_the_window(whole, folds)


def test_a_part_without_fraud_is_judged_with_the_others() -> None:
    frame = keys()
    last_part = pl.col("event_time") >= START + timedelta(days=80)
    whole, folds = cut(frame.with_columns(is_fraud=pl.col("is_fraud") & ~last_part))
    assert [one.test.frauds > 0 for one in folds] == [True, True, False]
    assert folds[2].test.describe()["prevalence"] == 0
    assert parts_are_the_window(whole, folds)


def test_a_part_with_no_fraud_to_validate_with_before_it_is_judged_by_the_models_of_the_part_before() -> None:
    frame = keys()
    gone = pl.col("event_time").is_between(START + timedelta(days=58), START + timedelta(days=68))
    whole, folds = cut(frame.with_columns(is_fraud=pl.col("is_fraud") & ~gone), validation=5)
    assert [(one.test.start - whole.test.start).days for one in folds] == [0, 20]
    assert parts_are_the_window(whole, folds)


def test_rows_with_incomplete_histories_are_left_out_up_to_half_of_the_train_window() -> None:
    frame = keys(fraud_every=2)
    plain, _ = cut(frame)
    some, folds = cut(frame, warm_up=10)
    assert some.train.start == START + timedelta(days=10)
    assert (some.warm_up, plain.warm_up) == (10 * A_DAY, 0)
    assert len(some.train.rows) + some.warm_up == len(plain.train.rows)
    assert {one.train.start for one in folds} == {START + timedelta(days=10)}
    half, _ = cut(frame, warm_up=60)
    assert half.train.start == START + (plain.train.end - START) / 2


def test_nothing_is_left_out_where_too_few_frauds_would_remain_or_histories_are_complete() -> None:
    rare = keys(fraud_every=11)
    assert cut(rare, warm_up=20)[0].warm_up == 0
    assert cut(keys(), warm_up=20, train=10)[0].warm_up == 0


def test_the_warm_up_is_the_longest_window_and_the_label_delay() -> None:
    assert warm_up_days(("1d", "7d", "12h"), delay_days=3) == 10
    assert warm_up_days((), delay_days=3) == 3
    assert replace(SplitConfig(), folds=2).folds == 2
