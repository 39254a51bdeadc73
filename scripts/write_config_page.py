"""Write docs/own-data.md: the configuration key by key, from the classes that check it.

python scripts/write_config_page.py      (seconds)
"""

import dataclasses
from pathlib import Path
from typing import Any

from bench.command_line import ROOT
from bench.markdown import table

from fraud.config import LabelSpec, TextSpec, TimeSpec, defaults_of, meanings_of, section_classes, section_meanings
from fraud.inspection import toml_value

PAGE = ROOT / "docs" / "own-data.md"
HEAD = """# The configuration, key by key

Written by `scripts/write_config_page.py` from the classes in `fraud/config`, and a test compares the two.
`fraud inspect DUMP --write config.toml` writes a complete one for your data; any key can be overridden on the
command line, as `--policy.value 50`. A walk through a first run: [first_morning.md](first_morning.md).
"""
SHAPES = {
    "event_time, label_time": (TimeSpec, 'a column, `"row order"`, or `{ ... }` of:'),
    "is_fraud": (LabelSpec, "a column, or `{ ... }` of:"),
    "text": (TextSpec, "`{ ... }` of:"),
}


def main(page: Path = PAGE) -> None:
    """Write the page."""
    page.write_text(config_page(), encoding="utf-8")


def config_page() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for section, owner in section_classes().items():
        parts.append(f"## [{section}]\n\n{_one_line(section_meanings()[section])}\n\n{_table(owner)}")
        if section == "columns":
            parts += [f"`{name}`: {words}\n\n{_table(shape)}" for name, (shape, words) in SHAPES.items()]
    return "\n".join(parts)


def _table(owner: type) -> str:
    meanings = meanings_of(owner)
    rows = [(f"`{key}`", _default(value), _cell(meanings.get(key, ""))) for key, value in defaults_of(owner).items()]
    return table(["key", "default", "meaning"], rows) + "\n"


def _default(value: Any) -> str:
    if value is ...:
        return "required"
    if value is None or value in ((), {}) or dataclasses.is_dataclass(value):
        return ""
    return f"`{toml_value(value)}`"


def _cell(text: str) -> str:
    return _one_line(text).replace("``", "`").replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
