"""Sections with recall by group: by kind of fraud, amount, hour and how well the entities are known."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fraud.evaluation import strategy_facts
from fraud.reporting import interval_charts
from fraud.reporting.evidence_values import PICK, Cell, Chart, EvidenceValue, Path, Section, Sentence, Table
from fraud.reporting.intervals import interval
from fraud.reporting.run_view import RunView
from fraud.reporting.words import NOTHING

_QUESTIONS = {
    "amount": ("by amount", "Bands of the amount hold about as many frauds each."),
    "hour": ("by hour of the day", "Hours are those of the data's time zone."),
    "novelty": (
        "by how well the entities are known",
        "A card, merchant or pair is known by its earlier transactions in this data.",
    ),
}


def types(view: RunView) -> Section | None:
    """Which kinds of fraud are found."""
    by_name = {name: view.row(name).get("recall_by_type") or [] for name in view.names}
    if not any(by_name.values()):
        return None
    paths = {name: (*view.paths[name], "recall_by_type") for name in by_name}
    beside = {view.leading, *view.family_best}
    chart = _chart(view, "types", by_name, paths, key="fraud_type", by="by kind", beside=beside)
    text = "The kind of a fraud is known only afterwards; the models never see it."
    sentences = tuple(sentence for sentence in ((text,), _most_missed(view)) if sentence)
    return Section(name="types", title="Which kinds of fraud are found?", text=sentences, charts=(chart,))


def _most_missed(view: RunView) -> Sentence:
    """The kind of fraud that most of the missed frauds belong to."""
    row = view.row(view.serving)
    most = strategy_facts(row)["most_missed"]
    if most is None:
        return ()
    kinds = row["recall_by_type"]
    index = next(index for index, kind in enumerate(kinds) if kind["fraud_type"] == most["fraud_type"])
    at = (*view.paths[view.serving], "recall_by_type", index)
    share = "Most" if most["share_of_missed"] > 0.5 else "The largest part"
    return (
        f"{share} of the frauds that {view.serving_called} misses are of kind ",
        EvidenceValue((*at, "fraud_type"), "text"),
        ": recall on its ",
        EvidenceValue((*at, "frauds"), "count"),
        " frauds is ",
        *interval(kinds[index]["recall"], (*at, "recall"), "percent"),
        ".",
    )


def groups(view: RunView) -> Section | None:
    """Where frauds are missed: small or large, by day or night, on new cards or old ones."""
    found = view.by_strategy("breakdowns")
    charts = tuple(_group_charts(view, found))
    if not charts:
        return None
    text = (
        "Where recall is low, fraud goes undetected. Groups with few frauds have wide intervals; where the intervals "
        "of two groups overlap, their difference may be chance."
    )
    title = "Where are frauds missed?"
    return Section(name="groups", title=title, text=((text,),), charts=charts)


def _group_charts(view: RunView, found: Mapping[str, Any]) -> Iterator[Chart]:
    for dimension, (by, note) in _QUESTIONS.items():
        by_name = {name: parts[dimension] for name, parts in found.items() if parts.get(dimension)}
        if by_name:
            paths: dict[str, Path] = {name: ("evidence", "breakdowns", name, dimension) for name in by_name}
            chart = _chart(view, f"by-{dimension}", by_name, paths, key="group", by=by, note=note)
            yield replace(chart, title=f"{by[0].upper()}{by[1:]}")


def _chart(
    view: RunView,
    chart: str,
    by_name: Mapping[str, Sequence[Mapping[str, Any]]],
    paths: Mapping[str, Path],
    *,
    key: str,
    by: str,
    note: str = "",
    beside: Collection[str] = (),
) -> Chart:
    """Recall by group: of the leading strategy and those in ``beside``, or of the one picked."""
    by_default = set(view.names) if view.is_retrain else {view.leading, *beside}
    rows = [
        {"group": one[key], "strategy": name, "leading": name in by_default, **one["recall"]}
        for name, ones in by_name.items()
        for one in ones
        if one["recall"] is not None
    ]
    whose = view.leading_called if len(by_default) == 1 else "the best of each family"
    whose = "both models" if view.is_retrain else whose
    caption = f"Frauds found of 100 {by}, {view.operating_point}, by {whose}; 95 % intervals. {note}"
    return Chart(
        name=chart,
        spec=interval_charts.group_chart(rows, view.styles, description=f"Recall {by}"),
        caption=caption.strip(),
        table=_table(view, by_name, paths, key=key, by=by),
        legend=tuple(by_name),
        hint="" if view.is_retrain else PICK,
    )


def _table(
    view: RunView,
    by_name: Mapping[str, Sequence[Mapping[str, Any]]],
    paths: Mapping[str, Path],
    *,
    key: str,
    by: str,
) -> Table:
    """One row a group, one column a strategy."""
    names = [name for name in by_name if name in view.drawn]
    found = {name: {one[key]: index for index, one in enumerate(by_name[name])} for name in names}

    def recall(name: str, group: str) -> Cell:
        """Of one strategy in one group; nothing where it has no such group."""
        index = found[name].get(group)
        if index is None:
            return NOTHING
        return interval(by_name[name][index]["recall"], (*paths[name], index, "recall"), "percent")

    def row(index: int, group: str) -> tuple[Cell, ...]:
        """One group, all strategies."""
        at = (*paths[names[0]], index)
        heading = (EvidenceValue((*at, key), "text"), EvidenceValue((*at, "frauds"), "count"))
        return (*heading, *(recall(name, group) for name in names))

    return Table(
        caption=f"Recall {by}{view.not_tabled}",
        columns=("group", "frauds", *names),
        rows=tuple(row(index, group) for group, index in found[names[0]].items()),
    )
