"""The contract of every strategy: one suite, every name of the table, with and without categories."""

import hashlib
import math
import warnings

import numpy as np
import pytest
import torch

from fraud.config import NetworkConfig, TrainingConfig
from fraud.imbalance.guards import check_training_rows, fingerprint
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.strategies import STRATEGIES, get_strategy, strategy_names
from fraud.imbalance.weights import ClassCounts
from fraud.model.batches import TrainingData
from fraud.model.scoring import score_logits
from fraud.model.training import train_candidate

N, ROW_CAP = 2500, 800
RANDOM = {"over-random", "over-smote", "over-borderline", "over-adasyn", "under-random", "under-nearmiss"}
RANDOM |= {"under-tomek", "combined-smote-tomek", "combined-smote-enn", "combined-smote-under"}
DROPS_FRAUDS = {"combined-smote-tomek", "combined-smote-enn"}
EXACT = {"none", "weight-inverse", "weight-normalized", "weight-sqrt", "weight-log", "weight-effective"}
EXACT |= {"weight-tuned", "over-random", "under-random", "batch-balanced"}
every_strategy = pytest.mark.parametrize("name", strategy_names())
TUNABLE = [name for name in strategy_names() if get_strategy(name).is_tunable]
every_tunable = pytest.mark.parametrize("name", TUNABLE)


