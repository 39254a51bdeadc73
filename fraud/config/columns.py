"""Roles of the canonical table and the columns of a dump that fill them."""

import codecs
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from fraud.config.config_class import config_class
from fraud.config.values import ColumnName, Distinct, Encoding, IsoDate, LabelValue, Separator, Timezone, Whole

RESERVED = (
    "transaction_id",
    "event_time",
    "amount",
    "is_fraud",
    "label_time",
    "fraud_type",
    "dump",
    "dump_row",
)
ROW_ORDER = "row order"


@config_class
class TimeSpec:
    """Where ``event_time`` (or ``label_time``) comes from and how it is written.

    Exactly one of ``column`` and ``columns``, or neither for file order. ``unit`` reads numbers as s, ms, us, h or d
    since ``origin`` (ISO date, UTC); ``format`` is a strptime pattern; ``timezone`` is that of times without a zone.
    """

    column: ColumnName | None = None
    """The column that holds the time."""
    columns: tuple[ColumnName, ...] = ()
    """Several columns: a date and a time of day, or a day and finer units."""
    unit: Literal["us", "ms", "s", "min", "h", "d"] | None = None
    """us, ms, s, min, h or d: what a number counts since origin."""
    origin: IsoDate = "1970-01-01"
    """ISO date at which the numbers begin, in UTC or with an offset, as 2013-09-01T00:00:00+02:00."""
    format: str | None = None
    """As strptime writes it; default: the one format that fits all rows."""
    timezone: Timezone = "UTC"
    """Time zone of times that are written without one, and of the data's days and hours; not for numbers with a
    unit, whose days and hours are UTC."""

    def __post_init__(self) -> None:
        if self.column is not None and self.columns:
            raise ValueError("takes column or columns, not both")
        if self.unit and self.format:
            raise ValueError(
                f"takes unit or format, not both, found unit '{self.unit}' and format '{self.format}': unit is for "
                "numbers since origin, format for text"
            )
        if self.unit and self.timezone != "UTC":
            raise ValueError(
                f"takes no timezone beside a unit, found '{self.timezone}': numbers count from origin; give origin "
                "with its offset, as '2013-09-01T00:00:00+02:00'"
            )

    @property
    def is_row_order(self) -> bool:
        """True where the dump has no time and its file order stands for it."""
        return self.column is None and not self.columns

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the dump that are read."""
        return (self.column,) if self.column else self.columns


@config_class
class LabelSpec:
    """Where ``is_fraud`` comes from: the values that mean fraud, genuine and *nobody knows yet*.

    Values are compared as text, numbers by value (``1`` and ``1.0`` agree). Left empty, 0/1, true/false,
    fraud/genuine, yes/no and their usual spellings are understood; an empty cell is unknown unless ``""`` claims it.
    """

    column: ColumnName
    """The column that holds the label."""
    fraud: tuple[LabelValue, ...] = ()
    """Values that mean fraud."""
    genuine: tuple[LabelValue, ...] = ()
    """Values that mean genuine; ``""`` for an empty cell, where all that is old enough without an entry is genuine."""
    unknown: tuple[LabelValue, ...] = ()
    """Values that mean that nobody knows yet; so does an empty cell, unless ``""`` is under genuine or fraud."""

    def __post_init__(self) -> None:
        sides = [name for name in ("fraud", "genuine", "unknown") if "" in getattr(self, name)]
        if len(sides) > 1:
            raise ValueError(f'has "", an empty cell, under {" and ".join(sides)}; name it in one of them alone')


@config_class
class TextSpec:
    """How a text dump is written, where it is not as most are: UTF-8, a header, commas, plain numbers."""

    separator: Separator | None = None
    """Between the fields; default: a comma, in .tsv a tab."""
    encoding: Encoding = "utf-8"
    """As Python calls it: utf-16, cp1252."""
    skip_lines: Whole = 0
    """Lines before the header, as ``sep=;``."""
    footer_lines: Whole = 0
    """Lines after the last transaction, as totals; blank lines do not count."""
    header: Distinct = ()
    """Names of the columns, in order, where the first line that is read is data already."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark where numbers come with thousands marks or currency signs; default: plain numbers."""
    empty: tuple[str, ...] = ()
    """Words that mean an empty cell, as ``n/a``."""

    @property
    def is_utf8(self) -> bool:
        """Whether polars reads it without recoding."""
        return codecs.lookup(self.encoding).name in {"utf-8", "utf-8-sig", "ascii"}


