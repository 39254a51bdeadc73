"""The section on feature importance: what the champion relies on, by permutation."""

from fraud.reporting import interval_charts
from fraud.reporting.evidence_values import Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_DRAWN = 15
"""Bars of the chart; the table has all."""


def features(view: RunView) -> Section | None:
    """Which features the champion relies on."""
    found = view.evidence.get("importance")
    if not found or not found["features"]:
        return None
    at = ("evidence", "importance")
    # NOTE: the champion is the model of the latest fold, so only the latest part of the test window is new to it.
    several = len(view.report["split"].get("folds") or ()) > 1
    measured: Sentence = (
        f"The champion ranks the {'latest part of the ' if several else ''}test window with an average precision of ",
        EvidenceValue((*at, "average_precision"), "decimal"),
        ". Then the values of one feature are permuted between transactions and average precision is measured again: "
        "the drop shows how much the champion relies on that feature. Measured on ",
        EvidenceValue((*at, "frauds"), "count"),
        " frauds in a weighted sample of ",
        EvidenceValue((*at, "rows"), "count"),
        f" transactions that represents that {'part' if several else 'window'}, with ",
        EvidenceValue((*at, "shuffles"), "count"),
        " permutations.",
    )
    means = (
        "This shows what the network uses, not what causes fraud. Correlated features replace each other, and each "
        "then appears less important than it is; windows of one history are therefore permuted together."
    )
    return Section(
        name="features",
        title="Which features matter?",
        text=(measured, (means,)),
        charts=(_chart(found["features"]),),
    )


def _chart(found: list[dict[str, object]]) -> Chart:
    at = ("evidence", "importance", "features")
    table = Table(
        caption="Drop in average precision when a feature is permuted: mean, and range over the permutations",
        columns=("feature", "columns", "drop", "lowest", "highest"),
        rows=tuple(
            (
                EvidenceValue((*at, index, "feature"), "text"),
                EvidenceValue((*at, index, "columns"), "count"),
                *(EvidenceValue((*at, index, key), "decimal") for key in ("drop", "lowest", "highest")),
            )
            for index in range(len(found))
        ),
    )
    more = f" The {_DRAWN} largest of {len(found)}; the table has all." if len(found) > _DRAWN else ""
    return Chart(
        name="features",
        spec=interval_charts.importance_chart(found[:_DRAWN]),
        caption="Drop in average precision when each feature is permuted; the thin lines show the range over the "
        f"permutations, not an interval.{more}",
        table=table,
    )
