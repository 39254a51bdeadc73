"""The section with example transactions: missed frauds and false alarms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fraud.privacy import HIDDEN
from fraud.reporting.evidence_values import Cell, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_KINDS = {
    "missed": "Missed frauds, the costliest first",
    "false_alarms": "False alarms, the highest score first",
}


def example_transactions(view: RunView) -> Section | None:
    """A few transactions that the model in use missed or raised falsely."""
    found = view.by_strategy("examples").get(view.serving)
    if not found or not any(found.values()):
        return None
    text: Sentence = (
        f"Examples from the test window {view.operating_point}, ranked by {view.called(view.serving)}. "
        "They are extreme cases, not typical ones. Identifiers are masked; find them in your data by time and "
        "amount.",
    )
    return Section(
        name="examples",
        title="Examples of missed frauds and false alarms",
        text=(text,),
        tables=tuple(_tables(view, found)),
    )


def _tables(view: RunView, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Table]:
    for kind, caption in _KINDS.items():
        if found.get(kind):
            yield _table(view, kind, found[kind], caption)


def _table(view: RunView, kind: str, rows: Sequence[Mapping[str, Any]], caption: str) -> Table:
    # NOTE: short identifiers are hidden entirely; a column of nothing else is left out.
    entities = tuple(
        name for name in rows[0]["entities"] if {row["entities"].get(name) for row in rows} - {None, HIDDEN}
    )
    amounts = ("amount",) if any(row["amount"] is not None for row in rows) else ()
    kinds = ("kind of fraud",) if any(row["fraud_type"] is not None for row in rows) else ()

    def row(index: int) -> tuple[Cell, ...]:
        """One example."""
        at = ("evidence", "examples", view.serving, kind, index)
        amount = (EvidenceValue((*at, "amount"), "money"),) if amounts else ()
        known = (EvidenceValue((*at, "entities", name), "text") for name in entities)
        rank: Cell = (EvidenceValue((*at, "rank"), "count"), " of ", EvidenceValue((*at, "of"), "count"))
        fraud_type = (EvidenceValue((*at, "fraud_type"), "text"),) if kinds else ()
        return (
            EvidenceValue((*at, "time"), "text"),
            *amount,
            *known,
            rank,
            EvidenceValue((*at, "probability"), "percent"),
            *fraud_type,
        )

    columns = ("time (UTC)", *amounts, *entities, "rank of its day", "probability", *kinds)
    return Table(caption=caption, columns=columns, rows=tuple(row(index) for index in range(len(rows))))
