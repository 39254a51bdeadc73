"""Sections on how much fraud is found: against false alarms, against each other, by every measure."""

from collections.abc import Callable

from fraud.reporting import charts, interval_charts, words
from fraud.reporting.chart_style import thinned
from fraud.reporting.evidence_values import Cell, Chart, EvidenceValue, Path, Section, Sentence, Table
from fraud.reporting.first_screen import last_day
from fraud.reporting.run_view import RunView

_TABLE_ROWS = 12


def measures(view: RunView) -> Section | None:
    """Every measure of every strategy, with intervals."""
    columns: list[tuple[str, Callable[[str], Cell]]] = [
        ("recall", lambda name: view.interval(name, "recall", "percent")),
        ("money caught", lambda name: view.interval(name, "amount_recall", "percent")),
        ("precision", lambda name: view.interval(name, "precision", "percent")),
        ("average precision", lambda name: view.interval(name, "average_precision", "decimal")),
        ("ROC AUC", lambda name: view.interval(name, "roc_auc", "decimal")),
    ]
    if any(view.row(name)["card_precision_at_k"] is not None for name in view.names):
        columns.append(("card precision (ceiling)", lambda name: _card_precision(view, name)))
    rows = tuple((name, *(cell(name) for _, cell in columns)) for name in view.names)
    table = Table(
        caption=f"Measures on the test window {view.operating_point}, 95 % intervals in brackets",
        columns=("strategy", *(title for title, _ in columns)),
        rows=rows,
    )
    text = (
        "Recall, money caught and precision are measured where every strategy raises the same number of alerts. "
        "Average precision and ROC AUC measure the whole ranking, regardless of the budget."
    )
    sentences = tuple(sentence for sentence in ((text,), _ceiling(view), _first_alert(view)) if sentence)
    return Section(name="measures", title="Other measures", text=sentences, tables=(table, *_by_fold(view)))


def _by_fold(view: RunView) -> tuple[Table, ...]:
    """Recall in each part of the test window, where there are several."""
    by_fold = {name: view.row(name).get("recall_by_fold") or [] for name in view.names}
    folds = view.report["split"].get("folds") or []
    if len(folds) < 2 or any(len(found) != len(folds) for found in by_fold.values()):
        return ()
    periods = (words.period(fold["test"]["from"], last_day(fold["test"]["to"])) for fold in folds)
    places = range(len(folds))
    rows: list[tuple[Cell, ...]] = [
        (name, *(EvidenceValue((*view.paths[name], "recall_by_fold", fold), "percent") for fold in places))
        for name in view.names
    ]
    frauds = (EvidenceValue(("report", "split", "folds", fold, "test", "frauds"), "count") for fold in places)
    return (
        Table(
            caption="Recall in each part of the test window, by models that were trained until its start",
            columns=("strategy", *periods),
            rows=(*rows, ("frauds", *frauds)),
        ),
    )


def _ceiling(view: RunView) -> Sentence:
    """The most that the budget allows, against which every recall is to be read."""
    if view.row(view.serving).get("ceiling") is None:
        return ()
    return (
        "With as many alerts no ranking could find more than ",
        view.value(view.serving, "ceiling", "of_100"),
        " of 100 frauds: the ceiling of every recall here.",
    )


def _first_alert(view: RunView) -> Sentence:
    """How long a compromised entity goes unnoticed under the model in use."""
    found = view.by_strategy("first_alert").get(view.serving)
    if not found:
        return ()
    at: Path = ("evidence", "first_alert", view.serving)

    def value(key: str, value_format: str) -> EvidenceValue:
        return EvidenceValue((*at, key), value_format)

    waited: Sentence = ()
    if found["median_days"] is not None:
        half: Sentence = (" Half of these alerts come within ", value("median_days", "days"), " of the first fraud")
        if found["median_days"] == 0:
            half = (" Half of these alerts come no later than the first fraud",)
        waited = (*half, ", nine in ten within ", value("nine_in_ten_days", "days"), " of it.")
        if found["nine_in_ten_days"] == 0:
            waited = (" Nine in ten of these alerts come no later than the first fraud.",)
    money: Sentence = ()
    if found["money_before"] is not None:
        money = (", and ", value("money_before", "money"), " is lost")
    return (
        "Of ",
        value("compromised", "count"),
        f" entities ({found['entity']}) with a fraud in the test window, {view.serving_called} raises an alert on ",
        value("alerted", "count"),
        ": on ",
        value("at_first_fraud", "count"),
        " of them before any fraud went through.",
        *waited,
        " Until the first alert, or the end of the window, ",
        value("transactions_before", "one_decimal"),
        " frauds go through on average",
        *money,
        ".",
    )


