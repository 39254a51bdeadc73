"""What was found out about dumps, from which config and warnings are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fraud.inspection.leaks.leaking_columns import LeakingColumn
from fraud.inspection.proposal.plan import Plan
from fraud.inspection.proposal.timeline import Timeline
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles
from fraud.inspection.roles.clock import Clock
from fraud.inspection.roles.label import Label
from fraud.inspection.roles.profile import Profile


@dataclass(frozen=True, kw_only=True)
class DumpFacts:
    """What was found out about dumps of the same columns."""

    sample: Sample
    profiles: Mapping[str, Profile]
    preset: str | None
    """The known data set that has these columns."""
    clock: Clock
    label: Label | None
    other_labels: Sequence[str]
    """Other columns that may be the label."""
    roles: Roles
    timeline: Timeline
    moments: pl.DataFrame
    """event_time, is_fraud, label_time of all rows that are read, by time."""
    plan: Plan
    leaks: Sequence[LeakingColumn]
    """Columns that leak the label, the surest first."""
    reported: str | None
    """The column of times at which frauds were reported."""
    personal: Mapping[str, str]
    """Column -> the kind of personal data in it."""
    stops: datetime | None
    """First day after the last fraud, where frauds stop although many more were to be expected."""
    guessed: Sequence[str]
    """What was guessed about how cells are written."""
    presumed: Sequence[str]
    """What was guessed about roles, what matters most first."""

    @property
    def kind(self) -> str | None:
        """The column that names the kind of fraud."""
        return kind_among(self.leaks)


def kind_among(leaks: Sequence[LeakingColumn]) -> str | None:
    """The column that names the kind of fraud."""
    return next((one.column for one in leaks if one.is_kind), None)