@pytest.fixture(scope="module", params=["numbers", "categories"])
def training(request):
    """(X, y, categorical): 2,500 rows with some 4 % fraud."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N, 4), dtype=np.float32)
    y = (rng.random(N) < 1 / (1 + np.exp(4 - 1.5 * X[:, 0]))).astype(np.int8)
    if request.param == "numbers":
        return X, y, ()
    codes = rng.integers(0, 5, (N, 2)).astype(np.float32)
    return np.hstack([X, codes]), y, (4, 5)


def rows_of(name, training, seed=0, row_cap=ROW_CAP):
    X, y, categorical = training
    return get_strategy(name).rows(X, y, categorical=categorical, rng=np.random.default_rng(seed), row_cap=row_cap)


def digest(rows):
    made = b"" if rows.synthetic_X is None else rows.synthetic_X.tobytes() + rows.synthetic_y.tobytes()
    return hashlib.sha256(rows.index.tobytes() + made).hexdigest()


@every_strategy
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(name, training):
    first, again, other = (digest(rows_of(name, training, seed)) for seed in (1, 1, 2))
    assert first == again
    assert (first != other) == (name in RANDOM)


@every_strategy
def test_the_training_rows_are_read_and_never_written(name, training):
    X, y, categorical = training
    X, y = X.copy(), y.copy()
    before = fingerprint(X, y)
    X.flags.writeable = y.flags.writeable = False
    get_strategy(name).rows(X, y, categorical=categorical, rng=np.random.default_rng(0), row_cap=ROW_CAP)
    assert fingerprint(X, y) == before


@every_strategy
def test_the_same_seed_gives_the_same_batches_and_another_seed_others(name, training):
    X, y, _ = training

    def batches(seed):
        rows = rows_of(name, training, seed)
        data = TrainingData((X, y), (X[:1], y[:1]), rows=rows, batch_size=100, steps=5, seed=seed)
        return b"".join(part.numpy().tobytes() for batch in data.train_dataloader() for part in batch)

    assert batches(1) == batches(1)
    assert batches(1) != batches(2)


TRAINING = TrainingConfig(batch_size=64, max_steps=4, check_every=2, precision="fp32")


@every_strategy
def test_training_and_scoring_leave_all_windows_as_they_were(name, training):
    X, y, categorical = training
    parts = {"train": slice(1500), "validation": slice(1500, 2000), "test": slice(2000, N)}
    windows = {window: (X[part].copy(), y[part].copy()) for window, part in parts.items()}
    before = {window: fingerprint(*rows) for window, rows in windows.items()}
    candidate = train_candidate(
        windows["train"],
        windows["validation"],
        strategy=get_strategy(name),
        cardinalities=(5,) * len(categorical),
        network=NetworkConfig(hidden=(4,)),
        training=TRAINING,
        row_cap=ROW_CAP,
        seed=0,
    )
    assert np.isfinite(score_logits(candidate.network, windows["test"][0])).all()
    assert {window: fingerprint(*rows) for window, rows in windows.items()} == before


@every_strategy
def test_every_column_keeps_its_place_its_range_and_its_codes(name, training):
    """Columns are told apart by their ranges; synthetic rows lie within those of the natural frauds."""
    X, y, categorical = training
    numeric = [column for column in range(X.shape[1]) if column not in categorical]
    X = X.copy()
    X[:, numeric] += 100 * np.arange(len(numeric), dtype=np.float32)
    synthetic = rows_of(name, (X, y, categorical)).synthetic_X
    assert (synthetic is not None) == ("smote" in name or name in {"over-borderline", "over-adasyn"})
    if synthetic is None:
        return
    frauds = X[y == 1]
    assert synthetic.shape[1] == X.shape[1]
    assert (synthetic[:, numeric] >= frauds[:, numeric].min(axis=0) - 1e-3).all()
    assert (synthetic[:, numeric] <= frauds[:, numeric].max(axis=0) + 1e-3).all()
    assert all(np.isin(synthetic[:, column], frauds[:, column]).all() for column in categorical)


@every_strategy
def test_index_types_and_counts_are_right(name, training):
    X, y, _ = training
    rows = rows_of(name, training)
    check_training_rows(rows, X, y)
    assert rows.index.dtype == np.int64
    assert rows.index.flags.writeable  # torch.from_numpy warns of arrays that are not
    if rows.synthetic_X is not None:
        assert rows.synthetic_X.dtype == np.float32
        assert rows.synthetic_X.flags.c_contiguous
        assert np.isfinite(rows.synthetic_X).all()
        assert rows.synthetic_y.dtype == y.dtype


@every_strategy
def test_every_fraud_is_still_there_unless_cleaning_takes_it(name, training):
    _, y, _ = training
    rows = rows_of(name, training)
    missing = np.setdiff1d(np.flatnonzero(y), rows.index)
    assert (len(missing) == 0) or name in DROPS_FRAUDS
    if STRATEGIES[name].family == "oversampling":
        assert np.isin(np.arange(len(y)), rows.index).all()
    if STRATEGIES[name].family == "undersampling":
        assert len(np.unique(rows.index)) == len(rows.index) < len(y)


@every_strategy
def test_only_resampling_changes_the_classes_and_it_makes_frauds_more_frequent(name, training):
    rows = rows_of(name, training)
    natural = ClassCounts.of(training[1])
    if STRATEGIES[name].family in {"oversampling", "undersampling", "combined"}:
        assert rows.counts.prevalence > natural.prevalence
    else:
        assert rows.counts == natural


@every_strategy
def test_a_strategy_changes_rows_or_loss_never_both(name, training):
    natural = ClassCounts.of(training[1])
    loss = get_strategy(name).loss(natural)
    is_plain = isinstance(loss, WeightedBCE) and loss.weights.pos_weight == 1
    rows = rows_of(name, training)
    is_natural = rows.counts == natural and not rows.balanced_batches
    assert is_plain or is_natural
    assert (is_plain and is_natural) == (name == "none")


@every_strategy
def test_the_loss_is_finite_differentiable_and_lower_for_better_logits(name, training):
    y = torch.from_numpy(training[1][:400].copy())
    loss = get_strategy(name).loss(ClassCounts.of(training[1]))
    good = (8.0 * y - 4).requires_grad_()
    value = loss(good, y)
    value.backward()
    assert value.isfinite()
    assert good.grad.isfinite().all()
    assert (good.grad.sign() == 1 - 2 * y).all()  # up for frauds, down for genuine rows
    assert value < loss(-good, y)
    assert all(parameter.requires_grad for parameter in loss.parameters())


@every_strategy
def test_the_logit_shift_is_none_where_no_exact_one_exists(name, training):
    natural = ClassCounts.of(training[1])
    rows = rows_of(name, training)
    shift = get_strategy(name).logit_shift(natural, rows)
    if name in {"focal", "weight-learned"}:
        assert shift is None
    elif rows.balanced_batches:
        assert shift == pytest.approx(-natural.log_odds)
    elif STRATEGIES[name].family == "weighting":
        assert shift == pytest.approx(math.log(get_strategy(name).loss(natural).weights.pos_weight))
    else:
        assert shift == pytest.approx(math.log(rows.positive / rows.negative) - natural.log_odds)


@every_tunable
@pytest.mark.parametrize("correction", [0.0, 0.25, 0.6, 1.0])
def test_a_correction_is_the_same_share_of_the_log_odds_for_every_strategy(name, correction, training):
    X, y, categorical = training
    strategy, natural = get_strategy(name, correction=correction), ClassCounts.of(y)
    rows = strategy.rows(X, y, categorical=categorical, rng=np.random.default_rng(0), row_cap=ROW_CAP)
    shift = strategy.logit_shift(natural, rows)
    cut = 0.35 if name in DROPS_FRAUDS and correction < 0.3 else 0.02  # cleaning takes frauds, few are added
    assert shift == pytest.approx(-correction * natural.log_odds, abs=cut)
    assert strategy.correction(natural) == correction


@every_strategy
def test_a_network_starts_at_the_constant_that_suits_the_loss_and_the_rows_best(name, training):
    _, y, _ = training
    strategy, natural = get_strategy(name), ClassCounts.of(y)
    rows = rows_of(name, training)
    labels = rows.labels(y)
    if rows.balanced_batches:
        labels = np.repeat([0, 1], 500)
    start = strategy.starting_logit(natural, rows)
    if name in {"focal", "weight-learned"}:
        assert start == natural.log_odds
        return
    bias = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    strategy.loss(natural)(bias.expand(len(labels)), torch.from_numpy(labels)).backward()
    assert bias.grad.item() == pytest.approx(0, abs=1e-9)


@pytest.fixture(scope="module")
def logistic():
    """30,000 rows of a logistic world, 2.6 % fraud."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((30_000, 3), dtype=np.float32)
    y = (rng.random(len(X)) < 1 / (1 + np.exp(4.5 - 1.5 * X[:, 0] - X[:, 1]))).astype(np.int8)
    return X, y


