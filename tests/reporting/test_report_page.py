"""A run's folder becomes a page whose every figure is the evidence's."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from examples import evidence, laboratory, report, retrain, tiny, write_run
from hostile_example import SCRIPT, hostile

from fraud.errors import ReportError
from fraud.reporting.report import LARGEST_BYTES, render_report
from fraud.reporting.safe_text import presentable
from fraud.reporting.words import FORMATS

Parts = tuple[dict[str, Any], dict[str, Any]]
RUNS: dict[str, Callable[[], Parts]] = {
    "full": lambda: (report(), evidence()),
    "tiny": tiny,
    "retrain": retrain,
    "hostile": hostile,
    "laboratory": laboratory,
}
BESIDE = {"report.json", "evidence.json", "report.md", "config.toml"}


class Page(HTMLParser):
    """Collects figures, headings, addresses and scripts of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.figures: list[dict[str, Any]] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.scripts: list[dict[str, str]] = []
        self.headings: list[str] = []
        self._open = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes |= set(found)
        self.addresses += [value for name, value in found.items() if name in {"src", "href", "srcset", "action"}]
        self.ids += [found["id"]] if "id" in found else []
        self._open = tag
        if "data-at" in found:
            self.figures.append({**found, "text": ""})
            self._open = "a figure"
        if tag == "script":
            self.scripts.append({**found, "text": ""})
        if tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "a figure":
            self.figures[-1]["text"] += data
        if self._open == "script":
            self.scripts[-1]["text"] += data
        if self._open == "h2":
            self.headings[-1] += data


def at(root: Any, pointer: str) -> Any:
    """What stands at a JSON pointer, looked up independently of the code under test."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        root = root[int(key)] if isinstance(root, list) else root[key]
    return root


def render(folder: Path, parts: Parts) -> str:
    """The page of a run."""
    return render_report(write_run(folder, *parts)).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Parts]]:
    """Every example rendered once: the page's source and what it was made from."""
    folder = tmp_path_factory.mktemp("runs")
    made = {name: make() for name, make in RUNS.items()}
    return {name: (render(folder / name, parts), parts) for name, parts in made.items()}


@pytest.mark.parametrize("run", RUNS)
def test_every_figure_on_the_page_is_the_evidences(run: str, pages: dict[str, tuple[str, Parts]]) -> None:
    source, parts = pages[run]
    root = {"report": presentable(parts[0]), "evidence": presentable(parts[1])}
    figures = Page(source).figures
    assert len(figures) > 50
    for figure in figures:
        value = at(root, figure["data-at"])
        value = -value if "data-negated" in figure else value
        assert figure.get("value", value) == (value if isinstance(value, str) else json.dumps(value))
        assert figure["text"] == FORMATS[figure["data-format"]](value)


def test_a_row_of_the_first_table_shows_its_own_strategy(pages: dict[str, tuple[str, Parts]]) -> None:
    source, (made, _) = pages["full"]
    rows = re.findall(r'<tr role="row" style.*?</tr>', source, re.DOTALL)
    texts = {re.sub(r"<[^>]+>", " ", row).split()[0]: re.sub(r"<[^>]+>", "", row) for row in rows}
    assert set(texts) == {row["name"] for row in made["strategies"]}
    for row in made["strategies"]:
        recall = row["recall"]
        low, high = f"{100 * recall['low']:.1f}", f"{100 * recall['high']:.1f}"
        assert f"{100 * recall['mean']:.1f}\u202f% [{low}, {high}]" in texts[row["name"]]
    chosen = made["champion"]["strategy"]
    for one in (one for one in made["comparisons"] if one["b"] == chosen and one["a"] in texts):
        assert f"{100 * one['difference']:+.1f}".replace("-", "\u2212") in texts[one["a"]]


def test_the_first_figures_are_the_chosen_strategys(pages: dict[str, tuple[str, Parts]]) -> None:
    source, (made, _) = pages["full"]
    chosen = next(row for row in made["strategies"] if row["name"] == made["champion"]["strategy"])
    text = re.sub(r"<[^>]+>", "", source[source.index('class="key-figures"') : source.index('class="forest"')])
    precision = chosen["precision"]["mean"]
    assert f"{100 * chosen['recall']['mean']:.0f} of 100 frauds" in text
    assert f"{100 * chosen['amount_recall']['mean']:.0f} of every 100 stolen" in text
    assert f"{(1 - precision) / precision:.1f} for each fraud found" in text
    assert f"{chosen['alerts_per_day']:.0f} on average" in text


