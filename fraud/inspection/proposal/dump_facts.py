"""What was found out about dumps, of which config and warnings are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fraud.inspection.leaks.leaking_columns import Giveaway
from fraud.inspection.proposal.plan import Plan
from fraud.inspection.proposal.timeline import Course
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles
from fraud.inspection.roles.clock import Clock
from fraud.inspection.roles.label import Label
from fraud.inspection.roles.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found out about dumps of the same columns."""

    sample: Sample
    profiles: Mapping[str, Profile]
    preset: str | None
    """The known data set that it is."""
    clock: Clock
    label: Label | None
    other_labels: Sequence[str]
    """Columns that might have been meant as the label."""
    roles: Roles
    course: Course
    moments: pl.DataFrame
    """event_time, is_fraud, label_time of all rows that are read, by time."""
    plan: Plan
    tells: Sequence[Giveaway]
    """Columns that give the label away."""
    reported: str | None
    """The column of times at which frauds were reported."""
    personal: Mapping[str, str]
    """Column -> what it tells of persons."""
    stops: datetime | None
    """First day from which on no fraud comes any more."""
    guessed: Sequence[str]
    """What was guessed of how cells are written."""
    presumed: Sequence[str]
    """What was guessed of roles: what weighs most first."""

    @property
    def kind(self) -> str | None:
        """The column that names the kind of fraud."""
        return kind_among(self.tells)


def kind_among(tells: Sequence[Giveaway]) -> str | None:
    """The column that names the kind of fraud."""
    return next((one.column for one in tells if one.is_kind), None)
