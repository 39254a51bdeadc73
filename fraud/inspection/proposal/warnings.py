"""Everything that would make a report misleading, the most severe first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import polars as pl

from fraud.inspection.leaks.leaking_columns import LeakingColumn
from fraud.inspection.proposal.dump_facts import DumpFacts
from fraud.inspection.proposal.hazards import repeated_ids, repeated_rows
from fraud.inspection.proposal.plan import FEWEST_TEST_FRAUDS
from fraud.inspection.proposal.timeline import Timeline, changed_units, gaps_in
from fraud.inspection.proposal.window_counts import Windows
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles
from fraud.inspection.roles.profile import Profile
from fraud.inspection.roles.reasons import ColumnReason

MOSTLY_UNLABELLED = 0.9
"""Share of rows without a label above which the labelled ones may not represent the rest."""
SURE_LEAK_AUC = 0.9
"""ROC AUC of a single column above which a leak that its name suggests is taken for certain."""
FEWEST_TRAINING_FRAUDS = 30
"""Frauds below which a network has hardly anything to learn from."""
LEAST_TRAINING_SHARE = 0.4
"""Share of the rows in the windows below which training gets too few of them."""
MOST_MEASURES = 40
"""Numeric columns whose cells are checked at most."""

REPORTED_EARLY = (
    "{:,} frauds are reported before they happened, and will be rejected: check that {} and the time of the "
    "transaction come from the same clock and time zone"
)


class Severity(IntEnum):
    """How far a report that ignores a warning is from the truth: 0 is the worst."""

    LEAK = 0
    POSSIBLE_LEAK = 1
    WRONG_TIMES = 2
    PERSONAL_DATA = 3
    MOSTLY_UNLABELLED = 4
    TOO_FEW_ROWS = 5
    CHANGED_UNIT = 6
    BAD_ROWS = 7
    LESS_TO_LEARN_FROM = 8
    IDENTITIES_LEFT_OUT = 9
    COSMETIC = 10


@dataclass(frozen=True)
class RankedWarning:
    """Something the reader must know before the data are used."""

    severity: Severity
    text: str


def find_warnings(facts: DumpFacts, windows: Windows | None = None) -> tuple[str, ...]:
    """Everything to be warned of, the most severe first."""
    found = [
        *(_of_leak(leak, facts.reported) for leak in facts.leaks),
        *_of_times(facts),
        *(_of_personal_data(name, kind, facts.roles) for name, kind in facts.personal.items()),
        *(RankedWarning(Severity.TOO_FEW_ROWS, text) for text in facts.plan.warnings),
        *_of_windows(windows, facts.timeline),
        *_of_labels(facts),
        *_of_units(facts),
        *_of_rows(facts.sample, facts.profiles, facts.roles, facts.timeline),
        *_of_roles(facts.roles),
    ]
    return tuple(warning.text for warning in sorted(found, key=lambda warning: warning.severity))


def _of_leak(leak: LeakingColumn, reported: str | None) -> RankedWarning:
    is_sure = leak.is_pure or (leak.auc or 0) > SURE_LEAK_AUC
    return RankedWarning(Severity.LEAK if is_sure else Severity.POSSIBLE_LEAK, _leak_text(leak, reported))


def _leak_text(leak: LeakingColumn, reported: str | None) -> str:
    if leak.is_kind:
        return f"{leak.column} leaks the label ({leak.why}): taken as fraud_type, which is never a feature"
    if leak.column == reported:
        return f"{leak.column} leaks the label ({leak.why}): taken as label_time, which is never a feature"
    if leak.is_pure:
        return (
            f"{leak.column} leaks the label: {leak.why} It is no feature; if it is known in time, make it one and name "
            "it in [features] trusted"
        )
    shown = f" (ROC AUC {leak.auc:.3f})" if leak.auc and "AUC" not in leak.why else ""
    return f"{leak.column} leaks the label: {leak.why}{shown}; it is no feature"


def _of_times(facts: DumpFacts) -> list[RankedWarning]:
    """That labels stop, that time is known badly or not at all, or that reports come before their frauds."""
    texts = []
    if facts.stops is not None:
        texts.append(f"the label stops: {facts.plan.why.get('split.as_of', 'no fraud in the last days')}")
    if facts.clock.is_order:
        texts.append(f"{facts.clock.how}; the report cannot show drift, so its figures are less reliable")
    elif facts.clock.grain == "month":
        texts.append("only months are known: what happened earlier within a month counts as at the same time")
    early = pl.col("is_fraud") & (pl.col("label_time") < pl.col("event_time"))
    if count := facts.moments.select(early).to_series().sum():
        texts.append(REPORTED_EARLY.format(count, facts.reported))
    return [RankedWarning(Severity.WRONG_TIMES, text) for text in texts]


def _of_personal_data(name: str, kind: str, roles: Roles) -> RankedWarning:
    """What to do about a column of personal data: the switch hides identities, the rest is not stored."""
    if name in roles.entities.values():
        advice = "set [privacy] pseudonymise = true to store keyed hashes instead, or hash it before you bring it here"
    elif name == roles.transaction_id:
        advice = "hash it before you bring it here"
    else:
        advice = "it is no feature; drop it, or hash it before you bring it here"
    return RankedWarning(Severity.PERSONAL_DATA, f"{name} holds {kind}: {advice}")


def _of_windows(windows: Windows | None, timeline: Timeline) -> list[RankedWarning]:
    """That there is too little to judge by or to train on, and whether to change the windows or the data."""
    if windows is None or not timeline.frauds:
        return []
    texts = [_too_few(windows, timeline)] if windows.test.frauds < FEWEST_TEST_FRAUDS else []
    train = windows.train
    if train.rows < LEAST_TRAINING_SHARE * windows.rows:
        texts.append(
            f"little to train on: {train.rows:,} of {windows.rows:,} rows in the windows: shorten [split] validation "
            "and test"
        )
    elif train.frauds < FEWEST_TRAINING_FRAUDS:
        texts.append(f"little to train on: {train.counts}: bring more days, or dumps with more frauds")
    return [RankedWarning(Severity.TOO_FEW_ROWS, text) for text in texts]


def _too_few(windows: Windows, timeline: Timeline) -> str:
    return (
        f"too few frauds to judge by: {timeline.frauds:,} in all ({100 * timeline.prevalence:.3g} %), "
        f"{windows.test.frauds:,} in the test window, fewer than {FEWEST_TEST_FRAUDS}: intervals will be wide, and "
        "differences between strategies mostly chance; bring more months, or dumps with more frauds"
    )


def _of_labels(facts: DumpFacts) -> list[RankedWarning]:
    """Which share of the rows has no label."""
    timeline = facts.timeline
    unlabelled = timeline.transactions - timeline.labelled
    if not facts.label or not unlabelled:
        return []
    share = unlabelled / max(timeline.transactions, 1)
    text = f"{100 * share:.0f} % of the rows have no label: they are history, never trained or judged on"
    if share <= MOSTLY_UNLABELLED:
        return [RankedWarning(Severity.LESS_TO_LEARN_FROM, text)]
    return [RankedWarning(Severity.MOSTLY_UNLABELLED, f"{text}; are the labelled ones a fair sample of all?")]


def _of_units(facts: DumpFacts) -> list[RankedWarning]:
    texts = changed_units(facts.sample, facts.clock, facts.profiles, _measures(facts.roles))
    return [RankedWarning(Severity.CHANGED_UNIT, text) for text in texts]


def _measures(roles: Roles) -> list[str]:
    return [*([roles.amount] if roles.amount else []), *roles.numeric][:MOST_MEASURES]


def _of_rows(sample: Sample, profiles: Mapping[str, Profile], roles: Roles, timeline: Timeline) -> list[RankedWarning]:
    """Repeated, unreadable and missing rows, and cells that will be rejected."""
    texts = []
    if repeated := repeated_rows(sample):
        texts.append(f"{repeated:,} rows repeat another row in every column")
    if roles.transaction_id and (shared := repeated_ids(sample, roles.transaction_id)):
        texts.append(f"{roles.transaction_id}: {shared:,} rows repeat the identity of another row")
    if timeline.unreadable:
        texts.append(f"{timeline.unreadable:,} rows have no time that can be read; they go to the quarantine")
    if gaps := gaps_in(timeline):
        day, length = gaps[0]
        more = f", and {len(gaps) - 1} more gaps" if len(gaps) > 1 else ""
        texts.append(f"no transaction for {length} days after {day:%Y-%m-%d}{more}: is a dump missing?")
    rejected = {name: _rejected(profiles[name], required=name == roles.amount) for name in _measures(roles)}
    texts += [
        f"{name}: {share:.2%} of its cells are no numbers; those rows are rejected"
        for name, share in rejected.items()
        if share
    ]
    return [RankedWarning(Severity.BAD_ROWS, text) for text in texts]


def _rejected(profile: Profile, *, required: bool) -> float:
    """Share of the cells whose rows will be rejected; empty cells only where a value is required."""
    bad = 1 - min(profile.numeric_share, 1.0)
    empty = profile.texts.null_count() / max(len(profile.texts), 1) if required else 0.0
    return bad + empty


def _of_roles(roles: Roles) -> list[RankedWarning]:
    """What is missing among the features, and which columns were left out."""
    found = []
    if not roles.entities:
        text = "no column recurs as cards do: there are no histories, and most fraud is found by those"
        found.append(RankedWarning(Severity.LESS_TO_LEARN_FROM, text))
    if identities := roles.ignored_for(ColumnReason.HARDLY_RECURS):
        text = f"left out as identities rather than properties: {', '.join(identities)}"
        found.append(RankedWarning(Severity.IDENTITIES_LEFT_OUT, text))
    if constant := roles.ignored_for(ColumnReason.CONSTANT, ColumnReason.EMPTY):
        found.append(RankedWarning(Severity.COSMETIC, f"constant or empty: {', '.join(constant)}"))
    return found
