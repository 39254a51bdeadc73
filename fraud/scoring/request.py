"""The transactions to score, and the stored ones that their features need."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self

import polars as pl

from fraud.features import start_of_day


@dataclass(frozen=True, kw_only=True)
class ScoringRequest:
    """Transactions to score, and the history that their features need."""

    rows: pl.DataFrame
    """``transaction_id`` and the ``event_time`` as of which each is scored, in the order of time."""
    history: pl.LazyFrame
    """The stored transactions and, without labels, those that are not stored."""
    unseen: pl.LazyFrame
    """Those of ``history`` that are not stored."""

    @classmethod
    def among(cls, new: pl.LazyFrame, stored: pl.LazyFrame, scratch: Path) -> Self:
        """Compare the new transactions with the stored ones, once.

        In memory are only ids and times of the new ones.

        Args:
            new: canonical transactions; each once.
            stored: canonical transactions of the store; a new one that is stored already counts as stored.
            scratch: an empty folder, which must last as long as ``history``.
        """
        scratch.mkdir(parents=True, exist_ok=True)
        found = stored.select("transaction_id", "event_time").join(
            new.select("transaction_id"), on="transaction_id", how="semi"
        )
        known = found.collect(engine="streaming")
        unseen = new.join(known.lazy(), on="transaction_id", how="anti").with_columns(
            is_fraud=pl.lit(None, pl.Boolean), label_time=pl.lit(None, pl.Datetime("us", "UTC"))
        )
        known_columns = stored.collect_schema()
        columns = [name for name in unseen.collect_schema() if name in known_columns]
        unseen.select(columns).sink_parquet(scratch / "unseen.parquet", compression="lz4", engine="streaming")
        unseen = pl.scan_parquet(scratch / "unseen.parquet")
        return cls(
            rows=pl.concat([known, unseen.select(known.columns).collect()]).sort("event_time"),
            history=pl.concat([stored.select(columns), unseen]),
            unseen=unseen,
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def days(self) -> Collection[date]:
        """The days (UTC) on which they were made."""
        days: list[date] = self.rows["event_time"].dt.date().unique().to_list()
        return days

    def rows_in(self, piece: pl.DataFrame) -> pl.DataFrame:
        """The rows of a piece that are to be scored, in its order.

        Args:
            piece: whole days, in order of time, with transaction_id and event_time.
        """
        times = self.rows["event_time"]
        days = piece["event_time"].dt.date()
        first, end = (int(times.search_sorted(start_of_day(*day), side="left")) for day in ((days[0],), (days[-1], 1)))
        ids = self.rows[first:end].select("transaction_id")
        return piece.join(ids, on="transaction_id", how="semi", maintain_order="left")

    def late(self, until: datetime) -> int:
        """Number of transactions before a moment that are not stored."""
        before = self.unseen.filter(pl.col("event_time") < until).select(pl.len())
        return int(before.collect(engine="streaming").item())
