"""Roles of the canonical table and the columns of a dump that fill them."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ConfigDict

from fraud.config.checks import require
from fraud.errors import ConfigError

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


@dataclass(frozen=True, kw_only=True)
class TimeSpec:
    """Where ``event_time`` (or ``label_time``) comes from and how it is written.

    Exactly one of ``column`` and ``columns``, or neither for file order. ``unit`` reads numbers as s, ms, us, h or d
    since ``origin`` (ISO date, UTC); ``format`` is a strptime pattern; ``timezone`` is where naive times are meant.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    column: str | None = None
    """The column that holds the time."""
    columns: tuple[str, ...] = ()
    """Several columns: a date and a time of day, or a day and finer units."""
    unit: Literal["us", "ms", "s", "min", "h", "d"] | None = None
    """us, ms, s, min, h or d: what a number counts since origin."""
    origin: str = "1970-01-01"
    """ISO date in UTC at which the numbers begin."""
    format: str | None = None
    """As strptime writes it; left out: the one format that fits all rows."""
    timezone: str = "UTC"
    """Where times without a zone are meant."""

    @property
    def is_row_order(self) -> bool:
        """True where the dump has no time and its file order stands for it."""
        return self.column is None and not self.columns

    @property
    def is_monthly(self) -> bool:
        """True where only months are known: a format without days, or a column of months that counts as days."""
        if self.format:
            return any(mark in self.format for mark in ("%m", "%b", "%B")) and not any(
                mark in self.format for mark in ("%d", "%j", "%e", "%D", "%F", "%x", "%c")
            )
        return self.unit == "d" and "month" in (self.column or "").lower()

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the dump that are read."""
        return (self.column,) if self.column else self.columns


@dataclass(frozen=True, kw_only=True)
class LabelSpec:
    """Where ``is_fraud`` comes from: the values that mean fraud, genuine and *nobody knows yet*.

    Values are compared as text, numbers by value (``1`` and ``1.0`` agree). Left empty, 0/1, true/false,
    fraud/genuine, yes/no and their usual spellings are understood; an empty cell is unknown unless ``""`` claims it.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    column: str
    """The column that holds the label."""
    fraud: tuple[str | int | float | bool, ...] = ()
    """Values that mean fraud."""
    genuine: tuple[str | int | float | bool, ...] = ()
    """Values that mean genuine; ``""`` for an empty cell, where all that is old enough without an entry is genuine."""
    unknown: tuple[str | int | float | bool, ...] = ()
    """Values that mean that nobody knows yet; an empty cell does, unless ``""`` stands under genuine or fraud."""

    def __post_init__(self) -> None:
        sides = [name for name in ("fraud", "genuine", "unknown") if "" in getattr(self, name)]
        require(
            len(sides) < 2,
            f'[columns] is_fraud: "", an empty cell, stands under {" and ".join(sides)}; name it in one of them alone',
        )


@dataclass(frozen=True, kw_only=True)
class TextSpec:
    """How a text dump is written, where it is not as most are: UTF-8, a header, commas, plain numbers."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    separator: str | None = None
    """Between the fields; left out: a comma, in .tsv a tab."""
    encoding: str = "utf-8"
    """As Python calls it: utf-16, cp1252."""
    skip_lines: int = 0
    """Lines before the header, as ``sep=;``."""
    footer_lines: int = 0
    """Lines after the last transaction, as totals; blank lines do not count."""
    header: tuple[str, ...] = ()
    """Names of the columns, in order, where the first line that is read is data already."""
    decimal: Literal[".", ","] | None = None
    """Mark of the decimals where numbers come with thousands marks or currency signs; left out: plain numbers."""
    empty: tuple[str, ...] = ()
    """Words that mean an empty cell, as ``n/a``."""

    def __post_init__(self) -> None:
        one = self.separator is None or len(self.separator.encode()) == 1
        require(one, f"[columns] text: separator must be one character, found {self.separator!r}")
        counts = self.skip_lines, self.footer_lines
        require(min(counts) >= 0, f"[columns] text: skip_lines and footer_lines must be 0 or more, found {counts}")
        for name in self.header:
            require(self.header.count(name) == 1, f"[columns] text: header names '{name}' twice; give it two names")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ConfigError(
                f"[columns] text: unknown encoding '{self.encoding}'; expected a name such as utf-16 or cp1252"
            ) from None

    @property
    def is_utf8(self) -> bool:
        """Whether polars reads it without recoding."""
        return codecs.lookup(self.encoding).name in {"utf-8", "utf-8-sig", "ascii"}


@dataclass(frozen=True, kw_only=True)
class ColumnsConfig:
    """Roles of the canonical table <- columns of the dump."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    event_time: TimeSpec
    """A column, {column, unit, origin}, {columns}, {column, format, timezone} or "row order"."""
    is_fraud: LabelSpec | None = None
    """A column, or {column, fraud, genuine, unknown}; left out for dumps without labels."""
    transaction_id: str | None = None
    """Identity; left out: made from the file and its row number."""
    amount: str | None = None
    """Money moved, in one currency."""
    label_time: TimeSpec | None = None
    """When the label became known, days and months with their end; left out: event_time + labels.delay_days."""
    fraud_type: str | None = None
    """Kind of fraud: breaks recall down; never a feature."""
    entities: Mapping[str, str] = field(default_factory=dict)
    """Name of the entity -> column. The first one is the card: intervals resample it."""
    numeric: tuple[str, ...] = ()
    """Numeric columns known at the time of the transaction."""
    categorical: tuple[str, ...] = ()
    """Categorical columns known at the time of the transaction."""
    ignore: tuple[str, ...] = ()
    """Columns that have no role, on purpose."""
    text: TextSpec = field(default_factory=TextSpec)
    """How text dumps are written, where it is not as usual: {separator, encoding, decimal, ...}."""

    def __post_init__(self) -> None:
        _check_roles(self)

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


def _check_roles(columns: ColumnsConfig) -> None:
    if columns.fraud_type in {*columns.numeric, *columns.categorical, *columns.entities.values()} - {None}:
        raise ConfigError(
            f"[columns]: '{columns.fraud_type}' is the fraud_type, which gives the label away; "
            "it must not be numeric, categorical or an entity as well. Take it out of there"
        )
    label = columns.is_fraud.column if columns.is_fraud else None
    features = [*columns.numeric, *columns.categorical, *columns.entities.values()]
    require(label is None or label not in features, f"[columns]: the label '{label}' must not be a feature as well")
    names = [*columns.entities, *columns.numeric, *columns.categorical]
    for name in names:
        require(names.count(name) == 1, f"[columns]: '{name}' has two roles; give it one")
        require(
            name not in RESERVED,
            f"[columns]: '{name}' is a word of the canonical table; an entity takes another name on the left, "
            'as card = "amount", another column must be renamed in the dump',
        )
    require(
        not (columns.event_time.column and columns.event_time.columns),
        "[columns]: event_time takes column or columns, not both",
    )
