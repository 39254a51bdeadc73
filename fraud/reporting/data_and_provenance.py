"""Sections on the data, its limitations, and how to reproduce the report."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from fraud.reporting import charts, words
from fraud.reporting.chart_style import thinned
from fraud.reporting.evidence_values import Cell, Chart, EvidenceValue, Path, Section, Sentence, Table
from fraud.reporting.first_screen import last_day
from fraud.reporting.intervals import plural
from fraud.reporting.run_view import RunView

_MOST_DAYS = 400
"""Rows of the table by day."""
_WINDOWS = ("train", "validation", "test")


def data(view: RunView) -> Section | None:
    """The data: windows, rejected rows, prevalence by day."""
    at = ("report", "dataset")
    dataset: Sentence = (
        EvidenceValue((*at, "transactions"), "count"),
        " transactions, ",
        EvidenceValue((*at, "frauds"), "count"),
        " of them fraud (",
        EvidenceValue((*at, "prevalence"), "rate"),
        " of those with a label), from ",
        EvidenceValue((*at, "first_event"), "date"),
        " to ",
        EvidenceValue((*at, "last_event"), "date"),
        ".",
    )
    unlabelled: Sentence = ("All have a label; ",)
    if view.report["dataset"]["unlabelled"]:
        have = "has" if view.report["dataset"]["unlabelled"] == 1 else "have"
        unlabelled = (EvidenceValue((*at, "unlabelled"), "count"), f" {have} no label yet; ")
    rejected: Sentence = ("no row was rejected.",)
    if view.report["dataset"]["rejected"]:
        one = view.report["dataset"]["rejected"] == 1
        ending = " row was rejected and quarantined." if one else " rows were rejected and quarantined."
        rejected = (EvidenceValue((*at, "rejected"), "count"), ending)
    return Section(
        name="data",
        title="Data",
        text=(dataset, (*unlabelled, *rejected), *_label_delay(view), *_warm_up(view)),
        charts=_prevalence(view),
        tables=(_windows(view), *_quarantine(view)),
    )


def _label_delay(view: RunView) -> tuple[Sentence, ...]:
    """How long labels took, or that the data has no label times."""
    delay = view.evidence.get("label_delay")
    if not delay:
        return ()
    at: Path = ("evidence", "label_delay")
    assumed = EvidenceValue((*at, "assumed_days"), "days")
    if not delay["measured"]:
        return (("The data has no label times; a label is assumed to be known ", assumed, " after the event."),)
    at = (*at, "measured")
    return (
        (
            "Half of the ",
            EvidenceValue((*at, "frauds"), "count"),
            " frauds of the validation and test windows were reported within ",
            EvidenceValue((*at, "median_days"), "days"),
            ", nine in ten within ",
            EvidenceValue((*at, "nine_in_ten_days"), "days"),
            ", the last after ",
            EvidenceValue((*at, "longest_days"), "days"),
            "; ",
            EvidenceValue((*at, "later_than_assumed"), "percent"),
            " took longer than the ",
            assumed,
            " that the gaps between the windows allow. Frauds not reported yet are not counted.",
        ),
    )


def _warm_up(view: RunView) -> tuple[Sentence, ...]:
    """That the first rows train nothing, where they were left out."""
    if not view.report["split"].get("warm_up"):
        return ()
    left_out = EvidenceValue(("report", "split", "warm_up"), "count")
    return (
        ("The first ", left_out, " labelled transactions train nothing: their history windows are not complete yet."),
    )


def _windows(view: RunView) -> Table:
    """The windows of each fold; those of a single one by themselves."""
    split = view.report["split"]
    folds = split.get("folds") or [split]
    rows: list[tuple[Cell, ...]] = []
    for number, fold in enumerate(folds):
        several = len(folds) > 1
        at: Path = ("report", "split", "folds", number) if several else ("report", "split")
        rows += [_window(at, fold, name, f"{name}, fold {number + 1}" if several else name) for name in _WINDOWS]
    caption = "The windows, in order of time; no window uses anything from a later one"
    if len(folds) > 1:
        caption = (
            "The windows: each part of the test window is judged by models that were trained and validated on what was "
            "known at its start"
        )
    columns = ("window", "first day", "last day", "transactions", "frauds", "prevalence")
    return Table(caption=caption, columns=columns, rows=tuple(rows))


def _window(at: Path, fold: Mapping[str, Any], window: str, name: str) -> tuple[Cell, ...]:
    return (
        name,
        EvidenceValue((*at, window, "from"), "date"),
        words.date(last_day(fold[window]["to"])),
        *(EvidenceValue((*at, window, key), "count") for key in ("transactions", "frauds")),
        EvidenceValue((*at, window, "prevalence"), "rate"),
    )


def _quarantine(view: RunView) -> tuple[Table, ...]:
    rules = view.evidence.get("quarantine") or {}
    if not rules:
        return ()
    rows = tuple((rule, EvidenceValue(("evidence", "quarantine", rule), "count")) for rule in sorted(rules))
    caption = "Rejected rows, by the rule they broke; a row may break several"
    return (Table(caption=caption, columns=("rule", "rows"), rows=rows),)


def _prevalence(view: RunView) -> tuple[Chart, ...]:
    days = view.evidence.get("prevalence_by_day") or []
    if len(days) < 3:
        return ()
    rows = [
        {"day": day["day"], "per_thousand": round(1000 * day["frauds"] / day["transactions"], 4)}
        for day in days
        if day["transactions"]
    ]
    windows = [_shade(name, view.report["split"][name]) for name in _WINDOWS]
    at = ("evidence", "prevalence_by_day")
    kept = thinned(days, _MOST_DAYS)
    skipped = f"; {len(kept)} of {len(days)} days, all are in evidence.json" if len(kept) < len(days) else ""
    table = Table(
        caption=f"Transactions with a label and frauds by day{skipped}",
        columns=("day", "transactions", "frauds"),
        rows=tuple(
            (
                EvidenceValue((*at, n, "day"), "text"),
                *(EvidenceValue((*at, n, key), "count") for key in ("transactions", "frauds")),
            )
            for n in kept
        ),
    )
    caption = "Frauds per 1,000 transactions by day; the windows are shaded. With a trend, read the results with care."
    spec = charts.prevalence_chart(rows, windows, title="frauds per 1,000 transactions")
    return (Chart(name="prevalence", spec=spec, caption=caption, table=table),)


def _shade(name: str, window: Mapping[str, Any]) -> dict[str, str]:
    """A window for the chart, with the moment in its middle, where its name is drawn."""
    start, end = (datetime.fromisoformat(window[key]) for key in ("from", "to"))
    return {"name": name, "from": window["from"], "middle": (start + (end - start) / 2).isoformat(), "to": window["to"]}


def limits(view: RunView) -> Section | None:
    """What the report cannot show."""
    return Section(name="limits", title="Limitations", points=tuple(_limits(view)))


def _limits(view: RunView) -> Iterator[Sentence]:
    yield (
        "Fraud that was never reported counts as genuine: where much of it goes unreported, all strategies find less "
        "than shown.",
    )
    delay = EvidenceValue(("report", "split", "label_delay_days"), "days")
    if view.config.get("columns", {}).get("label_time"):
        yield ("Labels are used from their label time on; gaps of ", delay, " separate the windows.")
    else:
        yield ("Labels are assumed to be known after ", delay, "; if yours take longer, models in use will be older.")
    yield (
        "One test window, ",
        words.period(view.report["split"]["test"]["from"], last_day(view.report["split"]["test"]["to"])),
        ": results may differ in another season or for a new kind of fraud, and no interval covers that.",
    )
    yield (
        "The intervals hold what varies between ",
        *view.clusters,
        *_further_sources(view),
        "; not between single transactions, because frauds come in groups.",
    )
    if not view.is_retrain:
        yield (
            "Settings and the strategy were chosen on validation; the test window was used once. "
            "Among many strategies compared on one window, the best result is still partly luck.",
        )
    if view.report["dataset"]["unlabelled"]:
        yield (
            EvidenceValue(("report", "dataset", "unlabelled"), "count"),
            " transactions without a label were not evaluated.",
        )
    time = view.config.get("columns", {}).get("event_time", {})
    if isinstance(time, Mapping) and view.config.get("columns") and not time.get("column") and not time.get("columns"):
        yield ("The data has no timestamps: row order is used instead, and the dates shown here are artificial.",)


def provenance(view: RunView) -> Section | None:
    """What is needed to reproduce the report."""
    made = view.report["provenance"]
    at = ("report", "provenance")
    entries: list[tuple[str, Cell]] = [
        ("run", EvidenceValue(("report", "run_id"), "text")),
        ("written", EvidenceValue(("report", "created"), "text")),
        ("code", EvidenceValue((*at, "commit"), "text")),
        ("configuration (sha256)", EvidenceValue((*at, "config_sha256"), "text")),
        ("first seed", EvidenceValue((*at, "seed"), "text")),
        ("store version", EvidenceValue((*at, "store_version"), "text")),
        *((f"{name} version", EvidenceValue((*at, "versions", name), "text")) for name in made["versions"]),
    ]
    rows = tuple((name, cell) for name, cell in entries)
    tables = [Table(caption="The run", columns=("what", "value"), rows=rows, wordy=("value",))]
    if made["dumps"]:
        tables.append(_dumps(made["dumps"]))
    toml = view.evidence.get("config_toml")
    return Section(
        name="provenance",
        title="Provenance: how to reproduce this report",
        text=_champion(view),
        tables=tuple(tables),
        listing=("The whole configuration", toml) if toml else None,
    )


def _champion(view: RunView) -> tuple[Sentence, ...]:
    champion = view.report["champion"]
    if not champion:
        return ()
    at = ("report", "champion")
    opening = "The model in use after this run: "
    if not champion.get("in_use", True):
        opening = "Registered and not in use, as it is not shown to rank fraud better than chance: "
    strategy: Sentence = (opening, EvidenceValue((*at, "strategy"), "text"))
    rule: tuple[Sentence, ...] = ((EvidenceValue((*at, "rule"), "text"),),) if champion.get("rule") else ()
    seeds: Sentence = (
        (", the mean of the networks with seeds " if len(champion["seeds"]) > 1 else ", seed "),
        EvidenceValue((*at, "seeds"), "listed"),
    )
    version: Sentence = ()
    if champion["version"] is not None:
        version = (", version ", EvidenceValue((*at, "version"), "text"), " in the registry")
    return ((*strategy, *seeds, *version, "."), *rule)


def _dumps(dumps: Any) -> Table:
    def row(index: int) -> tuple[Cell, ...]:
        at = ("report", "provenance", "dumps", index)
        return (
            EvidenceValue((*at, "file"), "text"),
            EvidenceValue((*at, "rows"), "count"),
            EvidenceValue((*at, "sha256"), "text"),
        )

    return Table(
        caption="The dumps",
        columns=("file", "rows", "sha256"),
        rows=tuple(row(index) for index in range(len(dumps))),
        wordy=("sha256",),
    )


def _further_sources(view: RunView) -> Sentence:
    """What else varies in the intervals, counted: a second way to cluster, seeds, windows in time."""
    sources = view.report.get("intervals", {}).get("sources", ())
    words_of: list[str | EvidenceValue] = []
    for index, one in enumerate(sources):
        if index == 0 or not one["included"]:
            continue
        count = EvidenceValue(("report", "intervals", "sources", index, "count"), "count")
        called = "windows in time" if one["kind"] == "folds" else plural(one["source"], one["count"])
        words_of += [", between ", count, f" {called}"]
    return tuple(words_of)
