"""The section on money: savings of decisions by expected loss, with calibrated and with raw scores."""

from fraud.reporting import interval_charts
from fraud.reporting.evidence_values import Cell, Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_DECISIONS = ("threshold", "bayes", "bayes_raw")
_CALLED = {"threshold": "one threshold", "bayes": "by expected loss", "bayes_raw": "by expected loss, raw scores"}


def costs(view: RunView) -> Section | None:
    """Savings of one threshold against a decision for every transaction, in money."""
    found = view.by_strategy("costs")
    if not found:
        return None
    rows = [{"strategy": name, **found[name]["bayes"]["savings"]} for name in found]
    chart = Chart(
        name="costs",
        spec=interval_charts.savings_chart(rows, view.styles),
        caption="Savings of alerts by expected loss, of 100 lost without any alert, net of reviews; 95 % intervals.",
        table=_table(tuple(found)),
    )
    text = (_prices(), *((_leading(view.serving_called, view.serving),) if view.serving in found else ()))
    return Section(name="costs", title="How much money does it save?", text=text, charts=(chart,))


def _prices() -> Sentence:
    at = ("evidence", "prices")
    return (
        "At ",
        EvidenceValue((*at, "review_cost"), "number"),
        " for each review, and with ",
        EvidenceValue((*at, "loss_share"), "percent"),
        " of the amount lost in a missed fraud (review_cost and loss_share of the policy): the single threshold with "
        "the lowest costs on validation, against alerts on every transaction whose expected loss (probability times "
        "amount lost) exceeds the cost of its review. That needs calibrated probabilities; the same rule on raw scores "
        "shows what calibration adds. Below zero, reviews cost more than they recover.",
    )


def _leading(called: str, name: str) -> Sentence:
    at = ("evidence", "costs", name)
    return (
        f"Of 100 lost without any alert, {called} saves ",
        EvidenceValue((*at, "bayes", "savings", "mean"), "of_100"),
        " by expected loss and ",
        EvidenceValue((*at, "threshold", "savings", "mean"), "of_100"),
        " with one threshold: a difference of ",
        EvidenceValue((*at, "difference", "mean"), "points"),
        " [",
        EvidenceValue((*at, "difference", "low"), "points"),
        ", ",
        EvidenceValue((*at, "difference", "high"), "points"),
        "].",
    )


def _table(names: tuple[str, ...]) -> Table:
    return Table(
        caption="Savings, of 100 lost without any alert, and the alerts a day they take",
        columns=(
            "strategy",
            *(_CALLED[decision] for decision in _DECISIONS),
            "expected loss against threshold",
            *(f"alerts a day, {_CALLED[decision]}" for decision in _DECISIONS),
        ),
        rows=tuple(_row(name) for name in names),
    )


def _row(name: str) -> tuple[Cell, ...]:
    at = ("evidence", "costs", name)
    return (
        name,
        *(_bounded((*at, decision, "savings"), "percent_number") for decision in _DECISIONS),
        _bounded((*at, "difference"), "points"),
        *(EvidenceValue((*at, decision, "alerts_per_day"), "count") for decision in _DECISIONS),
    )


def _bounded(at: tuple[str | int, ...], value_format: str) -> Sentence:
    mean, low, high = (EvidenceValue((*at, bound), value_format) for bound in ("mean", "low", "high"))
    return (mean, " [", low, ", ", high, "]")
