"""Sections of a retraining: the promotion decision, and what has changed since the champion was trained."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fraud.reporting.evidence_values import Cell, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_DRIFT = ("evidence", "drift")
_RULES = {
    "better": "The challenger is promoted if it is shown to find more frauds: the whole interval is above 0.",
    "not-worse": "The challenger is promoted if its training data are newer and it is shown not to find fewer frauds "
    "by more than the margin: the whole interval is above minus the margin.",
    "always": "Every challenger is promoted, whatever the figures.",
    "never": "No challenger is promoted automatically: a person decides.",
}


def decision(view: RunView) -> Section | None:
    """The rule, its figures, and the outcome."""
    decided = view.report.get("decision")
    if not decided or "rule" not in decided:
        return None
    return Section(
        name="decision",
        title="Which rule decided?",
        text=((_RULES.get(decided["rule"], f"The rule was {decided['rule']}."),),),
        points=tuple(_decision_points(view, decided)),
    )


def _decision_points(view: RunView, decided: Mapping[str, Any]) -> Iterator[Sentence]:
    at = ("report", "decision")
    against = view.against("challenger", "champion")
    if "found" in decided:
        yield ("The challenger finds ", EvidenceValue((*at, "found"), "text"), ".")
    elif against is not None:
        yield ("Challenger against champion: ", against.difference, " [", against.low, ", ", against.high, "]",
               " points of 100 frauds.")  # fmt: skip
    if decided["rule"] == "not-worse":
        yield ("The margin is ", EvidenceValue((*at, "margin"), "percent_number"), " of 100.")
    if "fresher" in decided:
        yield (
            "Compared with the champion's, the challenger's training data end ",
            EvidenceValue((*at, "fresher"), "text"),
            ".",
        )
    versions = (EvidenceValue((*at, "champion"), "text"), EvidenceValue((*at, "challenger"), "text"))
    outcome = "was promoted" if decided["promote"] else "was not promoted"
    yield ("Champion: version ", versions[0], ". Challenger: version ", versions[1], f", which {outcome}.")


def drift(view: RunView) -> Section | None:
    """What has changed since the champion was trained: features, its scores, the prevalence."""
    found = view.evidence.get("drift")
    if not found:
        return None
    at = _DRIFT
    text: Sentence = (
        "The ",
        EvidenceValue((*at, "current_rows"), "count"),
        " transactions since the champion was trained, against the ",
        EvidenceValue((*at, "reference_rows"), "count"),
        " that it was chosen and tested on. Only what changed more than normal variation over such a time is flagged.",
    )
    return Section(
        name="drift",
        title="What has changed since the champion was trained?",
        text=(text,),
        points=_drift_points(found),
        tables=(_drift_table(found),) if found["features"] else (),
    )


def _drift_points(found: Mapping[str, Any]) -> tuple[Sentence, ...]:
    sentences = tuple((EvidenceValue((*_DRIFT, "sentences", n), "text"),) for n in range(len(found["sentences"])))
    notes = tuple((EvidenceValue((*_DRIFT, "notes", n), "text"),) for n in range(len(found["notes"])))
    nothing: tuple[Sentence, ...] = ()
    if not sentences and found["judged"]:
        nothing = (("Nothing changed more than its normal variation.",),)
    return (*(sentences or nothing), *notes)


def _drift_table(found: Mapping[str, Any]) -> Table:
    measured = ("psi", "psi_limit", "ks", "ks_limit")

    def row(at: tuple[str | int, ...], one: Mapping[str, Any]) -> tuple[Cell, ...]:
        numbers = (EvidenceValue((*at, key), "decimal") for key in measured)
        shares = (EvidenceValue((*at, key), "percent") for key in ("missing_before", "missing_now"))
        return (EvidenceValue((*at, "name"), "text"), *numbers, *shares, "changed" if one["flagged"] else "")

    rows = [row((*_DRIFT, "features", index), one) for index, one in _farthest_first(found["features"])]
    if found.get("score"):
        rows.insert(0, row((*_DRIFT, "score"), found["score"]))
    return Table(
        caption="Every feature, the largest change first: PSI and KS with their limits, share of missing values",
        columns=("feature", "PSI", "PSI limit", "KS", "KS limit", "missing before", "missing now", "flag"),
        rows=tuple(rows),
        wordy=("flag",),
        folded=True,
    )


def _farthest_first(features: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    def far(one: tuple[int, Mapping[str, Any]]) -> float:
        return float((one[1]["psi"] or 0) / (one[1]["psi_limit"] or 1))

    return sorted(enumerate(features), key=far, reverse=True)
