"""A run's folder becomes a page whose every figure is the evidence's."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from examples import evidence, report, retrain, tiny, write_run

from fraud.errors import ReportError
from fraud.reporting.report import LARGEST_BYTES, render_report
from fraud.reporting.words import STYLES

RUNS = {"full": lambda: (report(), evidence()), "tiny": tiny, "retrain": retrain}


class Page(HTMLParser):
    """Collects figures, addresses and running scripts of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.figures: list[dict[str, Any]] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self._open = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action", "data"}]
        if tag == "data":
            self.figures.append({**found, "said": ""})
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.figures[-1]["said"] += data


def at(root: Any, pointer: str) -> Any:
    """What stands at a JSON pointer, looked up independently of the code under test."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        root = root[int(key)] if isinstance(root, list) else root[key]
    return root


@pytest.fixture(scope="module", params=RUNS)
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A rendered run and what it was rendered from."""
    parts = RUNS[request.param]()
    folder = write_run(tmp_path_factory.mktemp("run"), *parts)
    return render_report(folder), dict(zip(("report", "evidence"), parts, strict=True))


def test_every_figure_on_the_page_is_the_evidences(rendered: tuple[Path, dict[str, Any]]) -> None:
    page, root = Page(rendered[0].read_text(encoding="utf-8")), rendered[1]
    assert len(page.figures) > 20
    for figure in page.figures:
        value = at(root, figure["data-at"])
        value = -value if "data-negated" in figure else value
        assert figure["value"] == (value if isinstance(value, str) else json.dumps(value))
        assert figure["said"] == STYLES[figure["data-style"]](value)


def test_the_page_asks_nothing_of_the_network(rendered: tuple[Path, dict[str, Any]]) -> None:
    page = Page(rendered[0].read_text(encoding="utf-8"))
    assert {a for a in page.addresses if not a.startswith("#")} <= {"report.json", "report.md", "config.toml"}
    assert not {"link", "iframe", "img", "object", "embed"} & set(page.tags)
    assert "default-src 'none'" in rendered[0].read_text(encoding="utf-8")


def test_the_page_stays_small(rendered: tuple[Path, dict[str, Any]]) -> None:
    assert rendered[0].stat().st_size < LARGEST_BYTES


def test_a_folder_without_report_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.json: cannot be read"):
        render_report(tmp_path)
