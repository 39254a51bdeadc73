"""What sections read from a run: which strategy leads, and the sign of each comparison."""

import json

import pytest
from example_rows import comparison
from examples import evidence, report, retrain, tiny

from fraud.reporting.breakdowns import types
from fraud.reporting.budget import budget
from fraud.reporting.calibration import calibration
from fraud.reporting.evidence_values import EvidenceValue, Sentence
from fraud.reporting.feature_importance import features
from fraud.reporting.first_screen import first_screen, last_day
from fraud.reporting.performance import measures
from fraud.reporting.run_view import RunView
from fraud.reporting.threshold import frozen_threshold


def texts(view: RunView, *values: EvidenceValue) -> list[str]:
    """Values in their formats."""
    return [value.text(view.root) for value in values]


@pytest.mark.parametrize(("a", "b", "sign"), [("none", "weight-sqrt", 1), ("weight-sqrt", "none", -1)])
def test_a_comparison_has_the_sign_of_its_row(a: str, b: str, sign: int) -> None:
    changed = report() | {"comparisons": [comparison(a, b, sign * -0.05, 0.02)]}
    against = RunView(changed, {}).against("none", "weight-sqrt")
    assert against is not None
    shown = texts(RunView(changed, {}), against.difference, against.low, against.high)
    assert shown == ["\u22125.0", "\u22127.0", "\u22123.0"]
    assert against.verdict == "finds fewer"
    back = RunView(changed, {}).against("weight-sqrt", "none")
    assert back is not None
    assert texts(RunView(changed, {}), back.difference, back.low, back.high) == ["+5.0", "+3.0", "+7.0"]
    assert back.verdict == "finds more"


def test_only_recall_is_compared() -> None:
    other = comparison("none", "weight-sqrt", -0.05, 0.02) | {"metric": "average_precision"}
    assert RunView(report() | {"comparisons": [other]}, {}).against("none", "weight-sqrt") is None


def test_the_strategy_that_validation_chose_leads_even_where_another_found_more() -> None:
    changed = report() | {
        "champion": {"strategy": "none", "seeds": [0], "version": None, "trained_until": "2018-05-01"}
    }
    view = RunView(changed, {})
    assert view.leading == "none"
    assert view.names[0] == "weight-sqrt"
    figure = first_screen(view).key_figures[0].headline[0]
    assert isinstance(figure, EvidenceValue)
    assert figure.text(view.root) == "70"


def test_without_a_choice_the_highest_recall_leads() -> None:
    view = RunView(*tiny())
    assert (view.leading, view.leading_words) == ("weight-sqrt", "highest recall")


def test_the_champion_of_a_retrain_comes_first() -> None:
    view = RunView(*retrain())
    assert view.names == ("champion", "challenger")
    assert first_screen(view).forest.against == "against the champion"


@pytest.mark.parametrize(("promote", "serving"), [(True, "challenger"), (False, "champion")])
def test_the_figures_at_the_top_are_those_of_the_model_that_will_serve(promote: bool, serving: str) -> None:
    again, curves = retrain()
    screen = first_screen(RunView(again | {"decision": {"promote": promote}}, curves))
    assert screen.subject.startswith(f"Figures of the {serving} ")
    figure = screen.key_figures[0].headline[0]
    assert isinstance(figure, EvidenceValue)
    assert figure.at[:3] == ("report", "strategies", ["champion", "challenger"].index(serving))


def test_equivalence_names_the_margin_of_the_run() -> None:
    changed = report() | {"comparisons": [comparison("none", "weight-sqrt", 0.001, 0.005)]}
    against = RunView(changed, evidence()).against("none", "weight-sqrt")
    assert against is not None
    assert against.verdict == "equivalent (within 2 of 100)"


def test_a_strategy_without_an_interval_shows_none() -> None:
    view = RunView(*tiny())
    line = next(line for line in first_screen(view).forest.lines if line.name == "none")
    assert (line.gauge.low, line.gauge.high) == (None, None)
    assert line.recall[1] == " (no interval)"


def test_the_scale_of_the_first_table_holds_every_interval() -> None:
    for parts in ((report(), evidence()), tiny(), retrain()):
        for line in first_screen(RunView(*parts)).forest.lines:
            assert 0 <= line.gauge.mean <= 100
            if line.gauge.low is not None and line.gauge.high is not None:
                assert 0 <= line.gauge.low <= line.gauge.mean <= line.gauge.high <= 100


@pytest.mark.parametrize(
    ("end", "day"),
    [
        ("2018-10-01T00:00:00+00:00", "2018-09-30"),
        ("2018-09-30", "2018-09-30"),
        ("2018-09-30T17:00:00+00:00", "2018-09-30"),
        ("row 90", "row 90"),
    ],
)
def test_a_window_that_ends_at_midnight_ends_the_day_before(end: str, day: str) -> None:
    assert last_day(end) == day


