"""Exports as warehouses, spreadsheets and people write them, with the ways in which they are awkward to read."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

Row = list[str]
NAMES = ["trans_id", "booked_at", "card_no", "shop", "amount", "is_fraud"]
ROWS = 2_000


def table(rows: int = ROWS) -> list[Row]:
    """Rows of 60 days: identity, time in ISO, card, shop, amount, 0 or 1."""
    rng = np.random.default_rng(5)
    start = datetime(2024, 3, 1, tzinfo=UTC)
    seconds = np.sort(rng.integers(0, 60 * 86_400, rows))
    fraud = rng.random(rows) < 0.06
    amounts = np.round(rng.lognormal(4 + fraud, 1.5, rows), 2)
    return [
        [
            f"T{index:06d}",
            f"{start + timedelta(seconds=int(second)):%Y-%m-%d %H:%M:%S}",
            f"K{rng.integers(0, 150)}",
            f"S{rng.integers(0, 80)}",
            f"{amounts[index]:.2f}",
            str(int(fraud[index])),
        ]
        for index, second in enumerate(seconds)
    ]


def joined(rows: list[Row], *, separator: str = ",", names: Row | None = None) -> str:
    """The text of a file."""
    return "".join(f"{separator.join(row)}\n" for row in [names or NAMES, *rows])


def changed(column: int, change: Callable[[str], str]) -> list[Row]:
    """The table with one column written otherwise."""
    return [[change(cell) if index == column else cell for index, cell in enumerate(row)] for row in table()]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _month(text: str) -> str:
    """Eight days stand for a month."""
    days = (_moment(text) - datetime(2024, 3, 1, tzinfo=UTC)).days
    return f"2024-{1 + days // 8:02}"


def _german(text: str) -> str:
    return f"{float(text):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _two_times() -> str:
    names = ["trans_id", "date", "time", "card_no", "shop", "amount", "is_fraud"]
    return joined([[row[0], *row[1].split(" "), *row[2:]] for row in table()], names=names)


def _quoted() -> str:
    return joined(changed(3, lambda shop: f'"{shop},\nback door ""B"""'))


FILES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "semicolons and decimal commas": ("a.csv", lambda: joined(changed(4, _german), separator=";")),
    "UTF-16": ("a.csv", lambda: joined(changed(3, lambda shop: f"Café {shop}")).encode("utf-16")),
    "a byte order mark": ("a.csv", lambda: b"\xef\xbb\xbf" + joined(table()).encode()),
    "quoted line breaks": ("a.csv", _quoted),
    "the day first": ("a.csv", lambda: joined(changed(1, lambda time: f"{_moment(time):%d/%m/%Y %H:%M}"))),
    "milliseconds since 1970": (
        "a.csv",
        lambda: joined(changed(1, lambda time: f"{_moment(time).timestamp() * 1000:.0f}")),
    ),
    "date and time in two columns": ("a.csv", _two_times),
    "Y and N for labels": ("a.csv", lambda: joined(changed(5, lambda label: "NY"[int(label)]))),
    "dollars": ("a.csv", lambda: joined(changed(4, lambda amount: f'"${float(amount):,.2f}"'))),
    "a line of totals": ("a.csv", lambda: joined(table()) + "Total,,,,123456.78,\n"),
    "a column named twice": ("a.csv", lambda: joined(table(), names=[*NAMES[:3], "amount", *NAMES[4:]])),
    "numbers and words mixed": (
        "a.csv",
        lambda: joined(
            [
                [*row[:4], "n/a" if index % 9 == 8 else row[4], row[5], "n/a" if index % 5 == 4 else str(index % 7)]
                for index, row in enumerate(table())
            ],
            names=[*NAMES, "visits"],
        ),
    ),
    "gzip without an ending": ("dump", lambda: gzip.compress(joined(table()).encode())),
    "Excel's sep=": ("a.csv", lambda: "sep=;\r\n" + joined(changed(4, _german), separator=";").replace("\n", "\r\n")),
    "no header": ("a.csv", lambda: joined(table()).split("\n", 1)[1]),
    "Latin letters of Windows": ("a.csv", lambda: joined(changed(3, lambda shop: f"Café {shop}")).encode("cp1252")),
    "a title above the header": ("a.csv", lambda: "Export of transactions\nMarch to April\n\n" + joined(table())),
    "year and month alone": ("a.csv", lambda: joined(changed(1, _month))),
    "bars, and seconds since 1970": (
        "a.txt",
        lambda: joined(changed(1, lambda time: f"{_moment(time).timestamp():.0f}"), separator="|"),
    ),
}
"""Name of the trouble -> file name and what makes its content."""

FAULTS: dict[str, tuple[str, Callable[[], str | bytes], str]] = {
    "ragged rows": (
        "a.csv",
        lambda: joined([*table()[:1_000], [*table()[0], "one too many"], *table()[1_001:]]),
        "line 1002",
    ),
    "only frauds marked": (
        "a.csv",
        lambda: joined(changed(5, lambda label: "1")),
        "which rows are genuine",
    ),
    "no label": ("a.csv", lambda: joined([row[:5] for row in table()], names=NAMES[:5]), "what was fraud"),
    "an Excel file": ("a.csv", lambda: b"PK\x03\x04" + bytes(3_000), "zip or Excel"),
    "a picture": ("a.csv", lambda: bytes(np.random.default_rng(1).integers(0, 256, 5_000).tolist()), "not a table"),
    "Cyrillic letters of Windows": (
        "a.csv",
        lambda: joined(changed(3, lambda shop: f"Рођак {shop}")).encode("cp1251"),
        "found bytes that are valid in none of them; convert it to UTF-8",
    ),
    "an empty file": ("a.csv", lambda: "", "an empty file"),
}
"""Those that cannot be run, and what their one line must say."""


def german_export(rows: int = 6_000) -> str:
    """What a German bank's spreadsheet makes of 120 days: the file of docs/first_morning.md."""
    rng = np.random.default_rng(7)
    seconds = np.sort(rng.integers(0, 120 * 86_400, rows))
    fraud = rng.random(rows) < 0.04
    amounts, channels = rng.lognormal(3.6 + 1.3 * fraud, 1.0), ["Internet", "Kasse", "Automat"]
    kinds = ["Phishing", "Skimming", "Verlust"]
    lines = ["sep=;", "Transaktion;Zeitpunkt;Karte;Haendler;Betrag;Kanal;Fallart;Betrug"]
    for index in range(rows):
        moment = datetime(2024, 1, 8, tzinfo=UTC) + timedelta(seconds=int(seconds[index]))
        cells = [f"B{900_000 + index}", f"{moment:%d.%m.%Y %H:%M}", f"K{rng.integers(100, 400)}"]
        cells += [f"H{rng.integers(10, 200)}", f"{_german(f'{amounts[index]:.2f}')} €", channels[rng.integers(0, 3)]]
        cells += [kinds[rng.integers(0, 3)] if fraud[index] else "", "ja" if fraud[index] else "nein"]
        lines.append(";".join(cells))
    return "\r\n".join([*lines, f"Summe;;;;{_german(f'{amounts.sum():.2f}')} €;;;"]) + "\r\n"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """The file on disk."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
