"""The section on the correction of the imbalance: recall against how strongly each family corrects it."""

from typing import Any

from fraud.reporting import words
from fraud.reporting.charts import dose_response_chart
from fraud.reporting.evidence_values import Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.intervals import interval
from fraud.reporting.run_view import RunView


def dose_response(view: RunView) -> Section | None:
    """Recall from no correction to balanced classes, one line a family."""
    points = view.evidence.get("dose_response") or []
    if not points:
        return None
    rows = [
        {
            "family": words.FAMILIES.get(one["family"], one["family"]),
            "strategy": one["strategy"],
            "correction": one["correction"],
            **{end: 100 * one["recall"][end] for end in ("mean", "low", "high") if one["recall"][end] is not None},
        }
        for one in points
        if one["recall"]
    ]
    families = {words.FAMILIES.get(one["family"], one["family"]): _drawn_as(view, one["family"]) for one in points}
    chart = Chart(
        name="dose-response",
        spec=dose_response_chart(rows, families, styles=view.styles),
        caption=(
            f"Of 100 frauds, how many are found {view.operating_point}, against how strongly the imbalance is "
            "corrected; bands are 95 % intervals of each point."
        ),
        table=_table(points),
    )
    text = (
        "0 is plain training. 1 is balanced: weights of inverse class frequencies, or as many frauds as genuine rows. "
        "Between them the correction is a share of the log-odds: 0.5 is the square root of the class ratio. All points "
        "of a line differ in this one setting alone."
    )
    title = "How strongly should the imbalance be corrected?"
    return Section(name="dose-response", title=title, text=((text,),), charts=(chart,))


def _drawn_as(view: RunView, family: str) -> str:
    """The strategy whose colour and mark stand for a family: its best on validation, else its first."""
    best = view.report["answer"]["family_best"].get(family)
    members = [row["name"] for row in view.report["strategies"] if row["family"] == family]
    return str(best if best in members else (members or [view.leading])[0])


def _table(points: list[dict[str, Any]]) -> Table:
    def row(index: int) -> tuple[str | EvidenceValue | Sentence, ...]:
        one, at = points[index], ("evidence", "dose_response", index)
        return (
            words.FAMILIES.get(one["family"], one["family"]),
            one["strategy"],
            EvidenceValue((*at, "correction"), "decimal"),
            interval(one["recall"], (*at, "recall"), "percent"),
            interval(one.get("difference"), (*at, "difference"), "points"),
            interval(one["average_precision"], (*at, "average_precision"), "decimal"),
        )

    return Table(
        caption="Recall by correction; differences from plain training are paired, in points of 100 frauds",
        columns=("family", "strategy", "correction", "recall", "difference from none", "average precision"),
        rows=tuple(row(index) for index in range(len(points))),
        wordy=("strategy",),
    )
