import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import NetworkConfig, TrainingConfig
from fraud.imbalance.strategies import get_strategy
from fraud.metrics import average_precision
from fraud.model.scoring import score_logits
from fraud.model.trainer import check_interval, lightning_precision
from fraud.model.training import Candidate, train_candidate

TRAINING = TrainingConfig(batch_size=128, max_steps=150, check_every=25, learning_rate=0.01, precision="fp32")
NETWORK = NetworkConfig(hidden=(16,))


def moons(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A rare class inside a ring: not to be found by a line."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4)).astype(np.float32)
    y = ((X[:, 0] ** 2 + X[:, 1] ** 2) < 0.15).astype(np.int8)
    return X, y


def trained(strategy: str = "none", seed: int = 0, training: TrainingConfig = TRAINING) -> Candidate:
    return train_candidate(
        moons(4000, 1),
        moons(2000, 2),
        strategy=get_strategy(strategy),
        cardinalities=(),
        network=NETWORK,
        training=training,
        row_cap=10_000,
        seed=seed,
    )


def test_training_learns_what_a_line_cannot() -> None:
    X, y = moons(3000, 3)
    assert average_precision(y, score_logits(trained().network, X)) > 0.6  # a line gets about 0.07


def test_one_seed_gives_the_same_scores_and_another_does_not() -> None:
    X, _ = moons(100, 3)
    first, again, other = (score_logits(trained(seed=seed).network, X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_training_leaves_the_global_random_state_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained()
    assert torch.equal(torch.rand(3), expected)


def test_it_overfits_64_rows() -> None:
    X, y = moons(64, 0)
    y[:8] = 1
    training = TrainingConfig(batch_size=64, max_steps=400, check_every=50, learning_rate=0.02, precision="fp32")
    candidate = train_candidate(
        (X, y),
        (X, y),
        strategy=get_strategy("none"),
        cardinalities=(),
        network=NetworkConfig(hidden=(64, 64)),
        training=training,
        row_cap=100,
        seed=0,
    )
    assert average_precision(y, score_logits(candidate.network, X)) == 1.0


def test_the_kept_weights_are_those_of_the_best_validation_check() -> None:
    candidate = trained()
    X, y = moons(2000, 2)
    best = max(check["validation_average_precision"] for check in candidate.curve)
    assert average_precision(y, score_logits(candidate.network, X)) == pytest.approx(best, abs=1e-4)
    assert candidate.best_step in {check["step"] for check in candidate.curve}


def test_every_step_is_run_though_validation_no_longer_improves() -> None:
    hopeless = np.zeros((500, 4), dtype=np.float32), (np.arange(500) % 50 == 0).astype(np.int8)
    training = TrainingConfig(batch_size=64, max_steps=200, check_every=10, precision="fp32")
    candidate = train_candidate(
        moons(1000, 1),
        hopeless,
        strategy=get_strategy("none"),
        cardinalities=(),
        network=NETWORK,
        training=training,
        row_cap=100,
        seed=0,
    )
    assert candidate.steps == 200
    assert [check["step"] for check in candidate.curve] == list(range(10, 201, 10))
    assert candidate.best_step == 10


@given(st.integers(1, 3000), st.integers(1, 500))
def test_the_last_check_is_at_the_end_of_the_schedule(steps: int, check_every: int) -> None:
    interval = check_interval(check_every, steps=steps)
    checks = steps // interval
    assert steps - checks * interval < min(interval, checks + 1)
    assert interval == steps if steps < check_every else check_every <= interval < 2 * check_every


@pytest.mark.parametrize("strategy", ["none", "weight-inverse", "over-random", "under-random", "batch-balanced"])
def test_every_strategy_starts_from_the_same_weights(strategy: str) -> None:
    still = TrainingConfig(batch_size=128, max_steps=1, check_every=1, learning_rate=1e-12, precision="fp32")
    reference, other = trained(training=still), trained(strategy, training=still)
    for name, values in reference.network.state_dict().items():
        if name != "head.bias":  # starts where the strategy's own log-odds are
            torch.testing.assert_close(other.network.state_dict()[name], values)


def test_the_output_starts_at_the_log_odds_that_the_strategy_shows() -> None:
    still = TrainingConfig(batch_size=128, max_steps=1, check_every=1, learning_rate=1e-12, precision="fp32")
    _, y = moons(4000, 1)
    natural = np.log(y.mean() / (1 - y.mean()))
    assert trained("none", training=still).network.head.bias.item() == pytest.approx(natural, abs=1e-4)
    assert trained("weight-inverse", training=still).network.head.bias.item() == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11, 20])
def test_training_ends_after_however_few_steps(steps: int) -> None:
    few = TrainingConfig(batch_size=128, max_steps=steps, check_every=steps, precision="fp32")
    assert trained(training=few).steps == steps


def test_auto_precision_is_bf16_only_where_the_processor_has_it() -> None:
    expected = "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() or torch.cuda.is_available() else "32-true"
    assert lightning_precision("auto") == expected
    assert lightning_precision("fp32") == "32-true"
