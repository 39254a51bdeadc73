"""What each key of the configuration means, from the docstrings beneath them: for generated configs and pages."""

import ast
import dataclasses
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from fraud.config.run import RunConfig


@cache
def key_meanings() -> MappingProxyType[str, str]:
    """``section.key`` -> what is written beneath it; keys that explain themselves are left out."""
    found: dict[str, str] = {}
    for section in dataclasses.fields(RunConfig):
        if isinstance(section.type, type):
            found |= {f"{section.name}.{key}": text for key, text in meanings_of(section.type).items()}
    return MappingProxyType(found)


def section_meanings() -> dict[str, str]:
    """Section -> the first sentence of what it is."""
    sections = {entry.name: entry.type for entry in dataclasses.fields(RunConfig)}
    return {name: (inspect.getdoc(owner) or "").split("\n\n")[0] for name, owner in sections.items()}


def defaults_of(section: type) -> dict[str, Any]:
    """Key -> its default; ``...`` where there is none."""
    return {
        entry.name: entry.default_factory()
        if entry.default_factory is not dataclasses.MISSING
        else ...
        if entry.default is dataclasses.MISSING
        else entry.default
        for entry in dataclasses.fields(section)
    }


def meanings_of(owner: type) -> dict[str, str]:
    """Key -> what is written beneath it in a dataclass."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found = {}
    for entry, after in pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name) and is_text:
            text = str(after.value.value)  # type: ignore[attr-defined]
            found[entry.target.id] = " ".join(text.split())
    return found
