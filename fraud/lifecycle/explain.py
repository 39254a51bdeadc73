"""What moved a score: integrated gradients of the logit from a typical transaction to the one at hand.

On the straight line from the typical training row to the transaction, every input's gradient is averaged and multiplied
by how far that input moved (Sundararajan, Taly and Yan 2017). The attributions then add up to the difference of the two
logits, which is checked row by row: the line is cut finer until they do. Categories move along their embeddings.
"""

import copy
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from fraud.model.network import Network

TOLERANCE = 0.01
"""Share of the logit difference by which the sum of the attributions may miss it."""
NEGLIGIBLE = 1e-3
"""Logits: no difference is asked for more exactly than this."""
FIRST_STEPS, MOST_STEPS = 32, 4_096
"""Points on the line: at first, and at most."""
POINTS = 32_768
"""Points that go through the network at once."""
ROWS = 4_096
"""Transactions that are explained at once."""


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """What each encoded column added to the logit, against the baseline's."""

    columns: np.ndarray
    """(N, F) float64, in the order of the encoded columns."""
    logits: np.ndarray
    """(N,) float64, raw, as the network gives them."""
    baseline: float
    """Logit of the baseline; ``columns.sum(axis=1)`` is ``logits - baseline`` within ``TOLERANCE``."""


def attribute(network: Network, X: np.ndarray, baseline: np.ndarray) -> Attribution:
    """Integrated gradients of encoded rows.

    Args:
        network: in evaluation mode.
        X: encoded rows (N, F) float32, category codes last.
        baseline: what they are compared with, (1, F) float32.
    """
    # NOTE: in float64: thousands of float32 gradients would not add up to a small difference.
    network = copy.deepcopy(network).double()
    with torch.no_grad():
        start = network.embed(torch.from_numpy(baseline.astype(np.float64)))
        origin = float(network.judge(start))
    parts, logits = [np.empty((0, X.shape[1]))], [np.empty(0)]
    for first in range(0, len(X), ROWS):
        with torch.no_grad():
            stop = network.embed(torch.from_numpy(X[first : first + ROWS].astype(np.float64)))
            logits.append(network.judge(stop).numpy())
        parts.append(_by_column(network, _until_complete(network, start, stop, logits[-1] - origin)))
    return Attribution(columns=np.concatenate(parts), logits=np.concatenate(logits), baseline=origin)


def _until_complete(network: Network, start: Tensor, stop: Tensor, differences: np.ndarray) -> np.ndarray:
    """Attributions (B, E) of embedded rows; twice as many points wherever they do not add up yet.

    What the most points still miss, where large attributions nearly cancel out, is spread over them by their size.
    """
    found = np.zeros(stop.shape)
    waiting, steps = np.arange(len(stop)), FIRST_STEPS
    allowed = np.maximum(TOLERANCE * np.abs(differences), NEGLIGIBLE)
    while waiting.size and steps <= MOST_STEPS:
        found[waiting] = _attributions(network, start, stop[torch.from_numpy(waiting)], steps)
        missed = np.abs(found[waiting].sum(axis=1) - differences[waiting])
        waiting, steps = waiting[missed > allowed[waiting]], 2 * steps
    left = differences[waiting] - found[waiting].sum(axis=1)
    sizes = np.abs(found[waiting])
    found[waiting] += sizes * (left / np.maximum(sizes.sum(axis=1), NEGLIGIBLE))[:, None]
    return found


def _attributions(network: Network, start: Tensor, stop: Tensor, steps: int) -> np.ndarray:
    """The way each input went, times its gradient in the middle of each of so many equal steps, averaged."""
    way = stop - start
    shares = (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
    total = torch.zeros_like(way)
    for some in torch.split(shares, max(1, POINTS // len(stop))):
        points = (start + some[:, None, None] * way).flatten(0, 1).requires_grad_()
        with torch.enable_grad():
            (slopes,) = torch.autograd.grad(network.judge(points).sum(), points)
        total += slopes.view(len(some), *stop.shape).sum(0)
    found: np.ndarray = (total / steps * way).numpy()
    return found


def _by_column(network: Network, embedded: np.ndarray) -> np.ndarray:
    """Attributions of embedded inputs (B, E), those of one category added up: (B, F)."""
    widths = [1] * network.n_numeric + [cast(nn.Embedding, table).embedding_dim for table in network.embeddings]
    return np.add.reduceat(embedded, np.cumsum([0, *widths[:-1]]), axis=1)
