"""Hidden layers: a product, a bias, and units below zero cut off; in one operation where the processor can."""

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn


class Hidden(nn.Linear):
    """``relu(x W^T + b)``; under autocast to bfloat16, on a processor that has it, in one operation.

    Bias and cut-off are then done to units that lie in registers, not by two more walks over all of them, and inputs
    that nothing is learned from, as the numbers of a table, get no gradient. Units and gradients are those of the usual
    operations.
    """

    def forward(self, *parts: Tensor) -> Tensor:
        """Units (B, U), none below zero, of inputs (B, I), which may come in parts (B, I1), (B, I2) side by side."""
        if parts[0].device.type == "cpu" and _under_bf16() and _has_fused():
            fused: Tensor = _Fused.apply(self.weight, self.bias, *parts)  # type: ignore[no-untyped-call]
            return fused
        return torch.relu_(super().forward(side_by_side(parts)))


class Layers(nn.Sequential):
    """Layers one after the other, of which the first takes the parts of its inputs."""

    def forward(self, *parts: Tensor) -> Tensor:
        """What the last layer makes of the parts (B, I1), (B, I2); side by side where there is no layer."""
        for layer in self:
            parts = (layer(*parts),)
        return side_by_side(parts)


def side_by_side(parts: tuple[Tensor, ...]) -> Tensor:
    """Columns (B, I1), (B, I2) as one matrix (B, I1 + I2)."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, bias: Tensor, *parts: Tensor) -> Tensor:
        x = side_by_side(tuple(part.bfloat16() for part in parts))
        weight = weight.bfloat16()
        # NOTE: oneDNN's product with bias and cut-off, which torch reaches by this operator alone.
        units: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias.bfloat16(), "relu", [], "")
        ctx.save_for_backward(x, weight, units)
        ctx.widths = [part.shape[1] for part in parts]
        return units

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, units = ctx.saved_tensors
        slope = torch.ops.aten.threshold_backward(slope, units, 0)
        columns = zip(weight.split(ctx.widths, dim=1), ctx.needs_input_grad[2:], strict=True)
        # NOTE: autograd casts each gradient to the type of what it is of.
        return slope.t() @ x, slope.sum(0), *(slope @ part if wanted else None for part, wanted in columns)


def _under_bf16() -> bool:
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16


@cache
def _has_fused() -> bool:
    built = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    return built and torch.cpu._is_avx512_bf16_supported() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
