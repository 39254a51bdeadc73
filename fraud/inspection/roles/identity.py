"""Roles that no name settles: the identity of the transactions, and columns that may be the label."""

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from fraud.data import as_text, fitting_time_formats
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles
from fraud.inspection.roles.names import AMOUNTS, TIMES, names_a_party, words
from fraud.inspection.roles.profile import Profile
from fraud.inspection.roles.reasons import ColumnReason, Explanation

FEWEST_ROWS = 100
"""Rows below which many a column has no value twice by chance."""
PROBED_ROWS = 1_000
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_\-./:#]{3,63}$")
_FEATURE = re.compile(r"^[A-Za-z]\d{1,3}$")


def take_identity(
    roles: Roles, profiles: Mapping[str, Profile], sample: Sample, personal: Mapping[str, str]
) -> list[str]:
    """Make a column of unique codes the ``transaction_id`` where no name says which it is; returns the guess."""
    if roles.transaction_id:
        return []
    unused = roles.ignored_for(ColumnReason.ROW_COUNTER, ColumnReason.HARDLY_RECURS, ColumnReason.NEITHER)
    found = find_identity([name for name in unused if name not in personal], profiles, sample)
    if found is None:
        return []
    roles.ignore.remove(found)
    del roles.why[found]
    roles.transaction_id = found
    return [f"{found} was taken for transaction_id: no two rows share a value, and the values resemble codes"]


def withhold(names: Sequence[str], roles: Roles) -> None:
    """Keep columns that may be the label out of the features while no label is known to test them against."""
    for name in names:
        roles.withdraw(name, Explanation(ColumnReason.POSSIBLE_LABEL))
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
    if profile.kind not in {"text", "number"} or profile.values < max(len(profile.texts), FEWEST_ROWS):
        return False
    other = bool(set(words(name)) & ({*AMOUNTS} | TIMES)) or bool(_FEATURE.match(name))
    if names_a_party(name) or other or (profile.kind == "number" and not profile.whole_numbers):
        return False
    probed = profile.texts.head(PROBED_ROWS)
    codes = probed.str.contains(_CODE.pattern).all() and probed.str.contains(r"\d").all()
    return bool(codes) and not _begins_anew(profile) and not (profile.kind == "text" and fitting_time_formats(probed))


def _begins_anew(profile: Profile) -> bool:
    """Whether it counts the rows of this dump from 0 or 1, as it will in the next dump."""
    return profile.counts_rows and profile.numbers.min() in {0.0, 1.0}


def _is_unique(name: str, sample: Sample) -> bool:
    """Whether no two rows of all that are read share a value, and none is empty."""
    cells = sample.source.frame.select(as_text(sample.source, name).alias("value"))
    return int(cells.select(pl.col("value").drop_nulls().n_unique()).collect(engine="streaming").item()) == sample.rows