def _card_precision(view: RunView, name: str) -> Cell:
    precision = view.value(name, "card_precision_at_k", "decimal")
    return (precision, " (", view.value(name, "card_precision_at_k_ceiling", "decimal"), ")")


def precision_recall(view: RunView) -> Section | None:
    """Precision against recall."""
    curves = {name: curve for name, curve in view.by_strategy("precision_recall").items() if curve["recall"]}
    if not curves:
        return None
    chart = Chart(
        name="precision-recall",
        spec=charts.precision_recall_chart(curves, view.styles, leading=view.serving, drawn=view.drawn),
        caption="Of 100 alerts, how many are fraud, against how many of 100 frauds are found.",
        legend=tuple(curves),
        table=long_table(view, "precision_recall", x="recall", y="precision"),
    )
    text = (
        "Further right means more fraud found, further up fewer false alarms: "
        "a line above and to the right of another is better everywhere."
    )
    title = "How many false alarms does more recall cost?"
    return Section(name="precision-recall", title=title, text=((text,),), charts=(chart,))


def differences(view: RunView) -> Section | None:
    """Whether the leading strategy is shown to be better."""
    found = {name: view.against(name, view.leading) for name in view.names if name != view.leading}
    known = {name: one for name, one in found.items() if one is not None}
    if not known:
        return None
    keys = {"mean": "difference", "low": "low", "high": "high"}
    rows = [
        {"strategy": name, **{key: getattr(one, part).value(view.root) for key, part in keys.items()}}
        for name, one in known.items()
    ]
    table = Table(
        caption=f"Difference in recall against {view.leading_called}, in points of 100 frauds",
        columns=("strategy", "difference", "low", "high", "p value", "verdict"),
        rows=tuple((name, one.difference, one.low, one.high, one.p_value, one.verdict) for name, one in known.items()),
        wordy=("verdict",),
    )
    caption = (
        f"Paired differences in recall against {view.leading_called}, {view.operating_point}, with 95 % intervals."
    )
    if view.margin:
        caption += f" The band is the difference that does not matter: {words.points_of_100(view.margin)}."
    text = (
        "An interval that crosses zero means that this data shows no difference between the two. That does not mean "
        "that they are equal; only an interval inside the band shows that."
    )
    if len(known) > 1:
        text += (
            " P values are corrected for the number of comparisons, so a verdict may be more cautious than its "
            "interval; for equivalence the interval alone counts. What is compared is the mean of each strategy's "
            "networks, as it would be put to work; how much seeds differ is in the intervals and in a table."
        )
    elif not rows[0]["low"] <= 0 <= rows[0]["high"]:
        text += (
            " Where it does neither, a verdict requires a p value below 5 % as well, and so may be more cautious than "
            "the interval."
        )
    chart = Chart(
        name="differences",
        spec=interval_charts.difference_chart(rows, view.styles, margin=view.margin, against=view.leading_called),
        caption=caption,
        table=table,
    )
    title = "Is the difference real?" if view.is_retrain else f"Is {view.leading_called} really better?"
    return Section(name="differences", title=title, text=((text,),), charts=(chart,))


def long_table(view: RunView, part: str, *, x: str, y: str) -> Table:
    """One row a point of the curves that are drawn by default.

    Args:
        view: of the run.
        part: of the evidence, by strategy.
        x: the curve's axis.
        y: the curve's values, shares.
    """
    value_format = "percent" if x == "recall" else "number"
    at = ("evidence", part)
    rows = tuple(
        (name, EvidenceValue((*at, name, x, index), value_format), EvidenceValue((*at, name, y, index), "percent"))
        for name, curve in view.tabled(part).items()
        for index in thinned(curve[x], _TABLE_ROWS)
    )
    unit = x.replace("_", " ")
    return Table(caption=f"{y.capitalize()} by {unit}{view.not_tabled}", columns=("strategy", unit, y), rows=rows)
