"""What breaks schema 2 is named in one line: where, what was expected, what was found."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from examples import evidence, laboratory, report, retrain, tiny, write_run
from hostile_example import hostile

from fraud.errors import ReportError
from fraud.reporting.report import render_report
from fraud.reporting.schema import read_json, validate_evidence, validate_report

Change = Callable[[dict[str, Any]], Any]

BROKEN_REPORTS: dict[str, tuple[Change, str]] = {
    "another schema": (lambda r: r.update(schema=1), r"schema: expected 2, found 1"),
    "a missing key": (lambda r: r["dataset"].pop("frauds"), r"dataset: expected the key 'frauds'"),
    "an unknown kind": (lambda r: r.update(kind="guess"), r"kind: expected one of compare, retrain, found 'guess'"),
    "text for a number": (
        lambda r: r["strategies"][2]["recall"].update(mean="0.7"),
        r"strategies/2/recall/mean: expected number, found '0.7'",
    ),
    "a share in per cent": (
        lambda r: r["dataset"].update(prevalence=84.0),
        r"dataset/prevalence: expected a maximum of 1, found 84.0",
    ),
    "a negative count": (
        lambda r: r["dataset"].update(frauds=-1),
        r"dataset/frauds: expected a minimum of 0, found -1",
    ),
    "no strategy": (lambda r: r.update(strategies=[]), r"strategies: expected at least 1, found \[\]"),
    "a name twice": (
        lambda r: r["strategies"].append(r["strategies"][0]),
        r"strategies: 'none' is there twice",
    ),
    "a margin in per cent": (lambda r: r.update(margin=2.0), r"margin: expected a maximum of 1, found 2.0"),
    "an unknown rule": (
        lambda r: r.update(decision={"promote": True, "rule": "maybe"}),
        r"decision/rule: expected one of better, not-worse, always, never, found 'maybe'",
    ),
    "rows in gaps that are no count": (
        lambda r: r["split"].update(in_gaps=-3),
        r"split/in_gaps: expected a minimum of 0, found -3",
    ),
    "a most missed kind without its share": (
        lambda r: r["strategies"][0].update(most_missed={"fraud_type": "spree"}),
        r"strategies/0/most_missed: expected the key 'share_of_missed'",
    ),
    "a stranger compared": (
        lambda r: r["comparisons"][1].update(b="magic"),
        r"comparisons/1/b: expected a strategy of the report, found 'magic'",
    ),
}
BROKEN_EVIDENCE: dict[str, tuple[Change, str]] = {
    "lists of two lengths": (
        lambda e: e["budget"]["none"]["recall"].pop(),
        r"budget/none: expected lists of one length",
    ),
    "a day that is no date": (lambda e: e["daily"][3].update(day="Monday"), r"daily/3/day: "),
    "drift without its features": (
        lambda e: e.update(drift={"judged": True}),
        r"drift: ",
    ),
    "a rank before the first": (
        lambda e: e["examples"]["weight-sqrt"]["missed"][2].update(rank=0),
        r"examples/weight-sqrt/missed/2/rank: expected a minimum of 1, found 0",
    ),
    "a feature without its drop": (
        lambda e: e["importance"]["features"][1].pop("drop"),
        r"importance/features/1: expected the key 'drop'",
    ),
    "a group without frauds counted": (
        lambda e: e["breakdowns"]["none"]["hour"][0].update(frauds=None),
        r"breakdowns/none/hour/0/frauds: expected integer, found None",
    ),
    "a rule without a count": (
        lambda e: e["quarantine"].update(nan="many"),
        r"quarantine/nan: expected integer, found 'many'",
    ),
}


@pytest.mark.parametrize("parts", [(report(), evidence()), tiny(), retrain(), hostile(), laboratory()])
def test_the_examples_keep_the_schema(parts: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert complaint_of(validate_report, parts[0]) is None
    assert complaint_of(validate_evidence, parts[1]) is None


def test_further_keys_are_welcome_and_missing_ones_are_not() -> None:
    further = report() | {"drift": {"amount": 0.2}}
    assert complaint_of(validate_report, further) is None
    del further["dataset"]
    assert complaint_of(validate_report, further) is not None


def complaint_of(validate: Callable[[dict[str, Any]], None], document: dict[str, Any]) -> str | None:
    try:
        validate(document)
    except ReportError as error:
        return str(error)
    return None


@pytest.mark.parametrize("case", BROKEN_REPORTS)
def test_a_broken_report_is_named_in_one_line(case: str) -> None:
    change, message = BROKEN_REPORTS[case]
    broken = report()
    change(broken)
    with pytest.raises(ReportError, match=message) as caught:
        validate_report(broken, "runs/a/report.json")
    assert str(caught.value).startswith("runs/a/report.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", BROKEN_EVIDENCE)
def test_broken_evidence_is_named_in_one_line(case: str) -> None:
    change, message = BROKEN_EVIDENCE[case]
    broken = evidence()
    change(broken)
    with pytest.raises(ReportError, match=message) as caught:
        validate_evidence(broken)
    assert "\n" not in str(caught.value)


def test_a_long_value_does_not_make_a_long_message() -> None:
    broken = report() | {"strategies": {"x": "y" * 10_000}}
    with pytest.raises(ReportError) as caught:
        validate_report(broken)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("content", ["", "{", '{"recall": NaN}', "\udcff"])
def test_a_file_that_is_not_json_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ReportError, match=r"report\.json: is not valid JSON"):
        read_json(path)


def test_the_message_says_which_file(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(report()))
    del broken["policy"]
    with pytest.raises(ReportError, match=re.escape(str(tmp_path / "report.json"))):
        render_report(write_run(tmp_path, broken, evidence()))
