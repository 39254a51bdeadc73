"""Flags that every command shares, and how progress, results and warnings are shown."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from fraud.config import RunConfig, load_config
from fraud.privacy import mask_card_numbers
from fraud.stages import OnProgress, Progress

ConfigPath = Annotated[Path, Parameter(name="--config", help="The run's TOML file.")]
WorkspacePath = Annotated[Path, Parameter(name="--workspace", help="Folder of data/ and reports/.")]
Dumps = Annotated[str, Parameter(help="Files, globs or folders.", negative=())]
AsOf = Annotated[
    str | None, Parameter(name="--as-of", help="ISO date: only what was known that day is used, labels included.")
]
Overrides = Annotated[
    dict[str, str], Parameter(help="Any key of the configuration: --SECTION.KEY VALUE, as --training.max-steps 400.")
]

console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console = Console(highlight=False, soft_wrap=True, width=120)  # a log file has no width of its own


def show(text: str) -> None:
    """Print one line on standard output."""
    console.print(text, markup=False)


def warn(text: str) -> None:
    """Print one warning on standard error."""
    sys.stderr.write(f"warning: {mask_card_numbers(text)}\n")


def configured(path: Path, overrides: Mapping[str, Mapping[str, str]], as_of: str | None = None) -> RunConfig:
    """The configuration of a run, its overrides and its day laid over the file.

    Raises:
        ConfigError: as ``load_config``.
    """
    settings = dict(overrides)
    if as_of is not None:
        settings["split"] = {**settings.get("split", {}), "as_of": as_of}
    return load_config(path, settings)


@contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """Show the progress and the results of stages while the ``with`` lasts, and their warnings on standard error."""
    shown = _Shown()
    try:
        yield shown
    finally:
        shown.close()


class _Shown:
    """A bar for each stage, gone when the next one begins; on a screen that cannot be redrawn, one line a step."""

    def __init__(self) -> None:
        self._bar: Bar | None = None

    def __call__(self, progress: Progress) -> None:
        if progress.is_result:
            self.close()
            for warning in progress.warnings:
                warn(warning)
            show(progress.text)
        elif not console.is_terminal:
            if progress.step:
                show(f"{progress.stage}: {progress.text}")
        elif self._bar is None or not progress.step:
            self.close()
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Bar(*columns, console=console, transient=True)
            self._bar.add_task(progress.stage, total=progress.total)
            self._bar.start()
        else:
            task = self._bar.task_ids[0]
            self._bar.update(task, completed=progress.step, description=f"{progress.stage}: {progress.text}")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
