"""Trainable weights: the naive ones collapse, those of multi-task learning too, ours come to rest where theory says."""

import pytest
import torch
from torch import nn

from fraud.errors import StrategyError
from fraud.imbalance.learned import LearnedWeightBCE
from fraud.imbalance.losses import WeightedBCE, class_losses
from fraud.imbalance.weights import ClassCounts


class NaiveWeights(nn.Module):
    """The trap of a widely copied example: weights handed to the optimizer as free parameters."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.ones(2))

    def forward(self, logits, targets):
        _, positive, negative = class_losses(logits, targets)
        return (self.weights[0] * positive + self.weights[1] * negative).mean()


class UncertaintyWeights(nn.Module):
    """Kendall, Gal and Cipolla 2018, with the two classes taken for two tasks."""

    def __init__(self):
        super().__init__()
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, logits, targets):
        _, positive, negative = class_losses(logits, targets)
        return (-self.s).exp() @ torch.stack([positive.mean(), negative.mean()]) + self.s.sum() / 2


@pytest.fixture(scope="module")
def rare():
    """2,000 rows with 2.5 % fraud that one feature foretells in part."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(2000, 1, generator=generator)
    y = (torch.rand(2000, generator=generator) < torch.sigmoid(1.5 * X[:, 0] - 4.5)).float()
    return X, y, ClassCounts(negative=int((y == 0).sum()), positive=int(y.sum()))


def trained(loss, X, y, *, bias, steps=400, optimizer=torch.optim.Adam, lr=0.05):
    net = nn.Linear(1, 1)
    nn.init.zeros_(net.weight)
    nn.init.constant_(net.bias, bias)
    step = optimizer([*net.parameters(), *loss.parameters()], lr=lr)
    for _ in range(steps):
        step.zero_grad()
        loss(net(X).squeeze(-1), y).backward()
        step.step()
    return net


def test_weights_handed_to_the_optimizer_as_free_parameters_drive_themselves_below_zero(rare):
    X, y, counts = rare
    loss = NaiveWeights()
    trained(loss, X, y, bias=counts.log_odds)
    assert (loss.weights < 0).all()


def test_the_regulariser_of_multi_task_learning_calls_everything_genuine(rare):
    X, y, counts = rare
    loss = UncertaintyWeights()
    net = trained(loss, X, y, bias=counts.log_odds)
    assert net(X).max() < counts.log_odds
    assert (-loss.s).exp()[1] > 1000 * (-loss.s).exp()[0]


@pytest.mark.parametrize("steps", [400, 800])
def test_ours_come_to_rest_at_the_gap_between_the_class_losses(rare, steps):
    X, y, counts = rare
    loss = LearnedWeightBCE(counts)
    net = trained(loss, X, y, bias=counts.log_odds, steps=steps)
    _, positive, negative = class_losses(net(X).squeeze(-1), y)
    gap = positive.sum() / counts.positive - negative.sum() / counts.negative
    assert loss.log_ratio.item() == pytest.approx(gap.item(), abs=0.02)
    assert 1 < loss.weights.pos_weight < WeightedBCE.from_scheme("sqrt", counts).weights.pos_weight


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
def test_without_any_skill_they_rest_between_inverse_and_none(rare, temperature):
    X, y, counts = rare
    loss = LearnedWeightBCE(counts, temperature=temperature)
    trained(loss, torch.zeros_like(X), y, bias=counts.log_odds)
    assert loss.log_ratio.item() == pytest.approx(-counts.log_odds / (1 + temperature), abs=0.02)


@pytest.mark.parametrize("start", [-8.0, 8.0])
def test_they_come_back_from_a_collapse(rare, start):
    X, y, counts = rare
    loss = LearnedWeightBCE(counts)
    nn.init.constant_(loss.log_ratio, start)
    trained(loss, torch.zeros_like(X), y, bias=counts.log_odds + start, steps=800)
    assert loss.log_ratio.item() == pytest.approx(-counts.log_odds / 2, abs=0.02)


def test_plain_gradient_descent_serves_as_well(rare):
    X, y, counts = rare
    loss = LearnedWeightBCE(counts)
    trained(loss, torch.zeros_like(X), y, bias=counts.log_odds, optimizer=torch.optim.SGD, lr=0.3)
    assert loss.log_ratio.item() == pytest.approx(-counts.log_odds / 2, abs=0.02)


def test_the_value_is_the_weighted_bce_and_the_mean_weight_is_one(rare):
    X, y, counts = rare
    loss = LearnedWeightBCE(counts)
    nn.init.constant_(loss.log_ratio, 1.7)
    logits = X[:, 0] - 2
    assert loss(logits, y).item() == pytest.approx(WeightedBCE(loss.weights)(logits, y).item(), rel=1e-5)
    mean = (loss.weights.positive * counts.positive + loss.weights.negative * counts.negative) / counts.total
    assert mean == pytest.approx(1)


def test_a_batch_of_one_class_leaves_the_ratio_alone(rare):
    counts = rare[2]
    loss = LearnedWeightBCE(counts)
    for y in (torch.zeros(8), torch.ones(8)):
        loss.zero_grad()
        loss(torch.zeros(8, requires_grad=True), y).backward()
        assert loss.log_ratio.grad.item() == 0


def test_the_temperature_must_be_above_zero(rare):
    with pytest.raises(StrategyError, match="temperature must be above 0"):
        LearnedWeightBCE(rare[2], temperature=0.0)
