"""Targets as every loss needs them: one probability of fraud a row. The usual mistakes are named."""

import torch
from torch import Tensor

from fraud.errors import TargetError


def checked_targets(logits: Tensor, targets: Tensor) -> Tensor:
    """Targets in the logits' precision (at least float32), after the checks that every training step can afford.

    One pass over the values: a single ``aminmax`` finds values outside [0, 1] and NaN alike.

    Args:
        logits: ``(B,)``, floating point.
        targets: ``(B,)``, 0 and 1 of any type, or probabilities of fraud.

    Raises:
        TargetError: shapes that differ or are not ``(B,)``, one-hot targets, values outside [0, 1], NaN, no rows.
    """
    if logits.shape != targets.shape or logits.ndim != 1 or not len(logits):
        raise TargetError(_shape_fault(logits, targets))
    if not logits.is_floating_point():
        raise TargetError(
            f"loss: logits must be floating point, found {logits.dtype}; pass the network's output before the sigmoid"
        )
    targets = targets.to(torch.promote_types(logits.dtype, torch.float32))
    # both bounds travel in one transfer: on an accelerator each .item() waits for the device
    low, high = torch.stack(torch.aminmax(targets.detach())).tolist()
    if not (low >= 0 and high <= 1):
        raise TargetError(_value_fault(targets, low, high))
    return targets


def _shape_fault(logits: Tensor, targets: Tensor) -> str:
    found = f"found logits {tuple(logits.shape)} and targets {tuple(targets.shape)}"
    if targets.ndim == 2 and targets.shape[1] == 2:
        return (
            f"loss: {found}: targets with two columns look one-hot; expected one number a row, the probability of "
            "fraud (0 or 1), shape (B,). Pass the fraud column, targets[:, 1]"
        )
    if logits.ndim == 2 and logits.shape[1] == 2:
        return (
            f"loss: {found}: two logits a row belong to a softmax; expected one logit a row, shape (B,). "
            "End the network in one output"
        )
    if {logits.ndim, targets.ndim} == {1, 2} and logits.numel() == targets.numel():
        which = "logits" if logits.ndim == 2 else "targets"
        return (
            f"loss: {found}: together they would broadcast to every pair of rows; expected (B,) for both. "
            f"Use {which}.squeeze(-1)"
        )
    if logits.shape == targets.shape and not logits.numel():
        return f"loss: {found}: the batch is empty; expected at least one row"
    return f"loss: {found}; expected the same shape (B,) for both: one logit and one target a row"


def _value_fault(targets: Tensor, low: float, high: float) -> str:
    n_nan = int(targets.isnan().sum())
    if n_nan:
        return (
            f"loss: {n_nan} of {len(targets)} targets are NaN; expected 0 or 1. Rows that nobody has labelled yet "
            "cannot be trained on: leave them out"
        )
    return (
        f"loss: targets must lie in [0, 1], found {low:g} to {high:g}; 1 is fraud, 0 is genuine. "
        "Map labels such as -1/+1 or 1/2 to 0/1"
    )
