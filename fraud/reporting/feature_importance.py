"""The section on features: what the champion leans on, by permutation importance."""

from fraud.reporting import interval_charts
from fraud.reporting.evidence_values import Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_DRAWN = 15
"""Bars of the chart; the table has all."""


def features(view: RunView) -> Section | None:
    """Which features the champion leans on."""
    found = view.evidence.get("importance")
    if not found or not found["features"]:
        return None
    at = ("evidence", "importance")
    measured: Sentence = (
        "The champion ranks the test window with an average precision of ",
        EvidenceValue((*at, "average_precision"), "decimal"),
        ". Then the values of one feature are exchanged for those of other transactions, and it ranks again: the drop "
        "says how much it leans on that feature. Measured on ",
        EvidenceValue((*at, "frauds"), "count"),
        " frauds in a sample of ",
        EvidenceValue((*at, "rows"), "count"),
        " transactions that stands for the whole window, ",
        EvidenceValue((*at, "shuffles"), "count"),
        " times.",
    )
    means = (
        "This says what the network uses, not what causes fraud. Features that say much the same stand in for each "
        "other, and each then appears less important than it is; windows of one history are exchanged together."
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
        caption="Drop in average precision when a feature is exchanged: mean, and range over the repetitions",
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
        caption=f"Drop in average precision without each feature; the thin lines are the range over the repetitions, "
        f"no interval.{more}",
        table=table,
    )
