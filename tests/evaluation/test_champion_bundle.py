"""A trained job as a bundle: its own weights, shift, calibration and threshold, and where it comes from."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from fraud.config import NetworkConfig, PolicyConfig, TrainingConfig
from fraud.evaluation.candidates import ScoredSeed
from fraud.evaluation.champion_bundle import BundleOrigin, bundle_of
from fraud.evaluation.frozen_threshold import Threshold
from fraud.evaluation.training_jobs import TrainingJob
from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network

WINDOW = {"start": datetime(2024, 1, 1, tzinfo=UTC), "end": datetime(2024, 1, 22, tzinfo=UTC)}
SHAPE: dict[str, Any] = {"n_numeric": 2, "cardinalities": [3], "hidden": [4], "dropout": 0.1}
POLICY = PolicyConfig(value=7)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Bundle, Network]:
    """A bundle, and the network whose weights the job left."""
    torch.manual_seed(5)
    network = Network(**SHAPE)
    save_file(network.state_dict(), tmp_path / "network.safetensors")
    job = TrainingJob("weight-tuned", 3, 0.002, (("weight_ratio", 5.0),))
    scored = ScoredSeed(
        seed=3,
        logits=np.zeros(1),
        validation_logits=np.zeros(1),
        probabilities={},
        logit_shift=1.6,
        calibrator=Calibrator(kind="platt", slope=0.7, intercept=-0.2),
        threshold=Threshold(value=0.0321, policy=POLICY, window="validation", alerts_per_day=6.5, **WINDOW),
    )
    data: Any = SimpleNamespace(
        encoder=SimpleNamespace(n_numeric=2, cardinalities=(3,)),
        split=SimpleNamespace(describe=lambda: {"train": "..."}),
        inputs=SimpleNamespace(
            settings=SimpleNamespace(
                network=NetworkConfig(hidden=(4,), dropout=0.1), training=TrainingConfig(precision="fp32")
            )
        ),
    )
    result: Any = SimpleNamespace(job=job, folder=tmp_path)
    origin = BundleOrigin(dataset="tiny", config_toml="[dataset]", run_id="r1", store_version=4)
    return bundle_of(result, scored, data, origin=origin, row={"recall": 0.6}, policy=POLICY), network


def test_it_has_the_weights_shift_calibration_and_threshold_that_were_judged(made: tuple[Bundle, Network]) -> None:
    bundle, network = made
    assert bundle.threshold == 0.0321
    assert bundle.logit_shift == 1.6
    assert (bundle.calibrator.slope, bundle.calibrator.intercept) == (0.7, -0.2)
    for name, weights in network.state_dict().items():
        torch.testing.assert_close(bundle.network.state_dict()[name], weights)
    assert not bundle.network.training


def test_it_states_where_it_comes_from(made: tuple[Bundle, Network]) -> None:
    bundle, _ = made
    assert (bundle.strategy, bundle.family, bundle.seed) == ("weight-tuned", "weighting", 3)
    assert bundle.provenance["settings"] == {"learning_rate": 0.002, "knobs": {"weight_ratio": 5.0}}
    assert (bundle.provenance["report"], bundle.provenance["store_version"]) == ("r1", 4)
    assert bundle.provenance["figures"]["recall"] == 0.6
