"""From paired differences to verdicts: p values, Holm's correction over the family, four possible words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import ConfigError
from fraud.evaluation.statistics.bootstrap import Resampled

Verdict = Literal["a", "b", "equivalent", "inconclusive"]
NEVER_EQUIVALENT = -1.0
"""A margin that no interval lies within."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One row of ``comparisons`` in report.json: a minus b, paired, with its verdict."""

    a: str
    b: str
    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    """Corrected by Holm over the whole family."""
    verdict: Verdict


def compare(
    pairs: Sequence[tuple[str, Resampled, str, Resampled]],
    *,
    metric: str,
    margin: float,
    level: float = 0.95,
    frauds: int | None = None,
) -> list[Comparison]:
    """Paired differences of one family of comparisons, corrected together, each with its verdict.

    Args:
        pairs: name of a, figure of a, name of b, figure of b; all of one bootstrap.
        metric: what the figures are.
        margin: a difference that does not matter.
        level: of the intervals; 1 - level is the chance to name any winner wrongly in the whole family.
        frauds: how many there are in the window. Where two strategies never disagree on them, they may still differ by
            what ``rule_of_three`` gives; where that is more than the margin, nothing is called equivalent.

    Raises:
        ConfigError: too few resamples for so many comparisons: no p value could survive the correction.
        LeakageError: figures of different bootstraps, which are not paired.
    """
    differences = [a - b for _, a, _, b in pairs]
    for one in differences:
        check_resamples(one.resamples.size, comparisons=len(pairs), alpha=1 - level)
    corrected = holm([one.p_value() for one in differences])
    rows = []
    for (name_a, _, name_b, _), one, p in zip(pairs, differences, corrected, strict=True):
        interval = one.interval(level)
        provable = frauds is None or rule_of_three(one, frauds) <= margin
        rows.append(
            Comparison(
                a=name_a,
                b=name_b,
                metric=metric,
                difference=interval.mean,
                low=interval.low,
                high=interval.high,
                p_value=float(p),
                verdict=verdict(
                    interval.low,
                    interval.high,
                    margin=margin if provable else NEVER_EQUIVALENT,
                    p_value=float(p),
                    alpha=1 - level,
                ),
            )
        )
    return rows


def verdict(low: float, high: float, *, margin: float, p_value: float, alpha: float = 0.05) -> Verdict:
    """The verdict that an interval of a - b supports.

    "equivalent" where all of it lies within the margin, even if it leaves out 0: such a difference does not matter.
    "a" or "b" where it leaves out 0 and the corrected p value is below ``alpha``. Else "inconclusive": no difference
    shown, which is not the same as equal.

    >>> verdict(-0.01, 0.05, margin=0.02, p_value=0.3)
    'inconclusive'
    """
    if -margin <= low and high <= margin:
        return "equivalent"
    if p_value < alpha and low > 0:
        return "a"
    if p_value < alpha and high < 0:
        return "b"
    return "inconclusive"


def rule_of_three(figure: Resampled, events: int) -> float:
    """How much may lie behind a share of 0 among ``events``: 3 / n (Hanley and Lippman-Hand 1983).

    Frauds of one card are found or missed together, so where cards are resampled n is their effective number, at most
    the number of events. Days and blocks of time are only a way to resample: there every event counts.

    Args:
        figure: the share, or a difference of shares.
        events: what it is a share of: frauds, or alerts for a precision.
    """
    n = float(events) if figure.source.clusters.is_time else min(float(events), figure.effective_clusters)
    return min(1.0, 3.0 / n) if n > 0 else 1.0


def any_above(figures: Sequence[Resampled], chance: float, *, level: float = 0.95) -> bool:
    """Whether any figure is above what chance gives: its interval is, widened for the number of figures (Bonferroni).

    Args:
        figures: of the strategies, all on one window.
        chance: the figure that chance gives.
        level: 1 - level is the chance to see any above it where none is.
    """
    each = 1 - (1 - level) / max(len(figures), 1)
    return any(figure.interval(each).low > chance for figure in figures)


def check_resamples(resamples: int, *, comparisons: int, alpha: float = 0.05) -> None:
    """Let a family of comparisons begin only if its corrected p values can show anything.

    Raises:
        ConfigError: too few resamples.
    """
    needed = int(np.ceil(comparisons / alpha))
    if resamples < needed:
        raise ConfigError(
            f"[comparison]: resamples {resamples} are too few for {comparisons} comparisons, whose corrected p values "
            f"could never fall below {alpha:.2g}; expected at least {needed}"
        )


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P values corrected for the size of their family by Holm's step-down procedure (Holm 1979), in their order."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
