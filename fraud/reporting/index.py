"""``reports/index.html``: every run on one page, newest first; recall over time; changes of the model in use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from fraud.errors import ReportError
from fraud.reporting import words
from fraud.reporting.first_screen import scale
from fraud.reporting.key_figures import Gauge, gauge
from fraud.reporting.pages import html_environment, write_page
from fraud.reporting.run_view import RunView
from fraud.reporting.safe_text import presentable
from fraud.reporting.schema import read_json, validate_report

_KINDS: Mapping[str, str] = {"compare": "comparison", "retrain": "retraining"}
_FILES = (("page", "report.html"), ("Markdown", "report.md"), ("JSON", "report.json"), ("config", "config.toml"))
_TICKS = tuple((share, f"{share}") for share in (0, 25, 50, 75, 100))
_MOST_POINTS = 40
"""Runs drawn over time: the newest."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One row of the index; ``fault`` is why a run cannot be shown, and the rest is then empty."""

    folder: str
    created: str = ""
    about: str = ""
    leading: str = ""
    operating_point: str = ""
    recall: str = ""
    gauge: Gauge | None = None
    links: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    dataset: str = ""
    day: str = ""
    shares: Mapping[str, float | None] | None = None
    """Mean, low and high of the recall."""
    version: str = ""
    """Of the model in use after the run, where the registry has one."""
    strategy: str = ""
    """Of that model."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One run on the timeline; positions in percent of the drawing."""

    run: Run
    x: float
    y: float
    top: float | None
    bottom: float | None
    change: str
    """The version put to use by this run; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Comparable runs: one data set, one operating point, oldest first."""

    title: str
    points: tuple[Point, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def changes(self) -> tuple[Point, ...]:
        """Runs that changed the model in use."""
        return tuple(point for point in self.points if point.change)


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
    timelines = tuple(_timelines(run for run in runs if run.shares))
    page = html_environment({}).get_template("index.html.j2").render(runs=runs, ticks=_TICKS, timelines=timelines)
    write_page(reports / "index.html", page)
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
    view = RunView(report, {})
    recall = view.row(view.serving)["recall"]
    sentence = view.interval(view.serving, "recall", "percent")
    champion = report["champion"] or {}
    version = champion.get("version")
    return Run(
        folder=folder.name,
        created=report["created"],
        about=f"{report['dataset']['name']}, {_KINDS[report['kind']]}, {words.date(report['created'])}",
        leading=view.serving,
        operating_point=view.operating_point,
        recall="".join(part if isinstance(part, str) else part.text(view.root) for part in sentence),
        gauge=gauge(recall),
        links=tuple((label, name) for label, name in _FILES if (folder / name).exists()),
        dataset=report["dataset"]["name"],
        day=words.date(report["created"]),
        shares=recall,
        version="" if version is None else str(version),
        strategy=champion.get("strategy") or "",
    )


def _timelines(runs: Iterable[Run]) -> Iterator[Timeline]:
    """Timelines with two runs or more, by data set and operating point."""

    def alike(run: Run) -> tuple[str, str]:
        return run.dataset, run.operating_point

    for (dataset, point), found in groupby(sorted(runs, key=lambda run: (*alike(run), run.created)), key=alike):
        line = list(found)[-_MOST_POINTS:]
        if len(line) > 1:
            yield _timeline(f"{dataset}, {point}", line)


def _timeline(title: str, runs: Sequence[Run]) -> Timeline:
    start, end, step = scale(share for run in runs for share in (run.shares or {}).values())
    ticks = tuple(
        (round(100 - 100 * n * step / (end - start), 2), f"{100 * (start + n * step):.0f}")
        for n in range(round((end - start) / step) + 1)
    )
    points: list[Point] = []
    in_use = ""
    for index, run in enumerate(runs):
        changed = bool(run.version) and run.version != in_use
        in_use = run.version or in_use
        points.append(_point(run, index, len(runs), gauge(run.shares or {}, start, end), changed=changed))
    return Timeline(title=title, points=tuple(points), ticks=ticks)


def _point(run: Run, index: int, of: int, drawn: Gauge, *, changed: bool) -> Point:
    def down(share: float | None) -> float | None:
        return None if share is None else round(100 - share, 2)

    return Point(
        run=run,
        x=round(100 * (index + 0.5) / of, 2),
        y=round(100 - drawn.mean, 2),
        top=down(drawn.high),
        bottom=down(drawn.low),
        change=run.version if changed else "",
    )
