"""The first fault that pydantic finds in a configuration, in one line: where, what was expected, what was found."""

import reprlib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import ValidationError

from fraud.text import nearest, one_line

EXPECTED = {
    "greater_than": "must be above {gt:,g}",
    "greater_than_equal": "must be {ge:,g} or more",
    "less_than": "must be below {lt:,g}",
    "less_than_equal": "must be {le:,g} or less",
    "finite_number": "must be a finite number",
    "literal_error": "must be {expected}",
    "too_short": "must hold {min_length} or more",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "dict_type": "must be a table, as {{ card = 'CARD_ID' }}",
    "dataclass_type": "must be a table, as {{ key = value }}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
}
"""What each of pydantic's faults says was expected; its own words for all others."""
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
UNKNOWN = "unexpected_keyword_argument"
MISSING = {"missing", "missing_keyword_only_argument"}


def describe(error: ValidationError, owner: type, source: str, *, has_sections: bool = False) -> str:
    """One line about the first fault; an unknown key comes first, as a misspelt one is missing as well.

    Args:
        error: what pydantic raised.
        owner: the class that was checked.
        source: what the message calls it: a file, or the class.
        has_sections: whether the keys of ``owner`` are sections of a TOML file.
    """
    fault = min(error.errors(include_url=False), key=lambda one: one["type"] != UNKNOWN)
    where, keys = source, fault["loc"]
    if has_sections and keys:
        where = f"{source} [{keys[0]}]"
        if len(keys) == 1 and fault["type"] != "value_error":
            return _about_section(fault, owner, source)
        owner, keys = _class_at(owner, keys[:1]), keys[1:]
    if fault["type"] == UNKNOWN:
        holder, key = _class_at(owner, keys[:-1]), str(keys[-1])
        return f"{where}: unknown key '{_path(keys)}'; known keys: {_known(key, fields_of(holder))}"
    if fault["type"] in MISSING:
        return f"{where}: key '{_path(keys)}' is missing; it has no default"
    return f"{where}: " + f"{_path(keys)} {_problem(fault)}".strip()


def found(value: object) -> str:
    """What was found, shortened: ``found 'abc'``."""
    return f"found {_SHORT.repr(value)}"


def fields_of(owner: type) -> dict[str, Any]:
    """Key -> pydantic's ``FieldInfo`` of it."""
    return dict(owner.__pydantic_fields__)  # type: ignore[attr-defined]


def _about_section(fault: Any, owner: type, source: str) -> str:
    (name,) = fault["loc"]
    if fault["type"] == UNKNOWN:
        return f"{source}: unknown section [{_path([name])}]; known sections: {_known(str(name), fields_of(owner))}"
    if fault["type"] in MISSING:
        return f"{source}: section [{name}] is missing; it has no default"
    return f"{source}: '{name}' must be a section, [{name}], {found(fault['input'])}"


def _problem(fault: Any) -> str:
    context = fault.get("ctx", {})
    if fault["type"] == "value_error":
        return str(context["error"])
    expected = EXPECTED.get(fault["type"])
    problem = expected.format(**context) if expected else fault["msg"].lower()
    return f"{problem}, {found(fault['input'])}"


def _class_at(owner: type, keys: Iterable[Any]) -> type:
    """The section that the keys lead to."""
    for key in keys:
        annotation = fields_of(owner)[key].annotation
        owner = next(one for one in (annotation, *get_args(annotation)) if hasattr(one, "__pydantic_fields__"))
    return owner


def _path(keys: Iterable[Any]) -> str:
    """Keys as TOML writes them: ``event_time.unit``, ``numeric[2]``."""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return one_line(path.removeprefix("."))


def _known(name: str, known: Iterable[str]) -> str:
    return f"{', '.join(known)}{nearest(name, known)}"
