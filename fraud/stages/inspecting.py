"""An unknown dump -> a proposed configuration, and warnings."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fraud.config import DatasetConfig, LabelSpec
from fraud.data import find_dumps
from fraud.inspection import Inspection, inspect_dumps, join_dumps
from fraud.stages.dumps import Dumps, dump_paths
from fraud.stages.progress import OnProgress, Progress, ignore


def inspect(
    dumps: Dumps,
    *,
    name: str | None = None,
    label: LabelSpec | None = None,
    join: Path | None = None,
    on_progress: OnProgress = ignore,
) -> Inspection:
    """Find out how dumps are written and what their columns are, warn of traps, and propose a configuration.

    Args:
        dumps: files, globs or folders, or frames; all of the same columns, unless they are to be joined.
        name: of the data set; None: from the first file.
        label: the column that shows what was fraud, and its values; None: it is searched for.
        join: a Parquet file to write, of what dumps of different columns are together; it is inspected instead of them.
        on_progress: called with the result of the join.

    Returns:
        The proposal: ``config``, ``warnings``, ``unsure``, ``missing``.

    Raises:
        ConfigError: the name cannot be.
        DumpError: a dump cannot be read, or dumps of different columns cannot be joined.
    """
    if name is not None:
        DatasetConfig(name=name)  # a wrong name is reported before the work, not after it
    with dump_paths(dumps) as given, TemporaryDirectory(prefix="inspect-", ignore_cleanup_errors=True) as folder:
        paths = find_dumps(given)
        if join is not None:
            sentence = join_dumps(paths, join, Path(folder) / "join")
            on_progress(Progress(stage="join", text=sentence, is_result=True))
            paths = [join]
        return inspect_dumps(paths, Path(folder) / "read", name=name, label=label)
