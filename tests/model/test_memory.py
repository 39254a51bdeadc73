"""The allocator keeps what batches take."""

import subprocess
import sys

import pytest

from fraud.model.memory import keep_memory

FAULTS = """
import resource
import torch
from fraud.model.memory import keep_memory
kept = {kept} and keep_memory()
for step in range(30):
    units = [torch.ones(4096, 256) for _ in range(12)]
    del units
    if step == 9:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, kept: bool) -> int:
    ended = subprocess.run([sys.executable, "-c", FAULTS.format(kept=kept)], capture_output=True, text=True, check=True)
    return int(ended.stdout)


@pytest.mark.skipif(sys.platform != "linux" or not keep_memory(), reason="the C library has no mallopt")
def test_memory_of_a_batch_is_kept_for_the_next_one():
    without = faults(kept=False)
    if without < 1000:
        pytest.skip("the C library is set to keep memory by itself here")
    assert faults(kept=True) * 20 < without
