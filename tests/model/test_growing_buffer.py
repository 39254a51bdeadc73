"""Scores of a validation window, collected batch by batch."""

import numpy as np
import pytest
import torch

from fraud.model.growing_buffer import GrowingBuffer


@pytest.mark.parametrize("sizes", [[], [3], [65_536, 1], [1, 70_000, 200_000, 5]])
def test_what_comes_in_parts_comes_out_whole_and_in_order(sizes: list[int]) -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=size).astype(np.float32) for size in sizes]
    buffer = GrowingBuffer()
    for part in parts:
        buffer.add(torch.from_numpy(part))
    expected = np.concatenate([*parts, np.empty(0, dtype=np.float32)])
    np.testing.assert_array_equal(buffer.all().numpy(), expected)
    assert buffer.all().dtype == torch.float32


def test_half_precision_is_kept_as_float32() -> None:
    buffer = GrowingBuffer()
    buffer.add(torch.tensor([0.1, 2.5], dtype=torch.bfloat16))
    assert buffer.all().tolist() == torch.tensor([0.1, 2.5], dtype=torch.bfloat16).float().tolist()
