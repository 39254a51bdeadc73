"""Settings of the C library's allocator, so that the memory of one batch is reused by the next."""

import ctypes
import sys
from functools import cache

# NOTE: numbers of <malloc.h>.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
KEPT_BYTES = 512 << 20
"""Free bytes above which glibc returns memory to the system."""
BLOCK_BYTES = 32 << 20
"""Blocks up to this size, the largest glibc allows, are not mapped one by one."""
STEP_BYTES = 16 << 20
"""Bytes requested from the system at a time."""


@cache
def keep_memory() -> bool:
    """Make this process reuse the memory of a batch for the next one; whether the C library accepted the settings.

    Every batch allocates and frees the same few megabytes. By default glibc returns them to the system each time, and
    about 8 % of a training step is spent on clearing the same pages again. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    settings = {M_TRIM_THRESHOLD: KEPT_BYTES, M_TOP_PAD: STEP_BYTES, M_MMAP_THRESHOLD: BLOCK_BYTES}
    return all(accepted == 1 for accepted in [mallopt(setting, size) for setting, size in settings.items()])
