"""Every kind of simulated fraud as its rule says, seen from the dumps alone."""

import numpy as np
import polars as pl
import pytest

from fraud.simulation.dumps import Simulation, simulate

START = pl.datetime(2018, 4, 1)


def whole(settings: Simulation, time: str) -> pl.DataFrame:
    day = ((pl.col(time) - START).dt.total_seconds() // 86400).alias("day")
    return pl.concat([frame for _, frame in simulate(settings)]).with_columns(day)


@pytest.fixture(scope="module")
def handbook() -> pl.DataFrame:
    """The handbook's size and span."""
    return whole(Simulation(), "TX_DATETIME")


@pytest.fixture(scope="module")
def rich() -> pl.DataFrame:
    settings = Simulation(preset="rich", days=120, customers=1_000, terminals=2_000, late_pattern_day=60, seed=3)
    return whole(settings, "EVENT_TIME")


def of_kind(rich: pl.DataFrame, kind: str) -> pl.DataFrame:
    frauds = rich.filter(pl.col("FRAUD_TYPE") == kind)
    assert frauds.height > 100
    return frauds


def test_prevalence_and_size_are_those_of_the_handbook(handbook: pl.DataFrame) -> None:
    assert handbook.height == pytest.approx(1_754_155, rel=0.03)
    assert handbook["TX_FRAUD"].mean() == pytest.approx(14_681 / 1_754_155, rel=0.1)
    published = {1: 973, 2: 9_077, 3: 4_631}
    for scenario, frauds in published.items():
        assert (handbook["TX_FRAUD_SCENARIO"] == scenario).sum() == pytest.approx(frauds, rel=0.25)


def test_fraud_and_scenario_agree(handbook: pl.DataFrame) -> None:
    assert handbook["TX_FRAUD_SCENARIO"].is_in([0, 1, 2, 3]).all()
    assert ((handbook["TX_FRAUD_SCENARIO"] > 0) == (handbook["TX_FRAUD"] == 1)).all()


def test_every_amount_over_220_is_fraud(handbook: pl.DataFrame) -> None:
    assert handbook.filter(pl.col("TX_AMOUNT") > 220)["TX_FRAUD"].min() == 1
    assert handbook.filter(pl.col("TX_FRAUD_SCENARIO") == 1)["TX_AMOUNT"].min() > 220  # type: ignore[operator]


def test_a_compromised_terminal_makes_nothing_but_fraud_for_28_days() -> None:
    frame = whole(Simulation(days=100, customers=1_000, terminals=2_000, fraud_factor=0.3), "TX_DATETIME")
    spans = (
        frame.filter(pl.col("TX_FRAUD_SCENARIO") == 2)
        .group_by("TERMINAL_ID")
        .agg(begin=pl.col("day").min(), end=pl.col("day").max())
    )
    once = spans.filter(pl.col("end") - pl.col("begin") < 28)
    assert once.height > 0.8 * spans.height > 5
    assert (once["end"] - once["begin"]).max() == 27
    inside = frame.join(once, on="TERMINAL_ID").filter(pl.col("day").is_between("begin", "end"))
    assert inside["TX_FRAUD"].min() == 1


def test_a_compromised_customer_pays_five_times_as_much_on_a_third_for_14_days() -> None:
    frame = whole(Simulation(days=100, customers=3_000, terminals=6_000, fraud_factor=0.3), "TX_DATETIME")
    genuine = frame.filter(pl.col("TX_FRAUD") == 0).group_by("CUSTOMER_ID").agg(usual=pl.col("TX_AMOUNT").mean())
    stolen = frame.filter(pl.col("TX_FRAUD_SCENARIO") == 3).join(genuine, on="CUSTOMER_ID")
    assert (stolen["TX_AMOUNT"] / stolen["usual"]).mean() == pytest.approx(5, rel=0.1)
    spans = stolen.group_by("CUSTOMER_ID").agg(
        begin=pl.col("day").min(), end=pl.col("day").max(), frauds=pl.len().cast(pl.Int64)
    )
    length = pl.col("end") - pl.col("begin")
    assert spans.filter(length < 14).height > 0.9 * spans.height
    long = spans.filter(length.is_between(11, 13))
    inside = frame.join(long, on="CUSTOMER_ID").filter(pl.col("day").is_between("begin", "end"))
    assert long["frauds"].sum() / inside.height == pytest.approx(1 / 3, abs=0.1)


def test_more_fraud_can_be_asked_for() -> None:
    one = whole(Simulation(days=60, customers=500, terminals=1_000), "TX_DATETIME")["TX_FRAUD"].mean()
    five = whole(Simulation(days=60, customers=500, terminals=1_000, fraud_factor=5), "TX_DATETIME")["TX_FRAUD"].mean()
    assert five / one == pytest.approx(5, rel=0.4)  # type: ignore[operator]


def test_the_rich_world_has_five_kinds_and_little_fraud(rich: pl.DataFrame) -> None:
    assert 0.004 < rich["IS_FRAUD"].mean() < 0.012  # type: ignore[operator]
    assert rich["FRAUD_TYPE"].drop_nulls().n_unique() == 5
    assert (rich["FRAUD_TYPE"].is_not_null() == (rich["IS_FRAUD"] == 1)).all()


def test_card_testing_is_many_tiny_amounts_at_one_merchant_in_twenty_minutes(rich: pl.DataFrame) -> None:
    bursts = of_kind(rich, "card_testing")
    assert bursts["AMOUNT"].max() <= 3  # type: ignore[operator]
    assert bursts["CHANNEL"].unique().to_list() == ["online"]
    each = bursts.group_by("DEVICE_ID").agg(
        span=pl.col("EVENT_TIME").max() - pl.col("EVENT_TIME").min(),
        merchants=pl.col("MERCHANT_ID").n_unique(),
        customers=pl.col("CUSTOMER_ID").n_unique(),
        payments=pl.len(),
    )
    assert each["span"].dt.total_seconds().max() <= 20 * 60  # type: ignore[operator]
    assert each["merchants"].max() == 1
    assert each["payments"].mean() == pytest.approx(30, rel=0.3)
    assert each["customers"].sum() > 0.9 * each["payments"].sum()


def test_a_spree_is_dear_goods_at_home_within_hours(rich: pl.DataFrame) -> None:
    spree = of_kind(rich, "spree")
    assert set(spree["CATEGORY"]) <= {"clothing", "electronics", "jewellery"}
    assert spree["COUNTRY"].unique().to_list() == ["BE"]
    usual = rich.filter(pl.col("IS_FRAUD") == 0).group_by("CATEGORY").agg(usual=pl.col("AMOUNT").median())
    ratio = spree.join(usual, on="CATEGORY").select(pl.col("AMOUNT") / pl.col("usual")).to_series()
    assert ratio.median() > 2  # type: ignore[operator]


def test_an_account_takeover_uses_a_device_the_customer_never_had(rich: pl.DataFrame) -> None:
    taken = of_kind(rich, "account_takeover")
    assert "BE" not in set(taken["COUNTRY"])
    assert taken["DEVICE_ID"].null_count() == 0
    genuine = rich.filter(pl.col("IS_FRAUD") == 0)["DEVICE_ID"].drop_nulls()
    assert not set(taken["DEVICE_ID"]) & set(genuine)
    assert taken.group_by("DEVICE_ID").agg(pl.col("CUSTOMER_ID").n_unique())["CUSTOMER_ID"].max() == 1


def test_a_compromised_terminal_copies_stripes(rich: pl.DataFrame) -> None:
    copies = of_kind(rich, "terminal_compromise")
    assert copies["CHANNEL"].unique().to_list() == ["magstripe"]
    assert copies.group_by("MERCHANT_ID").agg(pl.col("day").max() - pl.col("day").min())["day"].median() > 10  # type: ignore[operator]


def test_the_new_pattern_starts_late_by_night_and_by_phone(rich: pl.DataFrame) -> None:
    late = of_kind(rich, "wallet_enrolment")
    assert late["day"].min() >= 60  # type: ignore[operator]
    assert set(late["EVENT_TIME"].dt.hour()) == {2, 3, 4}
    assert late["CHANNEL"].unique().to_list() == ["wallet"]
    assert late["AMOUNT"].is_between(15, 30).all()


def test_before_the_new_pattern_nothing_tells_when_it_will_start() -> None:
    settings = {"preset": "rich", "days": 30, "customers": 300, "terminals": 600}
    early = whole(Simulation(**settings, late_pattern_day=15), "EVENT_TIME")  # type: ignore[arg-type]
    never = whole(Simulation(**settings, late_pattern_day=1_000), "EVENT_TIME")  # type: ignore[arg-type]
    assert early.filter(pl.col("day") < 15).equals(never.filter(pl.col("day") < 15))
    assert "wallet_enrolment" in set(early["FRAUD_TYPE"])
    assert "wallet_enrolment" not in set(never["FRAUD_TYPE"])


def test_reports_take_from_hours_to_sixty_days(rich: pl.DataFrame) -> None:
    frauds = rich.filter(pl.col("IS_FRAUD") == 1)
    assert frauds["REPORTED_AT"].null_count() == 0
    assert rich.filter(pl.col("IS_FRAUD") == 0)["REPORTED_AT"].null_count() == rich.height - frauds.height
    days = (frauds["REPORTED_AT"] - frauds["EVENT_TIME"]).dt.total_seconds() / 86400
    assert days.min() >= 2 / 24  # type: ignore[operator]
    assert 40 < days.max() <= 60  # type: ignore[operator]
    assert days.quantile(0.1) < 1  # type: ignore[operator]


def test_who_never_reports_passes_for_genuine() -> None:
    settings = {"preset": "rich", "days": 60, "customers": 1_000, "terminals": 2_000}
    every = whole(Simulation(**settings, unreported_share=0.0), "EVENT_TIME")  # type: ignore[arg-type]
    half = whole(Simulation(**settings, unreported_share=0.5), "EVENT_TIME")  # type: ignore[arg-type]
    hidden = ["IS_FRAUD", "FRAUD_TYPE", "REPORTED_AT"]
    assert every.drop(hidden).equals(half.drop(hidden))
    assert half["IS_FRAUD"].sum() / every["IS_FRAUD"].sum() == pytest.approx(0.5, abs=0.2)


def test_no_column_but_the_fraud_type_gives_the_label_away(rich: pl.DataFrame) -> None:
    for column in ("CATEGORY", "CHANNEL", "COUNTRY"):
        shares = rich.group_by(column).agg(pl.col("IS_FRAUD").mean())["IS_FRAUD"].to_numpy()
        assert np.all(shares < 0.3)
