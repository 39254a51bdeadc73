"""``reports/index.html``: every run on one page, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraud.errors import ReportError
from fraud.reporting import words
from fraud.reporting.cleaning import presentable
from fraud.reporting.facts import Facts
from fraud.reporting.firstscreen import Gauge, gauge
from fraud.reporting.pages import html_environment, write_atomically
from fraud.reporting.schema import read_json, validate_report

_KINDS: Mapping[str, str] = {"compare": "comparison", "retrain": "retraining"}
_FILES = (("page", "report.html"), ("Markdown", "report.md"), ("JSON", "report.json"), ("config", "config.toml"))
_TICKS = tuple((share, f"{share}") for share in (0, 25, 50, 75, 100))


@dataclass(frozen=True, kw_only=True)
class Run:
    """One row of the index; ``fault`` says why a run cannot be shown, and the rest is then empty."""

    folder: str
    created: str = ""
    about: str = ""
    leading: str = ""
    operating_point: str = ""
    recall: str = ""
    gauge: Gauge | None = None
    links: tuple[tuple[str, str], ...] = ()
    fault: str = ""


def update_index(reports: Path) -> Path:
    """Write ``index.html`` over all run folders that hold a ``report.json``.

    A run that cannot be read is listed with its fault rather than left out.

    Args:
        reports: the folder of the runs' folders.

    Returns:
        The path of ``index.html``.

    Raises:
        ReportError: the folder is missing or cannot be written.
    """
    if not reports.is_dir():
        raise ReportError(f"{reports}: expected a folder of runs, found none; `fraud compare` writes one")
    runs = sorted(_runs(reports), key=lambda run: (run.created, run.folder), reverse=True)
    page = html_environment({}).get_template("index.html.j2").render(runs=runs, ticks=_TICKS)
    write_atomically(reports / "index.html", page)
    return reports / "index.html"


def _runs(reports: Path) -> Iterator[Run]:
    # NOTE: a run that is still being written lies in a hidden folder.
    for path in sorted(reports.glob("[!.]*/report.json")):
        try:
            report = read_json(path)
            validate_report(report, str(path.relative_to(reports)))
        except ReportError as error:
            yield Run(folder=path.parent.name, fault=str(error))
        else:
            yield _run(path.parent, presentable(report))


def _run(folder: Path, report: Mapping[str, Any]) -> Run:
    facts = Facts(report, {})
    recall = facts.row(facts.leading)["recall"]
    said = facts.interval(facts.leading, "recall", "percent")
    return Run(
        folder=folder.name,
        created=report["created"],
        about=f"{report['dataset']['name']}, {_KINDS[report['kind']]}, {words.date(report['created'])}",
        leading=facts.leading,
        operating_point=facts.operating_point,
        recall="".join(part if isinstance(part, str) else part.said(facts.root) for part in said),
        gauge=gauge(recall),
        links=tuple((label, name) for label, name in _FILES if (folder / name).exists()),
    )
