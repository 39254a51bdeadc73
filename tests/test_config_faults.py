"""What a configuration must not hold: each fault is one line with where, what was expected, what was found."""

import math
from pathlib import Path
from typing import Any

import pytest

from fraud.cli.main import main
from fraud.config import (
    ColumnsConfig,
    DatasetConfig,
    FeaturesConfig,
    LabelsConfig,
    LabelSpec,
    PolicyConfig,
    PromotionConfig,
    RunConfig,
    SplitConfig,
    TextSpec,
    TimeSpec,
    TrainingConfig,
    load_config,
)
from fraud.errors import ConfigError, RetiredKeyWarning

MINIMAL = """
[dataset]
name = "bank"
[columns]
event_time = "ts"
is_fraud = "fraud"
amount = "amt"
fraud_type = "kind"
label_time = "reported"
entities = { card = "pan" }
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(MINIMAL)
    return path


FAULTS = [
    ("labels", "dealy_days", "3", "[labels]: unknown key 'dealy_days'; known keys: delay_days, maturity_days. Did"),
    ("label", "delay_days", "3", "unknown section [label]; known sections: dataset, columns, labels"),
    ("dataset", "name", "../evil", "[dataset]: name must be letters, digits, '-' and '_' alone, found '../evil'"),
    ("dataset", "name", "", "[dataset]: name must be letters"),
    # What a number may be.
    ("training", "max_steps", "many", "[training]: max_steps must be a whole number, found 'many'"),
    ("training", "max_steps", "0.5", "[training]: max_steps must be a whole number, found 0.5"),
    ("training", "batch_size", "1", "[training]: batch_size must be 2 or more, found 1"),
    ("training", "seed", "-1", "[training]: seed must be 0 or more, found -1"),
    ("training", "weight_decay", "-1", "[training]: weight_decay must be 0 or more, found -1"),
    ("promotion", "margin", "-5", "[promotion]: margin must be 0 or more, found -5"),
    ("promotion", "margin", "1", "[promotion]: margin must be 0.25 or less, found 1"),
    ("network", "hidden", "64,0", "[network]: hidden[1] must be 1 or more, found 0"),
    ("labels", "delay_days", "1e10", "[labels]: delay_days must be 36,500 or less, found 10000000000.0"),
    ("labels", "delay_days", "1e300", "[labels]: delay_days must be 36,500 or less, found 1e+300"),
    ("labels", "maturity_days", "1e10", "[labels]: maturity_days must be 36,500 or less, found 10000000000.0"),
    ("split", "test", "-1", "[split]: test must be above 0, found -1"),
    ("split", "test", "inf", "[split]: test must be a finite number, found inf"),
    ("policy", "value", "0", "[policy]: value must be above 0, found 0"),
    ("policy", "kind", "luck", "[policy]: kind must be 'alerts_per_day', 'alert_rate', 'max_fpr', 'min_precision' or"),
    ("comparison", "margin", "0.3", "[comparison]: margin must be 0.25 or less, found 0.3"),
    # What a text may be.
    ("features", "windows", "7x", "[features]: windows[0] must be a number and m, h, d or w, as '7d', at most 36,500"),
    ("features", "windows", "²d", "[features]: windows[0] must be a number and m, h, d or w"),
    ("features", "windows", "99999999w", "at most 36,500 days; found '99999999w'"),
    ("comparison", "strategies", "none,none", "[comparison]: strategies names 'none' twice; name it once"),
    ("comparison", "strategies", "[]", "[comparison]: strategies must hold 1 or more, found []"),
    ("split", "as_of", "soon", "[split]: as_of must be an ISO date, as '2018-09-01', found 'soon'"),
    ("columns", "text", '{encoding="base64"}', "text.encoding must be an encoding of text, as utf-16 or cp1252, found"),
    ("columns", "text", '{encoding="zlib"}', "text.encoding must be an encoding of text"),
    ("columns", "text", '{encoding="rot13"}', "text.encoding must be an encoding of text"),
    ("columns", "text", '{encoding="hex"}', "text.encoding must be an encoding of text"),
    ("columns", "text", '{encoding="utf-99"}', "text.encoding must be an encoding of text"),
    ("columns", "text", "{separator='\"'}", "text.separator must be one ASCII character other than a quote or a line"),
    ("columns", "text", '{separator="\\n"}', "text.separator must be one ASCII character"),
    ("columns", "text", '{separator=";;"}', "text.separator must be one ASCII character"),
    ("columns", "text", "{skip_lines=-1}", "[columns]: text.skip_lines must be 0 or more, found -1"),
    ("columns", "text", '{header=["a", "a"]}', "[columns]: text.header names 'a' twice"),
    ("columns", "text", '{seperator=";"}', "unknown key 'text.seperator'; known keys: separator, encoding, skip_lines"),
    # How a time may be written.
    ("columns", "event_time", "{column='a', columns=['b']}", "[columns]: event_time takes column or columns, not both"),
    ("columns", "label_time", "{column='a', columns=['b']}", "[columns]: label_time takes column or columns, not both"),
    ("columns", "label_time", '"row order"', 'label_time must name a column, found "row order"'),
    ("columns", "event_time", "{column='a', timezone='Mars/Phobos'}", "event_time.timezone must be a known time zone"),
    ("columns", "event_time", "{column='a', timezone='Europe/Brussel'}", "Did you mean 'Europe/Brussels'?"),
    ("columns", "event_time", "{column='a', timezone='Europe'}", "event_time.timezone must be a known time zone"),
    ("columns", "event_time", "{column='a', unit='s', origin='tomorrow'}", "event_time.origin must be an ISO date, as"),
    ("columns", "event_time", "{column='a', unit='s', format='%Y'}", "event_time takes unit or format, not both"),
    ("columns", "event_time", "{column='a', unit='s', timezone='Asia/Tokyo'}", "event_time takes no timezone beside a"),
    (
        "columns",
        "event_time",
        "{column='a', unit='week'}",
        "event_time.unit must be 'us', 'ms', 's', 'min', 'h' or 'd'",
    ),
    ("columns", "event_time", "{colum='a'}", "unknown key 'event_time.colum'; known keys: column, columns, unit"),
    ("columns", "event_time", "{column=''}", "event_time.column must not be empty"),
    ("columns", "event_time", "5", "[columns]: event_time must be a table, as { key = value }, found 5"),
    # Which roles one column may have.
    ("columns", "amount", "fraud", "'fraud' is the label, known only afterwards; it must not be amount as well"),
    ("columns", "event_time", '"fraud"', "'fraud' is the label, known only afterwards; it must not be event_time"),
    ("columns", "numeric", "fraud", "'fraud' is the label, known only afterwards; it must not be numeric"),
    ("columns", "categorical", "kind", "'kind' is the fraud_type, known only afterwards; it must not be categorical"),
    ("columns", "numeric", "ts", "'ts' is the event_time; it must not be numeric as well: take it out of there"),
    ("columns", "numeric", "reported", "'reported' is the label_time, known only afterwards; it must not be numeric"),
    ("columns", "categorical", "reported", "'reported' is the label_time, known only afterwards; it must not be cat"),
    ("columns", "entities", '{card="reported"}', "'reported' is the label_time, known only afterwards; it must not be"),
    ("columns", "entities", '{card="pan", payer="pan"}', "entities card and payer are the same column 'pan'; keep one"),
    ("columns", "entities", '{""="pan"}', "an entity or a column has an empty name; give it one"),
    ("columns", "entities", "{card=5}", "[columns]: entities.card must be text, found 5"),
    ("columns", "numeric", "amount", "'amount' is a word of the canonical table"),
    ("columns", "numeric", "a,a", "'a' has two roles"),
    # The label.
    (
        "columns",
        "is_fraud",
        '{column="f", genuine=[""], unknown=[""]}',
        'is_fraud has "", an empty cell, under genuine',
    ),
    ("columns", "is_fraud", '{column="f", fraud=[nan]}', "is_fraud.fraud[0] must be text, a finite number, true or"),
    ("columns", "is_fraud", "{fraud=[1]}", "[columns]: key 'is_fraud.column' is missing; it has no default"),
]


@pytest.mark.parametrize(("section", "key", "text", "message"), FAULTS)
def test_a_wrong_value_is_one_line_with_its_place(toml: Path, section: str, key: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(toml, {section: {key: text}})
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(toml))
    assert "\n" not in str(caught.value)


NUMBERS = [
    (section, key, bad)
    for section, keys in {
        "labels": ("delay_days", "maturity_days"),
        "split": ("train", "validation", "test"),
        "network": ("dropout",),
        "training": ("learning_rate", "weight_decay", "batch_size", "seed"),
        "comparison": ("margin", "seeds", "tuning_trials", "row_cap"),
        "policy": ("value", "review_cost", "loss_share"),
        "promotion": ("margin",),
        "engine": ("jobs", "memory_rows"),
    }.items()
    for key in keys
    for bad in ("nan", "inf", "-1", "1" + "0" * 400)
]


@pytest.mark.parametrize(("section", "key", "text"), NUMBERS)
def test_no_number_is_nan_infinite_negative_or_beyond_all_bounds(toml: Path, section: str, key: str, text: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[{section}\]: {key} must be .*, found ") as caught:
        load_config(toml, {section: {key: text}})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("lengths", "fits"),
    [
        ({"validation": 0.2, "test": 0.3}, True),
        ({"train": 0.7, "validation": 0.1, "test": 0.2}, True),
        ({"train": 0.2, "validation": 0.4, "test": 0.4}, True),
        ({"train": 0.5, "validation": 14, "test": 14}, True),
        ({"train": 0.5, "validation": 0.5, "test": 0.5}, False),
        ({"train": 0.5, "validation": 0.3, "test": 0.3}, False),
        ({"validation": 0.5, "test": 0.5}, False),
        ({"train": 30, "validation": 0.5, "test": 0.5}, False),
    ],
)
def test_shares_leave_something_to_train_on(lengths: dict[str, float], *, fits: bool) -> None:
    if fits:
        assert SplitConfig(**lengths).test == lengths["test"]
        return
    with pytest.raises(ConfigError, match=r"shares must leave something to train on: train .* make them smaller"):
        SplitConfig(**lengths)


def test_a_share_policy_is_below_1() -> None:
    with pytest.raises(ConfigError, match="PolicyConfig: value must be below 1, as alert_rate is a share, found 100"):
        PolicyConfig(kind="alert_rate")


TIME = TimeSpec(column="ts")
IN_PYTHON = [
    (SplitConfig, {"test": -1}, "SplitConfig: test must be above 0, found -1"),
    (SplitConfig, {"test": math.nan}, "SplitConfig: test must be a finite number, found nan"),
    (
        SplitConfig,
        {"tset": 3},
        "SplitConfig: unknown key 'tset'; known keys: train, validation, test, folds, as_of. Did you",
    ),
    (LabelsConfig, {"delay_days": 1e10}, "LabelsConfig: delay_days must be 36,500 or less"),
    (PromotionConfig, {"margin": -5}, "PromotionConfig: margin must be 0 or more, found -5"),
    (TrainingConfig, {"weight_decay": -1}, "TrainingConfig: weight_decay must be 0 or more"),
    (TextSpec, {"encoding": "rot13"}, "TextSpec: encoding must be an encoding of text"),
    (TimeSpec, {"column": "a", "columns": ("b",)}, "TimeSpec: takes column or columns, not both"),
    (TimeSpec, {"column": "a", "unit": "s", "format": "%Y"}, "TimeSpec: takes unit or format, not both"),
    (LabelSpec, {}, "LabelSpec: key 'column' is missing"),
    (ColumnsConfig, {"event_time": TIME, "numeric": ("ts",)}, "ColumnsConfig: 'ts' is the event_time; it must not be"),
    (DatasetConfig, {"name": ""}, "DatasetConfig: name must be letters"),
    (RunConfig, {"dataset": DatasetConfig(name="a"), "columns": 3}, "RunConfig: columns must be a table"),
]


@pytest.mark.parametrize(("owner", "values", "message"), IN_PYTHON)
def test_a_section_made_in_python_is_checked_too(owner: type, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        owner(**values)
    assert str(caught.value).startswith(message)


def test_python_may_use_the_short_forms_of_toml() -> None:
    columns = ColumnsConfig(event_time="ts", is_fraud="fraud", numeric=["a"])  # type: ignore[arg-type]
    assert columns == ColumnsConfig(event_time=TIME, is_fraud=LabelSpec(column="fraud"), numeric=("a",))
    assert FeaturesConfig(windows=["1d"]).windows == ("1d",)  # type: ignore[arg-type]


def test_a_section_cannot_be_changed_and_serves_as_a_key() -> None:
    with pytest.raises(AttributeError):
        SplitConfig().test = 3  # type: ignore[misc]
    assert hash(SplitConfig(test=30)) == hash(SplitConfig())


@pytest.mark.parametrize("date", ["2018-09-01", "2018-09-01T10:00:00+02:00"])
def test_a_date_may_stand_without_quotes(date: str) -> None:
    quoted, bare = (load_config(f"{MINIMAL}[split]\nas_of = {text}\n") for text in (f'"{date}"', date))
    assert quoted == bare
    assert bare.split.as_of == date


def test_an_address_that_is_not_text_is_not_shown() -> None:
    with pytest.raises(ConfigError, match="store must be s3://") as caught:
        DatasetConfig(name="a", store=["s3://user:SECRET@bank/cards"])  # type: ignore[arg-type]
    assert "SECRET" not in str(caught.value)


def test_a_number_of_thousands_of_digits_is_one_line(toml: Path) -> None:
    toml.write_text(f"{MINIMAL}[training]\nseed = {'1' * 5000}\n")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_config(toml)
    with pytest.raises(ConfigError, match=r"\[training\]: seed must be"):
        load_config(MINIMAL, {"training": {"seed": "1" * 5000}})


def test_a_deeply_nested_override_is_one_line(toml: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[columns\]: text must be"):
        load_config(toml, {"columns": {"text": "[" * 100_000 + "]" * 100_000}})


def test_an_override_of_what_is_no_section_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"'split' must be a section, \[split\], found 3"):
        load_config(f"split = 3\n{MINIMAL}", {"split": {"test": "5"}})


def test_a_key_with_a_line_break_does_not_break_the_line() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(f'{MINIMAL}[labels]\n"a\\nb" = 1\n')
    assert "unknown key 'a b'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("section", "key"), [("training", "patience"), ("comparison", "resamples")])
def test_a_key_of_an_earlier_version_is_warned_about_and_ignored(section: str, key: str, toml: Path) -> None:
    with pytest.warns(RetiredKeyWarning, match=rf"\[{section}\]: {key} has no effect; .*; delete the line"):
        config = load_config(toml, {section: {key: "6"}})
    assert config == load_config(toml)


def test_the_command_line_warns_of_an_earlier_key_in_one_line(toml: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["models", "--config", str(toml), "--workspace", str(toml.parent), "--training.patience", "6"])
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "patience" in line]
    assert line.startswith("warning: ")
