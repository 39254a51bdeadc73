"""Presets and configs: they name every column of their data set, and nothing else."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest

from fraud.config import ROW_ORDER, RunConfig, load_config
from fraud.data.presets import PRESETS, preset, preset_columns
from fraud.errors import ConfigError
from fraud.imbalance.strategies import strategy_names
from fraud.simulation.dumps import PresetName, Simulation, simulate

ROOT = Path(__file__).parents[2]
CONFIGS = [*sorted((ROOT / "pipelines" / "configs").glob("*.toml")), ROOT / "fraud" / "cli" / "demo.toml"]

HEADERS = {
    "handbook": "TRANSACTION_ID TX_DATETIME CUSTOMER_ID TERMINAL_ID TX_AMOUNT TX_TIME_SECONDS TX_TIME_DAYS TX_FRAUD "
    "TX_FRAUD_SCENARIO",
    "creditcard": "Time V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23 V24 V25 V26 "
    "V27 V28 Amount Class",
    "paysim": "step type amount nameOrig oldbalanceOrg newbalanceOrig nameDest oldbalanceDest newbalanceDest isFraud "
    "isFlaggedFraud",
    "sparkov": "trans_date_trans_time cc_num merchant category amt first last gender street city state zip lat long "
    "city_pop job dob trans_num unix_time merch_lat merch_long is_fraud",
    "banksim": "step customer age gender zipcodeOri merchant zipMerchant category amount fraud",
    "baf": "fraud_bool income name_email_similarity prev_address_months_count current_address_months_count "
    "customer_age days_since_request intended_balcon_amount payment_type zip_count_4w velocity_6h "
    "velocity_24h velocity_4w bank_branch_count_8w date_of_birth_distinct_emails_4w employment_status "
    "credit_risk_score email_is_free housing_status phone_home_valid phone_mobile_valid bank_months_count "
    "has_other_cards proposed_credit_limit foreign_request source session_length_in_minutes device_os "
    "keep_alive_session device_distinct_emails_8w device_fraud_count month",
    "s_ffsd": "Time Source Target Amount Location Type Labels",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_preset_names_every_column_of_its_data_once(name: str) -> None:
    columns = preset_columns(name)
    named = [*columns.mapped(), *columns.ignore]
    assert sorted(named) == sorted(HEADERS[name].split())


@pytest.mark.parametrize("name", ["handbook", "rich"])
def test_a_preset_names_every_column_of_the_simulated_dumps(name: PresetName) -> None:
    _, frame = next(simulate(Simulation(preset=name, days=2, customers=100, terminals=300)))
    assert sorted(preset_columns(name).mapped()) == sorted(frame.columns)
    assert not frame.select(pl.selectors.categorical() | pl.selectors.enum()).columns


def test_ieee_cis_has_its_434_columns() -> None:
    columns = preset_columns("ieee-cis")
    assert len(columns.mapped()) == 434
    assert len([name for name in columns.numeric if name.startswith("V")]) == 339


def test_what_tells_the_outcome_has_no_role() -> None:
    assert {"oldbalanceOrg", "newbalanceDest", "isFlaggedFraud"} <= set(preset_columns("paysim").ignore)
    assert preset_columns("handbook").fraud_type == "TX_FRAUD_SCENARIO"
    assert "device_fraud_count" in preset_columns("baf").ignore


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_config_that_can_be_read_back(name: str) -> None:
    config = RunConfig.from_mapping(preset(name))
    assert config.dataset.name == name
    assert RunConfig.from_mapping(tomllib.loads(config.to_toml())) == config


def test_a_preset_is_a_copy() -> None:
    preset("handbook")["columns"]["entities"]["card"] = "CARD"
    assert "card" not in preset("handbook")["columns"]["entities"]


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown 'handbok'; known presets: handbook, .*Did you mean 'handbook'\?"):
        preset("handbok")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_is_complete(path: Path) -> None:
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(sections) == {entry.name for entry in fields(RunConfig)}
    optional = {
        "columns": {"transaction_id", "label_time", "fraud_type", "text"},
        "split": {"as_of"},
        "dataset": {"accept", "store"},
        "features": {"trusted"},
        "engine": {"memory_rows"},
    }
    optional["policy"] = {"review_cost", "loss_share"}
    for entry in fields(RunConfig):
        known = {key.name for key in fields(entry.type)}  # type: ignore[arg-type]
        assert known - set(sections[entry.name]) <= optional.get(entry.name, set())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_maps_columns_as_its_preset_does(path: Path) -> None:
    name = "handbook" if path.stem in {"demo", "laboratory"} else path.stem
    config = load_config(path)
    assert config.dataset.name == ("handbook" if path.stem == "laboratory" else path.stem)
    assert config.columns == preset_columns(name)


def test_the_configs_of_the_data_at_hand_exist() -> None:
    assert {"handbook", "creditcard", "s_ffsd", "demo"} <= {path.stem for path in CONFIGS}


def test_the_laboratory_differs_from_the_handbook_in_strategies_seeds_and_corrections_alone() -> None:
    handbook, laboratory = (load_config(path) for path in CONFIGS if path.stem in {"handbook", "laboratory"})
    assert set(laboratory.comparison.strategies) == set(strategy_names())
    few = {name: getattr(handbook.comparison, name) for name in ("strategies", "seeds", "corrections")}
    assert replace(laboratory, comparison=replace(laboratory.comparison, **few)) == handbook


def test_the_order_of_rows_stands_for_time_in_s_ffsd() -> None:
    assert preset("s_ffsd")["columns"]["event_time"] == ROW_ORDER
    assert preset_columns("s_ffsd").event_time.is_row_order
