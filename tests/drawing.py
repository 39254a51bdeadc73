"""How many examples Hypothesis draws: a third in the suite, all of them with ``FRAUD_TESTS=thorough``.

The mutants are run thoroughly: a fault must not survive by luck.
"""

import os

from hypothesis import settings

IS_THOROUGH = os.environ.get("FRAUD_TESTS") == "thorough"
FEWEST = 5


def examples(count: int) -> settings:
    """So many examples when thorough; no deadline, which fails by chance on a busy machine."""
    return settings(max_examples=count if IS_THOROUGH else max(FEWEST, count // 3), deadline=None)
