"""One set of defaults for all data: the shipped configs hold what the rule gives for data of their size."""

from dataclasses import asdict
from pathlib import Path

import pytest

from fraud.config import load_config
from fraud.inspection import settings_for

CONFIGS = Path(__file__).parents[2] / "pipelines" / "configs"


@pytest.mark.parametrize(
    ("labelled", "steps", "check_every"), [(150_000, 200, 25), (1_000_000, 500, 62), (9**9, 800, 100)]
)
def test_networks_of_less_data_run_fewer_steps(labelled: int, steps: int, check_every: int) -> None:
    training = settings_for(labelled=labelled, frauds=5_000)["training"]
    assert (training["max_steps"], training["check_every"]) == (steps, check_every)


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
