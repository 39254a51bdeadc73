"""Attributions add up, agree with independent references, and every feature has a text."""

import math
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import load_config
from fraud.features.build import build_features
from fraud.features.encoding import Encoder
from fraud.features.recipe import Recipe
from fraud.features.scaling import NumericScale, Vocabulary
from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network
from fraud.scoring import value_text as values
from fraud.scoring.explain import NEGLIGIBLE, attribute
from fraud.scoring.feature_text import feature_texts
from fraud.scoring.reasons import REASONS, reasons_of, sum_by_feature
from fraud.simulation.dumps import Simulation, simulate

RECIPE = Recipe(
    entities=("customer", "terminal"),
    numeric=(),
    categorical=("CATEGORY",),
    windows=("1d", "30d"),
    has_amount=True,
    delay_days=None,
)
CONFIGS = Path(__file__).parents[2] / "pipelines" / "configs"


def network_of(seed: int, *, sizes: tuple[int, ...] = (4, 7), hidden: tuple[int, ...] = (32, 16), gain: float = 2.0):
    """A network with large random weights, so that its logits bend a lot."""
    torch.manual_seed(seed)
    network = Network(5, sizes, hidden=hidden, dropout=0.0)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=gain / math.sqrt(parameter.shape[-1]))
    return network.eval()


def rows_of(seed: int, count: int, sizes: tuple[int, ...] = (4, 7)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, size, count) for size in sizes]
    return np.column_stack([rng.normal(0, 2, (count, 5)), *codes]).astype(np.float32)


