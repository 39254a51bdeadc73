"""No script is left out of the suite, and each says in its docstring how it is run."""

import ast
import re
from pathlib import Path

import pytest
from bench.command_line import ROOT

PYTHON = sorted((ROOT / "scripts").glob("*.py"))
TESTS = Path(__file__).parent


@pytest.mark.parametrize("script", PYTHON, ids=lambda script: script.name)
def test_a_script_has_its_tests(script: Path) -> None:
    assert (TESTS / f"test_{script.name}").exists()


@pytest.mark.parametrize("script", PYTHON, ids=lambda script: script.name)
def test_its_docstring_names_the_command_and_the_time(script: Path) -> None:
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    assert f"python scripts/{script.name}" in text
    assert re.search(r"second|minute|hour|time", text)
