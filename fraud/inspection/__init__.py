"""An unknown dump -> a proposed config: how the dump is written, the role of each column, and warnings."""

from fraud.inspection.proposal.proposal import Inspection, inspect_dumps
from fraud.inspection.proposal.terminal import describe
from fraud.inspection.proposal.toml import write_config
from fraud.inspection.reading.joins import join_dumps

__all__ = [
    "Inspection",
    "describe",
    "inspect_dumps",
    "join_dumps",
    "write_config",
]
