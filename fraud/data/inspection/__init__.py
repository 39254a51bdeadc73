"""What an unknown dump is: how it is written, which column has which role, and what is dangerous about it."""

from fraud.data.inspection.proposal import Inspection, inspect_dumps
from fraud.data.inspection.writing import write_config

__all__ = ["Inspection", "inspect_dumps", "write_config"]
