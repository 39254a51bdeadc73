"""Small dumps and a workspace to put them into."""

from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.data.ingest import IngestResult, ingest_dumps
from fraud.data.store.table import TransactionStore
from fraud.workspace import Workspace

HEADER = "id,when,amount,fraud,card"
ROWS = ("a,2018-04-01 00:00:31,57.16,0,596", "b,2018-04-01 00:02:10,81.51,1,4961", "c,2018-04-02 10:00:00,146.0,0,596")


class Desk:
    """A workspace, a mapping and somewhere to write dumps: what most tests of ingestion need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder / "workspace")
        self.labels = LabelsConfig(delay_days=7)
        self.columns = ColumnsConfig(
            transaction_id="id",
            event_time=TimeSpec(column="when"),
            amount="amount",
            is_fraud=LabelSpec(column="fraud"),
            entities={"card": "card"},
        )

    @property
    def folder_of_table(self) -> Path:
        return self.workspace.store("small")

    @property
    def store(self) -> TransactionStore:
        return TransactionStore(self.workspace.store("small"))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def csv(self, *rows: str, name: str = "dump.csv", header: str = HEADER) -> Path:
        return self.write(name, "\n".join([header, *rows]) + "\n")

    def ingest(self, *paths: str | Path, **changes: object) -> IngestResult:
        settings = {"columns": self.columns, "labels": self.labels} | changes
        return ingest_dumps(paths, dataset="small", workspace=self.workspace, **settings)

    def stored(self, *columns: str) -> pl.DataFrame:
        frame = self.store.scan().collect().sort("transaction_id")
        return frame.select(columns) if columns else frame.drop("dump", "dump_row")

    def quarantined(self) -> pl.DataFrame:
        files = sorted(self.workspace.quarantine("small").glob("*.parquet"))
        return pl.concat([pl.read_parquet(file) for file in files]).sort("dump_row")
