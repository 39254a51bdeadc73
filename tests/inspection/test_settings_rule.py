"""One set of defaults for all data: the shipped configs hold what the rule gives for data of their size."""

from dataclasses import asdict
from pathlib import Path

import pytest

from fraud.config import load_config
from fraud.inspection import settings_for

CONFIGS = Path(__file__).parents[2] / "pipelines" / "configs"


@pytest.mark.parametrize(
    ("name", "labelled", "frauds"),
    [
        ("handbook", 1_754_155, 14_681),
        ("laboratory", 1_754_155, 14_681),
        ("rich", 1_700_000, 9_000),
        ("creditcard", 15_165, 492),
        ("s_ffsd", 29_643, 5_256),
    ],
)
def test_no_shipped_config_was_tuned_to_its_data(name: str, labelled: int, frauds: int) -> None:
    config = load_config(CONFIGS / f"{name}.toml")
    rule = settings_for(labelled=labelled, frauds=frauds)
    assert {**asdict(config.network), "hidden": list(config.network.hidden)} == rule["network"]
    training = asdict(config.training)
    assert {key: training[key] for key in rule["training"]} == rule["training"]
