"""Render a run's report, and the index of all runs."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fraud.cli.options import WorkspacePath, say
from fraud.config import RunConfig
from fraud.errors import ReportError
from fraud.privacy import without_card_numbers
from fraud.workspace import Workspace


def report(run: str, *, workspace: WorkspacePath = Path()) -> None:
    """Render a run's report again from its record.

    Args:
        run: id of the run, or its folder.
        workspace: folder of data/ and reports/.
    """
    place = Workspace(workspace)
    known = ", ".join(sorted(path.parent.name for path in place.reports.glob("*/report.json"))) or "none yet"
    if not run.strip():
        raise ReportError(f"no run was named: expected the id of a run or its folder; runs in {place.reports}: {known}")
    folder = place.report(run) if place.report(run).is_dir() else Path(run)
    if not folder.is_dir():
        raise ReportError(f"{run}: no such run; runs in {place.reports}: {known}")
    say(f"report: {render(folder)}")


def publish(
    workspace: Workspace, config: RunConfig, *, run_id: str, report: Mapping[str, Any], evidence: Mapping[str, Any]
) -> Path:
    """Write a run's folder whole or not at all, say what it found and where it is; the path of the page."""
    folder = workspace.report(run_id)
    if not (folder / "report.json").exists():  # a run that was killed later has written it already
        _write_run(folder, config, report, evidence)
    _index(workspace)
    from fraud.cli.summary import show_table

    show_table(report)
    say(f"report: {folder / 'report.html'}")
    return folder / "report.html"


def _write_run(folder: Path, config: RunConfig, report: Mapping[str, Any], evidence: Mapping[str, Any]) -> None:
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        _write_json(beside / "report.json", report)
        _write_json(beside / "evidence.json", evidence)
        (beside / "config.toml").write_text(config.to_toml(), encoding="utf-8")
        render(beside)
        os.replace(beside, folder)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be written ({error.strerror}); give a workspace with room") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def render(folder: Path) -> Path:
    """Render the pages of one run's folder."""
    from fraud.reporting import render_report

    return render_report(folder)


def _index(workspace: Workspace) -> None:
    from fraud.reporting import update_index

    update_index(workspace.reports)


def _write_json(path: Path, said: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(without_card_numbers(said), indent=1, default=str), encoding="utf-8")


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["report", *sys.argv[1:]])
