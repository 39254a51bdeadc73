"""What each key of the configuration means and what it is if left out: for generated configurations and pages."""

from functools import cache
from types import MappingProxyType
from typing import Any

from fraud.config.faults import fields_of
from fraud.config.run import RunConfig


@cache
def key_meanings() -> MappingProxyType[str, str]:
    """``section.key`` -> the docstring beneath it."""
    return MappingProxyType(
        {
            f"{section}.{key}": text
            for section, owner in section_classes().items()
            for key, text in meanings_of(owner).items()
        }
    )


def section_meanings() -> dict[str, str]:
    """Section -> the first paragraph of its docstring."""
    return {name: (owner.__doc__ or "").split("\n\n")[0] for name, owner in section_classes().items()}


def section_classes() -> dict[str, type]:
    """Section -> its class, in the order of the file."""
    return {name: info.annotation for name, info in fields_of(RunConfig).items()}


def defaults_of(owner: type) -> dict[str, Any]:
    """Key -> its default; ``...`` where there is none."""
    return {
        key: ... if info.is_required() else info.get_default(call_default_factory=True)
        for key, info in fields_of(owner).items()
    }


def meanings_of(owner: type) -> dict[str, str]:
    """Key -> the docstring beneath it, on one line."""
    return {key: " ".join((info.description or "").split()) for key, info in fields_of(owner).items()}
