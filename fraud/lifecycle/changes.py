"""Whether retraining can give another model: data, as-of day and settings of a run against the champion's."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fraud.config import RunConfig
from fraud.errors import ConfigError
from fraud.features import FeatureTable, parse_moment


def changed_since(provenance: Mapping[str, Any], table: FeatureTable, config: RunConfig) -> bool:
    """Whether data or settings have changed since the champion was trained.

    Args:
        provenance: of the champion's bundle.
        table: the current feature table.
        config: of the run.
    """
    if provenance.get("store_version") != table.store_version:
        return True
    try:
        settings = tomllib.loads(provenance.get("config", ""))
        of_champion = RunConfig.from_mapping(settings, source="the champion's configuration")
    except ConfigError:  # of another version of this program
        return True
    return _decisive(of_champion) != _decisive(config)


def _decisive(config: RunConfig) -> RunConfig:
    """The settings that affect a challenger or its evaluation; all others at their defaults.

    Strategy, learning rate and seed are the champion's own, whatever the configuration has.
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
