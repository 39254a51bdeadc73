"""The report in a real browser: opens from disk, asks nothing of the network, draws every chart, fits every width."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from chromium import DRAWN, NEEDS_CHROMIUM, chromium, open_page, requests
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from fraud.reporting.index import update_index
from fraud.reporting.report import render_report

WIDTHS = (360, 768, 1440)
RUNS = ("full", "tiny", "retrain", "hostile", "laboratory")
AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every example rendered once, and the index over them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "reporting"))
        examples, hostile = import_module("examples"), import_module("hostile_example").hostile
    reports = tmp_path_factory.mktemp("reports")
    runs = {"full": (examples.report(), examples.evidence()), "tiny": examples.tiny(), "retrain": examples.retrain()}
    runs |= {"hostile": hostile(), "laboratory": examples.laboratory()}
    found = {name: render_report(examples.write_run(reports / name, *parts)) for name, parts in runs.items()}
    return found | {"index": update_index(reports)}


# NOTE: rows of one table and marks of one chart are alike; with a few of each, axe takes a second rather than a minute.
OPENED = (
    "for (const folded of document.querySelectorAll('details')) folded.open = true;"
    "for (const one of document.querySelectorAll('tbody tr:nth-child(n+4), svg [class*=mark-] > :nth-child(n+4)'))"
    " one.remove();"
)


@pytest.mark.parametrize("run", RUNS)
def test_it_opens_from_disk_without_a_request_or_an_error(
    run: str, browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    open_page(browser, pages[run])
    assert browser.get_log("browser") == []
    assert requests(browser) == [pages[run].as_uri()]
    assert browser.execute_script("return window.broken ?? null") is None


@pytest.mark.parametrize("run", RUNS)
def test_every_chart_is_drawn_and_has_its_table(run: str, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages[run])
    charts = browser.find_elements(By.CSS_SELECTOR, "[data-chart]")
    assert len(charts) >= 2
    assert browser.execute_script(DRAWN) == str(len(charts))
    marks = "p => p.querySelectorAll('svg [class*=mark-]').length"
    marks = f"return [...document.querySelectorAll('[data-chart]')].map({marks})"
    assert min(browser.execute_script(marks)) >= 3
    assert len(browser.find_elements(By.CSS_SELECTOR, "figure details table")) == len(charts)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", ["full", "hostile", "laboratory", "index"])
def test_no_width_scrolls_sideways(page: str, width: int, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages[page], width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    outside = (
        f"return [...document.querySelectorAll('.chart svg')].filter(s => s.getBoundingClientRect().right > {width})"
    )
    assert browser.execute_script(outside) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(scheme: str, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["full"], scheme=scheme)
    style = "const s = getComputedStyle(document.documentElement); return n => s.getPropertyValue(n).trim()"
    colours = {
        name: browser.execute_script(f"const read = (() => {{ {style} }})(); return read('--{name}')")
        for name in ("page", "panel", "band", "text", "quiet", "link")
    }
    for text in ("text", "quiet", "link"):
        for ground in ("page", "panel"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (scheme, text, ground)
    assert contrast(colours["text"], colours["band"]) >= 4.5


def test_a_pick_in_the_legend_stands_out_in_the_charts(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["full"])
    faint = (
        "return [...document.querySelectorAll('[data-chart=budget] svg .mark-line path:not([stroke*=page])')]"
        ".filter(p => (p.getAttribute('opacity') ?? getComputedStyle(p).opacity) < 0.5).length"
    )
    button = browser.find_element(By.CSS_SELECTOR, "[data-strategy='over-smote']")
    assert browser.execute_script(faint) == 0
    browser.execute_script("arguments[0].click()", button)
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(faint) == 10)
    assert button.get_attribute("aria-pressed") == "true"
    browser.execute_script("arguments[0].click()", button)
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(faint) == 0)


@pytest.mark.parametrize(("page", "scheme"), [(page, "light") for page in (*RUNS, "index")] + [("full", "dark")])
def test_nothing_bars_the_way(page: str, scheme: str, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages[page], scheme=scheme)
    browser.set_script_timeout(120)
    browser.execute_script(OPENED)
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[0], e => arguments[0]({error: String(e)}))")
    assert found["passes"]
    barriers = [
        (one["id"], one["impact"], one["nodes"][0]["html"][:200])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert barriers == []


def test_the_slider_tells_what_a_budget_finds(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["full"])
    curve = json.loads(pages["full"].with_name("evidence.json").read_text())["budget"]["weight-sqrt"]
    index = curve["alerts_per_day"].index(120)
    found, precision = curve["recall"][index], curve["precision"][index]
    slider, chosen = browser.find_element(By.ID, "choice"), browser.find_element(By.ID, "chosen")
    before = chosen.text
    assert before.startswith("At 100 alerts a day weight-sqrt finds 71 of 100 frauds")
    slider.send_keys(Keys.ARROW_RIGHT * 20)
    expected = f"At 120 alerts a day weight-sqrt finds {100 * found:.0f} of 100 frauds"
    assert chosen.text.startswith(f"{expected}, with {(1 - precision) / precision:.1f} false alarms for each; 10 more")
    assert slider.get_attribute("aria-valuetext") == chosen.text
    slider.send_keys(Keys.END)
    assert chosen.text.startswith("At 400 alerts a day weight-sqrt finds")
    slider.send_keys(Keys.ARROW_LEFT * 300)
    assert chosen.text == before


def test_the_slider_moves_its_mark_and_follows_the_pick(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["full"])
    marks = (
        "return [...document.querySelectorAll('[data-chart=budget] svg .mark-rule line')]"
        ".map(l => l.getBoundingClientRect().left)"
    )
    before = browser.execute_script(marks)
    browser.find_element(By.ID, "choice").send_keys(Keys.HOME)
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(marks) != before)
    button = browser.find_element(By.CSS_SELECTOR, "[data-strategy='over-smote']")
    browser.execute_script("arguments[0].click()", button)
    assert "At 1 alert a day over-smote finds" in browser.find_element(By.ID, "chosen").text


def test_a_strategy_that_is_not_drawn_is_drawn_when_picked(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["laboratory"])
    lines = "return document.querySelectorAll('[data-chart=budget] svg .mark-line path:not([stroke*=page])').length"
    assert browser.execute_script(lines) == 7
    button = browser.find_element(By.CSS_SELECTOR, ".others [data-strategy='over-adasyn']")
    browser.execute_script("arguments[0].click()", button)
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(lines) == 8)


def test_pointing_at_the_budget_tells_every_strategy(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages["hostile"])
    chart = browser.find_element(By.CSS_SELECTOR, "[data-chart='budget']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(browser).move_to_element_with_offset(chart, -215, 0).perform()
    tooltip = WebDriverWait(browser, 10).until(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "#vg-tooltip-element.visible")
    )
    assert "weight-sqrt" in tooltip.text
    assert "alerts a day" in tooltip.text
    assert browser.execute_script("return window.broken ?? null") is None


@pytest.mark.parametrize("run", ["full", "laboratory"])
def test_nothing_is_cut_on_paper(run: str, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages[run], scheme="dark")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    paper = {"width": 717, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", paper)
    wide = (
        "return [...document.querySelectorAll('.chart svg')].filter(s => s.getBoundingClientRect().right > 717).length"
    )
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(wide) == 0)
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert browser.execute_script(ground) == "rgb(255, 255, 255)"
    printed: dict[str, Any] = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert len(printed["data"]) > 50_000


@pytest.mark.parametrize("run", ["retrain", "laboratory"])
def test_no_heading_stands_over_nothing_on_paper(run: str, browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    open_page(browser, pages[run])
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    lonely = (
        "return [...document.querySelectorAll('main section h2[id]')].filter(h => h.closest('section') && "
        "![...h.closest('section').children].some(c => c !== h && c.offsetHeight > 0)).map(h => h.textContent)"
    )
    assert browser.execute_script(lonely) == []
    glued = "return [...document.querySelectorAll('h2, h3, .caption')].filter(h => h.offsetHeight > 0)"
    glued += ".filter(h => getComputedStyle(h).breakAfter !== 'avoid').length"
    assert browser.execute_script(glued) == 0


def test_the_budget_is_seen_under_the_slider_and_the_leading_line_over_the_others(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    open_page(browser, pages["full"])
    rules = "return [...document.querySelectorAll('[data-chart=budget] svg .mark-rule.role-mark line')]"
    rules = browser.execute_script(rules + ".map(l => [l.getAttribute('stroke'), l.getAttribute('stroke-dasharray')])")
    assert [rule[0] for rule in rules[:2]] == ["var(--link)", "var(--text)"]
    assert rules[1][1]
    lines = "return [...document.querySelectorAll('[data-chart=budget] svg .mark-line path')]"
    widths = browser.execute_script(lines + ".map(p => Number(p.getAttribute('stroke-width')))")
    assert widths[-1] == max(widths[:-2] + widths[-1:]) == 3.2


def contrast(one: str, other: str) -> float:
    """Contrast of two colours written ``#rrggbb``, by WCAG 2.2."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a colour written ``#rrggbb``."""
    parts = (int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
