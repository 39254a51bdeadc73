"""Which model was the champion from when to when: a list of changes, of which only the last can be unfinished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

ROLLBACK = "rollback"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A model became the champion."""

    version: int
    at: datetime
    how: str
    """run, retrain, promote or rollback."""


@dataclass(frozen=True, kw_only=True)
class ChampionPeriod:
    """A model was the champion for a while; ``until`` is None while it lasts."""

    version: int
    since: datetime
    until: datetime | None
    how: str


def effective_changes(changes: Sequence[Change], champion: int | None) -> list[Change]:
    """The changes that took effect.

    A change is recorded before it takes effect. If a process was killed in between, the last one names a model that is
    not the champion. That is the only case, because no change is recorded for the model that is the champion already.

    Args:
        changes: as recorded, in order.
        champion: version in use; None before the first promotion.
    """
    kept = list(changes)
    if kept and kept[-1].version != champion:
        kept.pop()
    return kept


def champion_periods(changes: Sequence[Change]) -> list[ChampionPeriod]:
    """Each change as a period that lasts until the next one; empty without changes."""
    ends = [change.at for change in changes[1:]]
    return [
        ChampionPeriod(version=change.version, since=change.at, until=end, how=change.how)
        for change, end in zip_longest(changes, ends)
    ]


def former_champion(changes: Sequence[Change]) -> int | None:
    """The version that a rollback returns to: the champion before the current one, without those rolled back."""
    succession: list[int] = []
    for change in changes:
        if change.how == ROLLBACK:
            succession.pop()
        else:
            succession.append(change.version)
    return succession[-2] if len(succession) > 1 else None
