"""WeightedBCE: its formula, its stability, its other spelling, and the targets that it refuses."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fraud.errors import TargetError
from fraud.imbalance.learned import LearnedWeightBCE
from fraud.imbalance.losses import FocalLoss, WeightedBCE
from fraud.imbalance.weights import ClassCounts, ClassWeights, effective

COUNTS = ClassCounts(negative=1000, positive=100)
weight = st.floats(1e-3, 1e3)


def batch(n=64, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n, generator=generator, dtype=dtype) * 3
    return logits.requires_grad_(), torch.randint(2, (n,), generator=generator).to(dtype)


@given(weight, weight, st.integers(0, 10**6))
def test_it_equals_its_formula(w_pos, w_neg, seed):
    logits, y = batch(seed=seed)
    p = torch.sigmoid(logits)
    expected = -(w_pos * y * p.log() + w_neg * (1 - y) * (1 - p).log()).mean()
    loss = WeightedBCE(ClassWeights(negative=w_neg, positive=w_pos))(logits, y)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-9, abs=1e-9)


@given(weight, weight)
def test_it_is_w_neg_times_torch_with_pos_weight(w_pos, w_neg):
    logits, y = batch()
    torch_loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(w_pos / w_neg, dtype=torch.float64))
    expected = w_neg * torch_loss(logits, y)
    assert WeightedBCE(ClassWeights(w_neg, w_pos))(logits, y).item() == pytest.approx(expected.item(), rel=1e-9)


def test_equal_weights_are_plain_bce():
    logits, y = batch()
    expected = nn.BCEWithLogitsLoss()(logits, y)
    assert WeightedBCE.plain()(logits, y).item() == pytest.approx(expected.item(), abs=1e-12)


def test_one_to_ten_gives_a_fraud_ten_times_the_loss():
    loss = WeightedBCE.from_scheme("inverse", ClassCounts(negative=1000, positive=100))
    fraud = loss(torch.zeros(1), torch.ones(1))
    genuine = loss(torch.zeros(1), torch.zeros(1))
    assert loss.weights.pos_weight == 10
    assert fraud.item() == pytest.approx(10 * genuine.item())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "loss", [WeightedBCE.from_scheme("inverse", COUNTS), FocalLoss(0.5), FocalLoss(2.0), LearnedWeightBCE(COUNTS)]
)
def test_loss_and_gradient_stay_finite_at_extreme_logits(loss, dtype):
    logits = torch.tensor([1000.0, -1000.0, 1000.0, -1000.0], dtype=dtype, requires_grad=True)
    value = loss(logits, torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=dtype))
    value.backward()
    assert value.isfinite()
    assert value > 100  # the two that are wrong cost about a thousand each
    assert logits.grad.isfinite().all()
    assert (logits.grad[[1, 2]] != 0).all()


def test_the_gradient_is_the_weighted_residual():
    loss = WeightedBCE(ClassWeights(negative=0.5, positive=8.0))
    logits, y = batch()
    loss(logits, y).backward()
    p = torch.sigmoid(logits.detach())
    expected = (torch.where(y == 1, 8.0, 0.5) * (p - y)) / len(y)
    torch.testing.assert_close(logits.grad, expected)


def test_the_mean_is_over_rows_whatever_their_weights():
    loss = WeightedBCE(ClassWeights(negative=1.0, positive=9.0))
    mixed = loss(torch.zeros(10), torch.tensor([1.0] + [0.0] * 9))
    assert mixed.item() == pytest.approx((9 + 9) * math.log(2) / 10, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.int8, torch.int64, torch.bool, torch.float32])
def test_targets_of_any_type_are_taken(dtype):
    logits, y = batch(dtype=torch.float32)
    loss = WeightedBCE.from_scheme("inverse", COUNTS)
    assert loss(logits, y.to(dtype)).item() == loss(logits, y).item()


def test_half_precision_logits_are_read_as_float32():
    logits, y = batch(dtype=torch.float32)
    half = logits.detach().bfloat16()
    loss = WeightedBCE.from_scheme("inverse", COUNTS)(half, y)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(WeightedBCE.from_scheme("inverse", COUNTS)(half.float(), y).item())


def test_soft_targets_are_probabilities_of_fraud():
    loss = WeightedBCE(ClassWeights(negative=1.0, positive=3.0))
    value = loss(torch.zeros(1), torch.full((1,), 0.25))
    assert value.item() == pytest.approx((3 * 0.25 + 0.75) * math.log(2), rel=1e-6)


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (torch.zeros(8), torch.zeros(8, 2), r"two columns look one-hot.*targets\[:, 1\]"),
        (torch.zeros(8, 2), torch.zeros(8, 2), r"two columns look one-hot"),
        (torch.zeros(8, 2), torch.zeros(8), r"two logits a row belong to a softmax"),
        (torch.zeros(8, 1), torch.zeros(8), r"broadcast to every pair of rows.*logits\.squeeze\(-1\)"),
        (torch.zeros(8), torch.zeros(8, 1), r"broadcast to every pair of rows.*targets\.squeeze\(-1\)"),
        (torch.zeros(8), torch.zeros(7), r"\(8,\) and targets \(7,\); expected the same shape"),
        (torch.zeros(()), torch.zeros(()), r"expected the same shape \(B,\)"),
        (torch.zeros(0), torch.zeros(0), r"the batch is empty"),
        (torch.zeros(3, dtype=torch.int64), torch.zeros(3), r"logits must be floating point"),
        (torch.zeros(3), torch.tensor([0.0, 1.0, 2.0]), r"must lie in \[0, 1\], found 0 to 2"),
        (torch.zeros(3), torch.tensor([-1, 1, 1]), r"found -1 to 1; 1 is fraud, 0 is genuine"),
        (torch.zeros(3), torch.tensor([0.0, math.nan, 1.0]), r"1 of 3 targets are NaN.*leave them out"),
    ],
)
@pytest.mark.parametrize(
    "loss", [WeightedBCE.plain(), FocalLoss(), LearnedWeightBCE(COUNTS)], ids=lambda x: type(x).__name__
)
def test_the_usual_mistake_is_named_in_one_line(loss, logits, targets, message):
    with pytest.raises(TargetError, match=message) as caught:
        loss(logits, targets)
    assert "\n" not in str(caught.value)


def test_a_loss_from_a_scheme_has_its_weights_and_notes_the_counts():
    loss = WeightedBCE.from_scheme("effective", COUNTS, beta=0.9)
    assert loss.weights == effective(COUNTS, beta=0.9)
    assert loss.counts == COUNTS


def _trained(loss, optimizer, steps=40):
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).double()
    X = torch.randn(256, 4, dtype=torch.float64)
    y = (X[:, 0] + torch.randn(256, dtype=torch.float64) > 1.8).double()
    step = optimizer(net.parameters())
    for _ in range(steps):
        step.zero_grad()
        loss(net(X).squeeze(-1), y).backward()
        step.step()
    return nn.utils.parameters_to_vector(net.parameters()).detach()


def test_adam_hardly_sees_that_inverse_and_normalized_differ_in_scale():
    counts = ClassCounts(negative=990, positive=10)
    adam = lambda parameters: torch.optim.Adam(parameters, lr=1e-2)  # noqa: E731
    sgd = lambda parameters: torch.optim.SGD(parameters, lr=1e-2)  # noqa: E731
    inverse, normalized = WeightedBCE.from_scheme("inverse", counts), WeightedBCE.from_scheme("normalized", counts)
    moved = (_trained(inverse, adam) - _trained(inverse, adam, steps=0)).abs().max()
    apart = (_trained(inverse, adam) - _trained(normalized, adam)).abs().max()
    assert apart < 1e-3 * moved
    assert (_trained(inverse, sgd) - _trained(normalized, sgd)).abs().max() > 0.05
