"""What all candidates share: windows, encoder, encoded rows, and the clusters that intervals are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import LeakageError
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.statistics.clusters import Clusters, choose_clusters
from fraud.evaluation.training_jobs import TrainingInputs, TrainingSettings, lay_out
from fraud.features import (
    Encoder,
    FeatureTable,
    Split,
    TableRows,
    Window,
    check_fitted_on,
    check_not_read_again,
    check_point_in_time,
    check_rows,
    check_split,
    known_as_of,
    labels_as_of,
    split_by_time,
    split_into_folds,
    warm_up_days,
)
from fraud.imbalance import ClassCounts, check_prevalence, check_untouched, fingerprint
from fraud.leakage import check_no_label_leak

CHECKED_ROWS, CHECKED_STRETCHES = 32, 8
"""Length of a stretch of rows, and how many stretches of each window are encoded a second time."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One part of the test window with what its models are trained and validated on: all known at its start."""

    split: Split
    """Train and validation windows before the part; its test window is the part."""
    encoder: Encoder
    inputs: TrainingInputs
    validation: WindowRows
    rows: slice
    """Its rows in the whole test window."""
    fingerprints: Mapping[str, str]
    """Of the encoded validation and test windows, taken before any strategy saw them."""

    def check_untouched(self) -> None:
        """Stop when anything wrote into validation or test.

        Raises:
            LeakageError: their encoded rows or labels have changed.
        """
        for name, before in self.fingerprints.items():
            check_untouched(before, *self.inputs.window(name), window=name)


@dataclass(frozen=True, kw_only=True)
class ComparisonData:
    """Data of a comparison, shared by all candidates: folds of the test window, and all its rows."""

    split: Split
    """Train and validation windows of the first fold, where everything is chosen; the whole test window."""
    folds: tuple[Fold, ...]
    """In the order of time."""
    test: WindowRows
    """Of all folds."""
    clusters: Clusters
    suspicions: tuple[str, ...] = ()
    """Columns that alone separate fraud from genuine well enough to need a check by a person, a sentence each."""

    @property
    def first(self) -> Fold:
        """The fold before which settings and the champion are chosen."""
        return self.folds[0]

    @property
    def latest(self) -> Fold:
        """The fold with the newest training rows, whose models are kept."""
        return self.folds[-1]

    def check_untouched(self) -> None:
        """Stop when anything wrote into a validation or test window.

        Raises:
            LeakageError: their encoded rows or labels have changed.
        """
        for fold in self.folds:
            fold.check_untouched()


def prepare_comparison_data(
    table: FeatureTable,
    settings: TrainingSettings,
    *,
    split: SplitConfig,
    labels: LabelsConfig,
    trusted: Sequence[str],
    folder: Path,
    stored: pl.LazyFrame,
) -> ComparisonData:
    """Cut the windows; for each fold fit an encoder on its training rows and encode once; every guard on the way.

    Args:
        table: the prepared features.
        settings: how networks are built and trained.
        split: lengths of the windows, and the number of folds.
        labels: when labels count as final.
        trusted: columns that are used although they seem to leak the label.
        folder: of this comparison's training jobs.
        stored: the canonical transactions that the features were made of.

    Raises:
        SplitError: the data cannot be cut as configured.
        LeakageError: a guard saw the future.
    """
    whole = table.scan()
    windows, parts = cut_windows(table, split, labels, stored=stored)
    own = ("amount", "amount_log", *table.recipe.numeric, *table.recipe.categorical)
    training = TableRows(whole, windows.train.rows)
    suspicions = check_no_label_leak(training, windows.train.y, own=own, made=table.numeric, trusted=trusted)
    test = WindowRows.of(whole, windows.test, entities=table.entities, timezone=table.recipe.timezone)
    folds, start = [], 0
    for number, part in enumerate(parts, start=1):
        own_folder = folder if len(parts) == 1 else folder / f"fold-{number}"
        rows = slice(start, start := start + len(part.test.rows))
        folds.append(_lay_out_fold(table, settings, part, rows=rows, folder=own_folder))
    return ComparisonData(
        split=windows,
        folds=tuple(folds),
        test=replace(test, fold=np.repeat(np.arange(len(parts)), [len(part.test.rows) for part in parts])),
        suspicions=tuple(suspicions),
        clusters=clusters_of(test),
    )


def clusters_of(rows: WindowRows) -> Clusters:
    """The clusters of a window's transactions, by the first entity where there are enough of them."""
    name = rows.entities[0] if rows.entities else "card"
    return choose_clusters(_times(rows), entity=rows.card, entity_name=name)


def _lay_out_fold(table: FeatureTable, settings: TrainingSettings, part: Split, *, rows: slice, folder: Path) -> Fold:
    """Fit a fold's encoder on its training rows and encode its windows."""
    whole = table.scan()
    training = TableRows(whole, part.train.rows)
    encoder = Encoder.fit(training, numeric=table.numeric, categorical=table.categorical)
    check_fitted_on(encoder, training)
    lay_out(whole, part, encoder, folder)
    inputs = TrainingInputs(folder=folder, cardinalities=encoder.cardinalities, settings=settings)
    check_laid_out(inputs, whole, part, encoder)
    return Fold(
        split=part,
        encoder=encoder,
        inputs=inputs,
        validation=WindowRows.of(
            whole, part.validation, entities=table.entities, judges=False, timezone=table.recipe.timezone
        ),
        rows=rows,
        fingerprints={name: fingerprint(*inputs.window(name)) for name in ("validation", "test")},
    )


