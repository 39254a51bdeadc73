"""The drift report: figures, limits and sentences of each column, the champion's scores and the prevalence."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fraud.lifecycle.drift.baseline import Measure, Measured
from fraud.lifecycle.drift.counts import Histogram
from fraud.lifecycle.drift.words import (
    mostly_in_others,
    moved_missing,
    moved_values,
    new_categories,
)
from fraud.lifecycle.prevalence import Prevalence
from fraud.text import percent

NEW_FLOOR = 0.005
"""Least share of rows with new categories that is flagged."""
FEWEST_NEW = 10
"""Fewest rows with new categories that are flagged."""
NAMED = 10
"""New categories that are listed."""
WithLimits = Mapping[tuple[str, Measure], tuple[Measured, float]]
"""Each measure of each column with its limit."""


@dataclass(frozen=True, kw_only=True)
class ColumnDrift:
    """One feature, or the champion's score."""

    name: str
    kind: Literal["numeric", "categorical"]
    psi: float
    psi_limit: float
    """Above the limit, it is drift; likewise for all limits."""
    ks: float | None
    """None for categories, which have no order."""
    ks_limit: float | None
    missing_before: float
    missing_now: float
    missing_limit: float
    new_share: float
    """Share of the current rows whose category the reference lacks."""
    new_limit: float
    new_categories: tuple[str, ...]
    sentences: tuple[str, ...]
    """The flagged changes, in words."""

    @property
    def flagged(self) -> bool:
        """Whether anything of it drifted."""
        return bool(self.sentences)


@dataclass(frozen=True, kw_only=True)
class PrevalenceDrift:
    """Frauds among mature, labelled rows, before and now."""

    before: Prevalence
    now: Prevalence
    log_ratio: float
    log_ratio_limit: float
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    """What was left out as too young."""

    @property
    def flagged(self) -> bool:
        """Whether the prevalence changed more than its normal variation."""
        return bool(self.sentences)


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """Every column, the champion's score, the prevalence."""

    judged: bool
    """False where there are too few rows to distinguish drift from chance; then nothing is flagged."""
    reference_rows: int
    current_rows: int
    blocks: int
    """Blocks of time of the reference, behind the baseline."""
    block_unit: Literal["day", "piece"]
    features: tuple[ColumnDrift, ...]
    score: ColumnDrift | None
    prevalence: PrevalenceDrift | None
    frauds: "DriftReport | None" = None
    """The same of the mature frauds alone: a new kind of fraud is a small share of all rows, a large one of frauds."""
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything flagged: score, prevalence, frauds, then the features, the farthest beyond its limit first."""
        apart = [part.sentences for part in (self.score, self.prevalence) if part]
        apart += [tuple(f"among frauds, {text}" for text in self.frauds.sentences)] if self.frauds else []
        ordered = sorted(self.features, key=lambda one: one.psi / one.psi_limit, reverse=True)
        return tuple(text for found in (*apart, *(one.sentences for one in ordered)) for text in found)

    @property
    def flagged(self) -> bool:
        """Whether anything drifted."""
        return bool(self.sentences)

    def as_json(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, ``flagged`` beside each part."""
        parts = asdict(self) | {"flagged": self.flagged, "sentences": list(self.sentences), "notes": list(self.notes)}
        parts["features"] = [_plain(one) for one in self.features]
        parts["frauds"] = self.frauds.as_json() if self.frauds else None
        parts["score"] = _plain(self.score) if self.score else None
        if self.prevalence:
            shares = {"share_before": self.prevalence.before.share, "share_now": self.prevalence.now.share}
            parts["prevalence"] = _plain(self.prevalence) | shares
        return parts


def judge_column(histogram: Histogram, measured: WithLimits, *, enough: bool) -> ColumnDrift:
    """One column against its limits.

    Args:
        histogram: of the column.
        measured: measures and limits of all columns.
        enough: whether there are enough rows to flag anything.
    """
    name = histogram.name
    (psi, psi_limit), (missing, missing_limit) = measured[name, "psi"], measured[name, "missing"]
    ks, ks_limit = measured.get((name, "ks"), (None, None))
    rows = histogram.current_missing + int(histogram.current.sum())
    new_limit = max(NEW_FLOOR, 2 * histogram.novelty, FEWEST_NEW / max(1, rows))
    is_new = histogram.new_share > new_limit
    sentences = [] if is_new and mostly_in_others(histogram) else _moved(histogram, measured)
    if missing.found > missing_limit:
        sentences.append(moved_missing(name, histogram.missing_before, histogram.missing_now))
    if is_new:
        sentences.append(new_categories(histogram))
    return ColumnDrift(
        name=name,
        kind=histogram.kind,
        psi=psi.found,
        psi_limit=psi_limit,
        ks=ks.found if ks else None,
        ks_limit=ks_limit,
        missing_before=histogram.missing_before,
        missing_now=histogram.missing_now,
        missing_limit=missing_limit,
        new_share=histogram.new_share,
        new_limit=new_limit,
        new_categories=tuple(category for category, _ in histogram.new[:NAMED]),
        sentences=tuple(sentences) if enough else (),
    )


def _moved(histogram: Histogram, measured: WithLimits) -> list[str]:
    psi, psi_limit = measured[histogram.name, "psi"]
    ks, ks_limit = measured.get((histogram.name, "ks"), (None, 0.0))
    apart = ks is not None and ks.found > ks_limit
    if psi.found <= psi_limit and not apart:
        return []
    figures = f"PSI {psi.found:.2g}, limit {psi_limit:.2g}"
    figures += f"; KS {ks.found:.2g}, limit {ks_limit:.2g}" if ks else ""
    return [f"{moved_values(histogram, by_order=apart)} ({figures})"]


def judge_prevalence(
    before: Prevalence, now: Prevalence, found: Measured, limit: float, *, enough: bool
) -> PrevalenceDrift:
    """The prevalence against its limit.

    Args:
        before: of the reference.
        now: of the current rows.
        found: its measure.
        limit: of the measure.
        enough: whether there are enough rows to flag anything.
    """
    sentences = []
    if enough and found.found > limit and before.share is not None and now.share is not None:
        sentences.append(
            f"{percent(now.share)} of the mature labelled transactions are fraud, before {percent(before.share)}"
        )
    return PrevalenceDrift(
        before=before,
        now=now,
        log_ratio=found.found,
        log_ratio_limit=limit,
        sentences=tuple(sentences),
        notes=tuple(filter(None, [now.sentence()])),
    )


def _plain(part: ColumnDrift | PrevalenceDrift) -> dict[str, Any]:
    parts = asdict(part) | {"flagged": part.flagged}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in parts.items()}
