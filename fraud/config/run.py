"""The whole configuration of a run, and how it is read from TOML and the command line."""

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import tomli_w
from pydantic import ConfigDict, TypeAdapter, ValidationError

from fraud.config.columns import ROW_ORDER, ColumnsConfig
from fraud.config.sections import (
    ComparisonConfig,
    DatasetConfig,
    EngineConfig,
    FeaturesConfig,
    LabelsConfig,
    NetworkConfig,
    PolicyConfig,
    PrivacyConfig,
    PromotionConfig,
    SplitConfig,
    TrainingConfig,
)
from fraud.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything one run is told."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    dataset: DatasetConfig
    columns: ColumnsConfig
    labels: LabelsConfig = LabelsConfig()
    split: SplitConfig = SplitConfig()
    features: FeaturesConfig = FeaturesConfig()
    network: NetworkConfig = NetworkConfig()
    training: TrainingConfig = TrainingConfig()
    comparison: ComparisonConfig = ComparisonConfig()
    policy: PolicyConfig = PolicyConfig()
    promotion: PromotionConfig = PromotionConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    engine: EngineConfig = EngineConfig()

    @classmethod
    def from_mapping(cls, sections: Mapping[str, Any], source: str = "config") -> Self:
        """Check and freeze what a TOML file said.

        Args:
            sections: as ``tomllib`` returns it.
            source: what error messages call the file.

        Raises:
            ConfigError: an unknown section or key, a wrong type, a value out of range.
        """
        _check_keys(cls, sections, source)
        try:
            return TypeAdapter(cls).validate_python(_spell_out(sections))
        except ValidationError as error:
            raise ConfigError(_first_fault(error, source)) from None

    def to_toml(self) -> str:
        """The resolved configuration as TOML that ``load_config`` reads back unchanged."""
        return tomli_w.dumps(_without_none(dataclasses.asdict(self)))


def load_config(source: Path | str, overrides: Mapping[str, Mapping[str, str]] | None = None) -> RunConfig:
    """Read a TOML file, or TOML text, and lay the command line's overrides over it.

    Args:
        source: path of the TOML file, or the TOML itself: a string with a line break in it is text (a complete
            configuration never fits on one line), any other string is a path.
        overrides: section -> key -> text as typed; read as a TOML value where it is one, as a list where it has commas.

    Raises:
        ConfigError: the file is missing or is not TOML, or holds an unknown key or a value out of range.
    """
    is_text = isinstance(source, str) and "\n" in source
    name = "config" if is_text else str(source)
    try:
        sections = tomllib.loads(str(source) if is_text else Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read ({error.strerror}); give --config an existing TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: is not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{name}: is nested too deeply; a configuration has sections and keys alone") from None
    for section, values in (overrides or {}).items():
        _override(sections, section, values)
    return RunConfig.from_mapping(sections, source=name)


def _override(sections: dict[str, Any], section: str, values: Mapping[str, str]) -> None:
    table = sections.setdefault(section, {})
    for key, text in values.items():
        name = key.replace("-", "_")
        kind = _type_name(section, name)
        table[name] = _read_value(text, as_list="tuple" in kind, as_text=kind.startswith("str"))


def _type_name(section: str, key: str) -> str:
    sections = {entry.name: entry.type for entry in dataclasses.fields(RunConfig)}
    owner = sections.get(section)
    keys = {entry.name: str(entry.type) for entry in dataclasses.fields(owner)} if isinstance(owner, type) else {}
    return keys.get(key, "").removeprefix("<class '")


def _read_value(text: str, *, as_list: bool, as_text: bool) -> Any:
    if as_text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if as_list:
            return [_read_value(part.strip(), as_list=False, as_text=False) for part in text.split(",") if part.strip()]
        return text


def _spell_out(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Short forms of a role, ``event_time = "ts"``, in their long form."""
    spelled = {name: dict(section) for name, section in sections.items()}
    columns = spelled.get("columns", {})
    for role in ("event_time", "label_time", "is_fraud"):
        if isinstance(columns.get(role), str):
            columns[role] = {} if columns[role] == ROW_ORDER else {"column": columns[role]}
    return spelled


def _check_keys(cls: type, sections: Mapping[str, Any], source: str) -> None:
    known = {entry.name: entry.type for entry in dataclasses.fields(cls)}
    for name, section in sections.items():
        if name not in known:
            raise ConfigError(f"{source}: unknown section [{name}]; known sections: {_known(name, known)}")
        if not isinstance(section, Mapping):
            raise ConfigError(f"{source}: '{name}' must be a section, [{name}], found {section!r}")
        owner = known[name]
        keys = [entry.name for entry in dataclasses.fields(owner)] if isinstance(owner, type) else []
        for key in section:
            if key not in keys:
                raise ConfigError(f"{source} [{name}]: unknown key '{key}'; known keys: {_known(key, keys)}")


def _known(name: str, known: Any) -> str:
    nearest = difflib.get_close_matches(name, list(known), n=1)
    hint = f". Did you mean '{nearest[0]}'?" if nearest else ""
    return f"{', '.join(known)}{hint}"


def _first_fault(error: ValidationError, source: str) -> str:
    fault = error.errors()[0]
    section, *keys = [str(part) for part in fault["loc"]] or [""]
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, ConfigError):
        return f"{source} {cause}"
    if fault["type"] in {"missing", "missing_keyword_only_argument"}:
        place = f"[{section}]" if not keys else f"[{section}]: key '{'.'.join(keys)}'"
        return f"{source} {place} is missing; it has no default"
    found = f", found {fault['input']!r}" if "input" in fault else ""
    return f"{source} [{section}]: {'.'.join(keys)}: {fault['msg'].lower()}{found}"


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, tuple):
        return [_without_none(item) for item in value]
    return value
