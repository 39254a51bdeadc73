"""Dumps of labels alone: ``transaction_id``, ``is_fraud`` and at most ``label_time`` and ``fraud_type``.

Each label joins what is stored of its transaction and goes the way of every other row, so that the rules by which one
label stands against another are the same.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.contract import KNOWN_RULE, canonical_dtypes
from fraud.data.mapping.columns import Mapped, label_time_or_usual, unreadable
from fraud.data.mapping.labels import read_label
from fraud.data.mapping.role import RoleExpressions
from fraud.data.mapping.times import read_time
from fraud.data.mapping.values import as_text
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.errors import ConfigError, DumpError

NAMED = 3
"""Unknown identities that a message names."""
OF_THE_LABEL = ("transaction_id", "is_fraud", "label_time", "fraud_type", "dump", "dump_row")
"""Canonical columns that a dump of labels tells itself."""


def is_labels_only(source: Source, columns: ColumnsConfig) -> bool:
    """Whether the dump has identities and labels, and none of the columns that tell a transaction.

    False where the mapping has no other columns, as a transaction looks just so there.
    """
    if columns.transaction_id is None or columns.is_fraud is None:
        return False
    said = {columns.transaction_id, columns.is_fraud.column, columns.fraud_type}
    said |= set(columns.label_time.sources) if columns.label_time else set()
    others = [column for column in columns.mapped() if column not in said]
    told = columns.transaction_id in source.dtypes and columns.is_fraud.column in source.dtypes
    return told and bool(others) and not any(column in source.dtypes for column in others)


def map_labels(
    source: Source,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    *,
    sha256: str,
    stored: Sequence[pl.LazyFrame],
) -> Mapped:
    """The canonical columns of every label: its own, and those of its transaction; lazily but for the latter.

    Args:
        source: the dump, of which ``is_labels_only`` holds.
        columns: the mapping.
        labels: when a label is known that does not say so.
        sha256: of the dump.
        stored: canonical transactions; what a later frame holds of one stands.

    Raises:
        ConfigError: labels have times of their own, and transactions have none.
        DumpError: a column cannot be what its role asks.
    """
    if columns.event_time.is_row_order and columns.label_time:
        raise ConfigError('[columns]: label_time needs an event_time to stand after, found event_time = "row order"')
    readings = _readings(source, columns)
    own = {"transaction_id": as_text(source, columns.transaction_id or "")}
    if columns.fraud_type:
        has_type = columns.fraud_type in source.dtypes
        own["fraud_type"] = as_text(source, columns.fraud_type) if has_type else pl.lit(None, dtype=pl.String)
    cells = {name: cell for reading in readings.values() for name, cell in reading.cells.items()}
    read = source.frame.select(**own, **cells, dump=pl.lit(sha256), dump_row=pl.col(ROW_NUMBER).cast(pl.Int64))
    rest = _transactions(stored, read.select(pl.col("transaction_id").drop_nulls().unique()), columns)
    frame = (
        read.join(rest.lazy(), on="transaction_id", how="left", maintain_order="left")
        .with_columns(reading.value.alias(role) for role, reading in readings.items())
        .with_columns(unreadable(readings))
        .with_columns(label_time_or_usual(has_column="label_time" in readings, delay_days=labels.delay_days))
    )
    return Mapped(
        frame=frame,
        expected={role: reading.expected for role, reading in readings.items()},
        sources={
            "is_fraud": (columns.is_fraud.column,) if columns.is_fraud else (),
            "label_time": columns.label_time.sources if columns.label_time else (),
        },
        labels_only=True,
    )


def describe_unknown(source: Source, broken: Path, *, rows: int) -> str | None:
    """Says how many labels are of transactions that are not stored, and names a few; None where there are none.

    Args:
        source: the dump of labels.
        broken: Parquet file of the rows that dataframely rejected, one boolean column a rule.
        rows: of the dump.

    Raises:
        DumpError: none of its transactions is stored.
    """
    unknown = pl.scan_parquet(broken).filter(~pl.col(KNOWN_RULE)).sort("dump_row").select("transaction_id")
    ids = unknown.unique(maintain_order=True).collect().to_series()
    labels = int(unknown.select(pl.len()).collect().item())
    if not labels:
        return None
    named = ", ".join(f"'{name}'" for name in ids.head(NAMED)) + (", ..." if len(ids) > NAMED else "")
    if labels == rows:
        raise DumpError(
            f"{source.dump.name}: labels alone, and none of its {len(ids):,} transactions is stored, found {named}; "
            "ingest the transactions first, or see that [columns] transaction_id is the same in both"
        )
    return (
        f"{source.dump.path.name}: {labels:,} of {rows:,} labels are of transactions that are not stored ({named}): "
        "see the quarantine; once they are stored, ingest this dump again"
    )


def _readings(source: Source, columns: ColumnsConfig) -> dict[str, RoleExpressions]:
    readings = {"is_fraud": read_label(source, columns.is_fraud)} if columns.is_fraud else {}
    if columns.label_time and all(column in source.dtypes for column in columns.label_time.sources):
        readings["label_time"] = read_time(source, columns.label_time, role="label_time", row_offset=0)
    return readings


def _transactions(stored: Sequence[pl.LazyFrame], ids: pl.LazyFrame, columns: ColumnsConfig) -> pl.DataFrame:
    """What is stored of these transactions, but for their labels: in memory, as labels come later and are fewer."""
    dtypes = {name: dtype for name, dtype in canonical_dtypes(columns).items() if name not in OF_THE_LABEL[1:]}
    wanted = ids.collect(engine="streaming").lazy()
    found = [rows.select(*dtypes).join(wanted, on="transaction_id", how="semi") for rows in stored]
    told = [pl.DataFrame(schema=dtypes), *(rows.collect(engine="streaming") for rows in found)]
    return pl.concat(told).unique("transaction_id", keep="last", maintain_order=True)
