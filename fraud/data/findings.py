"""What an ingest finds in a dump beside its counts."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One sentence for the reader; what makes a dump unusable is an error and no finding."""

    severity: Literal["note", "warning"]
    """note: usual; warning: somebody should check it."""
    sentence: str
