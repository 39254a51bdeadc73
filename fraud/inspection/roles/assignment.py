"""Which role each column takes, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from fraud.config import RESERVED
from fraud.data import as_text
from fraud.features import ROW_FEATURES
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import (
    AMOUNTS,
    CARDS,
    CODES,
    IDENTITY,
    TRANSACTION,
    hints,
    names_a_party,
    plain_name,
    words,
)
from fraud.inspection.roles.profile import Profile
from fraud.inspection.roles.reasons import ColumnReason, DistinctValues, Explanation

RECURS = 1.3
"""Rows per value from which on a column recurs, so that its values have a history."""
FEWEST_OF_AN_ENTITY = 20
FEW_VALUES = 30
MANY_VALUES = 300
"""Above this many values a sample does not hold all, and only an estimate over all rows is affordable."""
MOST_CATEGORIES = 1_000


@dataclass(kw_only=True)
class Roles:
    """Roles found so far, with the explanation of each column that has one."""

    transaction_id: str | None = None
    amount: str | None = None
    entities: dict[str, str] = field(default_factory=dict)
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    why: dict[str, Explanation] = field(default_factory=dict)
    """Column -> why it has its role, or none."""

    @property
    def comments(self) -> dict[str, str]:
        """Column -> the comment beside it in the proposed config."""
        return {name: why.sentence for name, why in self.why.items()}

    def drop(self, column: str, why: Explanation) -> None:
        """Give a column no role, for a reason."""
        self.ignore.append(column)
        self.why[column] = why

    def ignored_for(self, *reasons: ColumnReason) -> list[str]:
        """Columns without a role for one of these reasons, in the order in which they were dropped."""
        return [name for name in self.ignore if name in self.why and self.why[name].reason in reasons]

    def withdraw(self, column: str, why: Explanation) -> None:
        """Take a column out of the features, for a reason; a column that is no feature keeps its role."""
        for group in (self.numeric, self.categorical):
            if column in group:
                group.remove(column)
                self.drop(column, why)


def find_roles(
    profiles: Mapping[str, Profile],
    sample: Sample,
    *,
    taken: Mapping[str, Explanation | None],
    fraud_types: Sequence[str],
    times: Mapping[str, Explanation],
) -> Roles:
    """A role for each column.

    Args:
        profiles: of all columns.
        sample: of the dumps.
        taken: columns that have a role already (None), or that must have none, and why.
        fraud_types: columns that name the kind of fraud.
        times: columns that hold another time than that of the transaction, and why; none of them becomes a feature.
    """
    roles = Roles()
    for name, why in taken.items():
        if why is not None:
            roles.drop(name, why)
    left = [name for name in profiles if name not in taken and name not in fraud_types]
    distinct = _distinct(sample, left, profiles)
    dated = {name for name, why in times.items() if why.reason is ColumnReason.OTHER_TIME}
    roles.transaction_id = _identity([name for name in left if name not in dated], profiles, distinct)
    left = [name for name in left if name != roles.transaction_id]
    roles.amount = find_amount([name for name in left if name not in times], profiles)
    left = [name for name in left if name != roles.amount]
    for name in _by_closeness(left):
        if name in times and not profiles[name].is_constant:
            roles.drop(name, times[name])
        else:
            _assign(name, profiles[name], roles, distinct[name])
    column_order = list(profiles).index
    roles.numeric.sort(key=column_order)
    roles.categorical.sort(key=column_order)
    return roles


def _distinct(sample: Sample, names: Sequence[str], profiles: Mapping[str, Profile]) -> dict[str, DistinctValues]:
    """Different values of each column: estimated over all rows where the sample has many, for which that decides."""
    found = {name: profiles[name].values for name in names}
    is_sampled = sample.rows > len(sample.frame)
    many = {name for name in names if is_sampled and found[name] > MANY_VALUES and not _is_measure(profiles[name])}
    if many:
        counts = sample.source.frame.select(as_text(sample.source, name).approx_n_unique().alias(name) for name in many)
        found |= counts.collect(engine="streaming").row(0, named=True)
    return {
        name: DistinctValues(values=values, rows=sample.rows, is_estimate=name in many)
        for name, values in found.items()
    }


def _is_measure(profile: Profile) -> bool:
    return profile.kind == "number" and not profile.whole_numbers


def _identity(
    names: Sequence[str], profiles: Mapping[str, Profile], distinct: Mapping[str, DistinctValues]
) -> str | None:
    def fitness(name: str) -> int:
        return 2 * hints(name, IDENTITY) + 2 * hints(name, TRANSACTION) - 3 * names_a_party(name)

    unique = [
        name
        for name in names
        if not _is_measure(profiles[name])
        and profiles[name].kind in {"number", "text"}
        and profiles[name].values == len(profiles[name].texts)
        and distinct[name].values > 0.95 * distinct[name].rows  # an estimate where the sample is not all
    ]
    named = [name for name in unique if fitness(name) > 0]
    return max(named, key=fitness, default=None)


def find_amount(names: Sequence[str], profiles: Mapping[str, Profile]) -> str | None:
    """The numeric column whose name is most clearly that of an amount; None where no name is."""

    def rank(name: str) -> float:
        """0 without a word of ``AMOUNTS``; higher for an earlier one, for a whole word and for fewer other words."""
        found = words(name)
        ranks = [rank for rank, word in enumerate(AMOUNTS) if word in found or word in "".join(found)]
        whole = [word for word in AMOUNTS if word in found]
        return (len(AMOUNTS) - min(ranks) + 5 * bool(whole) - len(found) / 10) if ranks else 0.0

    fit = [name for name in names if profiles[name].kind == "number" and profiles[name].values > 10 and rank(name) > 0]
    return max(fit, key=rank, default=None)


def _by_closeness(names: Sequence[str]) -> list[str]:
    """Names in the order of ``CARDS``: the first entity is taken for the card, which intervals are made by."""

    def distance(name: str) -> int:
        return next((distance for distance, group in enumerate(CARDS) if hints(name, group)), len(CARDS))

    return sorted(names, key=distance)


def _assign(name: str, profile: Profile, roles: Roles, distinct: DistinctValues) -> None:
    if profile.kind == "empty":
        roles.drop(name, Explanation(ColumnReason.EMPTY))
    elif profile.kind == "nested":
        roles.drop(name, Explanation(ColumnReason.NESTED))
    elif profile.is_constant:
        roles.drop(name, Explanation(ColumnReason.CONSTANT, detail=profile.texts.drop_nulls()[0]))
    elif name in {*RESERVED, *ROW_FEATURES} - {roles.amount}:
        roles.drop(name, Explanation(ColumnReason.RESERVED_NAME))
    elif _names_an_entity(name, profile, distinct.values):
        _entity(name, roles, distinct)
    elif profile.kind == "number":
        _number(name, profile, roles, distinct)
    else:
        _text(name, profile, roles, distinct)


def _names_an_entity(name: str, profile: Profile, values: int) -> bool:
    if _is_measure(profile) or values < FEWEST_OF_AN_ENTITY:
        return False
    has_identity = bool(set(words(name)) & IDENTITY)
    numbered = profile.kind == "number" and not has_identity and values < 200
    measured = profile.kind == "number" and bool(set(words(name)) & {"count", "amount", "lat", "long", "lon", "score"})
    return (names_a_party(name) and not measured and not (numbered and hints(name, CODES))) or (
        values > MOST_CATEGORIES and profile.kind == "number" and has_identity
    )


def _entity(name: str, roles: Roles, distinct: DistinctValues) -> None:
    if distinct.rows < RECURS * distinct.values:
        roles.drop(name, Explanation(ColumnReason.HARDLY_RECURS, distinct=distinct))
        return
    known = ("card", "account", "customer", "merchant", "terminal", "device")
    called = next((word for word in known if word in words(name)), "")
    called = called or ("card" if set(words(name)) & {"cc", "pan"} else plain_name(name))
    if called in {*RESERVED, *roles.entities, *roles.numeric, *roles.categorical}:
        called = f"{plain_name(name)}_entity"
    roles.entities[called] = name
    roles.why[name] = Explanation(ColumnReason.ENTITY, distinct=distinct)


def _number(name: str, profile: Profile, roles: Roles, distinct: DistinctValues) -> None:
    if profile.counts_rows:
        roles.drop(name, Explanation(ColumnReason.ROW_COUNTER))
    elif profile.whole_numbers and 2 < profile.values <= FEW_VALUES and _has_letters(profile):
        roles.categorical.append(name)
        roles.why[name] = Explanation(ColumnReason.NUMBERED_NAMES, distinct=distinct)
    elif profile.whole_numbers and 2 < profile.values <= MOST_CATEGORIES and hints(name, CODES):
        roles.categorical.append(name)
        roles.why[name] = Explanation(ColumnReason.CODES, distinct=distinct)
    else:
        roles.numeric.append(name)


def _has_letters(profile: Profile) -> bool:
    """Whether its numbers are parts of texts such as ``EUR 4``."""
    return profile.dtype == pl.String and bool(profile.texts.str.contains(r"\p{L}").any())


def _text(name: str, profile: Profile, roles: Roles, distinct: DistinctValues) -> None:
    mixed = f"numbers and words mixed: {', '.join(profile.misfits[:3])}; " if profile.numeric_share > 0.5 else ""
    if distinct.values <= MOST_CATEGORIES and distinct.values < 0.5 * max(distinct.rows, 1):
        roles.categorical.append(name)
        roles.why[name] = Explanation(ColumnReason.CATEGORY, detail=mixed, distinct=distinct)
    elif distinct.rows >= RECURS * distinct.values and not mixed:
        _entity(name, roles, distinct)
    else:
        roles.drop(name, Explanation(ColumnReason.NEITHER, detail=mixed, distinct=distinct))