@examples(25)
@given(seed=st.integers(0, 10_000), sizes=st.sampled_from([(), (4, 7)]))
def test_attributions_sum_to_the_difference_of_the_logits(seed: int, sizes: tuple[int, ...]) -> None:
    network, X = network_of(seed, sizes=sizes), rows_of(seed, 40, sizes)
    baseline = rows_of(seed + 1, 1, sizes)
    found = attribute(network, X, baseline)
    differences = found.logits - found.baseline
    with torch.no_grad():
        np.testing.assert_allclose(found.logits, network(torch.from_numpy(X)).numpy(), rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(found.baseline, network(torch.from_numpy(baseline)).numpy(), rtol=1e-4, atol=1e-3)
    assert found.columns.shape == X.shape
    assert np.all(np.abs(found.columns.sum(axis=1) - differences) <= NEGLIGIBLE)


def test_attributions_agree_with_a_brute_force_walk_along_the_line() -> None:
    network, X, baseline = network_of(1), rows_of(1, 3), rows_of(2, 1)
    found = attribute(network, X, baseline).columns
    wide = network.double()
    with torch.no_grad():
        start, stops = wide.embed(torch.from_numpy(baseline).double()), wide.embed(torch.from_numpy(X).double())
    for row, stop in enumerate(stops):
        walked = np.zeros(len(stop))
        # One input at a time is changed a little, at many points of the line; no gradient is computed.
        for index, way in enumerate((stop - start[0]).tolist()):
            points = start + ((torch.arange(4000).double() + 0.5) / 4000)[:, None] * (stop - start)
            moved, shift = points.clone(), 1e-6
            moved[:, index] += shift
            with torch.no_grad():
                walked[index] = (
                    float(((wide.logits_from_inputs(moved) - wide.logits_from_inputs(points)) / shift).mean()) * way
                )
        widths = [1] * 5 + [table.weight.shape[1] for table in network.embeddings]
        expected = np.add.reduceat(walked, np.cumsum([0, *widths[:-1]]))
        np.testing.assert_allclose(found[row], expected, atol=0.03 * np.abs(expected).max())


def test_attributions_of_a_straight_network_are_its_weights_times_the_way() -> None:
    network = network_of(3, sizes=(), hidden=())
    network.head.weight.data[:, 5:] = 0  # of everything but the numbers themselves
    X, baseline = rows_of(3, 10, ()), rows_of(4, 1, ())
    expected = (X - baseline) * network.head.weight[:, :5].detach().numpy()
    np.testing.assert_allclose(attribute(network, X, baseline).columns, expected, rtol=1e-4, atol=1e-5)


def test_attributions_agree_with_captum() -> None:
    from captum.attr import IntegratedGradients  # brings matplotlib, which takes a second

    network, X, baseline = network_of(5, sizes=()), rows_of(5, 20, ()), rows_of(6, 1, ())
    method = IntegratedGradients(network)
    expected = method.attribute(torch.from_numpy(X), torch.from_numpy(baseline), n_steps=1000).detach().numpy()
    np.testing.assert_allclose(attribute(network, X, baseline).columns, expected, atol=0.02 * np.abs(expected).max())


def transactions(preset: str) -> tuple[pl.LazyFrame, Recipe]:
    """Three weeks of a simulated world in canonical columns, without labels, and the recipe of its configuration."""
    config = load_config(CONFIGS / f"{preset}.toml")
    columns, frames = config.columns, simulate(Simulation(preset=preset, days=21, customers=60, terminals=300))
    raw = pl.concat([frame for _, frame in frames])
    frame = raw.select(
        pl.col(columns.transaction_id).cast(pl.String).alias("transaction_id"),
        pl.col(columns.event_time.column).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("event_time"),
        pl.col(columns.amount).cast(pl.Float64).alias("amount"),
        pl.col(columns.is_fraud.column).cast(pl.Boolean).alias("is_fraud"),
        *(pl.col(source).cast(pl.String).alias(name) for name, source in columns.entities.items()),
        *(pl.col(name).cast(pl.String) for name in columns.categorical),
    ).with_columns(label_time=pl.col("event_time") + pl.duration(days=2))
    return frame.lazy(), Recipe.of(columns, labels=config.labels, windows=config.features.windows)


@pytest.fixture(scope="module", params=["handbook", "rich"])
def world(request: pytest.FixtureRequest) -> tuple[pl.DataFrame, Recipe]:
    frame, recipe = transactions(request.param)
    return build_features(frame, recipe), recipe


def features_in(frame: pl.DataFrame, recipe: Recipe) -> list[str]:
    beside = {"transaction_id", "event_time", "is_fraud", "label_time", *recipe.entities}
    return [name for name in frame.columns if name not in beside]


def test_every_feature_has_a_text_and_every_text_a_feature(world: tuple[pl.DataFrame, Recipe]) -> None:
    frame, recipe = world
    texts = feature_texts(recipe)
    assert set(features_in(frame, recipe)) == set(texts)
    for name, text in texts.items():
        for row in (frame.sort(name, nulls_last=True).row(0, named=True), {}):
            sentence = text.sentence(row, name, 1.0 if name not in recipe.categorical else "x")
            assert ("{" in sentence, sentence.strip() == sentence) == (False, True), f"{name}: {sentence}"
        assert text.sentence(frame.sort(name, nulls_last=True).row(0, named=True), name)


def test_a_feature_that_may_be_empty_has_a_text_for_it(world: tuple[pl.DataFrame, Recipe]) -> None:
    frame, recipe = world
    texts = feature_texts(recipe)
    for name in features_in(frame, recipe):
        for row in frame.filter(pl.col(name).is_null()).head(20).iter_rows(named=True):
            assert texts[name].sentence(row, name), f"{name} is empty and has no text for it"


def bundle_of(frame: pl.DataFrame, recipe: Recipe, seed: int = 0) -> Bundle:
    numeric = [name for name in features_in(frame, recipe) if name not in recipe.categorical]
    encoder = Encoder.fit(frame, numeric=numeric, categorical=recipe.categorical)
    shape = {"n_numeric": encoder.n_numeric, "cardinalities": encoder.cardinalities, "hidden": (16,), "dropout": 0.0}
    torch.manual_seed(seed)
    network = Network(**shape)
    torch.nn.init.normal_(network.head.weight)
    return Bundle(
        strategy="none",
        family="none",
        seeds=(seed,),
        encoder=encoder,
        networks=(network.eval(),),
        network_shape=shape,
        logit_shift=0.0,
        calibrator=Calibrator(kind="identity"),
        threshold=0.5,
    )


def test_reasons_are_three_different_things_that_raised_the_score(world: tuple[pl.DataFrame, Recipe]) -> None:
    frame, recipe = world
    found = reasons_of(bundle_of(frame, recipe), frame.head(50), recipe)
    assert len(found) == 50
    assert all(len(set(reasons)) == len(reasons) <= REASONS for reasons in found)
    assert sum(len(reasons) == REASONS for reasons in found) > 40


def test_the_typical_row_is_the_median_and_the_most_frequent_category(world: tuple[pl.DataFrame, Recipe]) -> None:
    frame, recipe = world
    encoder = bundle_of(frame, recipe).encoder
    assert encoder.typical_["amount_log"] == pytest.approx(frame["amount_log"].median(), rel=0.02)
    for name in recipe.categorical:
        assert encoder.typical_[name] in frame[name].mode()
    assert encoder.typical_row().shape == (1, encoder.n_features)
    assert Encoder.from_dict(encoder.to_dict()) == encoder


def test_the_texts_contain_the_values() -> None:
    texts = feature_texts(RECIPE)
    row = {
        "customer": "c1",
        "terminal": "t1",
        "customer_amount_ratio_30d": 8.24,
        "terminal_fraud_count_1d": 3.0,
        "terminal_count_1d": 1.0,
        "customer_terminal_previous_days": None,
        "hour_sin": 0.1,
        "event_time": datetime(2024, 3, 3, 4, 5, tzinfo=UTC),
        "CATEGORY": "travel",
    }
    sentences = {name: texts[name].sentence(row, name, 2.0) for name in row if name in texts}
    assert sentences == {
        "customer_amount_ratio_30d": "amount 8.2x this customer's 30-day mean",
        "terminal_fraud_count_1d": "3 frauds of this terminal became known in the last day",
        "terminal_count_1d": "1 transaction of this terminal in the last day (typically 2)",
        "customer_terminal_previous_days": "no transaction of this customer with this terminal in the last 30 days",
        "hour_sin": "at 04:05 UTC",
        "CATEGORY": "CATEGORY is 'travel'",
    }


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(645.15, "amount 645.15"), (23_456.79, "amount 23,456.79"), (7.0, "amount 7.00"), (1e300, "amount 1e+300")],
)
def test_an_amount_is_money_in_the_text_of_every_feature(amount: float, expected: str) -> None:
    texts = feature_texts(RECIPE)
    row = {"amount": amount, "amount_log": math.log1p(amount)}
    assert {texts[name].sentence(row, name, 12.0) for name in row} == {expected}
    assert texts["amount"].meaning == texts["amount_log"].meaning


@given(st.floats(1e-4, 1e15, exclude_max=True), st.sampled_from([1, -1]))
def test_a_number_of_ordinary_size_has_no_exponent_and_the_right_value(value: float, sign: int) -> None:
    text = values.number(sign * value)
    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(sign * value, rel=1e-3, abs=0.005)


@given(st.floats(0, allow_infinity=True))
def test_no_factor_is_infinite_or_longer_than_a_line(value: float) -> None:
    for text in (values.times(value), values.deviations(value), values.deviations(-value)):
        assert not re.search(r"inf|e[+-]", text)
        assert len(text) < 60


def test_a_value_and_its_missing_sign_are_one_feature() -> None:
    scale = {"log": False, "mean": 0.0, "deviation": 1.0}
    encoder = Encoder(
        scales_=(NumericScale(name="a", missing=True, **scale), NumericScale(name="b", missing=False, **scale)),
        vocabularies_=(Vocabulary(name="c", categories=("x",)),),
        fitted_on_="",
    )
    names, summed = sum_by_feature(encoder, np.array([[1.0, 2.0, 4.0, 8.0]]))
    assert names == ["a", "b", "c"]
    assert summed.tolist() == [[3.0, 4.0, 8.0]]
