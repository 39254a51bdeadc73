"""Feature attributions of a score: integrated gradients of the logit, against a typical transaction.

On the straight line from the typical training row to the transaction, every input's gradient is averaged and multiplied
by the change of that input (Sundararajan, Taly and Yan 2017). The attributions then add up to the difference of the two
logits, which is checked row by row: the number of steps grows until the error is small against the attributions, and
the rest is distributed over them by size. Categories change along their embeddings.
"""

import copy
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from fraud.model import Network

TOLERANCE = 0.01
"""Largest share by which attributions are scaled so that they add up."""
NEGLIGIBLE = 1e-3
"""Accuracy of the sum, in logits."""
FIRST_STEPS, MOST_STEPS = 48, 4_000
"""Steps on the line: at first, and at most."""
POINTS = 16_384
"""Points evaluated at once."""
ROWS = 4_096
"""Transactions explained at once."""


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """Contribution of each encoded column to the logit, against the baseline's."""

    columns: np.ndarray
    """(N, F) float64, in the order of the encoded columns."""
    logits: np.ndarray
    """(N,) float64, raw logits of the network."""
    baseline: float
    """Logit of the baseline; ``columns.sum(axis=1)`` is ``logits - baseline``."""


def attribute(network: Network, X: np.ndarray, baseline: np.ndarray) -> Attribution:
    """Integrated gradients of encoded rows.

    Args:
        network: in evaluation mode.
        X: encoded rows (N, F) float32, category codes last.
        baseline: the row they are compared with, (1, F) float32.
    """
    # NOTE: logits in float64, because their difference may be small; gradients in float32, because there are many.
    wide = copy.deepcopy(network).double()
    origin = float(_logits(wide, baseline)[0])
    with torch.no_grad():
        start = network.embed(torch.from_numpy(np.ascontiguousarray(baseline)))
    parts, logits = [np.empty((0, X.shape[1]))], [np.empty(0)]
    for first in range(0, len(X), ROWS):
        some = np.ascontiguousarray(X[first : first + ROWS])
        with torch.no_grad():
            stop = network.embed(torch.from_numpy(some))
        logits.append(_logits(wide, some))
        parts.append(_by_column(network, _until_complete(network, start, stop, logits[-1] - origin)))
    return Attribution(columns=np.concatenate(parts), logits=np.concatenate(logits), baseline=origin)


def _logits(network: Network, X: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        logits: np.ndarray = network(torch.from_numpy(X.astype(np.float64))).numpy()
    return logits


def _until_complete(network: Network, start: Tensor, stop: Tensor, differences: np.ndarray) -> np.ndarray:
    """Attributions (B, E) of embedded rows, with more steps for rows where they do not add up yet.

    Every step is split in three, so that the middle of each old step is the middle of a new one and known already. The
    error is measured against the attributions and not against the logits' difference: where large attributions nearly
    cancel out, no number of steps is enough for that.
    """
    way = (stop - start).double().numpy()
    slopes, found, left = np.zeros(way.shape), np.zeros(way.shape), np.zeros(len(way))
    sizes = np.zeros(way.shape)
    waiting, steps = np.arange(len(way)), FIRST_STEPS
    fresh = np.arange(steps)
    while waiting.size and steps <= MOST_STEPS:
        slopes[waiting] += _slopes(network, start, stop[torch.from_numpy(waiting)], (fresh + 0.5) / steps)
        found[waiting] = slopes[waiting] / steps * way[waiting]
        left = differences - found.sum(axis=1)
        sizes = np.abs(found)
        allowed = np.maximum(TOLERANCE * sizes.sum(axis=1), NEGLIGIBLE)
        waiting, steps = np.flatnonzero(np.abs(left) > allowed), 3 * steps
        fresh = np.flatnonzero(np.arange(steps) % 3 != 1)
    found += sizes * (left / np.maximum(sizes.sum(axis=1), NEGLIGIBLE))[:, None]
    return found


def _slopes(network: Network, start: Tensor, stop: Tensor, shares: np.ndarray) -> np.ndarray:
    """Gradients (B, E) of the logits, summed over points at these shares of the line."""
    total = torch.zeros(stop.shape, dtype=torch.float64)
    for some in torch.split(torch.from_numpy(shares).float(), max(1, POINTS // len(stop))):
        points = (start + some[:, None, None] * (stop - start)).flatten(0, 1).requires_grad_()
        with torch.enable_grad():
            (slopes,) = torch.autograd.grad(network.logits_from_inputs(points).sum(), points)
        total += slopes.view(len(some), *stop.shape).sum(0)
    added: np.ndarray = total.numpy()
    return added


def _by_column(network: Network, embedded: np.ndarray) -> np.ndarray:
    """Attributions (B, F) from those of embedded inputs (B, E): each category's are summed."""
    widths = [1] * network.n_numeric + [cast(nn.Embedding, table).embedding_dim for table in network.embeddings]
    return np.add.reduceat(embedded, np.cumsum([0, *widths[:-1]]), axis=1)
