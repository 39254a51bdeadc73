"""A trained strategy as a bundle: its own weights, shift, calibration and threshold, and where it comes from."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from fraud.config import NetworkConfig, PolicyConfig, TrainingConfig
from fraud.evaluation.candidates import FoldScore, ScoredSeed
from fraud.evaluation.champion_bundle import BundleOrigin, bundle_of
from fraud.evaluation.comparison import TrainedStrategy
from fraud.evaluation.frozen_threshold import Threshold
from fraud.evaluation.training_jobs import TrainingJob
from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network

WINDOW = {"start": datetime(2024, 1, 1, tzinfo=UTC), "end": datetime(2024, 1, 22, tzinfo=UTC)}
SHAPE: dict[str, Any] = {"n_numeric": 2, "cardinalities": [3], "hidden": [4], "dropout": 0.1}
POLICY = PolicyConfig(value=7)


CALIBRATOR = Calibrator(kind="platt", slope=0.7, intercept=-0.2)


def fold_score(value: float, shift: float, calibrator: Calibrator) -> FoldScore:
    threshold = Threshold(value=value, policy=POLICY, window="validation", alerts_per_day=6.5, **WINDOW)
    span: Any = SimpleNamespace(**WINDOW)
    return FoldScore(logit_shift=shift, calibrator=calibrator, threshold=threshold, cost_threshold=None, test=span)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Bundle, Network]:
    """A bundle, and the network that the second seed left before the latest of two folds."""
    torch.manual_seed(5)
    network = Network(**SHAPE)
    for seed, fold in itertools.product((3, 4), (0, 1)):
        (tmp_path / f"{seed}-{fold}").mkdir()
        planted = network if (seed, fold) == (4, 1) else Network(**SHAPE)
        save_file(planted.state_dict(), tmp_path / f"{seed}-{fold}" / "network.safetensors")
    job = TrainingJob("weight-tuned", 3, 0.002, (("correction", 0.4),))
    scored = ScoredSeed(
        seed=3,
        logits=np.zeros(1),
        validation_logits=np.zeros(1),
        probabilities={},
        folds=(fold_score(0.5, 3.0, Calibrator(kind="identity")), fold_score(0.0321, 1.6, CALIBRATOR)),
        alerts=np.zeros(1, bool),
        cost_alerts=None,
    )
    fold: Any = SimpleNamespace(
        encoder=SimpleNamespace(n_numeric=2, cardinalities=(3,)),
        split=SimpleNamespace(describe=lambda: {"train": "..."}),
        inputs=SimpleNamespace(
            settings=SimpleNamespace(
                network=NetworkConfig(hidden=(4,), dropout=0.1), training=TrainingConfig(precision="fp32")
            )
        ),
    )
    data: Any = SimpleNamespace(latest=fold, folds=(None, fold))
    results: Any = tuple(
        SimpleNamespace(job=replace(job, seed=seed, fold=fold), folder=tmp_path / f"{seed}-{fold}")
        for seed in (3, 4)
        for fold in (0, 1)
    )
    trained = TrainedStrategy(name="weight-tuned", family="weighting", results=results, trials=1)
    origin = BundleOrigin(dataset="tiny", config_toml="[dataset]", run_id="r1", store_version=4)
    return bundle_of(trained, scored, data, origin=origin, row={"recall": 0.6}, policy=POLICY), network


def test_it_has_the_weights_shift_calibration_and_threshold_that_were_judged(made: tuple[Bundle, Network]) -> None:
    bundle, network = made
    assert bundle.threshold == 0.0321
    assert bundle.logit_shift == 1.6
    assert (bundle.calibrator.slope, bundle.calibrator.intercept) == (0.7, -0.2)
    for name, weights in network.state_dict().items():
        torch.testing.assert_close(bundle.networks[1].state_dict()[name], weights)
    assert not any(one.training for one in bundle.networks)


def test_it_states_where_it_comes_from(made: tuple[Bundle, Network]) -> None:
    bundle, _ = made
    assert (bundle.strategy, bundle.family, bundle.seeds) == ("weight-tuned", "weighting", (3, 4))
    assert bundle.provenance["settings"] == {"learning_rate": 0.002, "knobs": {"correction": 0.4}}
    assert (bundle.provenance["report"], bundle.provenance["store_version"]) == ("r1", 4)
    assert bundle.provenance["figures"]["recall"] == 0.6
