"""Who was champion, from when to when: a list of changes, of which only the last can be unfinished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


def finished(changes: Sequence[Change], champion: int | None) -> list[Change]:
    """The changes that took effect.

    A change is written down before it takes effect. Where a process was killed in between, the last one names a
    model that is not the champion. No change names the champion of the moment, so nothing else can look like that.
    """
    kept = list(changes)
    if kept and kept[-1].version != champion:
        kept.pop()
    return kept


def champion_periods(changes: Sequence[Change]) -> list[ChampionPeriod]:
    """Each change as a period that lasts until the next one."""
    ends: list[datetime | None] = [*(change.at for change in changes[1:]), None]
    return [
        ChampionPeriod(version=change.version, since=change.at, until=end, how=change.how)
        for change, end in zip(changes, ends, strict=True)
    ]


def former_champion(changes: Sequence[Change]) -> int | None:
    """Whom a rollback brings back: the champion before the current one, what was rolled back left out."""
    succession: list[int] = []
    for change in changes:
        if change.how == ROLLBACK:
            succession.pop()
        else:
            succession.append(change.version)
    return succession[-2] if len(succession) > 1 else None