@pytest.mark.parametrize(
    ("text", "lead", "aside", "reasons", "details"),
    [
        (
            "Do this (chosen on validation): it finds 7.1 of 10 (or 8). A finds 6 (fewer: -1). B does too. And C.",
            "Do this:",
            "Chosen on validation.",
            "it finds 7.1 of 10 (or 8). A finds 6 (fewer: -1).",
            ("B does too.", "And C."),
        ),
        ("Do this (chosen on validation). It finds 7.", "Do this.", "Chosen on validation.", "It finds 7.", ()),
        ("Champion 4 stays: 2 more, or 3; so it is.", "Champion 4 stays:", "", "2 more, or 3; so it is.", ()),
        ("No full stop", "No full stop", "", "", ()),
        ("Take A (or B) now. Then C. Then D.", "Take A (or B) now.", "", "Then C.", ("Then D.",)),
    ],
)
def test_two_sentences_of_the_answer_open_the_page_and_the_others_follow(
    text: str, lead: str, aside: str, reasons: str, details: tuple[str, ...]
) -> None:
    changed = report()
    changed["answer"]["text"] = text
    screen = first_screen(RunView(changed, {}))
    assert (screen.answer, screen.aside, screen.reasons, screen.details) == (lead, aside, reasons, details)


@pytest.mark.parametrize(
    ("seeds", "expected"), [([7, 8], "found by the mean of the networks with seeds 7, 8"), ([7], "")]
)
def test_a_figure_of_several_networks_names_them(seeds: list[int], expected: str) -> None:
    changed = report()
    changed["champion"]["seeds"] = seeds
    view = RunView(changed, {})
    note = first_screen(view).key_figures[0].note
    assert "".join(part if isinstance(part, str) else part.text(view.root) for part in note) == expected


@pytest.mark.parametrize(("promote", "serving"), [(True, "challenger"), (False, "champion")])
def test_after_a_promotion_slider_bold_line_and_targets_are_those_of_the_model_in_use(
    promote: bool, serving: str
) -> None:
    again, curves = retrain()
    names = ("champion", "challenger")
    reliable = {"raw": [{"score": 0.1, "observed": 0.1, "count": 9}, {"score": 0.5, "observed": 0.4, "count": 9}]}
    days = [
        {"day": f"2018-09-{n:02}", "transactions": 9, "frauds": 1, "promised": 1.0}
        | {key: dict.fromkeys(names, 1.0) for key in ("achieved", "caught")}
        for n in (1, 2, 3)
    ]
    curves |= {"reliability": dict.fromkeys(names, reliable), "daily": days}
    view = RunView(again | {"decision": {"promote": promote}}, curves)
    slides, targets, scores = budget(view), frozen_threshold(view), calibration(view)
    assert slides is not None
    assert slides.slider is not None
    assert slides.slider.leading == serving
    captions = [chart.caption for one in (slides, targets, scores) if one for chart in one.charts]
    assert f"the bold line is the {serving}, in use" in captions[0]
    assert captions[1].startswith(f"Alerts of the {serving} by day")
    assert captions[-1].startswith(f"Score against observed frauds for the {serving}:")


@pytest.mark.parametrize(
    ("recalls", "words"),
    [
        ((0.9, 0.2), "Most of the frauds that weight-sqrt misses are of kind b: recall on its 100 frauds is "),
        ((0.2, 0.9), "Most of the frauds that weight-sqrt misses are of kind a: recall on its 100 frauds is "),
    ],
)
def test_the_kind_most_missed_follows_from_the_figures(recalls: tuple[float, float], words: str) -> None:
    changed = report()
    kinds = [
        {"fraud_type": kind, "frauds": 100, "recall": {"mean": recall, "low": recall - 0.1, "high": recall + 0.1}}
        for kind, recall in zip("ab", recalls, strict=True)
    ]
    for row in changed["strategies"]:
        row["recall_by_type"] = kinds
    view = RunView(changed, {})
    section = types(view)
    assert section is not None
    assert words in "".join(part if isinstance(part, str) else part.text(view.root) for part in section.text[1])


def sentence(view: RunView, parts: Sentence) -> str:
    """A sentence with its values in their formats."""
    text = "".join(part.text(view.root) if isinstance(part, EvidenceValue) else part for part in parts)
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(("parts", "expected"), [(1, "the test window"), (3, "the latest part of the test window")])
def test_importance_is_of_what_the_newest_model_has_not_seen(parts: int, expected: str) -> None:
    split = report()["split"] | {"folds": [report()["split"]] * parts}
    view = RunView(report() | {"split": split}, evidence())
    section = features(view)
    assert section is not None
    assert f"The champion ranks {expected} with" in sentence(view, section.text[0])


@pytest.mark.parametrize(
    ("median", "most", "expected"),
    [
        (0.25, 3.5, "Half of these alerts come within 6 hours of the first fraud, nine in ten within 3.5 days of it."),
        (0.0, 3.5, "Half of these alerts come no later than the first fraud, nine in ten within 3.5 days of it."),
        (0.0, 0.0, "Nine in ten of these alerts come no later than the first fraud."),
    ],
)
def test_an_alert_at_the_first_fraud_is_not_called_within_0_days(median: float, most: float, expected: str) -> None:
    made = evidence()
    made["first_alert"]["weight-sqrt"] |= {"median_days": median, "nine_in_ten_days": most}
    view = RunView(report(), made)
    section = measures(view)
    assert section is not None
    assert expected in " ".join(sentence(view, one) for one in section.text)


def test_the_budget_chart_ends_at_a_point_of_its_lines() -> None:
    made = evidence()
    points = [1.0, 50.0, 100.0, 250.0, 500.0, 1000.0]
    made["budget"] = {"weight-sqrt": dict.fromkeys(("alerts_per_day", "recall", "precision"), points)}
    section = budget(RunView(report(), made))
    assert section is not None
    assert '"domain": [0, 500.0]' in json.dumps(section.charts[0].spec)
