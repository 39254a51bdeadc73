"""New dumps -> challenger against champion -> promote or keep, with a report."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, shown_progress
from fraud.cli.summary import show_report
from fraud.config import RunConfig
from fraud.workspace import Workspace

RequirePromotion = Annotated[bool, Parameter(help="Exit with 3 when the champion stays.", negative=())]
Strategies = Annotated[
    str, Parameter(help="Strategies to compare anew, with commas between; left out: the champion's alone.")
]


def retrain(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    as_of: AsOf = None,
    strategies: Strategies = "",
    require_promotion: RequirePromotion = False,
    **overrides: Overrides,
) -> int:
    """Store new dumps, train the champion's strategy anew, judge both on the newest window, promote by the rule.

    Without a dump it goes by what is stored: labels that came by `fraud ingest`, other settings, other strategies.
    A retraining that was stopped goes on where it was when the same command is given again; until it ends, the
    champion stays in use.
    """
    settings = configured(config, overrides, as_of)
    named = tuple(name.strip() for name in strategies.split(",") if name.strip())
    promoted = retrain_and_show(dumps, settings, Workspace(workspace), strategies=named)
    return 3 if require_promotion and not promoted else 0


def retrain_and_show(
    dumps: tuple[str, ...], config: RunConfig, workspace: Workspace, *, strategies: tuple[str, ...] = ()
) -> bool:
    """Retrain, and show what was compared; whether the challenger was promoted."""
    from fraud import stages

    with shown_progress() as shown:
        result = stages.retrain(dumps, config, workspace=workspace, strategies=strategies, on_progress=shown)
    if result.report:
        show_report(result.report)
    return result.promoted
