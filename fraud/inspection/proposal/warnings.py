"""Everything that would make a report dishonest, in the order of danger."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from fraud.inspection.leaks.leaking_columns import Giveaway
from fraud.inspection.proposal.dump_facts import Facts
from fraud.inspection.proposal.hazards import repeated_ids, repeated_rows
from fraud.inspection.proposal.plan import FEWEST_FRAUDS
from fraud.inspection.proposal.timeline import Course, changed_units, gaps_in
from fraud.inspection.proposal.window_counts import Windows
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles
from fraud.inspection.roles.profile import Profile

MANY = 0.9
"""Share of unlabelled rows from which on the report must say so."""

FEWEST_TO_TRAIN = 30
"""Frauds below which a network has hardly anything to learn from."""
LEAST_TO_TRAIN = 0.4
"""Share of the rows in the windows below which they are cut badly."""

EARLY = (
    "reported before they happened, and will be rejected: see whether {} and the time of the transaction are of the "
    "same clock and time zone"
)


@dataclass(frozen=True, order=True)
class Warned:
    """Something the reader must know; ``danger`` 0 is the worst."""

    danger: int
    text: str


def find_warnings(facts: Facts, windows: Windows | None = None) -> tuple[str, ...]:
    """Everything to be warned of, the most dangerous first."""
    sample, profiles, clock, roles, course = facts.sample, facts.profiles, facts.clock, facts.roles, facts.course
    found = [
        Warned(0 if one.is_pure or (one.auc or 0) > 0.9 else 1, _of_giveaway(one, facts.reported))
        for one in facts.tells
    ]
    if facts.stops is not None:
        found.append(Warned(2, f"the label stops: {facts.plan.why.get('split.as_of', 'no fraud in the last days')}"))
    if clock.is_order:
        found.append(Warned(2, f"{clock.how}; the report cannot know what drifted, so trust it less"))
    elif clock.grain == "month":
        found.append(
            Warned(2, "only months are known: what happened earlier within a month counts as at the same time")
        )
    found += [Warned(3, f"{name} holds {what}: {_advice(name, roles)}") for name, what in facts.personal.items()]
    found += [Warned(4, text) for text in facts.plan.warnings]
    found += _of_windows(windows, course)
    early = facts.moments.select(pl.col("is_fraud") & (pl.col("label_time") < pl.col("event_time"))).to_series().sum()
    if early:
        found.append(Warned(2, f"{early:,} frauds are {EARLY.format(facts.reported)}"))
    unlabelled = course.transactions - course.labelled
    if facts.label and unlabelled:
        share = unlabelled / max(course.transactions, 1)
        what = "they are history, never trained or judged on"
        caution = "; are the labelled ones a fair sample of all?" if share > MANY else ""
        found.append(
            Warned(3 if share > MANY else 6, f"{100 * share:.0f} % of the rows have no label: {what}{caution}")
        )
    found += [Warned(4, text) for text in changed_units(sample, clock, profiles, _measures(roles))]
    found += _of_rows(sample, profiles, roles, course)
    constant = [name for name in roles.ignore if roles.why.get(name, "").startswith(("one value", "empty"))]
    if constant:
        found.append(Warned(8, f"constant or empty: {', '.join(constant)}"))
    if not roles.entities:
        found.append(Warned(6, "no column recurs as cards do: no histories, so most of what finds fraud is not there"))
    return tuple(warned.text for warned in sorted(found, key=lambda one: one.danger))


def _advice(name: str, roles: Roles) -> str:
    """What to do about a column of personal data: the switch hides identities, the rest is not stored."""
    if name in roles.entities.values():
        return "set [privacy] pseudonymise = true, and keyed hashes are stored in its place; or hash it before it comes"
    if name == roles.transaction_id:
        return "hash it before it comes here"
    return "it is no feature; drop it, or hash it before it comes here"


def _measures(roles: Roles) -> list[str]:
    return [*([roles.amount] if roles.amount else []), *roles.numeric][:40]


def _of_giveaway(one: Giveaway, reported: str | None) -> str:
    if one.is_kind:
        return f"{one.column} gives the label away ({one.why}): taken as fraud_type, which is never a feature"
    if one.column == reported:
        return f"{one.column} gives the label away ({one.why}): taken as label_time, which is never a feature"
    if one.is_pure:
        return (
            f"{one.column} gives the label away: {one.why} It is no feature; where it is known in "
            "time, make it one and name it in [features] trusted"
        )
    shown = f" (ROC AUC {one.auc:.3f})" if one.auc and "AUC" not in one.why else ""
    return f"{one.column} gives the label away: {one.why}{shown}; no feature of it"


def _of_windows(windows: Windows | None, course: Course) -> list[Warned]:
    """That there is too little to judge by or to train on, and whether the windows or the data are to blame."""
    if windows is None or not course.frauds:
        return []
    found = [Warned(4, _too_few(windows, course))] if windows.test.frauds < FEWEST_FRAUDS else []
    train, said = windows.train, []
    if train.rows < LEAST_TO_TRAIN * windows.rows:
        said.append(f"{train.rows:,} of {windows.rows:,} rows in the windows: shorten [split] validation and test")
    elif train.frauds < FEWEST_TO_TRAIN:
        said.append(f"{train.counts}: bring more days, or dumps with more frauds")
    return found + [Warned(4, f"little to train on: {text}") for text in said]


def _too_few(windows: Windows, course: Course) -> str:
    return (
        f"too few frauds to judge by: {course.frauds:,} in all ({100 * course.prevalence:.3g} %), "
        f"{windows.test.frauds:,} in the test window, fewer than {FEWEST_FRAUDS}: intervals will be wide, and "
        "differences between strategies mostly chance; bring more months, or dumps with more frauds"
    )


def _of_rows(sample: Sample, profiles: Mapping[str, Profile], roles: Roles, course: Course) -> list[Warned]:
    found = []
    repeated = repeated_rows(sample)
    if repeated:
        found.append(Warned(5, f"{repeated:,} rows come twice or more, equal to the last column"))
    if roles.transaction_id and (twice := repeated_ids(sample, roles.transaction_id)):
        found.append(Warned(5, f"{roles.transaction_id}: {twice:,} rows have an identity that another row has as well"))
    if course.unreadable:
        found.append(Warned(5, f"{course.unreadable:,} rows have no time that can be read; they go to the quarantine"))
    gaps = gaps_in(course)
    if gaps:
        day, length = gaps[0]
        more = f", and {len(gaps) - 1} more gaps" if len(gaps) > 1 else ""
        found.append(Warned(5, f"no transaction for {length} days after {day:%Y-%m-%d}{more}: is a dump missing?"))
    bad = {name: _rejected(profiles[name], required=name == roles.amount) for name in _measures(roles)}
    found += [
        Warned(5, f"{name}: {share:.2%} of its cells are no numbers; those rows are rejected")
        for name, share in bad.items()
        if share
    ]
    counters = [name for name in roles.ignore if "hardly recurs" in roles.why.get(name, "")]
    if counters:
        found.append(Warned(7, f"identities rather than properties, left out: {', '.join(counters)}"))
    return found


def _rejected(profile: Profile, *, required: bool) -> float:
    bad = 1 - min(profile.numeric_share, 1.0)
    empty = profile.texts.null_count() / max(len(profile.texts), 1) if required else 0.0
    return bad + empty
