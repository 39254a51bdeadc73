"""Every feature as a sentence for the person who reviews an alert: one table, one line a family of features.

Features of one ``meaning`` describe the same thing; their contributions to a score are summed, and the one that
contributed most gives the sentence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from fraud.features import MINUTES, Recipe
from fraud.scoring.value_text import (
    MEMORY,
    clock,
    count,
    days,
    deviations,
    hours,
    label,
    money,
    number,
    quoted,
    share,
    since_first,
    times,
    weekday,
)

Row = Mapping[str, Any]
"""One transaction: its features and its other columns."""
DURATIONS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_PLURAL_OF_ONE = re.compile(r"^1 (\w+)s\b")


@dataclass(frozen=True)
class FeatureText:
    """The sentence of one feature; ``{value}`` and ``{typical}`` are filled in, formatted by ``written``."""

    meaning: str
    text: str
    written: Callable[[Any], str]
    missing: str = ""
    """Sentence where the feature has no value."""
    source: str = ""
    """The column whose value is shown instead of the feature's."""
    entities: tuple[str, ...] = ()
    """Entities without which there is no value."""

    def sentence(self, row: Row, feature: str, typical: Any = None) -> str:
        """The sentence for one transaction.

        Args:
            row: the transaction.
            feature: its name.
            typical: value of the typical training row, where it is known.
        """
        for entity in self.entities:
            if row.get(entity) is None:
                return f"no {entity} given"
        value = row.get(self.source or feature)
        if value is None:
            return self.missing
        shown = _PLURAL_OF_ONE.sub(r"1 \1", self.text.replace("{value}", self.written(value)))
        known = typical is not None and not self.source
        return shown.replace("{typical}", f" (typically {self.written(typical)})" if known else "")


