"""Which role each column takes, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from fraud.config import RESERVED
from fraud.data import text
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import AMOUNTS, CARDS, CODES, IDENTITY, PARTIES, TRANSACTION, hints, plain_name, words
from fraud.inspection.roles.other_times import GROWS
from fraud.inspection.roles.profile import Profile

RECURS = 1.3
"""Rows a value that make a column recur."""
FEWEST_OF_AN_ENTITY = 20
FEW_VALUES = 30
MOST_CATEGORIES = 1_000
FEATURES = {"amount_log", "hour_sin", "hour_cos", "weekday_sin", "weekday_cos", "is_night", "is_weekend"}
"""Names of features that are made, which no column may have."""


@dataclass(kw_only=True)
class Roles:
    """Roles found so far; the comment of a column says why."""

    transaction_id: str | None = None
    amount: str | None = None
    entities: dict[str, str] = field(default_factory=dict)
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    """Column -> comment."""

    def drop(self, column: str, why: str) -> None:
        """Give a column no role, for a reason."""
        self.ignore.append(column)
        self.why[column] = why


def find_roles(
    profiles: Mapping[str, Profile],
    sample: Sample,
    *,
    taken: Mapping[str, str | None],
    fraud_types: Sequence[str],
    times: Mapping[str, str],
) -> Roles:
    """A role for each column.

    Args:
        profiles: of all columns.
        sample: of the dumps.
        taken: columns that have a role already, or that must have none; with a comment for those to be ignored.
        fraud_types: columns that name the kind of fraud.
        times: columns that tell another time than that of the transaction, and why; none of them becomes a feature.
    """
    roles = Roles()
    for name, why in taken.items():
        if why is not None:
            roles.drop(name, why)
    left = [name for name in profiles if name not in taken and name not in fraud_types]
    different = _different(sample, left, profiles)
    dated = {name for name, why in times.items() if why != GROWS}
    roles.transaction_id = _identity([name for name in left if name not in dated], profiles, different, sample.rows)
    left = [name for name in left if name != roles.transaction_id]
    roles.amount = find_amount([name for name in left if name not in times], profiles)
    left = [name for name in left if name != roles.amount]
    for name in _by_closeness(left):
        if name in times and not profiles[name].is_constant:
            roles.drop(name, times[name])
        else:
            _assign(name, profiles[name], roles, different=different[name], rows=sample.rows)
    order = {name: place for place, name in enumerate(profiles)}
    roles.numeric.sort(key=order.__getitem__)
    roles.categorical.sort(key=order.__getitem__)
    return roles


def _different(sample: Sample, names: Sequence[str], profiles: Mapping[str, Profile]) -> dict[str, int]:
    """Different values of each column: over all rows where the sample has many, for which that decides."""
    found = {name: profiles[name].values for name in names}
    many = [n for n in names if found[n] > FEW_VALUES * 10 and not _is_measure(profiles[n])]
    if many and sample.rows > len(sample.frame):
        counts = sample.source.frame.select(text(sample.source, name).approx_n_unique().alias(name) for name in many)
        found |= counts.collect(engine="streaming").row(0, named=True)
    return found


def _is_measure(profile: Profile) -> bool:
    return profile.kind == "number" and not profile.whole_numbers


def _identity(
    names: Sequence[str], profiles: Mapping[str, Profile], different: Mapping[str, int], rows: int
) -> str | None:
    def fitness(name: str) -> int:
        found = set(words(name)) | {"".join(words(name))}
        party = bool(found & (PARTIES | set().union(*CARDS)))
        return 2 * bool(found & IDENTITY) + 2 * bool(found & TRANSACTION) - 3 * party

    unique = [
        name
        for name in names
        if not _is_measure(profiles[name])
        and profiles[name].kind in {"number", "text"}
        and profiles[name].values == len(profiles[name].texts)
        and different[name] > 0.95 * rows  # an estimate where the sample is not all
    ]
    named = [name for name in unique if fitness(name) > 0]
    return max(named, key=fitness, default=None)


def find_amount(names: Sequence[str], profiles: Mapping[str, Profile]) -> str | None:
    """The column of amounts: of those that are numbers, the one whose name says so best; None where no name does."""

    def rank(name: str) -> float:
        """How much a name says that this is the amount: by its best word, whether whole, among how few others."""
        found = words(name)
        places = [place for place, word in enumerate(AMOUNTS) if word in found or word in "".join(found)]
        whole = [word for word in AMOUNTS if word in found]
        return (len(AMOUNTS) - min(places) + 5 * bool(whole) - len(found) / 10) if places else 0.0

    fit = [name for name in names if profiles[name].kind == "number" and profiles[name].values > 10 and rank(name) > 0]
    return max(fit, key=rank, default=None)


def _by_closeness(names: Sequence[str]) -> list[str]:
    """The card first: intervals resample it."""

    def place(name: str) -> int:
        return next((place for place, found in enumerate(CARDS) if hints(name, found)), len(CARDS))

    return sorted(names, key=place)


def _assign(name: str, profile: Profile, roles: Roles, *, different: int, rows: int) -> None:
    if profile.kind == "empty":
        roles.drop(name, "empty")
    elif profile.kind == "nested":
        roles.drop(name, "holds lists or structures; flatten it first")
    elif profile.is_constant:
        roles.drop(name, f"one value alone: {profile.texts.drop_nulls()[0]}")
    elif name in {*RESERVED, *FEATURES} - {roles.amount} or name == "dump":
        roles.drop(name, "its name is a word of the canonical table; rename it in the dump to use it")
    elif _names_an_entity(name, profile, different):
        _entity(name, roles, different=different, rows=rows)
    elif profile.kind == "number":
        _number(name, profile, roles)
    else:
        _text(name, profile, roles, different=different, rows=rows)


def _names_an_entity(name: str, profile: Profile, different: int) -> bool:
    if _is_measure(profile) or different < FEWEST_OF_AN_ENTITY:
        return False
    named = hints(name, set().union(*CARDS) | PARTIES)
    numbered = profile.kind == "number" and not set(words(name)) & IDENTITY and different < 200
    measured = profile.kind == "number" and bool(set(words(name)) & {"count", "amount", "lat", "long", "lon", "score"})
    return (named and not measured and not (numbered and hints(name, CODES))) or (
        different > MOST_CATEGORIES and profile.kind == "number" and bool(set(words(name)) & IDENTITY)
    )


def _entity(name: str, roles: Roles, *, different: int, rows: int) -> None:
    if rows < RECURS * different:
        roles.drop(name, f"{different:,} values in {rows:,} rows: it hardly recurs, so it has no history")
        return
    called = next(
        (word for word in ("card", "account", "customer", "merchant", "terminal", "device") if word in words(name)), ""
    )
    called = called or ("card" if set(words(name)) & {"cc", "pan"} else plain_name(name))
    if called in {*RESERVED, *roles.entities, *roles.numeric, *roles.categorical}:
        called = f"{plain_name(name)}_entity"
    roles.entities[called] = name
    roles.why[name] = f"{different:,} values, {rows / different:,.1f} rows each"


def _number(name: str, profile: Profile, roles: Roles) -> None:
    if profile.whole_numbers and profile.values == len(profile.texts) and _counts(profile):
        roles.drop(name, "only counts the rows")
    elif profile.whole_numbers and 2 < profile.values <= FEW_VALUES and _has_letters(profile):
        roles.categorical.append(name)
        roles.why[name] = f"{profile.values:,} names with a number in them"
    elif profile.whole_numbers and 2 < profile.values <= MOST_CATEGORIES and hints(name, CODES):
        roles.categorical.append(name)
        roles.why[name] = f"{profile.values:,} codes"
    else:
        roles.numeric.append(name)


def _has_letters(profile: Profile) -> bool:
    """Whether its numbers are read out of texts such as ``EUR 4``."""
    return profile.dtype == pl.String and bool(profile.texts.str.contains(r"\p{L}").any())


def _counts(profile: Profile) -> bool:
    steps = profile.numbers.diff().drop_nulls()
    return len(steps) > 0 and bool((steps == 1).mean() > 0.9)  # type: ignore[operator]


def _text(name: str, profile: Profile, roles: Roles, *, different: int, rows: int) -> None:
    odd = f"numbers and words mixed: {', '.join(profile.misfits[:3])}; " if profile.numeric_share > 0.5 else ""
    if different <= MOST_CATEGORIES and different < 0.5 * max(rows, 1):
        roles.categorical.append(name)
        roles.why[name] = f"{odd}{different:,} values"
    elif rows >= RECURS * different and not odd:
        _entity(name, roles, different=different, rows=rows)
    else:
        roles.drop(name, f"{odd}{different:,} values in {rows:,} rows: neither a category nor a history")
