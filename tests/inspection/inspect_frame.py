"""Inspect a frame as if it were a dump."""

from pathlib import Path

import polars as pl
from sample_dumps import handbook

from fraud.inspection import Inspection, inspect_dumps


def inspect_frame(frame: pl.DataFrame, folder: Path, *, kind: str = "csv", **options: object) -> Inspection:
    """What an inspection finds in these rows, written to ``dump.csv`` or ``dump.parquet`` of the folder."""
    path = folder / f"dump.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return inspect_dumps([path], folder / "scratch", **options)  # type: ignore[arg-type]


def unfamiliar(rows: int) -> pl.DataFrame:
    """The sample dump of the handbook under names that are those of no known data set."""
    names = ["ref_id", "booked_at", "client", "terminal_no", "sum_paid", "outcome_fraud"]
    frame = handbook(rows=rows).drop("TX_FRAUD_SCENARIO")
    return frame.rename(dict(zip(frame.columns, names, strict=True)))
