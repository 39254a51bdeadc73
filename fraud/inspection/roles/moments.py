"""Times and labels of all rows that are read, by the clock and the label that were found."""

import polars as pl

from fraud.config import TimeSpec
from fraud.data import ROW_NUMBER, TIMESTAMP, read_time
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock, times_of
from fraud.inspection.roles.label import Label, label_codes


def read_moments(sample: Sample, clock: Clock, label: Label | None, reported: TimeSpec | None) -> pl.DataFrame:
    """event_time, is_fraud and label_time of all rows that are read, by time; null where they cannot be read."""
    cells, reading = times_of(sample, clock)
    codes, value = label_codes(sample, label) if label else ([], pl.lit(None, pl.Boolean))
    report_cells: list[pl.Expr] = []
    label_time = pl.lit(None, TIMESTAMP)
    if reported is not None:
        found = read_time(sample.source, reported, role="label_time", row_offset=0)
        report_cells, label_time = [cell.alias(name) for name, cell in found.cells.items()], found.value
    rows = sample.source.frame.select(*cells, *codes, *report_cells, ROW_NUMBER).with_row_index("dump_row", offset=1)
    timed = rows.select(event_time=reading.value, is_fraud=value, label_time=label_time).collect(engine="streaming")
    return timed if timed["event_time"].is_sorted() else timed.sort("event_time", maintain_order=True)
