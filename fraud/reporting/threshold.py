"""The section on the frozen threshold: what was promised on validation and what the test window made of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud.reporting import charts
from fraud.reporting.chart_style import thinned
from fraud.reporting.evidence_values import PICK, Cell, Chart, EvidenceValue, Section, Table
from fraud.reporting.run_view import RunView

_MEASURES = {
    "alerts_per_day": ("alerts a day", "one_decimal"),
    "alert_rate": ("share of transactions alerted", "percent"),
    "max_fpr": ("false-positive rate", "percent"),
    "min_precision": ("precision", "percent"),
    "costs": ("costs a day", "count"),
}
"""What each policy limits, and how it is said."""


_MOST_ROWS = 1_200
"""Days times strategies that the chart draws."""
_MOST_CELLS = 400
"""Days times strategies of the table."""
_MOST_DAYS = 120
"""Rows of the table."""


def promises(view: RunView) -> Section | None:
    """Promised against achieved alerts, day by day."""
    days = view.evidence.get("daily") or []
    names = [name for name in view.styles if any(name in day["achieved"] for day in days)]
    if not names:
        return None
    charted = () if len(days) < 2 else (_daily_chart(view, days, names),)
    text = (
        "Each strategy's threshold was chosen on validation and then frozen; the test window shows whether it keeps "
        "its promise on days it has never seen. The headline figures above do not depend on it."
    )
    title = "Does the threshold keep its promise?"
    return Section(name="promises", title=title, text=((text,),), charts=charted, tables=(_promise_table(view, names),))


def _promise_table(view: RunView, names: Sequence[str]) -> Table:
    """What the policy limits, as promised, on validation and on test; and what came of it."""
    promises = view.by_strategy("promises")
    kind = next((promise["kind"] for promise in promises.values()), view.report["policy"]["kind"])
    said, value_format = _MEASURES[kind]
    counted = () if kind == "alerts_per_day" else ("alerts a day on test",)
    noted = ("notes",) if any(promise["note"] for promise in promises.values()) else ()

    def row(name: str) -> tuple[Cell, ...]:
        """One strategy."""
        at = ("evidence", "promises", name)
        kept = tuple(EvidenceValue((*at, key), value_format) for key in ("promised", "validation", "test"))
        counts = (view.value(name, "alerts_per_day", "one_decimal"),) if counted else ()
        notes = (EvidenceValue((*at, "note"), "text"),) if noted else ()
        threshold = view.value(name, "threshold", "decimal")
        return (name, threshold, *kept, *counts, view.interval(name, "recall_at_threshold", "percent"), *notes)

    columns = ("strategy", "threshold", f"{said}: promised", "on validation", "on test", *counted, "recall", *noted)
    return Table(
        caption=f"{said.capitalize()} at the frozen threshold, and the recall that it brings",
        columns=columns,
        rows=tuple(row(name) for name in names),
        wordy=noted,
    )


def _daily_chart(view: RunView, days: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Chart:
    names = _as_many(view, names, _MOST_ROWS // len(days))
    rows = [
        {
            "strategy": name,
            "leading": name == view.serving,
            "day": day["day"],
            "promised": day["promised"],
            "achieved": _rounded(day["achieved"].get(name)),
            "caught": _rounded(day["caught"].get(name)),
        }
        for name in names
        for day in days
    ]
    caption = f"Alerts of {view.serving_called} by day; the inner, stronger bars were fraud"
    promised = any(day["promised"] is not None for day in days)
    return Chart(
        name="daily",
        spec=charts.daily_chart(rows),
        caption=f"{caption}, the dashed rule is what was promised." if promised else f"{caption}.",
        legend=tuple(names),
        table=_daily_table(view, days, names),
        hint=PICK,
    )


def _daily_table(view: RunView, days: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    kept = thinned(days, _MOST_DAYS)
    shown = _as_many(view, [name for name in names if name in view.drawn], _MOST_CELLS // len(kept))
    left = len(kept) < len(days) or len(shown) < len(view.styles)
    more = "; further days and strategies are in evidence.json" if left else ""

    def row(index: int) -> tuple[Cell, ...]:
        """One day."""
        at = ("evidence", "daily", index)
        counts = tuple(EvidenceValue((*at, key), "count") for key in ("transactions", "frauds", "promised"))
        return (
            EvidenceValue((*at, "day"), "text"),
            *counts,
            *(
                (EvidenceValue((*at, "achieved", n), "count"), " (", EvidenceValue((*at, "caught", n), "count"), ")")
                for n in shown
            ),
        )

    columns = ("day", "transactions", "frauds", "promised", *shown)
    return Table(
        caption=f"Alerts by day at the frozen threshold; in brackets those that were fraud{more}",
        columns=columns,
        rows=tuple(row(index) for index in kept),
    )


def _as_many(view: RunView, names: Sequence[str], most: int) -> list[str]:
    """All the names, or where that is too many those drawn unasked, or the one in use alone."""
    for chosen in (names, [name for name in names if name in view.drawn]):
        if len(chosen) <= most:
            return list(chosen)
    return [name for name in names if name == view.serving] or list(names[:1])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
