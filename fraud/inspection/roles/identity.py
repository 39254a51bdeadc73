"""Roles that no name settles: the identity of the transactions, and columns that may be the label."""

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from fraud.data import fitting_formats, text
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import FEW_VALUES, Roles
from fraud.inspection.roles.names import AMOUNTS, CARDS, PARTIES, TIMES, hints, words
from fraud.inspection.roles.profile import Profile

FEWEST = 100
"""Rows below which many a column has no value twice by chance."""
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_\-./:#]{3,63}$")
_COUNT = re.compile(r"(?<!about )\b(\d[\d,]*) values(?=,| in |$)")
_FEATURE = re.compile(r"^[A-Za-z]\d{1,3}$")


def take_identity(
    roles: Roles, profiles: Mapping[str, Profile], sample: Sample, personal: Mapping[str, str]
) -> list[str]:
    """Take a column of codes that come once each as the identity, where no name says which it is; says that it did."""
    if roles.transaction_id:
        return []
    why = {name: roles.why.get(name, "") for name in roles.ignore if name not in personal}
    left = [name for name, text in why.items() if "only counts the rows" in text or " rows: " in text]
    found = find_identity(left, profiles, sample)
    if found is None:
        return []
    roles.ignore.remove(found)
    del roles.why[found]
    roles.transaction_id = found
    return [f"{found} was taken for transaction_id: no two rows share a value, and these look like codes"]


def say_about(roles: Roles, sample: Sample) -> None:
    """Call numbers of values estimates, where they are: many values, of more rows than the sample has."""

    def said(found: re.Match[str]) -> str:
        return f"about {found[0]}" if int(found[1].replace(",", "")) > FEW_VALUES * 10 else found[0]

    if sample.rows > len(sample.frame):
        roles.why = {name: _COUNT.sub(said, why) for name, why in roles.why.items()}


def withhold(names: Sequence[str], roles: Roles) -> None:
    """Keep what may be the label out of the features, where no label is known that would show whether it tells."""
    for name in names:
        for group in (roles.numeric, roles.categorical):
            if name in group:
                group.remove(name)
                roles.drop(name, "its name says that it may be the label")
    roles.entities = {entity: column for entity, column in roles.entities.items() if column not in names}


def find_identity(names: Iterable[str], profiles: Mapping[str, Profile], sample: Sample) -> str | None:
    """The column of codes of which no two rows share one; None where there is none, or more than one.

    A plain count of the rows is none: it would begin anew in the next dump.

    Args:
        names: of columns without another role.
        profiles: of all columns.
        sample: of the dumps.
    """
    fit = [name for name in names if _is_code(name, profiles[name]) and _is_unique(name, sample)]
    return fit[0] if len(fit) == 1 else None


def _is_code(name: str, profile: Profile) -> bool:
    if profile.kind not in {"text", "number"} or profile.values < max(len(profile.texts), FEWEST):
        return False
    party = hints(name, set().union(*CARDS) | PARTIES)
    other = bool(set(words(name)) & ({*AMOUNTS} | TIMES)) or bool(_FEATURE.match(name))
    if party or other or (profile.kind == "number" and not profile.whole_numbers):
        return False
    look = profile.texts.head(1_000)
    codes = look.str.contains(_CODE.pattern).all() and look.str.contains(r"\d").all()
    return bool(codes) and not _counts_rows(profile) and not (profile.kind == "text" and fitting_formats(look))


def _counts_rows(profile: Profile) -> bool:
    """Whether it begins with the first rows and goes on by ones."""
    if profile.kind != "number":
        return False
    first, steps = float(profile.numbers.min() or 0.0), profile.numbers.diff().drop_nulls()  # type: ignore[arg-type]
    return first in {0.0, 1.0} and bool((steps == 1).mean() > 0.9)  # type: ignore[operator]


def _is_unique(name: str, sample: Sample) -> bool:
    """Whether no two rows of all that are read share a value, and none is empty."""
    cells = sample.source.frame.select(text(sample.source, name).alias("value"))
    return int(cells.select(pl.col("value").drop_nulls().n_unique()).collect(engine="streaming").item()) == sample.rows
