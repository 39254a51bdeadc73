"""One dump, validated, as a Parquet file of canonical rows that is ready to be stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.contract import ROLE_BITS, UNREADABLE, canonical_dtypes, staged_schema
from fraud.data.findings import Finding
from fraud.data.mapping.columns import (
    Mapped,
    canonical_name,
    check_columns,
    columns_without_role,
    default_delay,
    map_columns,
    mapping_fingerprint,
)
from fraud.data.reading.delimited import find_short_line
from fraud.data.reading.files import Dump
from fraud.data.reading.source import Source, explain_read_errors, open_source
from fraud.data.staging.duplicates import find_duplicates
from fraud.data.staging.late_labels import describe_unknown, map_labels
from fraud.data.staging.pseudonyms import Pseudonyms
from fraud.data.staging.quarantine import check_not_all_broken, count_rules, quarantine
from fraud.data.store.manifests import DumpManifest
from fraud.data.store.parquet import count_nulls, count_rows, sink_rows, write_rows
from fraud.errors import DumpError
from fraud.text import counted

DELIMITED = ("csv", "tsv")


@dataclass(frozen=True)
class StagedDump:
    """A validated dump on its way into the store."""

    rows: Path
    """Parquet file of the valid rows, canonical columns only."""
    quarantine: Path | None
    """Parquet file of the rejected rows, None if there are none."""
    manifest: DumpManifest
    without_role: tuple[str, ...]
    """Columns without a role in the mapping."""
    findings: tuple[Finding, ...] = ()
    labels_only: bool = False


def open_dump(dump: Dump, folder: Path, *, columns: ColumnsConfig, pseudonyms: Pseudonyms | None) -> Source:
    """The dump, open, with pseudonyms where they are wanted.

    Raises:
        DumpError: it is empty, truncated or not of its format.
        StoreError: ``folder`` cannot be written.
    """
    source = open_source(dump, needed=columns.mapped(), scratch=folder, text=columns.text)
    return pseudonyms.hide(source, columns) if pseudonyms else source


def stage_dump(
    dump: Dump,
    folder: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    sha256: str,
    row_offset: int,
    pseudonyms: Pseudonyms | None = None,
) -> StagedDump:
    """Read, map and validate one dump of transactions into files in ``folder``, which exists and is empty.

    Raises:
        ConfigError: the mapping cannot be.
        DumpError: the dump cannot be read or mapped.
        StoreError: ``folder`` cannot be written.
    """
    source = open_dump(dump, folder, columns=columns, pseudonyms=pseudonyms)
    return stage_transactions(source, folder, columns=columns, labels=labels, sha256=sha256, row_offset=row_offset)


def stage_transactions(
    source: Source, folder: Path, *, columns: ColumnsConfig, labels: LabelsConfig, sha256: str, row_offset: int
) -> StagedDump:
    """As ``stage_dump``, for a dump that is open already."""
    with explain_read_errors(source.dump):
        check_columns(source, columns)
        mapped = map_columns(source, columns, labels, sha256=sha256, row_offset=row_offset)
        return _stage(source, mapped, folder, columns=columns, labels=labels, sha256=sha256)


def stage_labels(
    source: Source,
    folder: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    sha256: str,
    stored: Sequence[pl.LazyFrame],
) -> StagedDump:
    """As ``stage_dump``, for an open dump of labels alone.

    Args:
        source: the dump.
        folder: exists and is empty.
        columns: the mapping.
        labels: when a label without label_time becomes known.
        sha256: of the dump.
        stored: canonical transactions of the labels; of one that is in several frames the last one counts.

    Raises:
        ConfigError: the mapping cannot be.
        DumpError: the dump cannot be read or mapped, or none of its transactions is stored.
        StoreError: ``folder`` cannot be written.
    """
    with explain_read_errors(source.dump):
        mapped = map_labels(source, columns, labels, sha256=sha256, stored=stored)
        return _stage(source, mapped, folder, columns=columns, labels=labels, sha256=sha256)


def _stage(
    source: Source, mapped: Mapped, folder: Path, *, columns: ColumnsConfig, labels: LabelsConfig, sha256: str
) -> StagedDump:
    valid, broken = folder / "valid.parquet", folder / "broken.parquet"
    nul = source.dump.format not in DELIMITED  # of delimited text every byte was checked
    schema = staged_schema(columns, labels_only=mapped.labels_only, may_hold_nul=nul)
    _split(mapped.frame, valid, broken, schema=schema, columns=columns)
    _check_no_short_line(source, valid, broken, columns=columns)
    _check_readable(source, mapped, broken)
    findings: tuple[Finding, ...] = ()
    if mapped.labels_only:
        unknown = describe_unknown(source, broken, rows=count_rows(valid) + count_rows(broken))
        findings = (Finding("warning", unknown),) if unknown else ()
    known_column = "label_time" if mapped.labels_only else "event_time"
    staged = _staged(
        source, folder, valid, broken, columns=columns, labels=labels, sha256=sha256, known_column=known_column
    )
    return replace(staged, findings=findings, labels_only=mapped.labels_only)


def _split(mapped: pl.LazyFrame, valid: Path, broken: Path, *, schema: type[dy.Schema], columns: ColumnsConfig) -> None:
    """Valid rows to one file, broken ones to the other, in one pass."""
    result = schema.filter(mapped)
    rows = result.result.lazy().select(*canonical_dtypes(columns))
    # NOTE: dataframely's own sink of the failures cannot share the pass over the dump with that of the rows.
    failures = result.failure._lf.sink_parquet(broken, lazy=True, compression="lz4")
    pl.collect_all([sink_rows(rows, valid), failures], engine="streaming")


def _check_no_short_line(source: Source, valid: Path, broken: Path, *, columns: ColumnsConfig) -> None:
    """See that no line of text has fewer fields than the header, which polars would fill up.

    Only where the last column has an empty cell may a line have been short; then the lines are counted through.

    Raises:
        DumpError: one has.
    """
    if source.dump.format not in DELIMITED:
        return
    stored = canonical_name(source.columns[-1], columns)
    if stored and not any(count_nulls(path, stored) for path in (valid, broken)):
        return
    if line := find_short_line(source.dump, len(source.columns)):
        raise DumpError(f"{source.dump.name}: {line}; fix the file")


def _check_readable(source: Source, mapped: Mapped, broken: Path) -> None:
    unread = pl.scan_parquet(broken).filter(pl.col(UNREADABLE) != 0).select("dump_row", UNREADABLE)
    first = unread.sort("dump_row").head(1).collect(engine="streaming")
    if first.is_empty():
        return
    row, bits = first.row(0)
    role = next(role for role, bit in ROLE_BITS.items() if bits & bit)
    more = unread.select(pl.len()).collect(engine="streaming").item() - 1
    cells = source.rows([row]).select(mapped.sources[role]).collect().row(0)
    found = " ".join(str(cell) for cell in cells)
    others = f" (and {counted(more, 'more row')})" if more else ""
    raise DumpError(
        f"{source.dump.name}: row {row}: {role} is '{found}'{others}, expected {mapped.expected[role]}; "
        f"fix the dump or set in [columns] how {role} is written"
    )


def _staged(
    source: Source,
    folder: Path,
    valid: Path,
    broken: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    sha256: str,
    known_column: str,
) -> StagedDump:
    twice = find_duplicates(valid, broken, default_delay=default_delay(columns, labels))
    leaving = pl.concat([twice.repeated, twice.conflicting])
    rows, rejected = valid, folder / "quarantine.parquet"
    if len(leaving):
        rows = folder / "rows.parquet"
        write_rows(pl.scan_parquet(valid).join(leaving.to_frame().lazy(), on="dump_row", how="anti"), rows)
    counts = count_rules(broken, twice.conflicting)
    total = count_rows(valid) + count_rows(broken)
    if total == 0:
        raise DumpError(f"{source.dump.name}: a header but no rows: expected at least one; fetch the dump again")
    check_not_all_broken(source, counts, rows=total, columns=columns)
    facts = _facts(rows, known_column)
    n_rejected = quarantine(source, broken, twice.conflicting, rejected) if counts else 0
    manifest = DumpManifest(
        file=source.dump.path.name,
        sha256=sha256,
        rejected=n_rejected,
        rejected_by_rule=counts,
        repeated=len(twice.repeated),
        mapping=mapping_fingerprint(columns, labels),
        **(facts | {"rows": total}),
    )
    without_role = tuple(columns_without_role(source, columns))
    return StagedDump(rows, rejected if n_rejected else None, manifest, without_role)


def _facts(path: Path, known_column: str) -> dict[str, Any]:
    facts = pl.scan_parquet(path).select(
        rows=pl.len(),
        first_event=pl.col("event_time").min(),
        last_event=pl.col("event_time").max(),
        labelled=pl.col("is_fraud").count(),
        frauds=pl.col("is_fraud").sum(),
        first_known=pl.col(known_column).min(),
    )
    return facts.collect(engine="streaming").row(0, named=True)
