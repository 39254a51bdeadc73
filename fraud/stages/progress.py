"""How far a stage is, as values for a callback: nothing here prints."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A stage begins, takes a step or has a result."""

    stage: str
    """Named as its command: ``ingest``, ``prepare``, ``compare``, ``retrain``, ``score``, ``train``."""
    text: str = ""
    """What has just been done; of a result, all of it in one sentence; empty as the stage begins."""
    step: int = 0
    """Steps taken so far."""
    total: int | None = None
    """Steps in all; None where their number is not known in advance."""
    is_result: bool = False
    """Whether the stage has ended, and ``text`` states what came of it."""
    warnings: tuple[str, ...] = ()
    """Of a result: what to know before it is used, a sentence each."""


OnProgress = Callable[[Progress], None]
"""What a stage calls at each step."""


def ignore(progress: Progress) -> None:
    """Do nothing."""


@contextmanager
def steps_of(stage: str, on_progress: OnProgress, *, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Report that a stage begins; what is yielded reports one more step, with what was done in it."""
    steps = count(1)
    on_progress(Progress(stage=stage, total=total))
    yield lambda text: on_progress(Progress(stage=stage, text=text, step=next(steps), total=total))
