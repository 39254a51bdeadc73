"""What an unknown dump is: how it is written, which column has which role, and what is dangerous about it."""

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
