from pathlib import Path

import pytest

from fraud.config import ColumnsConfig, RunConfig, TimeSpec, load_config
from fraud.errors import ConfigError

MINIMAL = """
[dataset]
name = "bank"
[columns]
event_time = "ts"
is_fraud = "fraud"
amount = "amt"
fraud_type = "kind"
entities = { card = "pan" }
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(MINIMAL)
    return path


def test_the_resolved_configuration_reads_back_unchanged(toml: Path, tmp_path: Path) -> None:
    config = load_config(toml, {"training": {"max-steps": "17"}})
    again = tmp_path / "again.toml"
    again.write_text(config.to_toml())
    assert load_config(again) == config


@pytest.mark.parametrize(
    ("section", "key", "text", "value"),
    [
        ("training", "max-steps", "400", 400),
        ("training", "learning_rate", "1e-3", 1e-3),
        ("comparison", "strategies", "none,weight-sqrt", ("none", "weight-sqrt")),
        ("comparison", "strategies", '["none"]', ("none",)),
        ("network", "hidden", "64,32", (64, 32)),
        ("split", "as_of", "2018-08-01", "2018-08-01"),
        ("dataset", "name", "7", "7"),
    ],
)
def test_any_key_can_be_overridden(toml: Path, section: str, key: str, text: str, value: object) -> None:
    config = load_config(toml, {section: {key: text}})
    assert getattr(getattr(config, section), key.replace("-", "_")) == value


def test_short_and_long_forms_of_a_role_agree(toml: Path) -> None:
    assert load_config(toml).columns.event_time == TimeSpec(column="ts")
    ordered = load_config(toml, {"columns": {"event_time": "row order"}})
    assert ordered.columns.event_time.is_row_order


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "is not valid TOML"),
        ("x = 1", "unknown section [x]"),
        ("dataset = 1", "'dataset' must be a section"),
        ("[dataset]\nname='a'", "[columns] is missing"),
        ("[dataset]\nname='a'\n[columns]\nis_fraud='y'", "[columns]: key 'event_time' is missing"),
    ],
)
def test_a_broken_file_gets_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_deeply_nested_file_gets_one_short_line(toml: Path, depth: int) -> None:
    toml.write_text(f"{MINIMAL}ignore = {'[' * depth}{']' * depth}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(toml)
    assert str(toml) in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_path_in_a_string_and_toml_text_are_read_as_the_file_is(toml: Path) -> None:
    assert load_config(str(toml)) == load_config(MINIMAL) == load_config(toml)
    with pytest.raises(ConfigError, match=r"config: is not valid TOML"):
        load_config("x = [\n")
    with pytest.raises(ConfigError, match=r"a=1\.toml: cannot be read"):
        load_config("a=1.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        load_config(tmp_path / "nowhere.toml")


def test_maturity_follows_the_delay_unless_given() -> None:
    sections = {"dataset": {"name": "a"}, "columns": {"event_time": "t"}, "labels": {"delay_days": 3}}
    assert RunConfig.from_mapping(sections).labels.maturity == 3
    sections["labels"] = {"delay_days": 3, "maturity_days": 30}
    assert RunConfig.from_mapping(sections).labels.maturity == 30


def test_mapped_columns_are_those_with_a_role() -> None:
    columns = ColumnsConfig(event_time=TimeSpec(columns=("day", "hour")), amount="amt", entities={"card": "pan"})
    assert columns.mapped() == ("amt", "day", "hour", "pan")
