"""Columns of a dump -> canonical columns."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.contract import ROLE_BITS, TIMESTAMP, UNREADABLE
from fraud.data.mapping.labels import read_label
from fraud.data.mapping.role import RoleExpressions
from fraud.data.mapping.times import read_time
from fraud.data.mapping.values import as_number, as_text
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.errors import ConfigError, DumpError
from fraud.text import nearest

ID_DIGITS = 16
"""Digits of the dump's SHA-256 that begin an identity made from file and row number."""


@dataclass(frozen=True)
class Mapped:
    """A dump in canonical columns, nothing left out yet."""

    frame: pl.LazyFrame
    """The canonical columns and ``UNREADABLE``."""
    expected: Mapping[str, str]
    """Role -> what its cells should hold, for messages."""
    sources: Mapping[str, tuple[str, ...]]
    """Role -> the columns it is read from."""
    labels_only: bool = False
    """Whether the dump has labels alone; the other columns are those of the stored transactions."""


def check_columns(source: Source, columns: ColumnsConfig) -> None:
    """See that the dump has every column that the mapping names.

    Raises:
        DumpError: one is missing; the message names the columns there are and the nearest.
    """
    missing = [column for column in columns.mapped() if column not in source.dtypes]
    if not missing:
        return
    label = columns.is_fraud.column if columns.is_fraud else None
    advice = "; for dumps without labels leave is_fraud out of [columns]" if missing[0] == label else ""
    raise DumpError(
        f"{source.dump.name}: column '{missing[0]}' is missing: expected it by [columns], found "
        f"{', '.join(source.columns)}; correct the mapping{advice}{nearest(missing[0], source.columns)}"
    )


def columns_without_role(source: Source, columns: ColumnsConfig) -> list[str]:
    """Columns of the dump that neither have a role nor are ignored on purpose."""
    return [column for column in source.columns if column not in {*columns.mapped(), *columns.ignore}]


def canonical_name(column: str, columns: ColumnsConfig) -> str | None:
    """The canonical column that is null wherever this column of the dump is empty, if there is one."""
    own: dict[str | None, str] = {
        columns.transaction_id: "transaction_id",
        columns.amount: "amount",
        columns.fraud_type: "fraud_type",
    }
    own |= {columns.event_time.column: "event_time", columns.is_fraud.column if columns.is_fraud else None: "is_fraud"}
    own |= {source: name for name, source in columns.entities.items()}
    own |= {name: name for name in (*columns.numeric, *columns.categorical)}
    return own.get(column)


def map_columns(
    source: Source, columns: ColumnsConfig, labels: LabelsConfig, *, sha256: str, row_offset: int
) -> Mapped:
    """The canonical columns of every row, lazily.

    ``row_offset`` is added to the row number where there is no time and row order replaces it.

    Raises:
        ConfigError: a time zone, an origin or a format cannot be.
        DumpError: a column does not fit its role.
    """
    if columns.event_time.is_row_order and columns.label_time:
        raise ConfigError('[columns]: label_time needs an event_time before it, found event_time = "row order"')
    roles = {"event_time": read_time(source, columns.event_time, role="event_time", row_offset=row_offset)}
    roles["is_fraud"] = RoleExpressions({}, pl.lit(None, dtype=pl.Boolean), pl.lit(value=False), "nothing")
    if columns.is_fraud:
        roles["is_fraud"] = read_label(source, columns.is_fraud)
    if columns.label_time:
        roles["label_time"] = read_time(source, columns.label_time, role="label_time", row_offset=row_offset)
    read = source.frame.select(expression.alias(name) for name, expression in _cells(source, columns, sha256, roles))
    frame = (
        read.with_columns(role.value.alias(name) for name, role in roles.items())
        .with_columns(unreadable(roles))
        .with_columns(label_time_or_default(has_column=columns.label_time is not None, delay_days=labels.delay_days))
    )
    return Mapped(
        frame=frame,
        expected={name: role.expected for name, role in roles.items()},
        sources=_sources(columns),
    )


def default_delay(columns: ColumnsConfig, labels: LabelsConfig) -> timedelta | None:
    """Used for a label_time that a dump leaves out; None where the data has no label_time at all."""
    return timedelta(days=labels.delay_days) if columns.label_time else None


def mapping_fingerprint(columns: ColumnsConfig, labels: LabelsConfig) -> str:
    """Digest of all settings by which a dump is read; those at their defaults do not count.

    It changes whenever the same dump may be read into other rows, but not where the configuration gets a new key.
    """
    settings = json.dumps([_changed_settings(columns), labels.delay_days], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:ID_DIGITS]


def _changed_settings(section: Any) -> Any:
    if not is_dataclass(section):
        return section
    values = {entry.name: (getattr(section, entry.name), _default(entry)) for entry in fields(section)}
    return {name: _changed_settings(value) for name, (value, default) in values.items() if value != default}


def _default(entry: Field[Any]) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()


def _sources(columns: ColumnsConfig) -> dict[str, tuple[str, ...]]:
    label = (columns.is_fraud.column,) if columns.is_fraud else ()
    label_time = columns.label_time.sources if columns.label_time else ()
    return {"event_time": columns.event_time.sources, "is_fraud": label, "label_time": label_time}


def _identity(source: Source, columns: ColumnsConfig, sha256: str) -> pl.Expr:
    if columns.transaction_id:
        return as_text(source, columns.transaction_id)
    return pl.format(f"{sha256[:ID_DIGITS]}-{{}}", pl.col(ROW_NUMBER))


def _cells(
    source: Source, columns: ColumnsConfig, sha256: str, roles: Mapping[str, RoleExpressions]
) -> Iterator[tuple[str, pl.Expr]]:
    """Name and expression of every column that is made from the dump alone."""
    yield "transaction_id", _identity(source, columns, sha256)
    if columns.amount:
        yield "amount", as_number(source, columns.amount)
    if columns.fraud_type:
        yield "fraud_type", as_text(source, columns.fraud_type)
    yield from ((name, as_text(source, column)) for name, column in columns.entities.items())
    yield from ((column, as_number(source, column, nan_is_missing=True)) for column in columns.numeric)
    yield from ((column, as_text(source, column)) for column in columns.categorical)
    for role in roles.values():
        yield from role.cells.items()
    yield "dump", pl.lit(sha256)
    yield "dump_row", pl.col(ROW_NUMBER).cast(pl.Int64)


def label_time_or_default(*, has_column: bool, delay_days: float) -> pl.Expr:
    """``label_time``, null where there is no label; ``delay_days`` after the event where the dump leaves it out."""
    default = pl.col("event_time") + pl.lit(timedelta(days=delay_days))
    moment = pl.coalesce(pl.col("label_time"), default) if has_column else default
    return pl.when(pl.col("is_fraud").is_not_null()).then(moment).cast(TIMESTAMP).alias("label_time")


def unreadable(roles: Mapping[str, RoleExpressions]) -> pl.Expr:
    """Bit set of the roles whose cell is filled and cannot be read."""
    bits = [pl.when(role.unreadable).then(ROLE_BITS[name]).otherwise(0).cast(pl.UInt8) for name, role in roles.items()]
    return pl.sum_horizontal(bits).cast(pl.UInt8).alias(UNREADABLE)
