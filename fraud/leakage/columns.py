"""Does one column alone give the label away? Checked on every run, on the training rows, before anything trains.

A chargeback date, an investigator's flag, a balance after the fraud was reversed: columns that exist only after the
outcome make every model look perfect, and none of them work. So do single values of a column that only frauds have,
even where not every fraud has one. Features that are made here see the past alone, which
``audit`` proves; so only columns that come from the dump as they are can stop a run. Both are spoken of.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.errors import LeakageError
from fraud.features import TableRows
from fraud.leakage.purity import find_pure
from fraud.leakage.separation import (
    both_ways,
    separation_of_gaps,
    separation_of_numbers,
    separation_of_texts,
)

ADVICE = (
    "if it is known only after the outcome, move it to [columns] ignore; if it is known when the transaction is made, "
    "name it in [features] trusted"
)
TELLS = 0.99
"""ROC AUC of a column of the dump alone that stops a run. The best one of the ULB credit-card data has 0.95."""
SUSPICIOUS = 0.98
"""The same that is worth a warning."""
FEWEST_FRAUDS = 50
"""With fewer frauds a column may separate them by chance; values that are pure are still judged by their interval."""
AMOUNTS = ("amount", "amount_log")
"""Known when the transaction is made, always: an attack may have an amount of its own."""
MOST_FRAUDS, MOST_GENUINE = 2_000, 20_000
"""Training rows that are looked at, evenly spread."""


def check_no_giveaway(
    training: pl.DataFrame | TableRows,
    y: NDArray[np.int8],
    *,
    own: Sequence[str],
    made: Sequence[str] = (),
    trusted: Sequence[str] = (),
) -> list[str]:
    """Stop when a column of the data alone nearly tells fraud from genuine; what is merely suspicious is returned.

    Args:
        training: the training rows of the feature table, not encoded.
        y: their labels (N,).
        own: features that are columns of the dump as they are.
        made: numeric features made from the past; they never stop a run.
        trusted: columns that somebody vouched for: known when the transaction is made.

    Returns:
        A sentence for each suspicious column, the strongest first.

    Raises:
        LeakageError: which column, how well it separates, and what to do.
    """
    said = _values(training, y, own=own, trusted=trusted)
    rows = _some(y)
    labels = y[rows]
    if int(labels.sum()) < FEWEST_FRAUDS or int((labels == 0).sum()) < FEWEST_FRAUDS:
        return said
    some = training[rows]
    found = {name: _separation(some[name], labels) for name in own if name in training.columns}
    for name, auc in found.items():
        if auc >= TELLS and name not in trusted:
            raise LeakageError(_stop(name, auc, int(labels.sum())))
    found |= {name: _by_order(some[name], labels) for name in made if name in training.columns and name not in found}
    strong = sorted((-auc, name) for name, auc in found.items() if auc >= SUSPICIOUS)
    return said + [
        f"{name} alone tells fraud from genuine with a ROC AUC of {-auc:.3f} on the training rows: see that it is "
        "known when the transaction is made."
        for auc, name in strong
    ]


def _values(
    training: pl.DataFrame | TableRows, y: NDArray[np.int8], *, own: Sequence[str], trusted: Sequence[str]
) -> list[str]:
    """Stop at a value of a raw column that hardly a genuine row has; trusted ones are spoken of."""
    said = []
    for name in own:
        if name in AMOUNTS or name not in training.columns:
            continue
        column = training[name]
        pure = find_pure(column if column.dtype.is_numeric() else column.cast(pl.String), y)
        if pure is None:
            continue
        found = f"{pure.sentence(name)} of the training rows"
        if name not in trusted:
            raise LeakageError(
                f"column '{name}' gives the label away: expected no value that hardly a genuine row has, found that "
                f"{found}; {ADVICE}"
            )
        said.append(f"{found}: see that it is known when the transaction is made.")
    return said


def _stop(name: str, auc: float, frauds: int) -> str:
    return (
        f"column '{name}' gives the label away: expected no single column to tell fraud from genuine, found a ROC AUC "
        f"of {auc:.3f} with it alone ({frauds:,} training frauds); {ADVICE}"
    )


def _some(y: NDArray[np.int8]) -> NDArray[np.int64]:
    """Positions of frauds and genuine rows, evenly spread, in order."""
    kept = []
    for label, most in ((1, MOST_FRAUDS), (0, MOST_GENUINE)):
        rows = np.flatnonzero(y == label)
        kept.append(rows[:: max(1, -(-len(rows) // most))])
    return np.sort(np.concatenate(kept)).astype(np.int64)


def _separation(column: pl.Series, y: NDArray[np.int8]) -> float:
    whole = separation_of_numbers(column, y) if column.dtype.is_numeric() else separation_of_texts(column, y)
    return max(whole, separation_of_gaps(column, y))


def _by_order(column: pl.Series, y: NDArray[np.int8]) -> float:
    values = column.cast(pl.Float64).fill_nan(None)
    low = values.min()
    return 0.5 if low is None else both_ways(values.fill_null(float(low) - 1).to_numpy(), y)  # type: ignore[arg-type]