def cut_windows(
    table: FeatureTable, split: SplitConfig, labels: LabelsConfig, *, stored: pl.LazyFrame
) -> tuple[Split, tuple[Split, ...]]:
    """The windows of a table and of each fold, past every guard on rows, times and labels.

    Of the table, times and labels are held, 17 bytes a row; all else is read a stretch at a time.

    Args:
        table: the prepared features.
        split: lengths of the windows, and the number of folds.
        labels: when labels count as final.
        stored: the canonical transactions that the features were made of.

    Raises:
        SplitError: the data cannot be cut as configured.
        LeakageError: a guard saw the future.
    """
    recipe, whole = table.recipe, table.scan()
    if table.as_of is not None:
        stored = known_as_of(stored, table.as_of, delay_days=recipe.delay_days)
    check_rows(whole, stored)
    keys = whole.select("event_time", "is_fraud", "label_time").collect()
    has_label_time = recipe.delay_days is not None
    has_history = bool(recipe.entities) and recipe.has_calendar
    settings: dict[str, Any] = {
        "split": split,
        "labels": labels,
        "has_label_time": has_label_time,
        "warm_up_days": warm_up_days(recipe.windows, delay_days=labels.maturity) if has_history else 0.0,
    }
    windows = split_by_time(keys, **settings)
    folds = split_into_folds(windows, keys, **settings)
    for one in folds if len(folds) == 1 else (windows, *folds):
        check_split(one, keys)
        check_windows(keys, one, maturity_days=labels.maturity, has_label_time=has_label_time)
    check_not_read_again(whole, windows, inputs=recipe.inputs)
    for moment in {windows.validation.start, folds[-1].validation.start}:
        check_point_in_time(whole, stored, recipe, moment=moment)
    return windows, folds


def check_windows(keys: pl.DataFrame, split: Split, *, maturity_days: float, has_label_time: bool) -> None:
    """Stop when a window holds other rows than the table has in its dates: resampled before the split, or repeated.

    Args:
        keys: event_time, is_fraud, label_time of the whole feature table.
        split: cut from it.
        maturity_days: how old an unlabelled transaction must be to count as genuine.
        has_label_time: whether the data states when its labels became known.

    Raises:
        LeakageError: which window, and how its counts differ from the table's.
    """
    used_at = (split.validation.start, split.test.start, split.as_of)
    for window, moment in zip(split.windows, used_at, strict=True):
        within = pl.col("event_time").is_between(window.start, window.end, closed="left")
        known = labels_as_of(moment, maturity_days=maturity_days, has_label_time=has_label_time)
        counts = keys.lazy().filter(within).select(y=known).collect()["y"].drop_nulls()
        if not counts.sum() and not window.frauds and len(counts) == len(window.rows):
            continue  # a part of the test window without fraud
        natural = ClassCounts(negative=int((counts == 0).sum()), positive=int((counts == 1).sum()))
        check_prevalence(window.y, natural, window=window.name)


def check_laid_out(inputs: TrainingInputs, table: pl.LazyFrame, split: Split, encoder: Encoder) -> None:
    """Stop when what the training jobs will read is not the windows of the split under the one encoder.

    Every label is compared, and some stretches of rows of each window.

    Args:
        inputs: what the training jobs will read.
        table: the whole feature table.
        split: cut from it.
        encoder: fitted on the training rows.

    Raises:
        LeakageError: rows were resampled on their way, or encoded by something else.
    """
    for window in split.windows:
        X, y = inputs.window(window.name)
        same_rows = len(X) == len(window.rows) and np.array_equal(y, window.y)
        if not same_rows or not all(_is_encoded(X, table, window, encoder, some) for some in _stretches(len(X))):
            raise LeakageError(
                f"{window.name}: {len(X)} encoded rows with {int(y.sum())} frauds are not the {len(window.rows)} rows "
                f"with {window.frauds} frauds of the split under the encoder of the training rows; encode each window "
                "once, as it was cut"
            )


def _stretches(rows: int) -> list[slice]:
    """Stretches of ``CHECKED_ROWS``, evenly spaced, the first and the last rows among them."""
    starts = np.linspace(0, max(0, rows - CHECKED_ROWS), CHECKED_STRETCHES).astype(int)
    return [slice(start, start + CHECKED_ROWS) for start in np.unique(starts).tolist()]


def _is_encoded(X: np.ndarray, table: pl.LazyFrame, window: Window, encoder: Encoder, some: slice) -> bool:
    return np.array_equal(X[some], encoder.transform(TableRows(table, window.rows[some]).read(encoder.columns)))


def _times(rows: WindowRows) -> np.ndarray:
    return rows.context["event_time"].to_numpy() if rows.context is not None else rows.day.astype("datetime64[D]")
