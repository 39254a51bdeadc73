"""Check ``report.json`` and ``evidence.json`` before anything is drawn from them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from fraud.errors import ReportError

_LONGEST = 120


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        ReportError: it is missing, is not JSON, or holds NaN or infinity, which JSON does not know.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror}); `fraud compare` writes it") from None
    except ValueError as error:
        raise ReportError(f"{path}: is not valid JSON ({_short(str(error))}); run `fraud compare` again") from None


def validate_report(report: Any, source: str = "report.json") -> None:
    """Check a report against its schema, and its comparisons against its strategies.

    Args:
        report: the content of ``report.json``.
        source: its name in messages.

    Raises:
        ReportError: one line with the location in the JSON, what was expected and what was found.
    """
    _validate(report, "schema.json", source)
    rows = [*report["strategies"], *report["baselines"]]
    names = [row["name"] for row in rows]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ReportError(f"{source}: strategies: {_short(repr(twice))} is there twice; expected every name once")
    for location, comparison in enumerate(report["comparisons"]):
        for side in ("a", "b"):
            if comparison[side] not in names:
                raise ReportError(
                    f"{source}: comparisons/{location}/{side}: expected a strategy of the report, "
                    f"found {_short(repr(comparison[side]))}"
                )


def validate_evidence(evidence: Any, source: str = "evidence.json") -> None:
    """Check evidence against its schema; the lists of one curve must have one length.

    Raises:
        ReportError: as ``validate_report``.
    """
    _validate(evidence, "evidence.schema.json", source)
    for location, columns in _curves(evidence):
        lengths = {name: len(values) for name, values in columns.items() if isinstance(values, list)}
        if len(set(lengths.values())) > 1:
            raise ReportError(f"{source}: {location}: expected lists of one length, found {lengths}")


def _curves(evidence: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in ("budget", "precision_recall"):
        for strategy, columns in evidence.get(part, {}).items():
            yield f"{part}/{_short(strategy)}", columns


def _validate(document: object, schema: str, source: str) -> None:
    fault = best_match(_validator(schema).iter_errors(document))
    if fault is not None:
        location = "/".join(str(part) for part in fault.absolute_path) or "the whole file"
        raise ReportError(f"{source}: {_short(location)}: {_explain(fault)}; `fraud compare` writes it anew")


@cache
def _validator(schema: str) -> Draft202012Validator:
    text = files("fraud.reporting").joinpath(schema).read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _explain(fault: ValidationError) -> str:
    wanted, found = fault.validator_value, _short(repr(fault.instance))
    match fault.validator:
        case "required":
            expected = "the key " + ", ".join(repr(key) for key in wanted if key not in fault.instance)
            found = _short(", ".join(fault.instance) or "none")
        case "type":
            expected = wanted if isinstance(wanted, str) else " or ".join(wanted)
        case "enum":
            expected = "one of " + ", ".join(map(str, wanted))
        case "const":
            expected = repr(wanted)
        case "minimum" | "maximum":
            expected = f"a {fault.validator} of {wanted}"
        case "minItems" | "minLength":
            expected = f"at least {wanted}"
        case _:
            return _short(fault.message)
    return f"expected {expected}, found {found}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON; write null where nothing was measured")
