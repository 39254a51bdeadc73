"""Share of frauds among transactions old enough for their labels to be final.

A fraud not reported yet counts as genuine, so that without this the latest weeks would always seem safer than they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from fraud.features import labels_as_of


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """A moment, and what could be known then."""

    moment: datetime
    """UTC; what became known later stays unknown."""
    maturity_days: float
    """Age at which an event without a report counts as genuine."""
    has_label_time: bool
    """Whether label_time comes from the data rather than from a constant delay."""


@dataclass(frozen=True, kw_only=True)
class Prevalence:
    """Frauds among mature transactions, as known at a moment, and the naive share without regard to maturity."""

    transactions: int
    """Mature and labelled."""
    frauds: int
    immature: int
    """Labelled, but too young to be final; in neither count."""
    unlabelled: int
    """In neither count."""
    naive_share: float
    """Known frauds over all labelled transactions, immature ones without a report counted as genuine."""
    maturity_days: float

    @property
    def share(self) -> float | None:
        """Frauds over transactions; None without any."""
        return self.frauds / self.transactions if self.transactions else None

    def sentence(self) -> str:
        """What was left out, and its effect; empty where everything is mature."""
        if not self.immature:
            return ""
        left_out = (
            f"{self.immature:,} transactions younger than {self.maturity_days:g} days are left out of the prevalence: "
            "their frauds may not be reported yet"
        )
        if self.share is None:
            return f"{left_out}; no older transaction is labelled"
        return (
            f"{left_out}. With them the prevalence would be {100 * self.naive_share:.3g} % instead of "
            f"{100 * self.share:.3g} %"
        )


def mature_labels(known: AsOf) -> pl.Expr:
    """Labels that may be counted and compared (Int8): null unless the event is mature and labelled by then.

    NOTE: known labels alone are biased. Of young events the reported frauds are known and the genuine ones are not:
    counting them overstates prevalence as much as calling all unreported ones genuine understates it. And a report
    after more than ``maturity_days`` counts as genuine at any age, or else older months would always show more fraud.
    """
    labels = labels_as_of(known.moment, maturity_days=known.maturity_days, has_label_time=known.has_label_time)
    age = timedelta(days=known.maturity_days)
    if known.has_label_time:
        late = pl.col("label_time") > pl.col("event_time") + age
        labels = pl.when(labels.is_not_null() & late).then(pl.lit(0, pl.Int8)).otherwise(labels)
    return pl.when(pl.col("event_time") <= known.moment - age).then(labels)


def prevalence_of(keys: pl.DataFrame | pl.LazyFrame, known: AsOf) -> Prevalence:
    """The prevalence that could be known at a moment.

    Args:
        keys: event_time, is_fraud, label_time; later events are left out.
        known: the moment.
    """
    mature = mature_labels(known)
    labelled = pl.col("is_fraud").is_not_null()
    reported = pl.col("is_fraud") & (pl.col("label_time") <= known.moment)
    counted = (
        keys.lazy()
        .filter(pl.col("event_time") <= known.moment)
        .select(
            transactions=mature.count(),
            frauds=mature.sum().cast(pl.Int64),
            labelled=labelled.sum(),
            reported=reported.sum(),
            rows=pl.len(),
        )
        .collect()
        .row(0, named=True)
    )
    return Prevalence(
        transactions=counted["transactions"],
        frauds=counted["frauds"],
        immature=counted["labelled"] - counted["transactions"],
        unlabelled=counted["rows"] - counted["labelled"],
        naive_share=counted["reported"] / max(1, counted["labelled"]),
        maturity_days=known.maturity_days,
    )
