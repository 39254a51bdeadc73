"""From paired differences to verdicts: p values, Holm's correction over the family, four possible words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import ConfigError
from fraud.evaluation.statistics.estimates import Estimate

Verdict = Literal["a", "b", "equivalent", "inconclusive"]
Kind = Literal["strategy", "family", "baseline"]
LARGEST_MARGIN = 0.25
"""Share of the ceiling above which a margin would call strategies equal that differ in all that they find."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One row of ``comparisons`` in report.json: a minus b, paired, with its verdict."""

    a: str
    b: str
    kind: Kind = "strategy"
    """Two strategies; two families' best; or a model that is not the network against a strategy."""
    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    """Corrected by Holm over the whole family."""
    verdict: Verdict


def compare(
    pairs: Sequence[tuple[str, Estimate, str, Estimate]],
    *,
    metric: str,
    margin: float,
    ceiling: float = 1.0,
    kinds: Sequence[Kind] | None = None,
    level: float = 0.95,
) -> list[Comparison]:
    """Paired differences of one family of comparisons, corrected together, each with its verdict.

    Args:
        pairs: name of a, figure of a, name of b, figure of b; all of one sampling.
        metric: what the figures are.
        margin: a difference that does not matter, as a share of the ceiling.
        ceiling: the most that any ranking could reach of the metric.
        kinds: of each pair; without it all are of two strategies.
        level: of the intervals; 1 - level is the chance to name any winner wrongly in the whole family.

    Raises:
        ConfigError: a margin above a quarter of the ceiling, within which nearly any two strategies would be equal.
        LeakageError: figures of different samplings, which are not paired.
    """
    check_margin(margin)
    differences = [a - b for _, a, _, b in pairs]
    corrected = holm([one.p_value() for one in differences])
    of_kind = kinds or ["strategy"] * len(pairs)
    rows = []
    for (name_a, _, name_b, _), one, p, kind in zip(pairs, differences, corrected, of_kind, strict=True):
        interval = one.interval(level)
        rows.append(
            Comparison(
                a=name_a,
                b=name_b,
                kind=kind,
                metric=metric,
                difference=interval.mean,
                low=interval.low,
                high=interval.high,
                p_value=float(p),
                verdict=verdict(
                    interval.low, interval.high, margin=margin * ceiling, p_value=float(p), alpha=1 - level
                ),
            )
        )
    return rows


def check_margin(margin: float) -> None:
    """Refuse a margin that would make any two strategies equal.

    Raises:
        ConfigError: more than a quarter of what the budget allows.
    """
    if margin > LARGEST_MARGIN:
        raise ConfigError(
            f"margin: {margin:g} is more than a quarter of the recall that the budget allows, within which "
            f"nearly any two strategies would count as equivalent; expected at most {LARGEST_MARGIN:g}, as 0.02"
        )


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


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P values corrected for the size of their family by Holm's step-down procedure (Holm 1979), in their order."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
