"""Does a single column leak the label? Checked on the training rows of every run, before anything trains.

A chargeback date, an investigator's flag, a balance after the fraud was reversed: columns that are written only after
the outcome make every model seem perfect, and no such model works in use. So do single values of a column that only
frauds have, even if not every fraud has one. Only raw columns of the dump can stop a run: features that are made here
use the past alone, which ``audit`` proves, so a strong one is only reported.
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

CHECK = "check that it is known when the transaction is made."
ADVICE = (
    "if it is known only after the outcome, move it to [columns] ignore; if it is known when the transaction is made, "
    "name it in [features] trusted"
)
LEAK_AUC = 0.99
"""ROC AUC of a single raw column that stops a run. The best column of the ULB credit-card data reaches 0.95."""
SUSPICIOUS_AUC = 0.98
"""ROC AUC that is worth a warning."""
FEWEST_OF_EACH = 50
"""With fewer frauds or genuine rows a column may separate them by chance; values are still judged by their interval."""
AMOUNTS = ("amount", "amount_log")
"""Always known when the transaction is made; an attack may well have an amount of its own."""
MOST_FRAUDS, MOST_GENUINE = 2_000, 20_000
"""Training rows that are examined at most, evenly spread."""


def check_no_label_leak(
    training: pl.DataFrame | TableRows,
    y: NDArray[np.int8],
    *,
    own: Sequence[str],
    made: Sequence[str] = (),
    trusted: Sequence[str] = (),
) -> list[str]:
    """Stop if a raw column alone nearly separates fraud from genuine; suspicious columns are returned.

    Args:
        training: the training rows of the feature table, not encoded.
        y: their labels (N,).
        own: features that are raw columns of the dump.
        made: numeric features made from the past; they never stop a run.
        trusted: columns of ``[features] trusted``: declared as known when the transaction is made.

    Returns:
        A sentence for each suspicious column: those with pure values, then the others, the strongest first.

    Raises:
        LeakageError: names the column, how well it separates, and what to do.
    """
    warnings = _check_values(training, y, own=own, trusted=trusted)
    rows = _spread(y)
    labels = y[rows]
    if int(labels.sum()) < FEWEST_OF_EACH or int((labels == 0).sum()) < FEWEST_OF_EACH:
        return warnings
    some = training[rows]
    found = {name: _separation(some[name], labels) for name in own if name in training.columns}
    for name, auc in found.items():
        if auc >= LEAK_AUC and name not in trusted:
            raise LeakageError(_message(name, auc, int(labels.sum())))
    found |= {name: _by_order(some[name], labels) for name in made if name in training.columns and name not in found}
    strong = sorted((-auc, name) for name, auc in found.items() if auc >= SUSPICIOUS_AUC)
    return warnings + [
        f"{name} alone separates fraud from genuine with a ROC AUC of {-auc:.3f} on the training rows: {CHECK}"
        for auc, name in strong
    ]


def _check_values(
    training: pl.DataFrame | TableRows, y: NDArray[np.int8], *, own: Sequence[str], trusted: Sequence[str]
) -> list[str]:
    """Stop at a value of a raw column that hardly a genuine row has; of trusted columns it is returned."""
    warnings = []
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
                f"column '{name}' leaks the label: expected no value that hardly a genuine row has, found that "
                f"{found}; {ADVICE}"
            )
        warnings.append(f"{found}: {CHECK}")
    return warnings


def _message(name: str, auc: float, frauds: int) -> str:
    return (
        f"column '{name}' leaks the label: expected no single column to separate fraud from genuine, found a ROC AUC "
        f"of {auc:.3f} for it alone ({frauds:,} training frauds); {ADVICE}"
    )


def _spread(y: NDArray[np.int8]) -> NDArray[np.int64]:
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
