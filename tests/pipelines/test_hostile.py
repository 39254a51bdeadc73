"""A dump that tries to break out passes through ingest, report and score, and nothing executes or leaks."""

import csv
import json
import re
from pathlib import Path

import polars as pl
import pytest
from chromium import NEEDS_CHROMIUM, chromium, open_page, requests
from small_run import World, command

from fraud.privacy.masking import mask_card_numbers
from fraud.scoring.alert_file import for_spreadsheets

SCRIPT = "</script><script>window.broken = true</script><img src=x onerror='window.broken = true'>"
CARD, MASKED = "4111111111111111", "411111…1111"
FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1|' /C calc'!A0", "@SUM(1)", "-1+cmd", "\t=1+1", "\r=2+1", "a;=1+1")
HOSTILE = (SCRIPT, "\u202egnp.exe", "\U0001f4a5", "long" * 2_500, CARD, "4111 1111 1111 1111", *FORMULAS)
NUL = "nul\x00byte"
pytestmark = pytest.mark.slow
MEANT = re.compile(r"^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$")


@pytest.fixture(scope="module")
def hostile(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A workspace with a finished run on two months whose names are hostile; the dumps."""
    folder = tmp_path_factory.mktemp("hostile")
    dumps = [spoil(dump, folder / dump.name) for dump in world.dumps[:2]]
    options = ("--comparison.strategies", "none", "--comparison.seeds", 1, "--comparison.tuning-trials", 1)
    assert command("run", "--config", world.config, "--workspace", folder, *options, *dumps) == 0
    return folder, World(dumps, world.config)


def spoil(dump: Path, target: Path) -> Path:
    """The dump with hostile names for its busiest customers and terminals, some ids and kinds of fraud."""
    frame = pl.read_parquet(dump).with_columns(
        pl.col("TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID", "TX_FRAUD_SCENARIO").cast(pl.String)
    )
    names = {str(place): name for place, name in enumerate(HOSTILE)}
    marked = pl.col("TX_FRAUD_SCENARIO").replace({"1": SCRIPT, "2": CARD, "3": FORMULAS[0]})
    spoiled = frame.with_columns(pl.col("CUSTOMER_ID", "TERMINAL_ID").replace(names), marked)
    ids = spoiled["TRANSACTION_ID"].to_list()
    start = "-1" if target.name < "transactions_2018-05" else "-2"
    for place, name in enumerate(HOSTILE):
        ids[place] = name if name != CARD and start == "-1" else ids[place]
    ids[20], ids[21] = f"{start}{ids[20]}", NUL
    spoiled.with_columns(TRANSACTION_ID=pl.Series(ids)).write_parquet(target)
    return target


def cells_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_no_cell_of_the_alerts_is_a_formula_and_every_line_is_whole(
    hostile: tuple[Path, World], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, world = hostile
    out = folder / "alerts.csv"
    assert command("score", "--config", world.config, "--workspace", folder, "--out", out, *world.dumps) == 0
    assert "text_without_nul 2" in capsys.readouterr().err
    header, *rows = cells_of(out)
    assert {len(row) for row in rows} == {len(header)}
    assert len(rows) == sum(len(pl.read_parquet(dump)) for dump in world.dumps) - 2
    texts = {cell for row in rows for cell in row if not MEANT.match(cell)}
    for cell in texts:
        assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]", cell), cell[:80]
        assert not re.search(r"[;,|\t\r\n]\s*\"*[=+@]", cell), cell[:80]
        assert not set(cell) & set("\u202e\u200b\x00\r"), cell[:80]
        assert mask_card_numbers(cell) == cell, cell[:80]
    assert {MASKED, f"'{FORMULAS[0]}", "a;'=1+1", "\U0001f4a5", "long" * 2_500} <= texts
    ids = {row[header.index("transaction_id")] for row in rows}
    assert any(MEANT.match(name) and name.startswith("-") for name in ids)


def test_alerts_in_parquet_keep_every_name_but_card_numbers(hostile: tuple[Path, World]) -> None:
    folder, world = hostile
    out = folder / "alerts.parquet"
    assert command("score", "--config", world.config, "--workspace", folder, "--out", out, *world.dumps) == 0
    names = set(pl.read_parquet(out)["customer"])
    assert {SCRIPT, FORMULAS[0], "\u202egnp.exe", MASKED} <= names
    assert CARD not in names


def test_the_report_runs_no_script_and_tells_no_card_number(hostile: tuple[Path, World]) -> None:
    (folder,) = [path.parent for path in hostile[0].glob("reports/*/report.json")]
    assert json.loads((folder / "report.json").read_text())["dataset"]["rejected"] == 2
    for name in ("report.json", "evidence.json", "report.html", "report.md", "config.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert CARD not in text, name
        assert "4111 1111 1111 1111" not in text, name
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>window.broken" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_nothing_of_the_dump_runs_in_a_browser_or_asks_for_anything(
    hostile: tuple[Path, World], tmp_path: Path
) -> None:
    with chromium(tmp_path / "profile") as browser:
        for name in ("report.html", "index.html"):
            (page,) = hostile[0].glob(f"reports/**/{name}")
            open_page(browser, page)
            # An open alert makes every one of these fail.
            assert browser.execute_script("return window.broken ?? null") is None
            foreign = "return document.querySelectorAll('img, iframe, object, embed, [onerror], [onload]').length"
            assert browser.execute_script(foreign) == 0
            assert browser.get_log("browser") == []
            assert requests(browser) == [page.as_uri()]


def test_an_ingest_tells_of_the_card_numbers_and_of_the_rows_with_nul(
    hostile: tuple[Path, World], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, world = hostile
    assert command("ingest", "--config", world.config, "--workspace", tmp_path, *world.dumps) == 0
    said = capsys.readouterr().err
    (line,) = [line for line in said.splitlines() if "card number" in line]
    assert re.search(r"1 in transaction_id, [0-9,]+ in customer, [0-9,]+ in terminal, [0-9,]+ in fraud_type", line)
    assert CARD not in said


def test_with_pseudonyms_no_hostile_name_reaches_the_alerts(world: World, tmp_path: Path) -> None:
    dumps = [spoil(dump, tmp_path / dump.name) for dump in world.dumps[:2]]
    options = ("--config", world.config, "--workspace", tmp_path, "--privacy.pseudonymise", "true")
    small = ("--comparison.strategies", "none", "--comparison.seeds", 1, "--comparison.tuning-trials", 1)
    assert command("run", *options, *small, *dumps) == 0
    assert command("score", *options, "--out", tmp_path / "alerts.parquet", dumps[1]) == 0
    alerts = pl.read_parquet(tmp_path / "alerts.parquet")
    assert alerts["customer"].str.contains("^p[0-9a-f]{32}$").all()
    assert alerts["terminal"].str.contains("^p[0-9a-f]{32}$").all()
    stored = pl.concat([pl.read_parquet(path) for path in (tmp_path / "data" / "store" / "tiny").glob("*.parquet")])
    assert set(alerts["customer"]) <= set(stored["customer"])
    key = (tmp_path / "data" / "pseudonyms" / "key").read_text()
    for path in tmp_path.glob("reports/*/*"):
        text = path.read_text(encoding="utf-8")
        assert key not in text
        assert CARD not in text
    assert "pseudonymise = true" in next(tmp_path.glob("reports/*/config.toml")).read_text()


def test_a_spreadsheet_gets_negative_numbers_as_numbers() -> None:
    cells = pl.DataFrame({"amount": [-5.25], "=name": ["-17"], "alert": [True]})
    assert for_spreadsheets(cells).to_dict(as_series=False) == {"amount": [-5.25], "'=name": ["-17"], "alert": ["yes"]}