_HOUR = FeatureText("hour", "at {value}", clock, source="event_time")
_WEEKDAY = FeatureText("weekday", "on a {value}", weekday, source="event_time")
NEW = "first transaction of this {entity}"
UNKNOWN = "no label of this {entity} is known yet"
FAMILIES: Mapping[str, FeatureText] = {
    "amount": FeatureText("amount", "amount {value}", money),
    "amount_log": FeatureText("amount", "amount {value}", money, source="amount"),
    "hour_sin": _HOUR,
    "hour_cos": _HOUR,
    "is_night": _HOUR,
    "weekday_sin": _WEEKDAY,
    "weekday_cos": _WEEKDAY,
    "is_weekend": _WEEKDAY,
    # Recent activity of the entity.
    "{entity}_count_{window}": FeatureText(
        "{entity}: number", "{value} transactions of this {entity} in the last {span}{typical}", count
    ),
    "{entity}_amount_sum_{window}": FeatureText(
        "{entity}: spending", "{value} moved by this {entity} in the last {span}{typical}", money
    ),
    "{entity}_amount_mean_{window}": FeatureText(
        "{entity}: spending",
        "mean amount of this {entity} in the last {span} {value}{typical}",
        money,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_max_{window}": FeatureText(
        "{entity}: spending",
        "largest amount of this {entity} in the last {span} {value}{typical}",
        money,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_mean_{window}_over_{longest}": FeatureText(
        "{entity}: recent spending",
        "mean amount of this {entity} in the last {span} {value} the {long_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_max_{window}_over_{longest}": FeatureText(
        "{entity}: recent spending",
        "largest amount of this {entity} in the last {span} {value} the {long_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    # This amount against the entity's history.
    "{entity}_amount_ratio_{window}": FeatureText(
        "{entity}: amount",
        "amount {value} this {entity}'s {of_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_zscore": FeatureText(
        "{entity}: amount", "amount {value} this {entity}'s usual one", deviations, NEW
    ),
    "{entity}_amount_to_genuine_max": FeatureText(
        "{entity}: amount",
        "amount {value} the largest of this {entity} known as genuine",
        times,
        "no transaction of this {entity} is known as genuine yet",
    ),
    # How new the entity or pair is.
    "{entity}_age_days": FeatureText("{entity}: age", "this {entity} was first seen {value}", since_first, NEW),
    "{entity}_previous_hours": FeatureText(
        "{entity}: pause", "previous transaction of this {entity} {value} ago{typical}", hours, NEW
    ),
    "{entity}_{other}_previous_days": FeatureText(
        "{entity} and {other}",
        "previous transaction of this {entity} with this {other} {value} ago",
        days,
        f"no transaction of this {{entity}} with this {{other}} in the last {MEMORY}",
    ),
    # Known labels of the entity's earlier transactions.
    "{entity}_known_count_{window}": FeatureText(
        "{entity}: frauds", "{value} labels of this {entity} became known in the last {span}{typical}", count
    ),
    "{entity}_fraud_count_{window}": FeatureText(
        "{entity}: frauds", "{value} frauds of this {entity} became known in the last {span}", count
    ),
    "{entity}_fraud_rate_{window}": FeatureText(
        "{entity}: frauds",
        "{value} of this {entity}'s labels that became known in the last {span} are frauds",
        share,
        "no label of this {entity} became known in the last {span}",
    ),
    "{entity}_last_label": FeatureText(
        "{entity}: frauds", "latest known label of this {entity}: {value}", label, UNKNOWN
    ),
    "{entity}_last_3_rate": FeatureText(
        "{entity}: frauds", "{value} of the latest three known labels of this {entity} are frauds", share, UNKNOWN
    ),
    "{entity}_last_fraud_days": FeatureText(
        "{entity}: frauds",
        "latest known fraud of this {entity} {value} ago",
        days,
        f"no fraud of this {{entity}} became known in the last {MEMORY}",
    ),
    "{entity}_last_genuine_days": FeatureText(
        "{entity}: frauds",
        "latest transaction of this {entity} known as genuine {value} ago",
        days,
        "no transaction of this {entity} is known as genuine yet",
    ),
    "{entity}_streak_days": FeatureText(
        "{entity}: frauds", "this {entity}'s known labels have been the same for {value}", days, UNKNOWN
    ),
}
"""Name of a feature -> its text; one for each {entity} and {window} in its name."""


def feature_texts(recipe: Recipe) -> dict[str, FeatureText]:
    """The text of every feature that a recipe makes."""
    longest = max(recipe.windows, key=lambda window: int(window[:-1]) * MINUTES[window[-1]], default="")
    found = {
        name: FeatureText(name, f"{name} is {{value}}{{typical}}", number, f"{name} is empty")
        for name in recipe.numeric
    }
    found |= {
        name: FeatureText(name, f"{name} is {{value}}", quoted, f"{name} is empty") for name in recipe.categorical
    }
    for pattern, text in FAMILIES.items():
        found |= {_filled(pattern, names): _for_names(text, names) for names in _names(pattern, recipe, longest)}
    return {name: _by_clocks_of(recipe.timezone, text) for name, text in found.items()}


def _by_clocks_of(timezone: str, text: FeatureText) -> FeatureText:
    """A text that shows an hour or a weekday, with those of the data's time zone."""
    written = text.written
    if written not in {clock, weekday}:
        return text
    return replace(text, written=lambda time: written(time.astimezone(ZoneInfo(timezone))))


def _names(pattern: str, recipe: Recipe, longest: str) -> Iterator[dict[str, str]]:
    """The values of the braces for each feature of a family."""
    entities = recipe.entities if "{entity}" in pattern else ("",)
    windows = recipe.windows if "{window}" in pattern else ("",)
    windows = tuple(window for window in windows if window != longest) if "{longest}" in pattern else windows
    others = recipe.entities[1:] if "{other}" in pattern else ("",)
    entities = entities[:1] if "{other}" in pattern else entities
    for entity, other, window in product(entities, others, windows):
        yield {"entity": entity, "other": other, "window": window, "longest": longest}


def _for_names(family: FeatureText, names: Mapping[str, str]) -> FeatureText:
    window, longest = names["window"], names["longest"]
    readable = {name: names[name].replace("_", " ") for name in ("entity", "other")}
    readable |= {"span": _span(window), "of_span": _of_span(window), "long_span": _of_span(longest)}
    meaning, text, missing = (_filled(part, readable) for part in (family.meaning, family.text, family.missing))
    entities = tuple(names[name] for name in ("entity", "other") if names[name])
    return replace(family, meaning=meaning, text=text, missing=missing, entities=entities)


def _filled(pattern: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def _span(window: str) -> str:
    """``7d`` -> 7 days; ``1d`` -> day."""
    if not window:
        return ""
    unit = DURATIONS[window[-1]]
    return unit if window[:-1] == "1" else f"{window[:-1]} {unit}s"


def _of_span(window: str) -> str:
    """``30d`` -> 30-day."""
    return f"{window[:-1]}-{DURATIONS[window[-1]]}" if window else ""
