"""An unknown dump -> a proposed config, and warnings of what would make its report wrong."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fraud.cli.options import show, shown_progress, warn
from fraud.config import LabelSpec
from fraud.errors import ConfigError, DumpError

Write = Annotated[Path | None, Parameter(name="--write", help="Where the proposed TOML goes.")]
Join = Annotated[
    Path | None,
    Parameter(name="--join", help="Join dumps of different columns (labels, identities) into this Parquet file first."),
]
Name = Annotated[str | None, Parameter(name="--name", help="What to call the data set.")]
Label = Annotated[str | None, Parameter(name="--label", help="The column that shows what was fraud.")]
Values = Annotated[str | None, Parameter(help='Its values, with commas between them; "" for an empty cell.')]
Force = Annotated[bool, Parameter(name="--force", help="Write over an existing file.", negative=())]


def inspect(
    *dumps: str,
    write: Write = None,
    join: Join = None,
    name: Name = None,
    label: Label = None,
    fraud: Values = None,
    genuine: Values = None,
    force: Force = False,
) -> None:
    """Find out how dumps are written and what their columns are, warn of traps, and propose a config.

    Args:
        dumps: files, globs or folders; all of the same columns, unless they are to be joined.
        write: where the proposed TOML goes; left out, nothing is written.
        join: a Parquet file for what dumps of different columns are together.
        name: of the data set.
        label: the column that shows what was fraud; left out, it is searched for.
        fraud: its values that mean fraud, with commas between them; left out: 1, true, fraud and the like.
        genuine: its values that mean genuine, likewise; "" means an empty cell.
        force: write over an existing file.
    """
    from fraud import stages
    from fraud.inspection import describe, write_config

    _check_target(write, force=force, ending=".toml")
    _check_target(join, force=force, ending=".parquet")
    known = _label_spec(label, fraud=fraud, genuine=genuine)
    with shown_progress() as shown:
        found = stages.inspect(dumps, name=name, label=known, join=join, on_progress=shown)
    for line in describe(found):
        show(line)
    if write is None:
        return
    write.write_text(write_config(found), encoding="utf-8")
    show(f"written: {write}")
    if found.missing:
        warn(f"not ready to run: {found.missing[0]}")
    else:
        show(f"next: fraud run --config {write} {join or ' '.join(dumps)}")


def _label_spec(label: str | None, *, fraud: str | None, genuine: str | None) -> LabelSpec | None:
    """The label as the command line names it; None where it does not."""
    if label is None:
        if fraud is not None or genuine is not None:
            raise ConfigError("--fraud, --genuine: expected --label COLUMN as well, which has these values; add it")
        return None
    values = {
        side: tuple(one.strip() for one in given.split(","))
        for side, given in (("fraud", fraud), ("genuine", genuine))
        if given is not None
    }
    return LabelSpec(column=label, **values)


def _check_target(path: Path | None, *, force: bool, ending: str) -> None:
    if path is None:
        return
    if path.suffix != ending:
        raise ConfigError(f"{path}: expected a file that ends in {ending}")
    if path.exists() and not force:
        raise ConfigError(f"{path}: exists already; give another name, or --force to write over it")
    if not path.parent.is_dir():
        raise DumpError(f"{path.parent}: no such folder; make it first")
