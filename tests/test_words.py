"""One vocabulary: the field's terms and plain English in code, messages and pages; no metaphors, no riddles."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    *(ROOT / "fraud").rglob("*.*"),
    *(ROOT / "pipelines").rglob("*.*"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
]
WORDS = (
    *("told", "said", "asked", "looks", "era", "eras", "standing", "reign", "reigns", "duel", "fight"),
    *("casebook", "leanings", "leans", "trust", "promise", "promises", "promised", "giveaway", "giveaways", "heap"),
    *("made up", "best look", "cry louder", "cries wolf", "cut off", "gives the label away"),
)
CLASSES = ("Arena", "Field", "Bench", "Place", "Look")
SUFFIXES = {".py", ".md", ".toml", ".j2", ".js", ".css", ".html"}


def texts() -> list[tuple[str, str]]:
    kept = [path for path in FILES if path.suffix in SUFFIXES and "__pycache__" not in path.parts]
    return [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in kept]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_names_nothing_is_nowhere(word: str) -> None:
    pattern = re.compile(rf"(?<![\"'\w]){word}(?![\"'\w])", re.IGNORECASE)  # a quoted word may be a key of JSON
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, f"'{word}' in {', '.join(found[:8])}: use the words of docs/glossary.md"


def test_no_class_has_a_riddle_for_a_name() -> None:
    found = [(name, word) for name, text in texts() for word in CLASSES if re.search(rf"^class {word}\b", text, re.M)]
    assert not found