@pytest.mark.parametrize("run", RUNS)
def test_the_page_makes_no_network_request(run: str, pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages[run]
    page = Page(source)
    assert set(page.addresses) == BESIDE
    assert not {"link", "iframe", "img", "object", "embed", "base", "form"} & set(page.tags)
    assert "default-src 'none'" in source


@pytest.mark.parametrize("run", RUNS)
def test_the_page_runs_its_own_scripts_alone(run: str, pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages[run]
    scripts = Page(source).scripts
    assert [script.get("type", "runs") for script in scripts] == [*["application/json"] * 3, "runs", "runs"]
    policy = re.search(r"script-src ([^;]+);", unescape(source))
    assert policy is not None
    prints = [base64.b64encode(hashlib.sha256(script["text"].encode()).digest()).decode() for script in scripts[3:]]
    assert policy.group(1).split() == [f"'sha256-{one}'" for one in prints]


def test_nothing_from_the_data_becomes_markup(pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages["hostile"]
    assert SCRIPT not in source
    assert "<script>window" not in source
    shown = re.sub(r"<script.*?</script>", "", source, flags=re.DOTALL)
    page = Page(source)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert page.tags.count("script") == 5
    assert "{{ 7 * 7 }}" in shown
    assert not re.search("[\x00\u202e]", source)
    assert "long " * 100 not in source


@pytest.mark.parametrize("run", RUNS)
def test_the_page_is_small_and_its_ids_are_unique(run: str, pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages[run]
    ids = Page(source).ids
    assert len(source.encode()) < LARGEST_BYTES
    assert len(ids) == len(set(ids))


def test_sections_without_evidence_are_left_out(tmp_path: Path) -> None:
    bare = {"budget": {}, "daily": [], "config_toml": ""}
    made = report()
    strategies = [one for one in made["comparisons"] if one.get("kind") != "baseline"]
    source = render(tmp_path, (made | {"baselines": [], "comparisons": strategies}, bare))
    headings = Page(source).headings
    for absent in (
        "How many alerts are worth reviewing?",
        "Does the threshold meet its target on new data?",
        "Is a neural network needed?",
    ):
        assert absent not in headings
    assert "Other measures" in headings
    assert headings.index("Which strategy finds the most fraud?") < headings.index("Limitations")


def test_a_missing_evidence_file_leaves_a_shorter_page(tmp_path: Path) -> None:
    write_run(tmp_path, report(), None)
    assert "How many alerts are worth reviewing?" not in render_report(tmp_path).read_text(encoding="utf-8")


def test_few_frauds_and_few_clusters_are_caveats_near_the_top(pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages["tiny"]
    caveats = re.sub(r"<[^>]+>", "", source[source.index('id="caveats"') : source.index('class="key-figures"')])
    assert "only 11 frauds: every interval is wide" in caveats
    assert "rest on only 1 day" in caveats


def test_every_warning_of_the_run_is_a_caveat_once_whatever_the_others_are_about(tmp_path: Path) -> None:
    small, curves = tiny()
    small["warnings"].append("New category 'x' in interval_type: 12 % of the rows.")
    text = re.sub(r"<[^>]+>", "", render(tmp_path, (small, curves)))
    for part in ("every interval is wide", "rest on only 1 day", "in interval_type: 12 % of the rows"):
        assert text.count(part) == 1


def test_a_retrain_report_opens_with_the_decision(pages: dict[str, tuple[str, Parts]]) -> None:
    source, (made, _) = pages["retrain"]
    shown = re.sub(r"<[^>]+>", "", source[: source.index('class="key-figures"')]).replace("\n", " ")
    assert made["answer"]["text"] in shown
    assert source.index(">champion<") < source.index(">challenger<")
    assert "Does the challenger find more?" in source


def test_what_ten_more_alerts_find_is_read_off_the_curve(tmp_path: Path) -> None:
    curves = evidence()
    curve = {"alerts_per_day": [90.0, 100.0, 120.0], "recall": [0.6, 0.7, 0.78], "precision": [0.5, 0.5, 0.5]}
    curves["budget"] = {"weight-sqrt": curve}
    text = re.sub(r"<[^>]+>", "", render(tmp_path, (report(), curves)))
    expected = "At 100 alerts a day weight-sqrt finds 70 of 100 frauds, with 1.0 false alarms for each"
    assert f"{expected}; 10 more would find about 4 more of 100 frauds." in text


def test_the_slider_knows_the_curves_of_the_evidence_and_stands_at_the_budget(
    pages: dict[str, tuple[str, Parts]],
) -> None:
    source, (_, curves) = pages["full"]
    choices = json.loads(next(one["text"] for one in Page(source).scripts if one.get("id") == "choices"))
    wanted = ("alerts_per_day", "recall", "precision")
    assert choices["curves"] == {name: {key: one[key] for key in wanted} for name, one in curves["budget"].items()}
    assert choices["leading"] == "weight-sqrt"
    assert re.search(r'<input type="range" id="choice" min="1.0" max="400.0" step="1" value="100.0"', source)


def test_with_many_strategies_the_telling_ones_are_drawn_and_the_others_on_demand(
    pages: dict[str, tuple[str, Parts]],
) -> None:
    source, (made, _) = pages["laboratory"]
    assert len(made["strategies"]) == 20
    legend, _, others = source[source.index('id="budget"') :].partition('<details class="others">')
    names = set(re.findall(r'data-strategy="([^"]+)"', legend))
    assert names == {"none", *made["answer"]["family_best"].values(), "gradient-boosting"}
    rest = set(re.findall(r'data-strategy="([^"]+)"', others.partition("</details>")[0]))
    assert names | rest == {row["name"] for row in made["strategies"] + made["baselines"]}
    specs = json.loads(next(one["text"] for one in Page(source).scripts if one.get("id") == "chart-specs"))
    text = json.dumps(specs["budget"])
    assert "datum.drawn || datum.strategy === focus" in text
    assert all(name in text for name in rest)


def test_examples_show_time_amount_and_rank_of_the_model_in_the_lead(pages: dict[str, tuple[str, Parts]]) -> None:
    source, (_, curves) = pages["full"]
    section = source[source.index('id="examples"') :].partition("</section>")[0]
    text = re.sub(r"<[^>]+>", " ", section)
    for rows in curves["examples"]["weight-sqrt"].values():
        for row in rows:
            assert row["time"] in text
            assert f"{row['amount']:,.2f}" in text
            assert row["entities"]["customer"] in text


@pytest.mark.parametrize("run", RUNS)
def test_a_chart_that_mentions_the_legend_has_one(run: str, pages: dict[str, tuple[str, Parts]]) -> None:
    source, _ = pages[run]
    figures = re.findall(r"<figure>.*?</figure>", source, re.S)
    legends = [figure for figure in figures if "in the legend" in figure]
    assert bool(legends) == (run in {"full", "hostile", "laboratory", "retrain"})
    assert all('class="legend"' in figure for figure in legends)


@pytest.mark.parametrize(("rejected", "expected"), [(1, "1 row was rejected and"), (2, "2 rows were rejected and")])
def test_one_row_is_no_rows(rejected: int, expected: str, tmp_path: Path) -> None:
    made, curves = tiny()
    made["dataset"]["rejected"] = rejected
    assert expected in re.sub(r"<[^>]+>", "", render(tmp_path, (made, curves)))


def test_an_entity_that_is_hidden_whole_has_no_column(tmp_path: Path) -> None:
    curves = evidence()
    for rows in curves["examples"]["weight-sqrt"].values():
        for row in rows:
            row["entities"]["customer"] = "…"
    section = render(tmp_path, (report(), curves))
    section = section[section.index('id="examples"') :].partition("</section>")[0]
    assert '<th scope="col">terminal</th>' in section
    assert "customer" not in section


@pytest.mark.parametrize("days", [200, 1_900])
def test_years_of_data_still_make_a_page_that_travels(days: int, tmp_path: Path) -> None:
    made, curves = laboratory()
    for part in ("daily", "prevalence_by_day"):
        curves[part] = [curves[part][n % len(curves[part])] for n in range(days if part != "daily" else days // 5)]
    assert len(render(tmp_path, (made, curves)).encode()) < LARGEST_BYTES


def test_labels_that_nobody_dated_are_called_assumed(pages: dict[str, tuple[str, Parts]]) -> None:
    dated, assumed = (re.sub(r"<[^>]+>", "", pages[run][0]) for run in ("full", "retrain"))
    assert "Half of the 4,323 frauds of the validation and test windows were reported within 3\u202fdays" in dated
    assert "a label is assumed to be known 7\u202fdays after the event" in assumed


def test_a_failed_render_leaves_the_old_page(tmp_path: Path) -> None:
    page = render_report(write_run(tmp_path, *tiny()))
    before = page.read_bytes()
    (tmp_path / "evidence.json").write_text('{"daily": 3}', encoding="utf-8")
    with pytest.raises(ReportError, match="daily"):
        render_report(tmp_path)
    assert page.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "evidence.json", "report.html", "report.md"}


def test_a_page_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud.reporting.report.LARGEST_BYTES", 1_000)
    with pytest.raises(ReportError, match="at most 1,000 bytes"):
        render_report(write_run(tmp_path, *tiny()))


def test_a_folder_without_report_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.json: cannot be read"):
        render_report(tmp_path)
