"""Flags that every stage shares, and the progress that it shows."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fraud.config import RunConfig, load_config
from fraud.privacy import mask_card_numbers

ConfigPath = Annotated[Path, Parameter(name="--config", help="The run's TOML file.")]
WorkspacePath = Annotated[Path, Parameter(name="--workspace", help="Folder of data/ and reports/.")]
Dumps = Annotated[str, Parameter(help="Files, globs or folders.", negative=())]
AsOf = Annotated[
    str | None, Parameter(name="--as-of", help="ISO date: only what was known that day is used, labels included.")
]
Overrides = Annotated[
    dict[str, str], Parameter(help="Any key of the configuration: --SECTION.KEY VALUE, as --training.max-steps 400.")
]

Say = Callable[[str], None]

console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console = Console(highlight=False, soft_wrap=True, width=120)  # a log file has no width of its own


def say(text: str) -> None:
    """One line to the reader."""
    console.print(text, markup=False)


def warn(text: str) -> None:
    """One warning to the reader, on standard error."""
    sys.stderr.write(f"warning: {mask_card_numbers(text)}\n")


def configured(path: Path, overrides: Mapping[str, Mapping[str, str]], as_of: str | None = None) -> RunConfig:
    """The configuration of a run, its overrides and its day laid over the file.

    Raises:
        ConfigError: as ``load_config``.
        SplitError: the day is no ISO date.
    """
    said = dict(overrides)
    if as_of is not None:
        said["split"] = {**said.get("split", {}), "as_of": as_of}
    return load_config(path, said)


@contextmanager
def progress_bar(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A bar that moves one step a call; on a screen that cannot be redrawn, one line a call."""
    if not console.is_terminal:
        yield lambda text: say(f"{title}: {text}")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def step(text: str) -> None:
            bar.update(task, advance=1, description=f"{title}: {text}")

        yield step
