"""Training one model in several processes, each with its share of every batch: started by torchrun.

Every process draws the same batches from the same seed and takes its own rows of each, so that class-balanced and
resampled batches stay what they are; gradients are averaged, so a step is that of the whole batch. Each process scores
its share of the validation rows; average precision is computed over the scores of all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch.distributed as dist
from torch import Tensor

LONGEST_WAIT = timedelta(days=1)
"""For the first process, which prepares the data while the others wait."""

T = TypeVar("T")


@dataclass(frozen=True)
class Shard:
    """One of ``world`` processes that train the same model; the only one where ``world`` is 1."""

    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes files and prints."""
        return self.rank == 0

    def of_batch(self, index: Tensor) -> Tensor:
        """Its rows of a batch (B,): every ``world``-th, so that each class is shared out evenly."""
        return index[self.rank :: self.world]

    def of_rows(self, count: int) -> range:
        """Its consecutive part of so many rows; the parts of all processes together are all rows."""
        return range(self.rank * count // self.world, (self.rank + 1) * count // self.world)


def this_shard() -> Shard:
    """Rank of this process, and how many there are: one where ``join_process_group`` was not used."""
    return Shard(dist.get_rank(), dist.get_world_size()) if _joined() else Shard()


@contextmanager
def join_process_group() -> Iterator[Shard]:
    """Join the processes that torchrun started; a single process where it did not start this one."""
    if "TORCHELASTIC_RUN_ID" not in os.environ or _joined():
        yield this_shard()
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if dist.is_nccl_available() else "gloo", timeout=LONGEST_WAIT)
    try:
        yield this_shard()
    finally:
        dist.destroy_process_group()


def from_first(value: T) -> T:
    """The first process's value, in every process."""
    if not _joined():
        return value
    values: list[Any] = [value]
    dist.broadcast_object_list(values, src=0)
    shared: T = values[0]
    return shared


def from_all(part: np.ndarray) -> np.ndarray:
    """The arrays of all processes, one after the other in the order of their ranks."""
    if not _joined():
        return part
    parts: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(parts, part)
    return np.concatenate(parts)


def wait_for_all() -> None:
    """Go on once every process has come here; at once where it is alone."""
    if _joined():
        # NOTE: dist.barrier() would take NCCL where there is CUDA, and guess the GPU; this goes by gloo.
        dist.all_gather_object([None] * dist.get_world_size(), None)


def lightning_settings() -> dict[str, Any]:
    """Keyword arguments with which Lightning's trainer spreads over the processes."""
    shard = this_shard()
    if shard.world == 1:
        return {"devices": 1}
    on_this_machine = int(os.environ["LOCAL_WORLD_SIZE"])
    return {
        "devices": on_this_machine,
        "num_nodes": shard.world // on_this_machine,
        "strategy": "ddp",
        "use_distributed_sampler": False,  # batches are shared out here
    }


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized()
