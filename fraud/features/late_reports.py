"""Frauds that a window counted as genuine, because they were reported only after it was used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fraud.features.splits import Window

TOLERATED_SHARE = 0.05
"""Share of a window's frauds that may be reported after its use before a warning is given."""


@dataclass(frozen=True, kw_only=True)
class LateReports:
    """Frauds of one window that counted as genuine, because they were reported only after its use."""

    window: str
    late: int
    known: int
    """Frauds known when the window was used."""
    rows: int

    @property
    def share(self) -> float:
        """Of all frauds known by now."""
        return self.late / max(self.late + self.known, 1)

    def sentence(self, maturity_days: float) -> str:
        """The warning, for readers of a report."""
        before, now = (100 * count / max(self.rows, 1) for count in (self.known, self.known + self.late))
        return (
            f"{self.late:,} of the {self.late + self.known:,} frauds in the {self.window} window were reported only "
            f"after it was used, and counted as genuine there: its prevalence was {before:.3g} % then and is "
            f"{now:.3g} % now. Waiting {maturity_days:g} days is too short for these reports: raise [labels] "
            "maturity_days if the data have days enough (each is waited for up to three times), else bring more days."
        )


def late_reports(windows: Sequence[Window], keys: pl.DataFrame) -> list[LateReports]:
    """The windows of whose frauds more than ``TOLERATED_SHARE`` was reported after their use.

    Args:
        windows: with labels as known when they were used.
        keys: is_fraud of the table that they were cut from, as known now.
    """
    now = keys["is_fraud"].fill_null(value=False).to_numpy()
    found = [
        LateReports(
            window=window.name,
            late=int(np.count_nonzero(now[window.rows] & (window.y == 0))),
            known=window.frauds,
            rows=len(window.rows),
        )
        for window in windows
    ]
    return [one for one in found if one.share > TOLERATED_SHARE]
