"""The whole configuration of a run, and how it is read from TOML and the command line."""

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Self, Union, get_args, get_origin

import tomli_w
from pydantic import TypeAdapter, ValidationError

from fraud.config.columns import ColumnsConfig
from fraud.config.config_class import config_class
from fraud.config.faults import describe, fields_of
from fraud.config.retired import without_retired
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


@config_class
class RunConfig:
    """The complete configuration of one run."""

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
        """Check and freeze the contents of a TOML file.

        Args:
            sections: as ``tomllib`` returns it.
            source: what error messages call the file.

        Raises:
            ConfigError: an unknown section or key, a wrong type, a value out of range.

        Warns:
            RetiredKeyWarning: a key of an earlier version, which has no effect any more.
        """
        try:
            return TypeAdapter(cls).validate_python(without_retired(sections, source))
        except ValidationError as error:
            raise ConfigError(describe(error, cls, source, has_sections=True)) from None

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
    except ValueError as error:  # not TOML, not UTF-8, or a number of thousands of digits
        raise ConfigError(f"{name}: is not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{name}: is nested too deeply; a configuration has sections and keys alone") from None
    for section, values in (overrides or {}).items():
        _override(sections, section, values)
    return RunConfig.from_mapping(sections, source=name)


def _override(sections: dict[str, Any], section: str, values: Mapping[str, str]) -> None:
    table = sections.setdefault(section, {})
    if not isinstance(table, dict):
        return  # no section: a fault that the check of the whole names
    owner = fields_of(RunConfig).get(section)
    fields = fields_of(owner.annotation) if owner else {}
    for key, text in values.items():
        name = key.replace("-", "_")
        kinds = _kinds(fields[name].annotation) if name in fields else set()
        table[name] = _read_value(text, as_list=tuple in kinds, as_text=str in kinds)


def _kinds(annotation: Any) -> set[Any]:
    """The types that a key takes, without their bounds: ``tuple``, ``str``, ``float`` ..."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kinds(parts[0])
    if origin in (Union, UnionType):
        return set().union(*map(_kinds, parts))
    return {origin or annotation}


def _read_value(text: str, *, as_list: bool, as_text: bool) -> Any:
    if as_text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # not TOML: a word, or a list with commas alone
        if as_list:
            return [_read_value(part.strip(), as_list=False, as_text=False) for part in text.split(",") if part.strip()]
        return text


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, tuple):
        return [_without_none(item) for item in value]
    return value
