"""Sections on which frauds are found: by kind, amount, hour and novelty of the entities."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fraud.reporting import interval_charts
from fraud.reporting.evidence_values import PICK, Cell, Chart, Figure, Path, Section, Sentence, Table
from fraud.reporting.intervals import interval
from fraud.reporting.run_view import Facts
from fraud.reporting.words import NOTHING

_QUESTIONS = {
    "amount": ("by amount", "Bands of the amount hold about as many frauds each."),
    "hour": ("by hour of the day", "Hours are UTC."),
    "novelty": (
        "by how well the entities are known",
        "A card, merchant or pair is known by its earlier transactions in this data.",
    ),
}


def types(facts: Facts) -> Section | None:
    """Which kinds of fraud are found."""
    by_name = {name: facts.row(name).get("recall_by_type") or [] for name in facts.names}
    if not any(by_name.values()):
        return None
    places = {name: (*facts.places[name], "recall_by_type") for name in by_name}
    beside = {facts.leading, *facts.family_best}
    chart = _chart(facts, "types", by_name, places, key="fraud_type", by="by kind", beside=beside)
    text = "What kind a fraud was is known only afterwards; the models never see it."
    sentences = tuple(sentence for sentence in ((text,), _most_missed(facts)) if sentence)
    return Section(name="types", title="Which kinds of fraud are found?", text=sentences, charts=(chart,))


def _most_missed(facts: Facts) -> Sentence:
    """Where the rest is lost: the kind that most of the missed frauds are of."""
    kinds = facts.row(facts.serving).get("recall_by_type") or []
    missed = [kind["frauds"] * (1 - kind["recall"]["mean"]) if kind["recall"] else 0.0 for kind in kinds]
    if len(kinds) < 2 or not sum(missed):
        return ()
    place = max(range(len(kinds)), key=missed.__getitem__)
    at = (*facts.places[facts.serving], "recall_by_type", place)
    share = "Most" if missed[place] > sum(missed) / 2 else "The largest part"
    return (
        f"{share} of the frauds that {facts.serving_called} misses are of kind ",
        Figure((*at, "fraud_type"), "text"),
        ": of ",
        Figure((*at, "frauds"), "count"),
        " it finds ",
        *interval(kinds[place]["recall"], (*at, "recall"), "percent"),
        ".",
    )


def groups(facts: Facts) -> Section | None:
    """Where frauds are missed: small or large, by day or night, on new cards or old ones."""
    found = facts.by_strategy("breakdowns")
    charts = tuple(_group_charts(facts, found))
    if not charts:
        return None
    text = (
        "Where recall is low, fraud passes unseen. Groups with few frauds have wide intervals; where the intervals of "
        "two groups overlap, their difference may be chance."
    )
    title = "Where are frauds missed?"
    return Section(name="groups", title=title, text=((text,),), charts=charts)


def _group_charts(facts: Facts, found: Mapping[str, Any]) -> Iterator[Chart]:
    for dimension, (by, note) in _QUESTIONS.items():
        by_name = {name: parts[dimension] for name, parts in found.items() if parts.get(dimension)}
        if by_name:
            places: dict[str, Path] = {name: ("evidence", "breakdowns", name, dimension) for name in by_name}
            chart = _chart(facts, f"by-{dimension}", by_name, places, key="group", by=by, note=note)
            yield replace(chart, title=f"{by[0].upper()}{by[1:]}")


def _chart(
    facts: Facts,
    chart: str,
    by_name: Mapping[str, Sequence[Mapping[str, Any]]],
    places: Mapping[str, Path],
    *,
    key: str,
    by: str,
    note: str = "",
    beside: Collection[str] = (),
) -> Chart:
    """Recall by group: of the strategy in the lead and those beside it, or of the one picked."""
    unasked = set(facts.names) if facts.is_retrain else {facts.leading, *beside}
    rows = [
        {"group": one[key], "strategy": name, "leading": name in unasked, **one["recall"]}
        for name, ones in by_name.items()
        for one in ones
        if one["recall"] is not None
    ]
    whose = facts.leading_called if len(unasked) == 1 else "the best of each family"
    whose = "both models" if facts.is_retrain else whose
    caption = f"Frauds found of 100 {by}, {facts.operating_point}, by {whose}; 95 % intervals. {note}"
    return Chart(
        name=chart,
        spec=interval_charts.group_chart(rows, facts.looks, description=f"Recall {by}"),
        caption=caption.strip(),
        table=_table(facts, by_name, places, key=key, by=by),
        legend=tuple(by_name),
        hint="" if facts.is_retrain else PICK,
    )


def _table(
    facts: Facts,
    by_name: Mapping[str, Sequence[Mapping[str, Any]]],
    places: Mapping[str, Path],
    *,
    key: str,
    by: str,
) -> Table:
    """One row a group, one column a strategy."""
    names = [name for name in by_name if name in facts.drawn]
    found = {name: {one[key]: place for place, one in enumerate(by_name[name])} for name in names}

    def recall(name: str, group: str) -> Cell:
        """Of one strategy in one group; nothing where it has no such group."""
        place = found[name].get(group)
        if place is None:
            return NOTHING
        return interval(by_name[name][place]["recall"], (*places[name], place, "recall"), "percent")

    def row(place: int, group: str) -> tuple[Cell, ...]:
        """One group, all strategies."""
        at = (*places[names[0]], place)
        heading = (Figure((*at, key), "text"), Figure((*at, "frauds"), "count"))
        return (*heading, *(recall(name, group) for name in names))

    return Table(
        caption=f"Recall {by}{facts.not_tabled}",
        columns=("group", "frauds", *names),
        rows=tuple(row(place, group) for group, place in found[names[0]].items()),
    )
