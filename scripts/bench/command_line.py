"""What the scripts share at their edge: where the project is, how options are read, where lines and figures go."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "pipelines" / "configs"
FRAUD = (sys.executable, "-m", "fraud")
"""The command ``fraud``, of this checkout."""


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the script's docstring, line breaks kept."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def show(text: str) -> None:
    """One result on standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """One line on standard error, so that long work is seen to go on."""
    sys.stderr.write(f"{text}\n")


def write_json(content: Any, path: Path) -> None:
    """Write figures as indented JSON; the folder is made if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def available_cores() -> list[int]:
    """Numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def keep_to(cores: int) -> None:
    """Keep this process, and all that it starts, to the first so many cores; does nothing where the system cannot."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, available_cores()[:cores])
