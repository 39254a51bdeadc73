"""An unknown dump -> a proposed config: how the dump is written, the role of each column, and warnings."""

from fraud.inspection.joins import join_dumps
from fraud.inspection.proposal.plan import settings_for
from fraud.inspection.proposal.proposal import Inspection, inspect_dumps
from fraud.inspection.proposal.terminal import describe
from fraud.inspection.proposal.toml import toml_value, write_config

__all__ = [
    "Inspection",
    "describe",
    "inspect_dumps",
    "join_dumps",
    "settings_for",
    "toml_value",
    "write_config",
]
