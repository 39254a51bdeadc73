"""Why a column has its role, or none: a reason for the code to decide by, and its sentence for people to read."""

from dataclasses import dataclass
from enum import Enum


class ColumnReason(Enum):
    """Why a column has its role, or none. The value is the sentence, with gaps for the figures of the column."""

    CATEGORY = "{detail}{values} values"
    CODES = "{values} codes"
    NUMBERED_NAMES = "{values} names that contain a number"
    ENTITY = "{values} values, {rows_each:,.1f} rows each"

    EMPTY = "empty"
    CONSTANT = "a single value: {detail}"
    NESTED = "holds lists or structures; flatten it first"
    RESERVED_NAME = "its name is that of a canonical column or a feature; rename it in the dump to use it"
    ROW_COUNTER = "only counts the rows"
    HARDLY_RECURS = "{values} values in {rows:,} rows: hardly any recurs, so it has no history"
    NEITHER = "{detail}{values} values in {rows:,} rows: neither a category nor an entity"
    LABEL_LEAK = "leaks the label: {detail}"
    POSSIBLE_LABEL = "by its name it may be the label"
    PERSONAL = "personal data, {detail}: of no use as a feature; drop it from the dump"
    OTHER_TIME = "another time{detail}: give it a role by hand if it is known at the time of the transaction"
    GROWS_WITH_TIME = "grows with the time of the transaction, so later days only have values never seen in training"


@dataclass(frozen=True, kw_only=True)
class DistinctValues:
    """How many different values a column has."""

    values: int
    rows: int
    """Rows of the dumps."""
    is_estimate: bool
    """Whether ``values`` was not counted exactly over all rows."""

    def __str__(self) -> str:
        """The number of values, called an estimate where it is one."""
        return f"{'about ' * self.is_estimate}{self.values:,}"


@dataclass(frozen=True)
class Explanation:
    """Why one column has its role, or none."""

    reason: ColumnReason
    detail: str = ""
    distinct: DistinctValues | None = None

    @property
    def sentence(self) -> str:
        """The comment beside the column in the proposed config."""
        if self.distinct is None:
            return self.reason.value.format(detail=self.detail)
        rows, rows_each = self.distinct.rows, self.distinct.rows / self.distinct.values
        return self.reason.value.format(detail=self.detail, values=self.distinct, rows=rows, rows_each=rows_each)
