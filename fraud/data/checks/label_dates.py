"""Labels whose time is so long after all events that it can hardly be when they became known."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import polars as pl

from fraud.data.findings import Finding
from fraud.data.mapping.label_precedence import presumed
from fraud.data.staging.stage import StagedDump
from fraud.text import counted

FAR_LABEL = timedelta(days=366)
"""After the last event: a dump that was made later would have newer events too."""


def find_far_labels(
    staged: Sequence[StagedDump], last_event: datetime | None, *, default_delay: timedelta | None
) -> Iterator[Finding]:
    """Dumps with labels whose label_time is more than a year after the last event.

    They are stored as they came, as 9999-12-31 means "never" in many systems, but may be mistakes.

    Args:
        staged: validated dumps, not stored yet.
        last_event: of the store before them; None where nothing is stored.
        default_delay: used for a label_time that is left out; None where the data has no label_time at all.
    """
    ends = [moment for moment in (last_event, *(dump.manifest.last_event for dump in staged)) if moment is not None]
    if default_delay is None or not ends:
        return
    last = max(ends)
    far = (pl.col("label_time") > last + FAR_LABEL) & ~presumed(default_delay)
    for dump in staged:
        rows = pl.scan_parquet(dump.rows).filter(far).select("dump_row", "label_time")
        found = rows.sort("dump_row").collect(engine="streaming")
        if len(found):
            row, moment = found.row(0)
            yield Finding(
                "warning",
                f"{dump.manifest.file}: label_time of {counted(len(found), 'label')} is more than a year after the "
                f"last event ({last:%Y-%m-%d}), first in row {row}: {moment:%Y-%m-%d}; no label is used before its "
                "label_time: correct the dump or [columns] label_time unless that is meant",
            )