def _spelt_out(value: Any) -> Any:
    """The short form of a role, ``event_time = "ts"``, as a table."""
    if isinstance(value, str):
        return {} if value == ROW_ORDER else {"column": value}
    return value


@config_class
class ColumnsConfig:
    """Roles of the canonical table <- columns of the dump."""

    event_time: Annotated[TimeSpec, BeforeValidator(_spelt_out)]
    """A column, {column, unit, origin}, {columns}, {column, format, timezone} or "row order"."""
    is_fraud: Annotated[LabelSpec | None, BeforeValidator(_spelt_out)] = None
    """A column, or {column, fraud, genuine, unknown}; left out for dumps without labels."""
    transaction_id: ColumnName | None = None
    """Identity; default: made from the file and its row number."""
    amount: ColumnName | None = None
    """Money moved, in one currency."""
    label_time: Annotated[TimeSpec | None, BeforeValidator(_spelt_out)] = None
    """When the label became known, days and months with their end; default: event_time + labels.delay_days."""
    fraud_type: ColumnName | None = None
    """Kind of fraud: breaks recall down; never a feature."""
    entities: Mapping[str, ColumnName] = field(default_factory=dict)
    """Name of the entity -> column. The first one is the card; intervals are by it, and by the second."""
    numeric: tuple[str, ...] = ()
    """Numeric columns known at the time of the transaction."""
    categorical: tuple[str, ...] = ()
    """Categorical columns known at the time of the transaction."""
    ignore: tuple[str, ...] = ()
    """Columns that have no role, on purpose."""
    text: TextSpec = field(default_factory=TextSpec)
    """How text dumps are written, where it is not as usual: {separator, encoding, decimal, ...}."""

    def __post_init__(self) -> None:
        _check_names(self)
        _check_columns(self)

    @property
    def entity_names(self) -> tuple[str, ...]:
        """Names of the entity columns in the canonical table, in the order of the config."""
        return tuple(self.entities)

    def mapped(self) -> tuple[str, ...]:
        """Columns of the dump that have a role."""
        single = (self.transaction_id, self.amount, self.fraud_type, self.is_fraud and self.is_fraud.column)
        times = self.event_time.sources + (self.label_time.sources if self.label_time else ())
        several = (*self.entities.values(), *self.numeric, *self.categorical)
        return tuple(dict.fromkeys([*(c for c in single if c), *times, *several]))


def _check_names(columns: ColumnsConfig) -> None:
    """Each column of the canonical table has a name of its own."""
    names = [*columns.entities, *columns.numeric, *columns.categorical]
    for name in names:
        if not name:
            raise ValueError("an entity or a column has an empty name; give it one, in the dump too")
        if names.count(name) > 1:
            raise ValueError(f"'{name}' has two roles; give it one")
        if name in RESERVED:
            raise ValueError(
                f"'{name}' is a word of the canonical table; an entity takes another name on the left, "
                'as card = "amount", another column must be renamed in the dump'
            )


def _check_columns(columns: ColumnsConfig) -> None:
    """What is known only afterwards is nothing else as well, the time is no feature, an entity is listed once."""
    features = {
        "numeric": columns.numeric,
        "categorical": columns.categorical,
        "entities": tuple(columns.entities.values()),
    }
    known_then = {"amount": (columns.amount,), "transaction_id": (columns.transaction_id,), **features}
    label = (columns.is_fraud.column,) if columns.is_fraud else ()
    times = columns.event_time.sources
    _check_apart("the label", label, {**known_then, "event_time": times})
    _check_apart("the fraud_type", (columns.fraud_type,), {**known_then, "event_time": times})
    if columns.label_time:
        if columns.label_time.is_row_order:
            raise ValueError('label_time must name a column, found "row order"')
        _check_apart("the label_time", columns.label_time.sources, known_then)
    _check_apart("the event_time", times, features)
    entities = features["entities"]
    for column in entities:
        if entities.count(column) > 1:
            names = " and ".join(name for name, source in columns.entities.items() if source == column)
            raise ValueError(f"entities {names} are the same column '{column}'; keep one of them")


def _check_apart(what: str, columns: tuple[str | None, ...], others: Mapping[str, tuple[str | None, ...]]) -> None:
    for role, taken in others.items():
        for column in columns:
            if column is not None and column in taken:
                reason = "" if what == "the event_time" else ", known only afterwards"
                raise ValueError(f"'{column}' is {what}{reason}; it must not be {role} as well: take it out of there")
