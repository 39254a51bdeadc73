"""Dumps -> store."""

import sys
from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, progress_bar, say, warn
from fraud.config import RunConfig, load_config
from fraud.workspace import Workspace


def ingest(*dumps: str, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Read, check and store dumps; the same dump twice changes nothing, later labels update earlier rows."""
    ingest_into(Workspace(workspace), load_config(config, overrides), dumps)


def ingest_into(workspace: Workspace, config: RunConfig, dumps: tuple[str, ...]) -> tuple[str, ...]:
    """Store the dumps of a run and say what came of it; all warnings of these dumps, also of those stored earlier."""
    from fraud.data import ingest_dumps, pseudonyms_for

    with workspace.lock(config.dataset.name, "fraud ingest"), progress_bar("ingest") as step:
        name, address = config.dataset.name, config.dataset.store
        pseudonyms = pseudonyms_for(workspace, name, wanted=config.privacy.pseudonymise, address=address)
        result = ingest_dumps(
            dumps,
            dataset=name,
            address=address,
            columns=config.columns,
            labels=config.labels,
            workspace=workspace,
            accept=config.dataset.accept,
            pseudonyms=pseudonyms,
            progress=step,
        )
    for warning in result.warnings:
        warn(warning)
    say(result.sentence())
    return tuple(dict.fromkeys((*result.earlier, *result.warnings)))


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["ingest", *sys.argv[1:]])