def fitted(strategy, rows, X, y):
    """A logistic regression of the strategy's rows under its loss: its logits on the natural rows."""
    index = rows.index
    if rows.balanced_batches:
        rng, half = np.random.default_rng(0), len(y) // 2
        index = np.concatenate([rng.choice(np.flatnonzero(y == label), half) for label in (0, 1)])
    drawn = torch.from_numpy(np.column_stack([X[index], np.ones(len(index))]))
    targets = torch.from_numpy(y[index])
    loss, beta = strategy.loss(ClassCounts.of(y)), torch.zeros(4, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([beta], max_iter=60, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        value = loss(drawn @ beta, targets) * 100
        value.backward()
        return value

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solver.step(closure)
    return np.column_stack([X, np.ones(len(X))]) @ beta.detach().numpy()


@pytest.mark.parametrize("name", sorted(EXACT))
def test_the_logit_shift_puts_the_mean_score_back_to_the_prevalence(name, logistic):
    X, y = logistic
    strategy, natural = get_strategy(name), ClassCounts.of(y)
    rows = strategy.rows(X, y, rng=np.random.default_rng(0), row_cap=10_000)
    logits = fitted(strategy, rows, X, y)
    shift = strategy.logit_shift(natural, rows)
    over_prevalence = [np.mean(1 / (1 + np.exp(-z))) / natural.prevalence for z in (logits, logits - shift)]
    tolerance = 0.12 if name == "under-random" else 0.04  # the few genuine rows left make their own error
    assert over_prevalence[1] == pytest.approx(1, abs=tolerance)
    if shift > 1:
        assert over_prevalence[0] > 1.5
