"""Dumps of labels alone: ``transaction_id``, ``is_fraud`` and at most ``label_time`` and ``fraud_type``.

Each label is joined to its stored transaction and then handled as any other row, so that the same rules decide which
of two labels wins.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.contract import KNOWN_RULE, canonical_dtypes
from fraud.data.mapping.columns import Mapped, label_time_or_default, unreadable
from fraud.data.mapping.labels import read_label
from fraud.data.mapping.role import RoleExpressions
from fraud.data.mapping.times import read_time
from fraud.data.mapping.values import as_text
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.errors import ConfigError, DumpError

NAMED_AT_MOST = 3
"""Unknown identities in a message."""
OWN_COLUMNS = ("transaction_id", "is_fraud", "label_time", "fraud_type", "dump", "dump_row")
"""Canonical columns that come from a dump of labels itself."""


def is_labels_only(source: Source, columns: ColumnsConfig) -> bool:
    """Whether the dump has identities and labels, and no other column of a transaction.

    False where the mapping has no other columns: then every dump would be one of labels alone.
    """
    if columns.transaction_id is None or columns.is_fraud is None:
        return False
    own = {columns.transaction_id, columns.is_fraud.column, columns.fraud_type}
    own |= set(columns.label_time.sources) if columns.label_time else set()
    others = [column for column in columns.mapped() if column not in own]
    has_labels = columns.transaction_id in source.dtypes and columns.is_fraud.column in source.dtypes
    return has_labels and bool(others) and not any(column in source.dtypes for column in others)


def map_labels(
    source: Source,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    *,
    sha256: str,
    stored: Sequence[pl.LazyFrame],
) -> Mapped:
    """The canonical columns of every label, lazily: its own, and those of its stored transaction, read at once.

    Args:
        source: the dump, of which ``is_labels_only`` holds.
        columns: the mapping.
        labels: when a label without label_time becomes known.
        sha256: of the dump.
        stored: canonical transactions; of one that is in several frames the last one counts.

    Raises:
        ConfigError: labels have times of their own, and transactions have none.
        DumpError: a column does not fit its role.
    """
    if columns.event_time.is_row_order and columns.label_time:
        raise ConfigError('[columns]: label_time needs an event_time before it, found event_time = "row order"')
    roles = _roles(source, columns)
    own = {"transaction_id": as_text(source, columns.transaction_id or "")}
    if columns.fraud_type:
        has_type = columns.fraud_type in source.dtypes
        own["fraud_type"] = as_text(source, columns.fraud_type) if has_type else pl.lit(None, dtype=pl.String)
    cells = {name: cell for role in roles.values() for name, cell in role.cells.items()}
    read = source.frame.select(**own, **cells, dump=pl.lit(sha256), dump_row=pl.col(ROW_NUMBER).cast(pl.Int64))
    rest = _transactions(stored, read.select(pl.col("transaction_id").drop_nulls().unique()), columns)
    frame = (
        read.join(rest.lazy(), on="transaction_id", how="left", maintain_order="left")
        .with_columns(role.value.alias(name) for name, role in roles.items())
        .with_columns(unreadable(roles))
        .with_columns(label_time_or_default(has_column="label_time" in roles, delay_days=labels.delay_days))
    )
    return Mapped(
        frame=frame,
        expected={name: role.expected for name, role in roles.items()},
        sources={
            "is_fraud": (columns.is_fraud.column,) if columns.is_fraud else (),
            "label_time": columns.label_time.sources if columns.label_time else (),
        },
        labels_only=True,
    )


def describe_unknown(source: Source, broken: Path, *, rows: int) -> str | None:
    """A sentence on the labels of transactions that are not stored: how many, and some ids; None where there are none.

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
    named = ", ".join(f"'{name}'" for name in ids.head(NAMED_AT_MOST)) + (", ..." if len(ids) > NAMED_AT_MOST else "")
    if labels == rows:
        raise DumpError(
            f"{source.dump.name}: labels alone, and none of its {len(ids):,} transactions is stored, found {named}; "
            "ingest the transactions first, or see that [columns] transaction_id is the same in both"
        )
    return (
        f"{source.dump.path.name}: {labels:,} of {rows:,} labels are of transactions that are not stored ({named}): "
        "see the quarantine; once they are stored, ingest this dump again"
    )


def _roles(source: Source, columns: ColumnsConfig) -> dict[str, RoleExpressions]:
    roles = {"is_fraud": read_label(source, columns.is_fraud)} if columns.is_fraud else {}
    if columns.label_time and all(column in source.dtypes for column in columns.label_time.sources):
        roles["label_time"] = read_time(source, columns.label_time, role="label_time", row_offset=0)
    return roles


def _transactions(stored: Sequence[pl.LazyFrame], ids: pl.LazyFrame, columns: ColumnsConfig) -> pl.DataFrame:
    """The stored transactions of these ids without their labels; in memory, as late labels are few."""
    dtypes = {name: dtype for name, dtype in canonical_dtypes(columns).items() if name not in OWN_COLUMNS[1:]}
    wanted = ids.collect(engine="streaming").lazy()
    found = [rows.select(*dtypes).join(wanted, on="transaction_id", how="semi") for rows in stored]
    frames = [pl.DataFrame(schema=dtypes), *(rows.collect(engine="streaming") for rows in found)]
    return pl.concat(frames).unique("transaction_id", keep="last", maintain_order=True)
