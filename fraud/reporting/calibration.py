"""The section on calibration: raw scores, after the prior correction, and calibrated on validation."""

from collections.abc import Iterator, Sequence
from typing import Any

from fraud.evaluation import strategy_facts
from fraud.reporting import charts, interval_charts
from fraud.reporting.chart_style import STAGE_MARKS, thinned
from fraud.reporting.evidence_values import PICK, Cell, Chart, EvidenceValue, Section, Sentence, Table
from fraud.reporting.run_view import RunView

_STAGE_WORDS = "\u25cb raw, \u25b3 shifted back, \u25a1 calibrated"
_FEWER_BINS = 9
"""Points a curve of the strategies that are drawn only when picked."""


def calibration(view: RunView) -> Section | None:
    """Whether scores can be read as probabilities, before and after correction."""
    names = [name for name in view.styles if any((view.row(name)["calibration"] or {}).values())]
    stages = [stage for stage in STAGE_MARKS if any(view.row(name)["calibration"].get(stage) for name in names)]
    if not names:
        return None
    known = ((name, stage) for name in names for stage in stages if view.row(name)["calibration"].get(stage))
    ratios = [
        {"strategy": name, "stage": stage, "ratio": ratio}
        for name, stage in known
        if (ratio := view.row(name)["calibration"][stage]["mean_score_over_prevalence"])
    ]
    drawn = (_score_chart(view, ratios, names, stages),) if ratios else ()
    text = (
        "Weighting and resampling inflate the scores. Where the exact size of that bias is known, the logits are "
        "shifted back; the remaining bias is corrected by calibration on validation."
    )
    return Section(
        name="calibration",
        title="Can a score be read as a probability?",
        text=((text,), *_where_it_fails(view, names)),
        charts=(*drawn, *_reliability(view)),
    )


def _where_it_fails(view: RunView, names: Sequence[str]) -> Iterator[Sentence]:
    """Strategies that are shown to expect too many or too few frauds, after the shift or after calibration."""
    sampled = {"oversampling", "undersampling", "combined", "batch"}
    off = [name for name in names if strategy_facts(view.row(name))["shift_suffices"] is False]
    causes = {
        "possibly because few, repeated or synthetic rows were memorised": [
            n for n in off if view.row(n)["family"] in sampled
        ],
        "though its loss has an exact shift": [n for n in off if view.row(n)["family"] not in sampled],
    }
    for cause, found in causes.items():
        if found:
            yield ("The shift alone is not sufficient for ", *_ratios(view, found, "shifted"), f", {cause}.")
    without = [name for name in names if not view.row(name)["calibration"].get("shifted")]
    if without:
        yield (f"No exact shift is known for {', '.join(without)}; calibration alone corrects the scores.",)
    still = [name for name in names if strategy_facts(view.row(name))["is_probability"] is False]
    if still:
        yield (
            "Do not read as a probability, even after calibration: ",
            *_ratios(view, still, "calibrated"),
            ": more than chance in the number of frauds explains.",
        )
    unknown = [name for name in names if _is_open(view.row(name))]
    if unknown:
        yield (
            "The frauds of the test window are too few to show whether calibrated scores are probabilities for "
            f"{', '.join(unknown)}.",
        )


def _is_open(row: Any) -> bool:
    """Whether the interval is known and leaves open whether calibrated scores are probabilities."""
    measured = "mean_score_over_prevalence_low" in (row["calibration"].get("calibrated") or {})
    return measured and strategy_facts(row)["is_probability"] is None


def _ratios(view: RunView, names: Sequence[str], stage: str) -> Sentence:
    """Names with their mean score over prevalence: *over-smote (0.71), under-random (1.52)*."""
    parts: list[str | EvidenceValue] = []
    for index, name in enumerate(names):
        figure = view.value(name, f"calibration/{stage}/mean_score_over_prevalence", "decimal")
        parts += [f"{', ' if index else ''}{name} (", figure, ")"]
    return tuple(parts)


def _score_chart(view: RunView, ratios: Any, names: Sequence[str], stages: Sequence[str]) -> Chart:
    measured = (("mean_score_over_prevalence", "decimal"), ("ece", "decimal"), ("brier", "decimal"))
    titles = {"mean_score_over_prevalence": "score / prevalence", "ece": "ECE", "brier": "Brier"}
    table = Table(
        caption="Calibration on the test window: score / prevalence should be 1; lower ECE and Brier are better",
        columns=("strategy", *(f"{titles[key]}, {stage}" for key, _ in measured for stage in stages)),
        rows=tuple(
            (
                name,
                *(
                    view.value(name, f"calibration/{s}/{key}", value_format)
                    for key, value_format in measured
                    for s in stages
                ),
            )
            for name in names
        ),
    )
    return Chart(
        name="scores",
        spec=interval_charts.score_chart(ratios, view.styles, stages=stages),
        caption=f"Mean score over prevalence: {_STAGE_WORDS}. At 1 the scores predict as many frauds as occurred, "
        "at 10 ten times as many.",
        table=table,
    )


def _reliability(view: RunView) -> tuple[Chart, ...]:
    curves = view.by_strategy("reliability")
    rows: list[dict[str, Any]] = []
    cells: list[tuple[Cell, ...]] = []
    for name, stage in ((name, stage) for name in curves for stage in STAGE_MARKS if curves[name].get(stage)):
        bins = curves[name][stage]
        for index in thinned(bins, len(bins) if name in view.drawn else _FEWER_BINS):
            one = bins[index]
            at = ("evidence", "reliability", name, stage, index)
            share = {"score": 100 * one["score"], "observed": 100 * one["observed"]}
            rows.append({"strategy": name, "stage": stage, "leading": name == view.serving, **share})
            if name in view.drawn:
                shares = (EvidenceValue((*at, key), "percent") for key in ("score", "observed"))
                cells.append((name, stage, *shares, EvidenceValue((*at, "count"), "count")))
    if not rows:
        return ()
    columns = ("strategy", "stage", "score", "observed frauds", "transactions")
    table = Table(
        caption=f"Score against observed frauds{view.not_tabled}", columns=columns, rows=tuple(cells), wordy=("stage",)
    )
    caption = (
        f"Score against observed frauds for {view.serving_called}: {_STAGE_WORDS}. "
        "On the diagonal a score is a calibrated probability; below it, the score is too high. "
        "Both scales are logarithmic."
    )
    spec = charts.reliability_chart(rows)
    return (Chart(name="reliability", spec=spec, caption=caption, legend=tuple(curves), table=table, hint=PICK),)
