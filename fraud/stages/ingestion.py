"""Dumps -> store."""

from fraud.config import RunConfig
from fraud.data import IngestResult, ingest_dumps, pseudonyms_for
from fraud.stages.dumps import Dumps, dump_paths
from fraud.stages.progress import OnProgress, Progress, ignore, steps_of
from fraud.workspace import Workspace


def ingest(dumps: Dumps, config: RunConfig, *, workspace: Workspace, on_progress: OnProgress = ignore) -> IngestResult:
    """Read, check and store dumps; the same dump twice changes nothing, later labels update earlier rows.

    Args:
        dumps: files, globs or folders; or frames.
        config: which column has which role, and the name of the data set.
        workspace: where the store and the quarantine are.
        on_progress: called at each step.

    Raises:
        ConfigError: the mapping cannot be.
        DumpError: a dump cannot be read or mapped, or a column holds something else than before; nothing is stored.
        StoreError: the store cannot be read or written, or another process writes to the data set.
    """
    name, address = config.dataset.name, config.dataset.store
    with (
        workspace.lock(name, "fraud ingest"),
        dump_paths(dumps) as paths,
        steps_of("ingest", on_progress) as step,
    ):
        pseudonyms = pseudonyms_for(workspace, name, wanted=config.privacy.pseudonymise, address=address)
        result = ingest_dumps(
            paths,
            dataset=name,
            address=address,
            columns=config.columns,
            labels=config.labels,
            workspace=workspace,
            accept=config.dataset.accept,
            pseudonyms=pseudonyms,
            progress=step,
        )
    on_progress(Progress(stage="ingest", text=result.sentence(), is_result=True, warnings=result.warnings))
    return result
