"""Columns that give the label away: known only once somebody knew the outcome, so of no use when it matters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.data.inspection.label import IS_FRAUD, Label, label_codes
from fraud.data.inspection.names import AFTER, KINDS, hints
from fraud.data.inspection.profile import Profile, profiles_of
from fraud.data.inspection.sample import FILE, Sample
from fraud.data.readers import ROW
from fraud.metrics import roc_auc

TELLS = 0.98
"""ROC AUC of one column alone that no honest column is expected to reach."""
SURE = 0.999
"""The same where few frauds are known."""
ENOUGH_FRAUDS, FEWEST_FRAUDS = 100, 5
MOST_FRAUDS = 5_000
BINS = 64
MOST_CATEGORIES = 1_000
SMOOTHING = 5.0


@dataclass(frozen=True, kw_only=True)
class Giveaway:
    """A column that tells the outcome, and how that shows."""

    column: str
    why: str
    auc: float | None = None
    is_kind: bool = False
    """Whether it names the kind of fraud, which breaks recall down."""
    is_report: bool = False
    """Whether it is the time at which a fraud was reported."""


@dataclass(frozen=True)
class Labelled:
    """Sampled rows whose label is known, all frauds that are read among them."""

    profiles: Mapping[str, Profile]
    y: NDArray[np.int8]

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
        frauds = sample.source.frame.with_columns(cells).with_columns(value).filter(IS_FRAUD).head(MOST_FRAUDS)
        found = frauds.select(FILE, ROW, *sample.columns, IS_FRAUD).collect(engine="streaming")
        frame = pl.concat([frame.filter(~pl.col(IS_FRAUD)), found]).sort(FILE, ROW)
    rows = replace(sample, frame=frame.drop(IS_FRAUD))
    return Labelled(profiles_of(rows), frame[IS_FRAUD].cast(pl.Int8).to_numpy())


def find_giveaways(labelled: Labelled, *, skip: frozenset[str]) -> list[Giveaway]:
    """Columns that tell the outcome, the surest first.

    Args:
        labelled: from ``labelled_rows``.
        skip: the label and the clock.
    """
    if labelled.frauds < FEWEST_FRAUDS or labelled.frauds == len(labelled.y):
        return [one for name in labelled.profiles if name not in skip and (one := _by_name(name, None))]
    found = [_giveaway(name, profile, labelled.y) for name, profile in labelled.profiles.items() if name not in skip]
    return sorted((one for one in found if one), key=lambda one: -(one.auc or 0.0))


def _giveaway(name: str, profile: Profile, y: NDArray[np.int8]) -> Giveaway | None:
    if profile.kind in {"empty", "nested"}:
        return None
    frauds = int(y.sum())
    high = TELLS if frauds >= ENOUGH_FRAUDS else SURE
    empty = profile.texts.is_null().to_numpy()
    presence = _both_ways(y, empty.astype(np.float64))
    if presence >= high:
        where = "genuine" if empty[y == 0].mean() > 0.5 else "fraud"
        return _found(name, profile, y, presence, f"empty where {where}, and filled else")
    auc = separation(profile, y)
    if auc >= high:
        return _found(name, profile, y, auc, f"alone it tells fraud from genuine with a ROC AUC of {_shown(auc)}")
    return _by_name(name, auc)


def _found(name: str, profile: Profile, y: NDArray[np.int8], auc: float, why: str) -> Giveaway:
    among = profile.texts.filter(pl.Series(y == 1)).drop_nulls()
    is_report = profile.kind in {"text", "time"} and _is_time(profile, among)
    is_kind = hints(name, KINDS) and 2 <= among.n_unique() <= 30 and not is_report
    return Giveaway(column=name, why=why, auc=auc, is_kind=is_kind, is_report=is_report)


def _is_time(profile: Profile, written: pl.Series) -> bool:
    from fraud.data.formats import fitting_formats

    return profile.kind == "time" or (len(written) > 0 and bool(fitting_formats(written.head(200))))


def _by_name(name: str, auc: float | None) -> Giveaway | None:
    if not hints(name, AFTER):
        return None
    return Giveaway(column=name, why="its name says that it is found out after the transaction", auc=auc)


def _shown(auc: float) -> str:
    return f"{auc:.3f}" if auc < 0.9995 else "1.000"


def separation(profile: Profile, y: NDArray[np.int8]) -> float:
    """The highest ROC AUC that one column reaches alone: by its order, or by the fraud rate of its values.

    Rates are learned on one half of the rows and judged on the other, so that many values do not look like knowledge.
    """
    best = 0.5
    if profile.kind == "number":
        numbers = profile.numbers.to_numpy()
        for filling in (np.nanmin(numbers) - 1, np.nanmax(numbers) + 1):
            best = max(best, _both_ways(y, np.where(np.isnan(numbers), filling, numbers)))
        return max(best, _by_rates(_bins(profile.numbers), y))
    if profile.kind == "time":
        return best
    if profile.values <= MOST_CATEGORIES:
        best = max(best, _by_rates(profile.texts.cast(pl.Categorical).to_physical(), y))
    return best


def _both_ways(y: NDArray[np.int8], score: NDArray[np.float64]) -> float:
    auc = roc_auc(y, score)
    return max(auc, 1 - auc)


def _bins(numbers: pl.Series) -> pl.Series:
    """Values that come often stand by themselves, the others in quantiles."""
    if numbers.drop_nulls().n_unique() <= MOST_CATEGORIES:
        return numbers.cast(pl.String).cast(pl.Categorical).to_physical()
    often = numbers.drop_nulls().value_counts(sort=True).head(20).filter(pl.col("count") > len(numbers) / 200)
    rank = (numbers.rank("average") * (BINS / max(len(numbers), 1))).floor()
    at = pl.Series(often[:, 0])
    alone = numbers.is_in(at.implode()) if len(at) else pl.Series(np.zeros(len(numbers), dtype=bool))
    return rank.zip_with(~alone.fill_null(value=False), -1000 - numbers.rank("dense").cast(pl.Float64))


def _by_rates(values: pl.Series, y: NDArray[np.int8]) -> float:
    frame = pl.DataFrame({"value": values, "y": y}).with_row_index("row")
    half = (frame["row"].hash(seed=1) % 2 == 0).to_numpy()
    learn, judge = frame.filter(pl.Series(half)), frame.filter(pl.Series(~half))
    if not 0 < judge["y"].sum() < len(judge) or not 0 < learn["y"].sum() < len(learn):
        return 0.5
    usual = float(learn["y"].mean())  # type: ignore[arg-type]
    smooth = partial(pl.lit, dtype=pl.Float64)
    rate = (pl.col("y").sum() + smooth(usual * SMOOTHING)) / (pl.len() + SMOOTHING)
    rates = learn.group_by("value").agg(rate=rate)
    scored = judge.join(rates, on="value", how="left", nulls_equal=True)["rate"].fill_null(usual)
    return roc_auc(judge["y"].to_numpy(), scored.to_numpy())
