"""Sections on training: variation over seeds, equal budgets, convergence, other models."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud.reporting import charts, interval_charts
from fraud.reporting.chart_style import thinned
from fraud.reporting.evidence_values import Cell, Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_TABLE_ROWS = 16


def seeds(view: RunView) -> Section | None:
    """Variation over seeds, and whether all strategies had the same training budget."""
    by_seed = {name: view.row(name).get("recall_by_seed") or [] for name in view.names}
    fairness = view.evidence.get("fairness") or []
    several = any(len(values) > 1 for values in by_seed.values())
    if not several and not fairness:
        return None
    title = "Seed variation and training budget" if several else "Training budget"
    return Section(
        name="seeds",
        title="Training budget" if view.is_retrain else title,
        text=() if view.is_retrain else _equal_budget(fairness),
        charts=(_seed_chart(view, by_seed),) if several else (),
        tables=(_fairness_table(view, fairness),) if fairness else (),
    )


def _seed_chart(view: RunView, by_seed: Mapping[str, Sequence[float]]) -> Chart:
    rows = [
        {"strategy": name, "seed": view.first_seed + index, "mean": value}
        for name, found in by_seed.items()
        for index, value in enumerate(found)
    ]
    most, first = max(len(values) for values in by_seed.values()), view.first_seed
    table = Table(
        caption="Recall by seed",
        columns=("strategy", *(f"seed {first + index}" for index in range(most))),
        rows=tuple(
            (name, *(EvidenceValue((*view.paths[name], "recall_by_seed", index), "percent") for index in range(most)))
            for name in view.names
        ),
    )
    caption = (
        "Recall of each seed's networks by themselves, one mark a seed. What is used is the mean of their logits; how "
        "much seeds differ is part of every interval."
    )
    return Chart(name="seeds", spec=interval_charts.seed_chart(rows, view.styles), caption=caption, table=table)


def _equal_budget(fairness: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    """Whether all networks had the same steps and trials."""
    if not fairness:
        return ()
    networks = [index for index, row in enumerate(fairness) if row["steps"] is not None]
    if not networks:
        return ()
    first = ("evidence", "fairness", networks[0])
    same = {key: len({fairness[index][key] for index in networks}) == 1 for key in ("steps", "trials")}
    steps: Sentence = ("The networks took different numbers of optimizer steps",)
    if same["steps"]:
        steps = ("Every network took the same ", EvidenceValue((*first, "steps"), "count"), " optimizer steps")
    trials: Sentence = ("the numbers of tuning trials differ",)
    if same["trials"]:
        plural = "" if fairness[networks[0]]["trials"] == 1 else "s"
        trials = ("every family had the same ", EvidenceValue((*first, "trials"), "count"), f" tuning trial{plural}")
    return ((*steps, "; ", *trials, "."),)


def _fairness_table(view: RunView, fairness: Sequence[Mapping[str, Any]]) -> Table:
    def row(index: int) -> tuple[Cell, ...]:
        """One strategy."""
        at = ("evidence", "fairness", index)
        counts = tuple(EvidenceValue((*at, key), "count") for key in keys)
        notes = "; ".join(fairness[index].get("notes") or ())
        return (EvidenceValue((*at, "strategy"), "text"), *counts, EvidenceValue((*at, "seconds"), "seconds"), notes)

    keys = tuple(key for key in ("seed", "fold", "steps", "rows", "trials") if key in fairness[0])
    return Table(
        caption="Training budget of each strategy: optimizer steps, training rows, tuning trials of its family, time",
        columns=("strategy", *keys, "time", "notes"),
        rows=tuple(row(index) for index in range(len(fairness))),
        wordy=("notes",),
        folded=not view.is_retrain,  # of a retraining it is a few rows, and all that the section has
    )


def training(view: RunView) -> Section | None:
    """Whether training had converged when it stopped."""
    curves = view.by_strategy("curves")
    if not curves:
        return None
    rows = [
        {
            "strategy": name,
            "x": step["step"],
            "y": step["validation_average_precision"],
            "leading": name == view.serving,
            "drawn": name in view.drawn,
        }
        for name, steps in curves.items()
        for step in steps
        if step["validation_average_precision"] is not None
    ]
    measured = (("step", "count"), ("train_loss", "decimal"), ("validation_average_precision", "decimal"))
    table = Table(
        caption="Training of the first seed; losses of different strategies are not comparable" + view.not_tabled,
        columns=("strategy", "step", "training loss", "average precision"),
        rows=tuple(
            (
                name,
                *(
                    EvidenceValue(("evidence", "curves", name, index, key), value_format)
                    for key, value_format in measured
                ),
            )
            for name, steps in view.tabled("curves").items()
            for index in thinned(steps, _TABLE_ROWS)
        ),
    )
    chart = Chart(
        name="training",
        spec=charts.training_chart(rows, view.styles),
        caption="Average precision on validation during training, first seed. A line that still rises at its end means "
        "that training stopped too early.",
        legend=tuple(curves),
        table=table,
    )
    return Section(name="training", title="Had training converged?", charts=(chart,))


def baselines(view: RunView) -> Section | None:
    """Whether a neural network is needed, and whether weighting and sampling do to other models what they do to it."""
    if not view.baselines:
        return None
    names = (view.leading, *view.baselines)
    rows = [{"strategy": name, **view.row(name)["recall"]} for name in names if view.row(name)["recall"]]
    table = Table(
        caption=f"The leading network and models that are not neural networks, {view.operating_point}",
        columns=("model", "recall", "difference", "verdict", "money caught", "average precision", "ROC AUC", "time"),
        rows=tuple(_baseline_row(view, name) for name in names),
        wordy=("verdict",),
    )
    chart = Chart(
        name="baselines",
        spec=interval_charts.recall_chart(rows, view.styles),
        caption=f"Frauds found of 100 {view.operating_point}, with 95 % intervals, on the same features and rows.",
        table=table,
    )
    text = (
        "These models use the same features and training rows and are compared at the same operating point, by the "
        f"same paired tests: differences are from {view.leading_called}, in points of 100 frauds."
    )
    points = tuple(_treated(view, name) for name in view.baselines if view.against(name, name.partition("+")[0]))
    return Section(
        name="baselines", title="Is a neural network needed?", text=((text,),), points=points, charts=(chart,)
    )


def _baseline_row(view: RunView, name: str) -> tuple[Cell, ...]:
    against = view.against(name, view.leading)
    difference: Sentence = (against.difference, " [", against.low, ", ", against.high, "]") if against else ()
    return (
        name,
        view.interval(name, "recall", "percent"),
        difference,
        against.verdict if against else "",
        view.interval(name, "amount_recall", "percent"),
        *(view.interval(name, key, "decimal") for key in ("average_precision", "roc_auc")),
        view.value(name, "train_seconds", "seconds"),
    )


def _treated(view: RunView, name: str) -> Sentence:
    """A model with weights or sampling against the same model without."""
    plain, _, strategy = name.partition("+")
    against = view.against(name, plain)
    if against is None:
        return ()
    return (
        f"{plain} with {strategy}, against without: ",
        f"{against.verdict} (",
        against.difference,
        " [",
        against.low,
        ", ",
        against.high,
        "]).",
    )
