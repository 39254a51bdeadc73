"""Which transactions are alerts: at the model's threshold, and within the budget of each day.

An alert is a card on a day, named by its highest transaction, or each transaction alone (``[policy] unit``).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.config import PolicyConfig
from fraud.evaluation import units_of
from fraud.features import local_day
from fraud.metrics import daily_budget, keyed_rank, rank_within_day, top_k_per_day

NEAR = 5
"""Cards (or transactions) a day below the last alert that get reasons as well."""
ORDER = "alerts"
"""Key of the order of transactions with one score."""
OTHERS = "others_that_day"


class DailyAlerts:
    """The alerts of scored transactions.

    Args:
        scored: ``event_time``, ``transaction_id``, ``probability`` and the entities.
        policy: ``unit``, and the daily budget where its kind has one.
        threshold: of the model.
        entities: the card first; none: every transaction is an alert of its own.
        timezone: whose days they are.
    """

    def __init__(
        self,
        scored: pl.DataFrame,
        policy: PolicyConfig,
        *,
        threshold: float,
        entities: Sequence[str],
        timezone: str,
    ) -> None:
        self.scored, self.policy = scored, policy
        self.day: NDArray[np.int64] = scored.select(local_day(pl.col("event_time"), timezone)).to_series().to_numpy()
        self.score = scored["probability"].to_numpy()
        self.tie_break = keyed_rank(scored["transaction_id"], ORDER)
        card = _numbered(scored[entities[0]]) if entities else None
        self.has_cards = card is not None and policy.unit == "card"
        self.unit = units_of(policy, day=self.day, card=card)
        self.highest = self._highest_of_units()
        self.alert = np.zeros(len(scored), dtype=np.bool_)
        self.alert[self.highest] = self.score[self.highest] >= threshold
        self.in_budget = self._in_budget() if policy.kind == "alerts_per_day" else None

    def columns(self) -> list[pl.Series]:
        """``others_that_day``, where an alert is a card; ``alert``; with a daily budget ``in_budget``."""
        others = np.bincount(self.unit)[self.unit] - 1 if self.unit.size else self.unit
        found = [pl.Series(OTHERS, others, dtype=pl.UInt32)] if self.has_cards else []
        found.append(pl.Series("alert", self.alert))
        return found if self.in_budget is None else [*found, pl.Series("in_budget", self.in_budget)]

    def explained(self) -> NDArray[np.bool_]:
        """The alerts of each day and a few below the last of them (N,)."""
        raised = self.alert if self.in_budget is None else self.alert | self.in_budget
        day = self.day[self.highest]
        rank = rank_within_day(self.score[self.highest], day, tie_break=self.tie_break[self.highest])
        code = np.unique(day, return_inverse=True)[1]
        alerts = np.bincount(code, weights=raised[self.highest])
        explained = raised.copy()
        explained[self.highest[rank <= alerts[code] + NEAR]] = True
        return explained

    def order(self) -> NDArray[np.int64]:
        """Rows (N,), the highest score first."""
        return np.lexsort((self.tie_break, -self.score))

    def _highest_of_units(self) -> NDArray[np.int64]:
        """Row of the highest transaction of each unit."""
        order = self.order()
        return np.asarray(order[np.unique(self.unit[order], return_index=True)[1]])

    def _in_budget(self) -> NDArray[np.bool_]:
        """The highest of each day, as many as the day's alerts."""
        day = self.day[self.highest]
        budget = daily_budget(self.policy.value, np.unique(day)).astype(np.int64)
        top = top_k_per_day(self.score[self.highest], day, k=budget, tie_break=self.tie_break[self.highest])
        inside = np.zeros(self.day.size, dtype=np.bool_)
        inside[self.highest[top]] = True
        return inside


def _numbered(card: pl.Series) -> NDArray[np.float64]:
    """Cards as numbers, NaN where there is none."""
    return card.rank("dense").cast(pl.Float64).to_numpy()
