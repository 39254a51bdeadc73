"""A real browser for the tests: opens pages from disk and logs whatever they ask for or complain about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
DRAWN = "return document.documentElement.dataset.drawn ?? null"
NEEDS_CHROMIUM = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()),
    reason=f"needs {CHROMIUM} and {DRIVER}: apt install chromium-driver",
)


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """A fresh Chromium that logs what it asks for; its profile goes into an empty folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.get("about:blank")  # the first tab asks for things of its own
        yield driver
    finally:
        driver.quit()


def open_page(browser: webdriver.Chrome, page: Path, *, width: int = 1440, scheme: str = "light") -> None:
    """Load a page from disk and wait until its charts are drawn."""
    for log in ("browser", "performance"):
        browser.get_log(log)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())
    if page.name == "report.html":
        WebDriverWait(browser, 60).until(lambda driver: driver.execute_script(DRAWN) is not None)


def requests(browser: webdriver.Chrome) -> list[str]:
    """Addresses that the page asked for."""
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
