"""A model scores in the precision that it was judged in, whatever the processor would rather do."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from fraud.errors import ModelError
from fraud.features.encoding import Encoder
from fraud.model import scoring
from fraud.model.bundle import MANIFEST, Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network
from fraud.model.scoring import hidden_precision, score_logits

ROWS = pl.DataFrame({"transaction_id": [f"{n:03}" for n in range(500)], "amount": np.linspace(-3, 3, 500)})


@pytest.fixture
def network() -> Network:
    """With weights in the last layer, which starts at nothing."""
    torch.manual_seed(0)
    net = Network(2, [], hidden=[32, 32], dropout=0.0).eval()
    torch.nn.init.normal_(net.head.weight)
    return net


@pytest.fixture
def encoded() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)


def bundle_with(precision: str) -> Bundle:
    torch.manual_seed(0)
    encoder = Encoder.fit(ROWS, numeric=["amount"], categorical=[])
    shape = {"n_numeric": encoder.n_numeric, "cardinalities": [], "hidden": [32], "dropout": 0.0}
    net = Network(**shape).eval()
    torch.nn.init.normal_(net.head.weight)
    return Bundle(
        strategy="none",
        family="none",
        seeds=(0,),
        encoder=encoder,
        networks=(net,),
        network_shape=shape,
        logit_shift=0.0,
        calibrator=Calibrator(kind="identity"),
        threshold=0.5,
        precision=precision,
    )


def test_fp32_is_what_torch_computes_in_float32(network: Network, encoded: np.ndarray) -> None:
    with torch.no_grad():
        expected = network(torch.from_numpy(encoded)).numpy()
    np.testing.assert_allclose(score_logits(network, encoded, precision="fp32"), expected, rtol=1e-5, atol=1e-6)


def test_bf16_differs_by_hundredths_and_does_not_tie(network: Network, encoded: np.ndarray) -> None:
    half, full = (score_logits(network, encoded, precision=precision) for precision in ("bf16", "fp32"))
    assert 1e-5 < np.abs(half - full).max() < 0.1
    assert len(np.unique(half)) > 0.99 * len(half)


@pytest.mark.parametrize(("has_bf16", "expected"), [(True, "bf16"), (False, "fp32")])
def test_auto_is_what_the_processor_has(
    network: Network, encoded: np.ndarray, monkeypatch: pytest.MonkeyPatch, has_bf16: bool, expected: str
) -> None:
    monkeypatch.setattr(scoring, "cpu_has_bf16", lambda: has_bf16)
    assert hidden_precision("auto") == expected
    np.testing.assert_array_equal(score_logits(network, encoded), score_logits(network, encoded, precision=expected))


@pytest.mark.parametrize("judged", ["bf16", "fp32"])
@pytest.mark.parametrize("has_bf16", [True, False])
def test_a_bundle_scores_elsewhere_as_it_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: str, has_bf16: bool
) -> None:
    bundle = bundle_with(judged)
    bundle.save(tmp_path / "bundle")
    here, other = bundle.logits(ROWS), replace(bundle, precision="fp32" if judged == "bf16" else "bf16").logits(ROWS)
    monkeypatch.setattr(scoring, "cpu_has_bf16", lambda: has_bf16)
    elsewhere = Bundle.load(tmp_path / "bundle").logits(ROWS)
    np.testing.assert_array_equal(elsewhere, here)
    assert not np.array_equal(elsewhere, other)


def test_a_bundle_of_earlier_days_scores_as_the_processor_likes(tmp_path: Path) -> None:
    bundle_with("fp32").save(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    del manifest["precision"]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    assert Bundle.load(tmp_path).precision == "auto"


def test_a_bundle_of_an_unknown_precision_is_refused(tmp_path: Path) -> None:
    bundle_with("fp8").save(tmp_path)
    with pytest.raises(ModelError, match="expected auto, bf16 or fp32, found 'fp8'"):
        Bundle.load(tmp_path)
