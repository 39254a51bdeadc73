"""Memory for numbers that arrive batch by batch."""

import torch
from torch import Tensor


class GrowingBuffer:
    """Numbers that arrive batch by batch, in one block of memory that doubles when it is full.

    One small tensor a batch would fragment memory: some eight gigabytes at ten million rows.
    """

    def __init__(self) -> None:
        self._block, self._count = torch.empty(0), 0

    def add(self, part: Tensor) -> None:
        """Append those of one batch (B,)."""
        end = self._count + len(part)
        if end > len(self._block):
            block = torch.empty(max(2 * len(self._block), end, 1 << 16), device=part.device)
            block[: self._count] = self._block[: self._count]
            self._block = block
        self._block[self._count : end] = part
        self._count = end

    def all(self) -> Tensor:
        """All numbers (N,), float32, in the order in which they arrived."""
        return self._block[: self._count]
