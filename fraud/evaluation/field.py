"""The ground that all candidates share: windows, encoder, encoded rows, and the clusters that intervals resample."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fraud.config import RunConfig
from fraud.errors import LeakageError
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.cells import Arena, lay_out
from fraud.evaluation.clusters import Clusters, choose_clusters
from fraud.features.audit import check_not_read_again, check_point_in_time, check_rows
from fraud.features.encoding import Encoder, check_fitted_on
from fraud.features.giveaway import check_no_giveaway
from fraud.features.maturity import known_as_of
from fraud.features.splits import Split, check_split, labels_as_of, split_by_time
from fraud.features.table import FeatureTable
from fraud.imbalance.guards import check_positions, check_prevalence, check_untouched, fingerprint
from fraud.imbalance.weights import ClassCounts

CHECKED_ROWS = 256
"""Rows of each window that are encoded a second time."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """The prepared ground of a comparison: windows, encoder and the encoded rows that all candidates share."""

    split: Split
    encoder: Encoder
    arena: Arena
    validation: WindowRows
    test: WindowRows
    clusters: Clusters
    fingerprints: Mapping[str, str]
    """Of the encoded validation and test windows, taken before any strategy saw them."""
    suspicions: tuple[str, ...] = ()
    """Columns that alone tell fraud from genuine well enough to be asked about, a sentence each."""

    def check_untouched(self) -> None:
        """Stop when anything wrote into validation or test.

        Raises:
            LeakageError: their encoded rows or labels have changed.
        """
        for name, before in self.fingerprints.items():
            check_untouched(before, *self.arena.window(name), window=name)


def prepare_field(table: FeatureTable, config: RunConfig, *, folder: Path, stored: pl.LazyFrame) -> Field:
    """Cut the windows, fit the encoder on the training rows, encode once; every guard on the way.

    Args:
        table: the prepared features.
        config: of the run.
        folder: of this comparison's cells.
        stored: the canonical transactions that the features were made of.

    Raises:
        SplitError: the data cannot be cut as asked.
        LeakageError: a guard saw the future.
    """
    features = table.read()
    split = cut_windows(features, table, config, stored=stored)
    training_rows = features[split.train.rows]
    encoder = Encoder.fit(training_rows, numeric=table.numeric, categorical=table.categorical)
    check_fitted_on(encoder, training_rows["transaction_id"])
    own = ("amount", "amount_log", *table.recipe.numeric, *table.recipe.categorical)
    suspicions = check_no_giveaway(
        training_rows, split.train.y, own=own, made=table.numeric, trusted=config.features.trusted
    )
    lay_out(features, split, encoder, folder)
    test = WindowRows.of(features, split.test, entities=table.entities)
    times = features["event_time"].gather(split.test.rows).to_numpy()
    arena = Arena(
        folder=folder,
        cardinalities=encoder.cardinalities,
        network=config.network,
        training=config.training,
        row_cap=config.comparison.row_cap,
    )
    check_laid_out(arena, features, split, encoder)
    return Field(
        split=split,
        encoder=encoder,
        arena=arena,
        suspicions=tuple(suspicions),
        fingerprints={name: fingerprint(*arena.window(name)) for name in ("validation", "test")},
        validation=WindowRows.of(features, split.validation, entities=table.entities),
        test=test,
        clusters=choose_clusters(
            times,
            entity=test.card,
            entity_name=table.entities[0] if table.entities else "card",
            rng=np.random.default_rng(config.training.seed),
        ),
    )


def cut_windows(features: pl.DataFrame, table: FeatureTable, config: RunConfig, *, stored: pl.LazyFrame) -> Split:
    """The windows of a table, past every guard that looks at rows, times and labels.

    Args:
        features: the whole table, as it was read.
        table: where it was read from.
        config: of the run.
        stored: the canonical transactions that the features were made of.

    Raises:
        SplitError: the data cannot be cut as asked.
        LeakageError: a guard saw the future.
    """
    recipe = table.recipe
    if table.as_of is not None:
        stored = known_as_of(stored, table.as_of, delay_days=recipe.delay_days)
    check_rows(features, stored)
    split = split_by_time(
        features, split=config.split, labels=config.labels, has_label_time=config.columns.label_time is not None
    )
    check_split(split, features)
    check_windows(features, split, config)
    check_not_read_again(features, split, inputs=recipe.inputs)
    check_point_in_time(features, stored, recipe, moment=split.validation.start)
    return split


def check_windows(features: pl.DataFrame, split: Split, config: RunConfig) -> None:
    """Stop when a window holds other rows than nature put into its dates: resampled before the split, or repeated.

    Args:
        features: the whole feature table.
        split: cut from it.
        config: of the run.

    Raises:
        LeakageError: which window, and how its counts differ from the table's.
    """
    used_at = (split.validation.start, split.test.start, split.as_of)
    for window, moment in zip(split.windows, used_at, strict=True):
        check_positions(window.rows, table_rows=len(features), window=window.name)
        within = pl.col("event_time").is_between(window.start, window.end, closed="left")
        known = labels_as_of(
            moment, maturity_days=config.labels.maturity, has_label_time=config.columns.label_time is not None
        )
        counts = features.lazy().filter(within).select(y=known).collect()["y"].drop_nulls()
        natural = ClassCounts(negative=int((counts == 0).sum()), positive=int((counts == 1).sum()))
        check_prevalence(window.y, natural, window=window.name)


def check_laid_out(arena: Arena, features: pl.DataFrame, split: Split, encoder: Encoder) -> None:
    """Stop when what the cells will read is not the windows of the split under the one encoder.

    Every label is compared, and ``CHECKED_ROWS`` rows of each window.

    Args:
        arena: what the cells will read.
        features: the whole feature table.
        split: cut from it.
        encoder: fitted on the training rows.

    Raises:
        LeakageError: rows were resampled on their way, or encoded by something else.
    """
    for window in split.windows:
        X, y = arena.window(window.name)
        some = np.arange(0, len(window.rows), max(1, len(window.rows) // CHECKED_ROWS))
        same_rows = len(X) == len(window.rows) and np.array_equal(y, window.y)
        if not same_rows or not np.array_equal(X[some], encoder.transform(features[window.rows[some]])):
            raise LeakageError(
                f"{window.name}: {len(X)} encoded rows with {int(y.sum())} frauds are not the {len(window.rows)} rows "
                f"with {window.frauds} frauds of the split under the encoder of the training rows; encode each window "
                "once, as it was cut"
            )
