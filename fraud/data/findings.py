"""What an ingest has to say of a dump beside its counts."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One sentence for the reader; what makes a dump unusable is an error and no finding."""

    severity: Literal["note", "warning"]
    """note: happens in the life of every store; warning: somebody should look."""
    sentence: str
