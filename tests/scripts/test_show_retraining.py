"""scripts/show_retraining.py on small streams of few steps: the line of each seed."""

import re

import pytest
import show_retraining

NUMBER = r"(?:\d\.\d{3}|nan)"
SIGNED = r"[+-]\d\.\d{3}"
LINES = {
    "pattern": (
        rf"seed 3: recall {NUMBER} before, champion {NUMBER}, challenger {NUMBER} \(-?\d+ % of the loss\); "
        r"wallet_enrolment (?:\d\.\d\d|nan) -> (?:\d\.\d\d|nan); drift (True|False); promoted (True|False)"
    ),
    "chance": (
        rf"seed 3: retraining {SIGNED} \[{SIGNED}, {SIGNED}\], later {SIGNED} on (\d+) frauds; "
        r"promoted (True|False); truly worse (True|False)(; PROMOTED THOUGH WORSE)?"
    ),
}


@pytest.mark.parametrize(("name", "customers"), [("pattern", 120), ("chance", 40)])
def test_a_line_a_seed(name: str, customers: int, capsys: pytest.CaptureFixture[str]) -> None:
    show_retraining.main([name, "--seeds", "1", "--first", "3", "--customers", str(customers), "--steps", "10"])
    line = capsys.readouterr().out.splitlines()[-1]
    found = re.fullmatch(LINES[name], line)
    assert found, line
    if name == "chance":
        assert int(found[1]) > 0
        assert bool(found[4]) == (found[2] == found[3] == "True")


def test_recall_on_a_kind_that_the_test_lacks_is_not_a_number() -> None:
    kinds = [{"fraud_type": "wallet_enrolment", "recall": {"mean": 0.25}}]
    assert show_retraining.recall_on_pattern({"recall_by_type": kinds}) == 0.25
    assert show_retraining.recall_on_pattern({"recall_by_type": []}) != 0.25
