"""What all candidates share: windows, encoder, encoded rows, and the clusters that intervals resample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
)
from fraud.imbalance import ClassCounts, check_prevalence, check_untouched, fingerprint
from fraud.leakage import check_no_label_leak

CHECKED_ROWS, CHECKED_STRETCHES = 32, 8
"""Length of a stretch of rows, and how many stretches of each window are encoded a second time."""


@dataclass(frozen=True, kw_only=True)
class ComparisonData:
    """Data of a comparison, shared by all candidates: windows, encoder and encoded rows."""

    split: Split
    encoder: Encoder
    inputs: TrainingInputs
    validation: WindowRows
    test: WindowRows
    clusters: Clusters
    fingerprints: Mapping[str, str]
    """Of the encoded validation and test windows, taken before any strategy saw them."""
    suspicions: tuple[str, ...] = ()
    """Columns that alone separate fraud from genuine well enough to need a check by a person, a sentence each."""

    def check_untouched(self) -> None:
        """Stop when anything wrote into validation or test.

        Raises:
            LeakageError: their encoded rows or labels have changed.
        """
        for name, before in self.fingerprints.items():
            check_untouched(before, *self.inputs.window(name), window=name)


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
    """Cut the windows, fit the encoder on the training rows, encode once; every guard on the way.

    Args:
        table: the prepared features.
        settings: how networks are built and trained.
        split: lengths of the windows.
        labels: when labels count as final.
        trusted: columns that are used although they seem to leak the label.
        folder: of this comparison's training jobs.
        stored: the canonical transactions that the features were made of.

    Raises:
        SplitError: the data cannot be cut as configured.
        LeakageError: a guard saw the future.
    """
    whole = table.scan()
    windows = cut_windows(table, split, labels, stored=stored)
    training = TableRows(whole, windows.train.rows)
    encoder = Encoder.fit(training, numeric=table.numeric, categorical=table.categorical)
    check_fitted_on(encoder, training)
    own = ("amount", "amount_log", *table.recipe.numeric, *table.recipe.categorical)
    suspicions = check_no_label_leak(training, windows.train.y, own=own, made=table.numeric, trusted=trusted)
    lay_out(whole, windows, encoder, folder)
    test = WindowRows.of(whole, windows.test, entities=table.entities)
    inputs = TrainingInputs(folder=folder, cardinalities=encoder.cardinalities, settings=settings)
    check_laid_out(inputs, whole, windows, encoder)
    return ComparisonData(
        split=windows,
        encoder=encoder,
        inputs=inputs,
        suspicions=tuple(suspicions),
        fingerprints={name: fingerprint(*inputs.window(name)) for name in ("validation", "test")},
        validation=WindowRows.of(whole, windows.validation, entities=table.entities, judges=False),
        test=test,
        clusters=choose_clusters(
            _times(test),
            entity=test.card,
            entity_name=table.entities[0] if table.entities else "card",
            rng=np.random.default_rng(settings.training.seed),
        ),
    )


def cut_windows(table: FeatureTable, split: SplitConfig, labels: LabelsConfig, *, stored: pl.LazyFrame) -> Split:
    """The windows of a table, past every guard on rows, times and labels.

    Of the table, times and labels are held, 17 bytes a row; all else is read a stretch at a time.

    Args:
        table: the prepared features.
        split: lengths of the windows.
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
    windows = split_by_time(keys, split=split, labels=labels, has_label_time=has_label_time)
    check_split(windows, keys)
    check_windows(keys, windows, maturity_days=labels.maturity, has_label_time=has_label_time)
    check_not_read_again(whole, windows, inputs=recipe.inputs)
    check_point_in_time(whole, stored, recipe, moment=windows.validation.start)
    return windows


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
