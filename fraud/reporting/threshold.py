"""The section on the frozen threshold: the target set on validation against what the test window gave."""

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
"""What each policy limits, and its format."""
_MOST_ROWS = 1_200
"""Days times strategies that the chart draws."""
_MOST_CELLS = 400
"""Days times strategies of the table."""
_MOST_DAYS = 120
"""Rows of the table."""


def frozen_threshold(view: RunView) -> Section | None:
    """Target and achieved alerts, day by day."""
    days = view.evidence.get("daily") or []
    names = [name for name in view.styles if any(name in day["achieved"] for day in days)]
    if not names:
        return None
    charted = () if len(days) < 2 else (_daily_chart(view, days, names),)
    text = (
        "Each strategy's threshold was chosen on validation and then frozen; the test window shows whether it meets "
        "its target on new days. The key figures above do not depend on it."
    )
    title = "Does the threshold meet its target on new data?"
    return Section(name="threshold", title=title, text=((text,),), charts=charted, tables=(_target_table(view, names),))


def _target_table(view: RunView, names: Sequence[str]) -> Table:
    """What the policy limits: its target, on validation and on test; and the recall."""
    targets = view.by_strategy("promises")
    kind = next((target["kind"] for target in targets.values()), view.report["policy"]["kind"])
    limited, value_format = _MEASURES[kind]
    counted = () if kind == "alerts_per_day" else ("alerts a day on test",)
    noted = ("notes",) if any(target["note"] for target in targets.values()) else ()

    def row(name: str) -> tuple[Cell, ...]:
        """One strategy."""
        at = ("evidence", "promises", name)
        kept = tuple(EvidenceValue((*at, key), value_format) for key in ("promised", "validation", "test"))
        counts = (view.value(name, "alerts_per_day", "one_decimal"),) if counted else ()
        notes = (EvidenceValue((*at, "note"), "text"),) if noted else ()
        threshold = view.value(name, "threshold", "decimal")
        return (name, threshold, *kept, *counts, view.interval(name, "recall_at_threshold", "percent"), *notes)

    columns = ("strategy", "threshold", f"{limited}: target", "on validation", "on test", *counted, "recall", *noted)
    return Table(
        caption=f"{limited.capitalize()} at the frozen threshold, and its recall",
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
            "target": day["promised"],
            "achieved": _rounded(day["achieved"].get(name)),
            "caught": _rounded(day["caught"].get(name)),
        }
        for name in names
        for day in days
    ]
    caption = f"Alerts of {view.serving_called} by day; the inner, darker bars were fraud"
    has_target = any(day["promised"] is not None for day in days)
    return Chart(
        name="daily",
        spec=charts.daily_chart(rows),
        caption=f"{caption}, the dashed line is the target." if has_target else f"{caption}.",
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

    columns = ("day", "transactions", "frauds", "target", *shown)
    return Table(
        caption=f"Alerts by day at the frozen threshold; in brackets those that were fraud{more}",
        columns=columns,
        rows=tuple(row(index) for index in kept),
    )


def _as_many(view: RunView, names: Sequence[str], most: int) -> list[str]:
    """All the names, or where that is too many those drawn by default, or the one in use alone."""
    for chosen in (names, [name for name in names if name in view.drawn]):
        if len(chosen) <= most:
            return list(chosen)
    return [name for name in names if name == view.serving] or list(names[:1])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
