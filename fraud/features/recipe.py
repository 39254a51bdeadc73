"""Which features a table has, and from which columns of the data they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from fraud.config import ColumnsConfig, LabelsConfig

KEYS = ("transaction_id", "event_time", "amount", "is_fraud", "label_time", "fraud_type")
"""Columns kept beside the features, where the data have them; the entities follow."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Which features are made, and from which columns."""

    entities: tuple[str, ...]
    """The card first."""
    numeric: tuple[str, ...]
    """Numeric extras of the data, passed through."""
    categorical: tuple[str, ...]
    """Categorical extras, passed through."""
    windows: tuple[str, ...]
    """Lengths of the history windows."""
    has_amount: bool
    delay_days: float | None
    """How long after its event an unreported one counts as genuine; None where one delay holds for all labels."""
    has_calendar: bool = True
    """False where time is only the order of the rows."""
    timezone: str = "UTC"
    """Of days, hours and weekdays; ``event_time`` itself is UTC."""

    @classmethod
    def of(cls, columns: ColumnsConfig, *, labels: LabelsConfig, windows: tuple[str, ...]) -> Self:
        """The recipe that a configuration describes."""
        return cls(
            entities=columns.entity_names,
            numeric=columns.numeric,
            categorical=columns.categorical,
            windows=windows,
            has_amount=columns.amount is not None,
            delay_days=labels.delay_days if columns.label_time else None,
            has_calendar=not columns.event_time.is_row_order,
            timezone=columns.event_time.timezone,
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that features are made of, time and labels apart."""
        amount = ("amount",) if self.has_amount else ()
        return (*self.entities, *amount, *self.numeric, *self.categorical)

    def kept_columns(self, columns: Sequence[str]) -> list[str]:
        """Of a table's columns those kept beside the features: the ``KEYS`` that exist, and the entities."""
        return [*(name for name in KEYS if name in columns), *self.entities]

    def numeric_features(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Of a table's columns the numeric features, ``amount`` among them."""
        others = {*KEYS, *self.entities, *self.categorical} - {"amount"}
        return tuple(name for name in columns if name not in others)
