"""Parquet files as the store keeps them."""

from pathlib import Path

import polars as pl

COMPRESSION_LEVEL = 1


def write_rows(frame: pl.LazyFrame, path: Path) -> None:
    """Stream the rows into one file."""
    sink_rows(frame, path).collect(engine="streaming")


def sink_rows(frame: pl.LazyFrame, path: Path) -> pl.LazyFrame:
    """As ``write_rows``, but when the result is collected, so that several files share one pass over their source."""
    return frame.sink_parquet(path, lazy=True, compression="zstd", compression_level=COMPRESSION_LEVEL)


def count_rows(path: Path | str) -> int:
    """Number of rows in the file, from its footer."""
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def count_nulls(path: Path, column: str) -> int:
    """Number of rows in which the column is null."""
    return int(pl.scan_parquet(path).select(pl.col(column).null_count()).collect(engine="streaming").item())
