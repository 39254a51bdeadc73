"""Sections on how far to trust the figures: promises kept, honest scores, luck of the seed, fair play, other models."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud.reporting import charts, interval_charts
from fraud.reporting.drawing import STAGE_MARKS, thinned
from fraud.reporting.facts import Facts
from fraud.reporting.figures import Cell, Chart, Figure, Section, Sentence, Table

_TABLE_ROWS = 16
_STAGE_WORDS = "\u25cb raw, \u25b3 shifted back, \u25a1 calibrated"


def promises(facts: Facts) -> Section | None:
    """Promised against achieved alerts, day by day."""
    days = facts.evidence.get("daily") or []
    names = [name for name in facts.looks if any(name in day["achieved"] for day in days)]
    if not names:
        return None
    charted = () if len(days) < 2 else (_daily_chart(facts, days, names),)
    table = Table(
        caption="Alerts a day at the frozen threshold, and the recall that they bring",
        columns=("strategy", "threshold", "alerts a day", "recall"),
        rows=tuple(
            (
                name,
                facts.figure(name, "threshold", "decimal"),
                facts.figure(name, "alerts_per_day", "one_decimal"),
                facts.interval(name, "recall_at_threshold", "percent"),
            )
            for name in names
        ),
    )
    text = (
        "Each strategy's threshold was chosen on validation and then frozen; the test window shows whether it keeps "
        "its promise on days it has never seen. The headline figures above do not depend on it."
    )
    title = "Does the threshold keep its promise?"
    return Section(name="promises", title=title, text=((text,),), charts=charted, tables=(table,))


def _daily_chart(facts: Facts, days: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Chart:
    rows = [
        {
            "strategy": name,
            "leading": name == facts.leading,
            "day": day["day"],
            "promised": day["promised"],
            "achieved": day["achieved"].get(name),
            "caught": day["caught"].get(name),
        }
        for name in names
        for day in days
    ]
    caption = (
        f"Alerts of {facts.leading_called} by day, or of the strategy picked above; the inner, stronger bars were fraud"
    )
    promised = any(day["promised"] is not None for day in days)
    return Chart(
        name="daily",
        spec=charts.daily_chart(rows),
        caption=f"{caption}, the dashed rule is what was promised." if promised else f"{caption}.",
        legend=tuple(names),
        table=_daily_table(days, names),
    )


def _daily_table(days: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    def row(place: int) -> tuple[Cell, ...]:
        at = ("evidence", "daily", place)
        counts = tuple(Figure((*at, key), "count") for key in ("transactions", "frauds", "promised"))
        return (
            Figure((*at, "day"), "text"),
            *counts,
            *((Figure((*at, "achieved", n), "count"), " (", Figure((*at, "caught", n), "count"), ")") for n in names),
        )

    columns = ("day", "transactions", "frauds", "promised", *names)
    return Table(
        caption="Alerts by day at the frozen threshold; in brackets those that were fraud",
        columns=columns,
        rows=tuple(row(place) for place in range(len(days))),
    )


def calibration(facts: Facts) -> Section | None:
    """Whether scores can be read as probabilities, before and after correction."""
    names = [name for name in facts.looks if any((facts.row(name)["calibration"] or {}).values())]
    stages = [stage for stage in STAGE_MARKS if any(facts.row(name)["calibration"].get(stage) for name in names)]
    if not names:
        return None
    known = ((name, stage) for name in names for stage in stages if facts.row(name)["calibration"].get(stage))
    ratios = [
        {"strategy": name, "stage": stage, "ratio": ratio}
        for name, stage in known
        if (ratio := facts.row(name)["calibration"][stage]["mean_score_over_prevalence"])
    ]
    drawn = (_score_chart(facts, ratios, names, stages),) if ratios else ()
    text = (
        "Weighting and resampling make fraud look more common than it is. Where the size of that error is known, the "
        "scores are shifted back; what remains is calibrated on validation."
    )
    return Section(
        name="calibration",
        title="Can a score be read as a probability?",
        text=((text,),),
        charts=(*drawn, *_reliability(facts)),
    )


def _score_chart(facts: Facts, ratios: Any, names: Sequence[str], stages: Sequence[str]) -> Chart:
    measured = (("mean_score_over_prevalence", "decimal"), ("ece", "decimal"), ("brier", "decimal"))
    said = {"mean_score_over_prevalence": "score / prevalence", "ece": "ECE", "brier": "Brier"}
    table = Table(
        caption="Calibration on the test window: score / prevalence is honest at 1, ECE and Brier are better smaller",
        columns=("strategy", *(f"{said[key]}, {stage}" for key, _ in measured for stage in stages)),
        rows=tuple(
            (name, *(facts.figure(name, f"calibration/{s}/{key}", style) for key, style in measured for s in stages))
            for name in names
        ),
    )
    return Chart(
        name="scores",
        spec=interval_charts.score_chart(ratios, facts.looks, stages=stages),
        caption=f"Mean score over prevalence: {_STAGE_WORDS}. At 1 the scores expect as many frauds as there are, "
        "at 10 ten times as many.",
        table=table,
    )


def _reliability(facts: Facts) -> tuple[Chart, ...]:
    curves = facts.by_strategy("reliability")
    rows: list[dict[str, Any]] = []
    cells: list[tuple[Cell, ...]] = []
    for name, stage in ((name, stage) for name in curves for stage in STAGE_MARKS if curves[name].get(stage)):
        for place, one in enumerate(curves[name][stage]):
            at = ("evidence", "reliability", name, stage, place)
            share = {"score": 100 * one["score"], "observed": 100 * one["observed"]}
            rows.append({"strategy": name, "stage": stage, "leading": name == facts.leading, **share})
            said = (Figure((*at, key), "percent") for key in ("score", "observed"))
            cells.append((name, stage, *said, Figure((*at, "count"), "count")))
    if not rows:
        return ()
    columns = ("strategy", "stage", "score", "frauds in truth", "transactions")
    table = Table(caption="Score against truth", columns=columns, rows=tuple(cells), wordy=("stage",))
    caption = (
        f"Score against truth for {facts.leading_called}, or for the strategy picked above: {_STAGE_WORDS}. "
        "On the diagonal a score means what it says; below it, the score exaggerates. Both scales are logarithmic."
    )
    spec = charts.reliability_chart(rows)
    return (Chart(name="reliability", spec=spec, caption=caption, legend=tuple(curves), table=table),)


def seeds(facts: Facts) -> Section | None:
    """How much is luck of the seed, and whether all strategies got the same chance."""
    by_seed = {name: facts.row(name).get("recall_by_seed") or [] for name in facts.names}
    fairness = facts.evidence.get("fairness") or []
    several = any(len(values) > 1 for values in by_seed.values())
    if not several and not fairness:
        return None
    title = "How much is luck, and was the race fair?" if several else "Was the race fair?"
    return Section(
        name="seeds",
        title="What did training take?" if facts.is_retrain else title,
        text=() if facts.is_retrain else _fair_words(fairness),
        charts=(_seed_chart(facts, by_seed),) if several else (),
        tables=(_fairness_table(fairness),) if fairness else (),
    )


def _seed_chart(facts: Facts, by_seed: Mapping[str, Sequence[float]]) -> Chart:
    rows = [
        {"strategy": name, "seed": place, "mean": value}
        for name, found in by_seed.items()
        for place, value in enumerate(found)
    ]
    most = max(len(values) for values in by_seed.values())
    table = Table(
        caption="Recall by seed",
        columns=("strategy", *(f"seed {place + 1}" for place in range(most))),
        rows=tuple(
            (name, *(Figure((*facts.places[name], "recall_by_seed", place), "percent") for place in range(most)))
            for name in facts.names
        ),
    )
    caption = (
        "Recall of every trained network, one mark a seed. The intervals above are of the test window; "
        "this spread is a second source of chance and is not in them."
    )
    return Chart(name="seeds", spec=interval_charts.seed_chart(rows, facts.looks), caption=caption, table=table)


def _fair_words(fairness: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    """What all networks had in common, as far as the rows say it."""
    if not fairness:
        return ()
    networks = [place for place, row in enumerate(fairness) if row["steps"] is not None]
    if not networks:
        return ()
    first = ("evidence", "fairness", networks[0])
    same = {key: len({fairness[place][key] for place in networks}) == 1 for key in ("steps", "trials")}
    steps: Sentence = ("Early stopping ended networks after different numbers of optimizer steps",)
    if same["steps"]:
        steps = ("Every network took the same ", Figure((*first, "steps"), "count"), " optimizer steps")
    trials: Sentence = ("the numbers of tuning trials differ",)
    if same["trials"]:
        plural = "" if fairness[networks[0]]["trials"] == 1 else "s"
        trials = ("every strategy had the same ", Figure((*first, "trials"), "count"), f" tuning trial{plural}")
    return ((*steps, "; ", *trials, "."),)


def _fairness_table(fairness: Sequence[Mapping[str, Any]]) -> Table:
    def row(place: int) -> tuple[Cell, ...]:
        at = ("evidence", "fairness", place)
        counts = tuple(Figure((*at, key), "count") for key in ("seed", "steps", "rows", "trials"))
        notes = "; ".join(fairness[place].get("notes") or ())
        return (Figure((*at, "strategy"), "text"), *counts, Figure((*at, "seconds"), "seconds"), notes)

    return Table(
        caption="What each strategy was given: optimizer steps, training rows, tuning trials, time",
        columns=("strategy", "seed", "steps", "rows", "trials", "time", "notes"),
        rows=tuple(row(place) for place in range(len(fairness))),
        wordy=("notes",),
        folded=True,
    )


def training(facts: Facts) -> Section | None:
    """Whether training had settled when it stopped."""
    curves = facts.by_strategy("curves")
    if not curves:
        return None
    rows = [
        {
            "strategy": name,
            "x": step["step"],
            "y": step["validation_average_precision"],
            "leading": name == facts.leading,
        }
        for name, steps in curves.items()
        for step in steps
        if step["validation_average_precision"] is not None
    ]
    measured = (("step", "count"), ("train_loss", "decimal"), ("validation_average_precision", "decimal"))
    table = Table(
        caption="Training of the first seed; losses of different strategies cannot be held against each other",
        columns=("strategy", "step", "training loss", "average precision"),
        rows=tuple(
            (name, *(Figure(("evidence", "curves", name, place, key), style) for key, style in measured))
            for name, steps in curves.items()
            for place in thinned(steps, _TABLE_ROWS)
        ),
    )
    chart = Chart(
        name="training",
        spec=charts.training_chart(rows, facts.looks),
        caption="Average precision on validation during training, first seed. A line still rising stopped too early.",
        legend=tuple(curves),
        table=table,
    )
    return Section(name="training", title="Had training settled?", charts=(chart,))


def baselines(facts: Facts) -> Section | None:
    """Whether it takes a network at all."""
    if not facts.baselines:
        return None
    names = (facts.leading, *facts.baselines)
    rows = [{"strategy": name, **facts.row(name)["recall"]} for name in names if facts.row(name)["recall"]]
    table = Table(
        caption=f"The leading network beside models that are not networks, {facts.operating_point}",
        columns=("model", "recall", "money caught", "average precision", "ROC AUC", "training time"),
        rows=tuple(
            (
                name,
                *(facts.interval(name, key, "percent") for key in ("recall", "amount_recall")),
                *(facts.interval(name, key, "decimal") for key in ("average_precision", "roc_auc")),
                facts.figure(name, "train_seconds", "seconds"),
            )
            for name in names
        ),
    )
    chart = Chart(
        name="baselines",
        spec=interval_charts.recall_chart(rows, facts.looks),
        caption=f"Frauds found of 100 {facts.operating_point}, with 95 % intervals, on the same features and rows.",
        table=table,
    )
    text = "These models see the same features, are trained on the same rows and judged at the same operating point."
    return Section(name="baselines", title="Does it take a network?", text=((text,),), charts=(chart,))
