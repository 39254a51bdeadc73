"""A run's folder: its record and its pages, written whole or not at all."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fraud.errors import ReportError
from fraud.privacy import without_card_numbers
from fraud.reporting import render_report, update_index
from fraud.stages.report import Report
from fraud.workspace import Workspace


def publish(
    workspace: Workspace, *, run_id: str, report: Mapping[str, Any], evidence: Mapping[str, Any], config_toml: str
) -> Report:
    """Write a run's folder and list it in the index of all runs.

    Raises:
        ReportError: the folder cannot be written, or the record cannot be rendered.
    """
    folder = workspace.report(run_id)
    if not (folder / "report.json").exists():  # a run that was killed later has written it already
        _write_run(folder, report, evidence, config_toml)
    update_index(workspace.reports)
    return Report(folder)


def render_again(run: str, *, workspace: Workspace) -> Path:
    """Render the pages of a finished run from its record; the path of the page.

    Args:
        run: its id, or its folder.
        workspace: whose reports are searched.

    Raises:
        ReportError: there is no such run, or its record cannot be rendered.
    """
    known = ", ".join(sorted(path.parent.name for path in workspace.reports.glob("*/report.json"))) or "none yet"
    if not run.strip():
        raise ReportError(
            f"no run was named: expected the id of a run or its folder; runs in {workspace.reports}: {known}"
        )
    folder = workspace.report(run) if workspace.report(run).is_dir() else Path(run)
    if not folder.is_dir():
        raise ReportError(f"{run}: no such run; runs in {workspace.reports}: {known}")
    return render_report(folder)


def _write_run(folder: Path, report: Mapping[str, Any], evidence: Mapping[str, Any], config_toml: str) -> None:
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        _write_json(beside / "report.json", report)
        _write_json(beside / "evidence.json", evidence)
        (beside / "config.toml").write_text(config_toml, encoding="utf-8")
        render_report(beside)
        os.replace(beside, folder)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be written ({error.strerror}); give a workspace with room") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_json(path: Path, entries: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(without_card_numbers(entries), indent=1, default=str), encoding="utf-8")
