"""Columns that leak the label: written only after the outcome was known, so not available when it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.data import ROW_NUMBER, fitting_time_formats
from fraud.inspection.reading.sample import FILE, Sample
from fraud.inspection.roles.assignment import FEWEST_OF_AN_ENTITY, find_amount
from fraud.inspection.roles.label import IS_FRAUD, Label, label_codes
from fraud.inspection.roles.names import AFTER, KINDS, hints, names_a_party
from fraud.inspection.roles.profile import Profile, profiles_of
from fraud.leakage import FILLED, find_pure, separation_of_gaps, separation_of_numbers, separation_of_texts

LEAK_AUC = 0.98
"""ROC AUC of a single column from which on it leaks the label; honest columns are not expected to reach it."""
LEAK_AUC_IF_FEW = 0.999
"""The same with fewer than ``ENOUGH_FRAUDS``, which chance separates more easily."""
ENOUGH_FRAUDS, FEWEST_FRAUDS = 100, 5
MOST_FRAUDS = 5_000
USUAL_FRAUD_VALUES = ("1", "true", "True", "Y", "y", "yes", "Yes", "fraud", "Fraud")


@dataclass(frozen=True, kw_only=True)
class LeakingColumn:
    """A column that leaks the label."""

    column: str
    why: str
    """The evidence, with its figures."""
    auc: float | None = None
    """ROC AUC of the column alone, 0.5 to 1; None where too few labels are known."""
    is_kind: bool = False
    """Whether it names the kind of fraud, by which the report breaks recall down."""
    is_pure: bool = False
    """Whether single values leak the label rather than the column as a whole."""
    is_report: bool = False
    """Whether it is the time at which a fraud was reported."""


@dataclass(frozen=True)
class Labelled:
    """Sampled rows whose label is known, with frauds from all rows where the sample has few."""

    profiles: Mapping[str, Profile]
    y: NDArray[np.int8]
    """Labels (N,): 1 for fraud."""
    prevalence: float | None = None
    """Share of fraud among all labelled rows; None where these are all of them."""

    @property
    def frauds(self) -> int:
        """Rows that are fraud."""
        return int(self.y.sum())


def labelled_rows(sample: Sample, label: Label) -> Labelled:
    """The sampled rows whose label is known; where few of them are frauds, frauds from all rows replace these."""
    cells, value = label_codes(sample, label)
    known = sample.frame.lazy().with_columns(cells).with_columns(value).filter(pl.col(IS_FRAUD).is_not_null())
    frame = known.select(FILE, ROW_NUMBER, *sample.columns, IS_FRAUD).collect()
    if int(frame[IS_FRAUD].sum()) < MOST_FRAUDS and sample.rows > len(sample.frame):
        frauds = sample.source.frame.with_columns(cells).with_columns(value).filter(IS_FRAUD)
        every = max(
            1, -(-_frauds(label) // MOST_FRAUDS)
        )  # from all over: if only old ones, all that drifts would seem to leak
        found = (
            frauds.select(FILE, ROW_NUMBER, *sample.columns, IS_FRAUD).gather_every(every).collect(engine="streaming")
        )
        frame = pl.concat([frame.filter(~pl.col(IS_FRAUD)), found]).sort(FILE, ROW_NUMBER)
    rows = replace(sample, frame=frame.drop(IS_FRAUD))
    prevalence = None if sample.rows == len(sample.frame) else _prevalence(sample, label)
    return Labelled(profiles_of(rows), frame[IS_FRAUD].cast(pl.Int8).to_numpy(), prevalence)


def _prevalence(sample: Sample, label: Label) -> float:
    cells, value = label_codes(sample, label)
    found = sample.source.frame.select(cells).select(value).select(pl.col(IS_FRAUD).mean()).collect(engine="streaming")
    return float(found.item() or 0.0)


def _frauds(label: Label) -> int:
    """An upper bound of the frauds among all rows that are read."""
    fraud_values = {*map(str, label.spec.fraud), *USUAL_FRAUD_VALUES}
    return sum(rows for value, rows in label.values.items() if value in fraud_values)


def find_leaking_columns(labelled: Labelled, *, skip: frozenset[str]) -> list[LeakingColumn]:
    """Columns that leak the label, the surest first.

    Args:
        labelled: from ``labelled_rows``.
        skip: the label and the clock.
    """
    if labelled.frauds < FEWEST_FRAUDS or labelled.frauds == len(labelled.y):
        return [one for name in labelled.profiles if name not in skip and (one := _by_name(name, None))]
    amount = find_amount([name for name in labelled.profiles if name not in skip], labelled.profiles)
    found = [_leak(name, labelled, is_amount=name == amount) for name in labelled.profiles if name not in skip]
    return sorted((one for one in found if one), key=lambda one: -(one.auc or 0.0))


def _leak(name: str, labelled: Labelled, *, is_amount: bool) -> LeakingColumn | None:
    profile, y = labelled.profiles[name], labelled.y
    if profile.kind in {"empty", "nested"}:
        return None
    frauds = int(y.sum())
    high = LEAK_AUC if frauds >= ENOUGH_FRAUDS else LEAK_AUC_IF_FEW
    presence = separation_of_gaps(profile.texts, y)
    if presence >= high:
        empty_in_genuine = profile.texts.is_null().to_numpy()[y == 0].mean() > 0.5
        empty, filled = ("genuine", "fraud") if empty_in_genuine else ("fraud", "genuine")
        return _found(name, profile, y, presence, f"empty in {empty} rows, filled in {filled} ones")
    auc = separation(profile, y)
    if auc >= high:
        return _found(name, profile, y, auc, f"alone it separates fraud from genuine with a ROC AUC of {_shown(auc)}")
    return (None if is_amount else _by_values(name, labelled, auc)) or _by_name(name, auc)


def _by_values(name: str, labelled: Labelled, auc: float) -> LeakingColumn | None:
    """A leak by values that hardly a genuine row has, though not every fraud has them either."""
    profile = labelled.profiles[name]
    is_entity = names_a_party(name) and profile.values >= FEWEST_OF_AN_ENTITY
    cells = profile.numbers if profile.kind == "number" else profile.texts
    pure = find_pure(cells, labelled.y, prevalence=labelled.prevalence, each=not is_entity)
    if pure is None:
        return None
    why = f"{pure.sentence(name)}; is it set after the outcome?"
    found = _found(name, profile, labelled.y, auc, why)
    return replace(found, is_pure=True, is_kind=found.is_kind and pure.what == FILLED)


def _found(name: str, profile: Profile, y: NDArray[np.int8], auc: float, why: str) -> LeakingColumn:
    among = profile.texts.filter(pl.Series(y == 1)).drop_nulls()
    is_report = profile.kind in {"text", "time"} and _is_time(profile, among)
    is_kind = hints(name, KINDS) and 2 <= among.n_unique() <= 30 and not is_report
    return LeakingColumn(column=name, why=why, auc=auc, is_kind=is_kind, is_report=is_report)


def _is_time(profile: Profile, written: pl.Series) -> bool:
    return profile.kind == "time" or (len(written) > 0 and bool(fitting_time_formats(written.head(200))))


def _by_name(name: str, auc: float | None) -> LeakingColumn | None:
    if not hints(name, AFTER):
        return None
    return LeakingColumn(column=name, why="by its name it is known only after the transaction", auc=auc)


def _shown(auc: float) -> str:
    return f"{auc:.3f}" if auc < 0.9995 else "1.000"


def separation(profile: Profile, y: NDArray[np.int8]) -> float:
    """The highest ROC AUC that one column reaches alone."""
    if profile.kind == "number":
        return separation_of_numbers(profile.numbers, y)
    return separation_of_texts(profile.texts, y) if profile.kind == "text" else 0.5
