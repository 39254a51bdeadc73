"""Columns that give the label away: known only once somebody knew the outcome, so of no use when it matters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.data import ROW, fitting_formats
from fraud.inspection.reading.sample import FILE, Sample
from fraud.inspection.roles.assignment import FEWEST_OF_AN_ENTITY, find_amount
from fraud.inspection.roles.label import IS_FRAUD, Label, label_codes
from fraud.inspection.roles.names import AFTER, CARDS, KINDS, PARTIES, hints
from fraud.inspection.roles.profile import Profile, profiles_of
from fraud.leakage import FILLED, find_pure, separation_of_gaps, separation_of_numbers, separation_of_texts

TELLS = 0.98
"""ROC AUC of one column alone that no honest column is expected to reach."""
SURE = 0.999
"""The same where few frauds are known."""
ENOUGH_FRAUDS, FEWEST_FRAUDS = 100, 5
MOST_FRAUDS = 5_000
USUAL = ("1", "true", "True", "Y", "y", "yes", "Yes", "fraud", "Fraud")


@dataclass(frozen=True, kw_only=True)
class Giveaway:
    """A column that tells the outcome, and how that shows."""

    column: str
    why: str
    auc: float | None = None
    is_kind: bool = False
    """Whether it names the kind of fraud, which breaks recall down."""
    is_pure: bool = False
    """Whether single values tell the outcome rather than the column as a whole."""
    is_report: bool = False
    """Whether it is the time at which a fraud was reported."""


@dataclass(frozen=True)
class Labelled:
    """Sampled rows whose label is known, all frauds that are read among them."""

    profiles: Mapping[str, Profile]
    y: NDArray[np.int8]
    prevalence: float | None = None
    """Of fraud among all labelled rows; None where these are all of them."""

    @property
    def frauds(self) -> int:
        """Rows that are fraud."""
        return int(self.y.sum())


def labelled_rows(sample: Sample, label: Label) -> Labelled:
    """The sampled rows whose label is known, and frauds from everywhere besides where the sample has few."""
    cells, value = label_codes(sample, label)
    known = sample.frame.lazy().with_columns(cells).with_columns(value).filter(pl.col(IS_FRAUD).is_not_null())
    frame = known.select(FILE, ROW, *sample.columns, IS_FRAUD).collect()
    if int(frame[IS_FRAUD].sum()) < MOST_FRAUDS and sample.rows > len(sample.frame):
        frauds = sample.source.frame.with_columns(cells).with_columns(value).filter(IS_FRAUD)
        every = max(1, -(-_frauds(label) // MOST_FRAUDS))  # from all over, or what drifts would seem to tell
        found = frauds.select(FILE, ROW, *sample.columns, IS_FRAUD).gather_every(every).collect(engine="streaming")
        frame = pl.concat([frame.filter(~pl.col(IS_FRAUD)), found]).sort(FILE, ROW)
    rows = replace(sample, frame=frame.drop(IS_FRAUD))
    prevalence = None if sample.rows == len(sample.frame) else _prevalence(sample, label)
    return Labelled(profiles_of(rows), frame[IS_FRAUD].cast(pl.Int8).to_numpy(), prevalence)


def _prevalence(sample: Sample, label: Label) -> float:
    cells, value = label_codes(sample, label)
    found = sample.source.frame.select(cells).select(value).select(pl.col(IS_FRAUD).mean()).collect(engine="streaming")
    return float(found.item() or 0.0)


def _frauds(label: Label) -> int:
    """Frauds there are at most."""
    return sum(rows for value, rows in label.values.items() if value in {*map(str, label.spec.fraud), *USUAL})


def find_giveaways(labelled: Labelled, *, skip: frozenset[str]) -> list[Giveaway]:
    """Columns that tell the outcome, the surest first.

    Args:
        labelled: from ``labelled_rows``.
        skip: the label and the clock.
    """
    if labelled.frauds < FEWEST_FRAUDS or labelled.frauds == len(labelled.y):
        return [one for name in labelled.profiles if name not in skip and (one := _by_name(name, None))]
    amount = find_amount([name for name in labelled.profiles if name not in skip], labelled.profiles)
    found = [_giveaway(name, labelled, is_amount=name == amount) for name in labelled.profiles if name not in skip]
    return sorted((one for one in found if one), key=lambda one: -(one.auc or 0.0))


def _giveaway(name: str, labelled: Labelled, *, is_amount: bool) -> Giveaway | None:
    profile, y = labelled.profiles[name], labelled.y
    if profile.kind in {"empty", "nested"}:
        return None
    frauds = int(y.sum())
    high = TELLS if frauds >= ENOUGH_FRAUDS else SURE
    presence = separation_of_gaps(profile.texts, y)
    if presence >= high:
        where = "genuine" if profile.texts.is_null().to_numpy()[y == 0].mean() > 0.5 else "fraud"
        return _found(name, profile, y, presence, f"empty where {where}, and filled else")
    auc = separation(profile, y)
    if auc >= high:
        return _found(name, profile, y, auc, f"alone it tells fraud from genuine with a ROC AUC of {_shown(auc)}")
    return (None if is_amount else _by_values(name, labelled, auc)) or _by_name(name, auc)


def _by_values(name: str, labelled: Labelled, auc: float) -> Giveaway | None:
    """By a value that hardly a genuine row has, though not every fraud has it either."""
    profile = labelled.profiles[name]
    is_entity = hints(name, set().union(*CARDS) | PARTIES) and profile.values >= FEWEST_OF_AN_ENTITY
    cells = profile.numbers if profile.kind == "number" else profile.texts
    pure = find_pure(cells, labelled.y, prevalence=labelled.prevalence, each=not is_entity)
    if pure is None:
        return None
    why = f"{pure.sentence(name)}; is it set after the outcome?"
    found = _found(name, profile, labelled.y, auc, why)
    return replace(found, is_pure=True, is_kind=found.is_kind and pure.what == FILLED)


def _found(name: str, profile: Profile, y: NDArray[np.int8], auc: float, why: str) -> Giveaway:
    among = profile.texts.filter(pl.Series(y == 1)).drop_nulls()
    is_report = profile.kind in {"text", "time"} and _is_time(profile, among)
    is_kind = hints(name, KINDS) and 2 <= among.n_unique() <= 30 and not is_report
    return Giveaway(column=name, why=why, auc=auc, is_kind=is_kind, is_report=is_report)


def _is_time(profile: Profile, written: pl.Series) -> bool:
    return profile.kind == "time" or (len(written) > 0 and bool(fitting_formats(written.head(200))))


def _by_name(name: str, auc: float | None) -> Giveaway | None:
    if not hints(name, AFTER):
        return None
    return Giveaway(column=name, why="its name says that it is found out after the transaction", auc=auc)


def _shown(auc: float) -> str:
    return f"{auc:.3f}" if auc < 0.9995 else "1.000"


def separation(profile: Profile, y: NDArray[np.int8]) -> float:
    """The highest ROC AUC that one column reaches alone."""
    if profile.kind == "number":
        return separation_of_numbers(profile.numbers, y)
    return separation_of_texts(profile.texts, y) if profile.kind == "text" else 0.5
