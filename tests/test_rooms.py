"""What the import layers of pyproject.toml cannot express: rooms are entered by their door, and only `cli` prints."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "fraud"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return "cli" if first == "__main__.py" else first


LIBRARY = [path for path in FILES if room_of(path) != "cli"]


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Modules that are imported, anywhere in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module.count(".") == 0)


def past_the_door(path: Path, text: str) -> list[str]:
    """Imports of another room's modules instead of what its ``__init__`` names."""
    found = []
    for module in imports_of(ast.parse(text)):
        package, *parts = module.split(".")
        if package == "fraud" and len(parts) > 1 and parts[0] in ROOMS and parts[0] != room_of(path):
            found.append(module)
    return found


def name_of(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else ""


def shows_or_exits(text: str) -> list[str]:
    """What prints to the reader, or ends the process."""
    tree = ast.parse(text)
    calls = {name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    raised = {name_of(node.exc) for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc}
    forbidden = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write", "SystemExit"}
    return sorted((calls | raised) & forbidden) + [one for one in imports_of(tree) if one.split(".")[0] == "rich"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_room_is_entered_past_its_door(path: Path) -> None:
    assert past_the_door(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_library_prints_nothing_and_never_exits(path: Path) -> None:
    assert shows_or_exits(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "from fraud.data.store.table import TransactionStore",
        "import fraud.data.ingest",
        "def late():\n    from fraud.data.ingest import ingest_dumps",
    ],
)
def test_an_import_past_the_door_is_found(text: str) -> None:
    assert past_the_door(PACKAGE / "features" / "new.py", text)
    assert not past_the_door(PACKAGE / "data" / "new.py", text)


@pytest.mark.parametrize(
    "text", ["print(1)", "import sys\nsys.exit(2)", "raise SystemExit", "from rich.table import Table", "import rich"]
)
def test_what_prints_or_exits_is_found(text: str) -> None:
    assert shows_or_exits(text)


@pytest.mark.parametrize("room", ["fraud", *(f"fraud.{name}" for name in ROOMS)])
def test_every_public_name_exists(room: str) -> None:
    module = importlib.import_module(room)
    names = getattr(module, "__all__", [])
    assert names or room == "fraud.cli"
    assert [name for name in names if not hasattr(module, name)] == []


def test_importing_the_package_imports_none_of_its_engines() -> None:
    code = "import fraud, sys; print(sorted({'torch', 'polars', 'numpy', 'pydantic', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_ingesting_needs_no_torch() -> None:
    code = "import fraud, sys; fraud.ingest, fraud.inspect, fraud.load_config; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    import fraud
    from fraud import stages

    for module in (fraud, stages):
        with pytest.raises(AttributeError, match="no attribute 'retrian'"):
            _ = module.retrian
