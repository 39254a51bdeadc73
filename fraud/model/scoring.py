"""Rows through a trained network; apart from training, so that scoring need not import what trains."""

import numpy as np
import torch

from fraud.model.network import Network

SCORING_BATCH = 4096
"""Rows whose hidden units stay in a core's cache: half again as fast as eight times as many."""


def score_logits(network: Network, X: np.ndarray) -> np.ndarray:
    """Logits (N,) float64 of rows X (N, F) float32, in float32 arithmetic, a chunk at a time."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(X), SCORING_BATCH):
            chunk = torch.from_numpy(np.ascontiguousarray(X[start : start + SCORING_BATCH]))
            parts.append(network(chunk).double().numpy())
    return np.concatenate(parts) if parts else np.empty(0)
