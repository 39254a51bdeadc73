"""Sections of a retraining: what was decided by which rule, and what moved since the champion was made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fraud.reporting.evidence_values import Cell, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_DRIFT = ("evidence", "drift")
_RULES = {
    "better": "The challenger takes over where the data shows that it finds more frauds: the whole interval above 0.",
    "not-worse": "The challenger takes over where it learned from later data and the data rules out that it finds "
    "fewer frauds by more than the margin: the whole interval above minus the margin.",
    "always": "Every challenger takes over, whatever the figures say.",
    "never": "No challenger takes over by itself: the figures are for a person to decide on.",
}


def decision(view: RunView) -> Section | None:
    """The rule, its figures, and what followed."""
    said = view.report.get("decision")
    if not said or "rule" not in said:
        return None
    return Section(
        name="decision",
        title="By which rule was it decided?",
        text=((_RULES.get(said["rule"], f"The rule was {said['rule']}."),),),
        points=tuple(_decision_points(view, said)),
    )


def _decision_points(view: RunView, said: Mapping[str, Any]) -> Iterator[Sentence]:
    at = ("report", "decision")
    against = view.against("challenger", "champion")
    if "found" in said:
        yield ("The challenger finds ", EvidenceValue((*at, "found"), "text"), ".")
    elif against is not None:
        yield ("Challenger against champion: ", against.difference, " [", against.low, ", ", against.high, "]",
               " points of 100 frauds.")  # fmt: skip
    if said["rule"] == "not-worse":
        yield ("The margin is ", EvidenceValue((*at, "margin"), "percent_number"), " of 100.")
    if "fresher" in said:
        yield (
            "Beside the champion's, the challenger's training data end ",
            EvidenceValue((*at, "fresher"), "text"),
            ".",
        )
    versions = (EvidenceValue((*at, "champion"), "text"), EvidenceValue((*at, "challenger"), "text"))
    outcome = "was promoted" if said["promote"] else "was not promoted"
    yield ("Champion: version ", versions[0], ". Challenger: version ", versions[1], f", which {outcome}.")


def drift(view: RunView) -> Section | None:
    """What moved since the champion was made: features, its scores, the prevalence."""
    found = view.evidence.get("drift")
    if not found:
        return None
    at = _DRIFT
    text: Sentence = (
        "The ",
        EvidenceValue((*at, "current_rows"), "count"),
        " transactions since the champion was made, against the ",
        EvidenceValue((*at, "reference_rows"), "count"),
        " that it was chosen and judged on. Flagged is only what moved more than such spans of time ordinarily do.",
    )
    return Section(
        name="drift",
        title="What has moved since the champion was made?",
        text=(text,),
        points=_drift_points(found),
        tables=(_drift_table(found),) if found["features"] else (),
    )


def _drift_points(found: Mapping[str, Any]) -> tuple[Sentence, ...]:
    sentences = tuple((EvidenceValue((*_DRIFT, "sentences", n), "text"),) for n in range(len(found["sentences"])))
    notes = tuple((EvidenceValue((*_DRIFT, "notes", n), "text"),) for n in range(len(found["notes"])))
    nothing: tuple[Sentence, ...] = ()
    if not sentences and found["judged"]:
        nothing = (("Nothing moved more than it ordinarily does.",),)
    return (*(sentences or nothing), *notes)


def _drift_table(found: Mapping[str, Any]) -> Table:
    measured = ("psi", "psi_limit", "ks", "ks_limit")

    def row(at: tuple[str | int, ...], one: Mapping[str, Any]) -> tuple[Cell, ...]:
        numbers = (EvidenceValue((*at, key), "decimal") for key in measured)
        shares = (EvidenceValue((*at, key), "percent") for key in ("missing_before", "missing_now"))
        return (EvidenceValue((*at, "name"), "text"), *numbers, *shares, "moved" if one["flagged"] else "")

    rows = [row((*_DRIFT, "features", index), one) for index, one in _farthest_first(found["features"])]
    if found.get("score"):
        rows.insert(0, row((*_DRIFT, "score"), found["score"]))
    return Table(
        caption="Every feature, the one that moved farthest first: PSI and KS beside what is ordinary, rows without it",
        columns=("feature", "PSI", "ordinary up to", "KS", "ordinarily up to", "missing before", "missing now", "flag"),
        rows=tuple(rows),
        wordy=("flag",),
        folded=True,
    )


def _farthest_first(features: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    def far(one: tuple[int, Mapping[str, Any]]) -> float:
        return float((one[1]["psi"] or 0) / (one[1]["psi_limit"] or 1))

    return sorted(enumerate(features), key=far, reverse=True)
