"""Find the rare fraud in transaction data: weighting the loss against over- and undersampling, judged honestly.

The one rule: nothing knows the future. See ARCHITECTURE.md; docs/library.md is a tutorial of the names below. A name is
imported when it is first used, so that ``import fraud`` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fraud.config import RunConfig, load_config
    from fraud.errors import FraudError
    from fraud.stages import (
        Progress,
        Report,
        RetrainResult,
        ScoreResult,
        compare,
        ingest,
        inspect,
        prepare,
        retrain,
        run,
        score,
    )
    from fraud.workspace import Workspace

__version__ = "0.2.0"

__all__ = [
    "FraudError",
    "Progress",
    "Report",
    "RetrainResult",
    "RunConfig",
    "ScoreResult",
    "Workspace",
    "compare",
    "ingest",
    "inspect",
    "load_config",
    "prepare",
    "retrain",
    "run",
    "score",
]

_ROOMS = {
    "FraudError": "fraud.errors",
    "RunConfig": "fraud.config",
    "Workspace": "fraud.workspace",
    "load_config": "fraud.config",
}
"""Where a name is defined; all others are stages."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS.get(name, "fraud.stages")), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
