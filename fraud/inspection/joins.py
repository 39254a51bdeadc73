"""Dumps with different columns: transactions in one file, their labels or identities in another."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from fraud.data import ROW_NUMBER, explain_read_errors, recognise_dump
from fraud.errors import DumpError
from fraud.inspection.reading.sample import FILE, columns_of, read_sample
from fraud.inspection.roles.label import FRAUD_WORDS, is_named_as_label
from fraud.inspection.roles.names import REPORTED, hints

LISTED = "listed_as_fraud"
"""Column that is 1 for the transactions in a joined list of frauds."""


def check_same_columns(paths: Sequence[Path], scratch: Path) -> None:
    """Check that all dumps have the same columns.

    Raises:
        DumpError: they do not; the message states what to do.
    """
    groups = _groups(paths, scratch) if len(paths) > 1 else {}
    if len(groups) < 2:
        return
    first, second = list(groups)[:2]
    key = _key(first, second)
    advice = f"join them on {key} with --join joined.parquet" if key else "inspect them one kind at a time"
    raise DumpError(
        f"{groups[second][0]}: expected the columns of {groups[first][0].name} ({', '.join(first[:8])}), found "
        f"{', '.join(second[:8])}; {advice}"
    )


def join_dumps(paths: Sequence[Path], target: Path, scratch: Path) -> str:
    """Write dumps with different columns as one Parquet file, joined on the identity they share.

    The dumps with the most columns are the transactions, none of which is lost. The columns of the others are added,
    and for a list of frauds alone a column that marks these.

    Returns:
        A sentence that states what was joined.

    Raises:
        DumpError: they share no identity, or an identity comes twice in what is joined to the transactions.
    """
    groups = _groups(paths, scratch)
    if len(groups) < 2:
        raise DumpError(
            f"{paths[0]}: nothing to join: expected dumps of different columns, found one kind; leave --join out"
        )
    transactions, *kinds = sorted(groups, key=len, reverse=True)
    main = groups[transactions][0]
    joined = _rows(groups[transactions], scratch / "kind-0")
    added = []
    for number, kind in enumerate(kinds, start=1):
        key, path = _key(transactions, kind), groups[kind][0]
        if key is None:
            raise DumpError(
                f"{path}: expected a column of {main.name} to join on, found none; give the identity the same name in "
                "both"
            )
        other, mark = _rows(groups[kind], scratch / f"kind-{number}"), None
        _check_unique(other, key, path)
        if _lists_frauds(kind, key, path):
            mark = _free_name(LISTED, (*transactions, *kind))
            other = other.with_columns(pl.lit(1, pl.Int8).alias(mark))
        joined = joined.join(other, on=key, how="left", suffix="_2", maintain_order="left")
        added.append(f"{path.name} on {key}" + (f", whose rows are marked as {mark}" if mark else ""))
    with explain_read_errors(recognise_dump(paths[0])):
        joined.sink_parquet(target)
    rows = pl.scan_parquet(target).select(pl.len()).collect().item()
    return f"joined {' and '.join(added)} to {main.name}: {rows:,} rows in {target}"


def _rows(paths: Sequence[Path], scratch: Path) -> pl.LazyFrame:
    return read_sample(paths, scratch).source.frame.drop(ROW_NUMBER, FILE)


def _check_unique(frame: pl.LazyFrame, key: str, path: Path) -> None:
    repeated = frame.select(pl.col(key).is_duplicated().sum()).collect().item()
    if repeated:
        raise DumpError(
            f"{path}: expected one row for each {key}, found {repeated:,} rows that share theirs with another one; "
            "remove the repeats"
        )


def _lists_frauds(columns: Sequence[str], key: str, path: Path) -> bool:
    """Whether a dump is a list of frauds: by the name of the file or a time of reports in it, and without a label."""
    if any(is_named_as_label(name) for name in columns if name != key):
        return False
    rest = [name for name in columns if name != key]
    named = FRAUD_WORDS.search(path.name.split(".")[0])
    return bool(named) or any(hints(name, REPORTED) for name in rest)


def _free_name(wanted: str, taken: Sequence[str]) -> str:
    return wanted if wanted not in taken else _free_name(f"{wanted}_2", taken)


def _groups(paths: Sequence[Path], scratch: Path) -> Mapping[tuple[str, ...], list[Path]]:
    groups: dict[tuple[str, ...], list[Path]] = {}
    for number, path in enumerate(paths):
        groups.setdefault(columns_of(path, scratch / f"columns-{number}"), []).append(path)
    return groups


def _key(first: Sequence[str], second: Sequence[str]) -> str | None:
    shared = [name for name in first if name in second]
    named = [name for name in shared if hints(name, {"id", "transactionid", "transid", "txid", "num", "number", "ref"})]
    return next(iter(named or shared), None)
