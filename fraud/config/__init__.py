"""The run configuration: one frozen dataclass per TOML section, one complete TOML a run.

Types and ranges are checked at construction, by pydantic. Unknown keys are errors that list the known ones. Every key
can be overridden from the command line as ``--section.key value``.
"""

from fraud.config.columns import RESERVED, ROW_ORDER, ColumnsConfig, LabelSpec, TextSpec, TimeSpec
from fraud.config.reference import defaults_of, key_meanings, meanings_of, section_classes, section_meanings
from fraud.config.run import RunConfig, load_config
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

__all__ = [
    "RESERVED",
    "ROW_ORDER",
    "ColumnsConfig",
    "ComparisonConfig",
    "DatasetConfig",
    "EngineConfig",
    "FeaturesConfig",
    "LabelSpec",
    "LabelsConfig",
    "NetworkConfig",
    "PolicyConfig",
    "PrivacyConfig",
    "PromotionConfig",
    "RunConfig",
    "SplitConfig",
    "TextSpec",
    "TimeSpec",
    "TrainingConfig",
    "defaults_of",
    "key_meanings",
    "load_config",
    "meanings_of",
    "section_classes",
    "section_meanings",
]
