"""The ground that all candidates share: windows, encoder, encoded rows, and the clusters that intervals resample."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fraud.config import RunConfig
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.cells import Arena, lay_out
from fraud.evaluation.clusters import Clusters, choose_clusters
from fraud.features.encoding import Encoder, check_fitted_on
from fraud.features.splits import Split, check_split, split_by_time
from fraud.features.table import FeatureTable


@dataclass(frozen=True, kw_only=True)
class Field:
    """The prepared ground of a comparison: windows, encoder and the encoded rows that all candidates share."""

    split: Split
    encoder: Encoder
    arena: Arena
    validation: WindowRows
    test: WindowRows
    clusters: Clusters


def prepare_field(table: FeatureTable, config: RunConfig, *, folder: Path) -> Field:
    """Cut the windows, fit the encoder on the training rows, encode once.

    Args:
        table: the prepared features.
        config: of the run.
        folder: of this comparison's cells.

    Raises:
        SplitError: the data cannot be cut as asked.
        LeakageError: a guard saw the future.
    """
    features = table.read()
    split = split_by_time(
        features, split=config.split, labels=config.labels, has_label_time=config.columns.label_time is not None
    )
    check_split(split, features)
    training_rows = features[split.train.rows]
    encoder = Encoder.fit(training_rows, numeric=table.numeric, categorical=table.categorical)
    check_fitted_on(encoder, training_rows["transaction_id"])
    lay_out(features, split, encoder, folder)
    test = WindowRows.of(features, split.test, entities=table.entities)
    times = features["event_time"].gather(split.test.rows).to_numpy()
    return Field(
        split=split,
        encoder=encoder,
        arena=Arena(
            folder=folder,
            cardinalities=encoder.cardinalities,
            network=config.network,
            training=config.training,
            row_cap=config.comparison.row_cap,
        ),
        validation=WindowRows.of(features, split.validation, entities=table.entities),
        test=test,
        clusters=choose_clusters(
            times,
            entity=test.card,
            entity_name=table.entities[0] if table.entities else "card",
            rng=np.random.default_rng(config.training.seed),
        ),
    )
