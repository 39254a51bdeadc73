"""What every feature says to the person who works an alert: one table, one line a family of features.

Features of one ``meaning`` speak of the same thing; what they add to a score is added up, and the one of them that
added most is put into words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

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

Facts = Mapping[str, Any]
"""One transaction: its features and what stands beside them."""
DURATIONS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_PLURAL_OF_ONE = re.compile(r"^1 (\w+)s\b")


@dataclass(frozen=True)
class Words:
    """How one feature is said; ``{value}`` and ``{typical}`` are filled in by ``said``."""

    meaning: str
    text: str
    said: Callable[[Any], str]
    missing: str = ""
    """Where the feature has no value."""
    source: str = ""
    """The column that is said in place of the feature."""
    entities: tuple[str, ...] = ()
    """Without which there is no value."""

    def sentence(self, facts: Facts, feature: str, typical: Any = None) -> str:
        """The words for one transaction.

        Args:
            facts: of the transaction.
            feature: whose words these are.
            typical: value of the typical training row, where it is known.
        """
        for entity in self.entities:
            if facts.get(entity) is None:
                return f"no {entity} named"
        value = facts.get(self.source or feature)
        if value is None:
            return self.missing
        shown = _PLURAL_OF_ONE.sub(r"1 \1", self.text.replace("{value}", self.said(value)))
        known = typical is not None and not self.source
        return shown.replace("{typical}", f" (typically {self.said(typical)})" if known else "")


_HOUR = Words("hour", "at {value}", clock, source="event_time")
_WEEKDAY = Words("weekday", "on a {value}", weekday, source="event_time")
NEW = "first transaction of this {entity}"
UNKNOWN = "no label of this {entity} is known yet"
FAMILIES: Mapping[str, Words] = {
    "amount": Words("amount", "amount {value}", money),
    "amount_log": Words("amount", "amount {value}", money, source="amount"),
    "hour_sin": _HOUR,
    "hour_cos": _HOUR,
    "is_night": _HOUR,
    "weekday_sin": _WEEKDAY,
    "weekday_cos": _WEEKDAY,
    "is_weekend": _WEEKDAY,
    # What the entity did of late.
    "{entity}_count_{window}": Words(
        "{entity}: number", "{value} transactions of this {entity} in the last {span}{typical}", count
    ),
    "{entity}_amount_sum_{window}": Words(
        "{entity}: spending", "{value} moved by this {entity} in the last {span}{typical}", money
    ),
    "{entity}_amount_mean_{window}": Words(
        "{entity}: spending",
        "mean amount of this {entity} in the last {span} {value}{typical}",
        money,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_max_{window}": Words(
        "{entity}: spending",
        "largest amount of this {entity} in the last {span} {value}{typical}",
        money,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_mean_{window}_over_{longest}": Words(
        "{entity}: recent spending",
        "mean amount of this {entity} in the last {span} {value} the {long_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_max_{window}_over_{longest}": Words(
        "{entity}: recent spending",
        "largest amount of this {entity} in the last {span} {value} the {long_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    # This amount against the entity's own.
    "{entity}_amount_ratio_{window}": Words(
        "{entity}: amount",
        "amount {value} this {entity}'s {of_span} mean",
        times,
        "no transaction of this {entity} in the last {span}",
    ),
    "{entity}_amount_zscore": Words("{entity}: amount", "amount {value} this {entity}'s usual one", deviations, NEW),
    "{entity}_amount_to_genuine_max": Words(
        "{entity}: amount",
        "amount {value} the largest of this {entity} known as genuine",
        times,
        "no transaction of this {entity} is known as genuine yet",
    ),
    # How new things are.
    "{entity}_age_days": Words("{entity}: age", "this {entity} was first seen {value}", since_first, NEW),
    "{entity}_previous_hours": Words(
        "{entity}: pause", "previous transaction of this {entity} {value} ago{typical}", hours, NEW
    ),
    "{entity}_{other}_previous_days": Words(
        "{entity} and {other}",
        "this {entity} and this {other} last met {value} ago",
        days,
        f"this {{entity}} and this {{other}} have not met in the last {MEMORY}",
    ),
    # What is known of the entity's earlier transactions.
    "{entity}_known_count_{window}": Words(
        "{entity}: frauds", "{value} labels of this {entity} became known in the last {span}{typical}", count
    ),
    "{entity}_fraud_count_{window}": Words(
        "{entity}: frauds", "{value} frauds of this {entity} became known in the last {span}", count
    ),
    "{entity}_fraud_rate_{window}": Words(
        "{entity}: frauds",
        "{value} of this {entity}'s labels that became known in the last {span} are frauds",
        share,
        "no label of this {entity} became known in the last {span}",
    ),
    "{entity}_last_label": Words("{entity}: frauds", "latest known label of this {entity}: {value}", label, UNKNOWN),
    "{entity}_last_3_rate": Words(
        "{entity}: frauds", "{value} of the latest three known labels of this {entity} are frauds", share, UNKNOWN
    ),
    "{entity}_last_fraud_days": Words(
        "{entity}: frauds",
        "latest known fraud of this {entity} {value} ago",
        days,
        f"no fraud of this {{entity}} became known in the last {MEMORY}",
    ),
    "{entity}_last_genuine_days": Words(
        "{entity}: frauds",
        "latest transaction of this {entity} known as genuine {value} ago",
        days,
        "no transaction of this {entity} is known as genuine yet",
    ),
    "{entity}_streak_days": Words(
        "{entity}: frauds", "run of alike labels of this {entity} began {value} ago", days, UNKNOWN
    ),
}
"""Name of a feature -> its words. Where it names an {entity}, a {window} or both, there is one for each of them."""


def words_of(recipe: Recipe) -> dict[str, Words]:
    """The words of every feature that a recipe makes."""
    longest = max(recipe.windows, key=lambda window: int(window[:-1]) * MINUTES[window[-1]], default="")
    found = {
        name: Words(name, f"{name} is {{value}}{{typical}}", number, f"{name} is empty") for name in recipe.numeric
    }
    found |= {name: Words(name, f"{name} is {{value}}", quoted, f"{name} is empty") for name in recipe.categorical}
    for pattern, words in FAMILIES.items():
        found |= {_filled(pattern, names): _worded(words, names) for names in _names(pattern, recipe, longest)}
    return found


def _names(pattern: str, recipe: Recipe, longest: str) -> Iterator[dict[str, str]]:
    """What each feature of a family puts in place of the braces."""
    entities = recipe.entities if "{entity}" in pattern else ("",)
    windows = recipe.windows if "{window}" in pattern else ("",)
    windows = tuple(window for window in windows if window != longest) if "{longest}" in pattern else windows
    others = recipe.entities[1:] if "{other}" in pattern else ("",)
    entities = entities[:1] if "{other}" in pattern else entities
    for entity, other, window in product(entities, others, windows):
        yield {"entity": entity, "other": other, "window": window, "longest": longest}


def _worded(words: Words, names: Mapping[str, str]) -> Words:
    window, longest = names["window"], names["longest"]
    spoken = {name: names[name].replace("_", " ") for name in ("entity", "other")}
    spoken |= {"span": _span(window), "of_span": _of_span(window), "long_span": _of_span(longest)}
    meaning, text, missing = (_filled(part, spoken) for part in (words.meaning, words.text, words.missing))
    named = tuple(names[name] for name in ("entity", "other") if names[name])
    return replace(words, meaning=meaning, text=text, missing=missing, entities=named)


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
