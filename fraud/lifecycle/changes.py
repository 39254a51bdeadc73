"""Is there anything to retrain for? Data, day and settings of a run against those that a model was made of."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fraud.config import RunConfig
from fraud.errors import ConfigError
from fraud.features import FeatureTable, parse_moment


def anything_new(provenance: Mapping[str, Any], table: FeatureTable, config: RunConfig) -> bool:
    """Whether a challenger made now would be made of anything else than the champion was.

    Args:
        provenance: of the champion's bundle.
        table: the feature table of today.
        config: of the run.
    """
    if provenance.get("store_version") != table.store_version:
        return True
    try:
        said = tomllib.loads(provenance.get("config", ""))
        made_by = RunConfig.from_mapping(said, source="the champion's configuration")
    except ConfigError:  # of another version of this program
        return True
    return _that_decide(made_by) != _that_decide(config)


def _that_decide(config: RunConfig) -> RunConfig:
    """The settings that decide what a challenger is and how it is judged; all others as they are by default.

    Strategy, learning rate and seed are the champion's own, whatever the configuration says.
    """
    plain = RunConfig(dataset=config.dataset, columns=config.columns)
    moment = parse_moment(config.split.as_of)
    return replace(
        plain,
        dataset=replace(config.dataset, accept=()),
        labels=config.labels,
        split=replace(config.split, as_of=moment.isoformat() if moment else None),
        features=config.features,
        network=config.network,
        training=replace(config.training, learning_rate=plain.training.learning_rate, seed=plain.training.seed),
        policy=config.policy,
    )
