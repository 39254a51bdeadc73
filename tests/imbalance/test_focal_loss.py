"""Focal loss: its formula and its limits."""

import pytest
import torch
from torch import nn

from fraud.errors import StrategyError
from fraud.imbalance.losses import FocalLoss


def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(50, generator=generator, dtype=torch.float64) * 2, torch.arange(50) % 2


def test_gamma_zero_is_plain_bce():
    logits, y = batch()
    expected = nn.BCEWithLogitsLoss()(logits, y.double())
    assert FocalLoss(gamma=0.0)(logits, y).item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_it_equals_its_formula(gamma, alpha):
    logits, y = batch()
    p = torch.sigmoid(logits)
    a_pos, a_neg = (1, 1) if alpha is None else (alpha, 1 - alpha)
    fraud, genuine = -((1 - p) ** gamma) * p.log(), -(p**gamma) * (1 - p).log()
    expected = torch.where(y == 1, a_pos * fraud, a_neg * genuine).mean()
    assert FocalLoss(gamma, alpha)(logits, y).item() == pytest.approx(expected.item(), abs=1e-12)


def test_rows_that_are_right_already_fade():
    easy, hard = torch.tensor([4.0]), torch.tensor([-4.0])
    one = torch.ones(1)
    plain = FocalLoss(0.0)(easy, one) / FocalLoss(0.0)(hard, one)
    focal = FocalLoss(2.0)(easy, one) / FocalLoss(2.0)(hard, one)
    assert focal < plain / 1000


@pytest.mark.parametrize(
    ("gamma", "alpha", "message"), [(-1.0, None, "gamma"), (2.0, 0.0, "alpha"), (2.0, 1.0, "alpha")]
)
def test_knobs_out_of_range_are_refused(gamma, alpha, message):
    with pytest.raises(StrategyError, match=message):
        FocalLoss(gamma, alpha)
