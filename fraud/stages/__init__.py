"""The stages of a run as functions, from a dump to a report, for programs and notebooks as for the command line.

Each takes its dumps and the configuration, holds the workspace's lock while it writes, reports its progress to a
callback and returns what came of it. Nothing here prints. A name is imported when it is first used: a dump is stored
without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraud.stages.champions import promote, registry_of, rollback
    from fraud.stages.comparison import compare
    from fraud.stages.full_run import run
    from fraud.stages.ingestion import ingest
    from fraud.stages.inspecting import inspect
    from fraud.stages.preparation import prepare
    from fraud.stages.progress import OnProgress, Progress, steps_of
    from fraud.stages.report import Report
    from fraud.stages.retraining import RetrainResult, retrain
    from fraud.stages.run_folder import render_again
    from fraud.stages.scoring import ScoreResult, score
    from fraud.stages.training import TrainedOnce, train

_MODULES = {
    "OnProgress": "progress",
    "Progress": "progress",
    "Report": "report",
    "RetrainResult": "retraining",
    "ScoreResult": "scoring",
    "TrainedOnce": "training",
    "compare": "comparison",
    "ingest": "ingestion",
    "inspect": "inspecting",
    "prepare": "preparation",
    "promote": "champions",
    "registry_of": "champions",
    "render_again": "run_folder",
    "retrain": "retraining",
    "rollback": "champions",
    "run": "full_run",
    "score": "scoring",
    "steps_of": "progress",
    "train": "training",
}
"""Name -> the module of this room that defines it."""

__all__ = [
    "OnProgress",
    "Progress",
    "Report",
    "RetrainResult",
    "ScoreResult",
    "TrainedOnce",
    "compare",
    "ingest",
    "inspect",
    "prepare",
    "promote",
    "registry_of",
    "render_again",
    "retrain",
    "rollback",
    "run",
    "score",
    "steps_of",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
