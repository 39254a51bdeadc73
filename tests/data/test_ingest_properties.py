"""What must hold for every dump: its rows may come in any order, in any pieces, any number of times."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.data.ingest import ingest_dumps
from fraud.data.store.table import TransactionStore
from fraud.workspace import Workspace

COLUMNS = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when", unit="s"),
    amount="amount",
    is_fraud=LabelSpec(column="fraud"),
    label_time=TimeSpec(column="reported", unit="s"),
    entities={"card": "card"},
)
ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d", "e", ""]),
        "when": st.sampled_from(["10", "20", ""]),
        "amount": st.sampled_from(["1", "2.5", "nan", ""]),
        "fraud": st.sampled_from(["0", "1", ""]),
        "reported": st.sampled_from(["15", "30", ""]),
        "card": st.sampled_from(["x", "y", ""]),
    }
).filter(lambda row: any(row.values()))  # an empty line is no row
SHUFFLED = st.lists(ROW, min_size=1, max_size=9).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
QUICK = examples(25)


def content_after(*dumps: list[dict[str, str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stored and quarantined content after these dumps, without where they came from."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        for number, rows in enumerate(dumps):
            path = Path(folder) / f"{number}.csv"
            pl.DataFrame(rows).write_csv(path)
            ingest_dumps([path], dataset="d", columns=COLUMNS, labels=LabelsConfig(), workspace=workspace)
        stored = TransactionStore(workspace.store("d")).scan().drop("dump", "dump_row").collect()
        aside = [pl.read_parquet(path).drop("dump_row") for path in workspace.quarantine("d").glob("*.parquet")]
    names = [*COLUMNS.mapped(), "rules"]
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String)).with_columns(
        rules=pl.lit([], dtype=pl.List(pl.String))
    )
    return stored.sort("transaction_id"), pl.concat([empty, *(frame.select(names) for frame in aside)]).sort(pl.all())


@QUICK
@given(SHUFFLED)
def test_the_order_of_rows_within_a_dump_never_matters(orders):
    (stored, aside), (stored_too, aside_too) = (content_after(rows) for rows in orders)
    assert_frame_equal(stored, stored_too)
    assert_frame_equal(aside, aside_too)


@QUICK
@given(SHUFFLED)
def test_the_same_rows_again_in_any_order_change_nothing(orders):
    rows, again = orders
    assert_frame_equal(content_after(rows)[0], content_after(rows, again)[0])


@QUICK
@given(st.lists(ROW, min_size=1, max_size=6), st.lists(ROW, min_size=1, max_size=6))
def test_a_known_label_is_never_lost_and_the_contract_holds_after_every_dump(first, second):
    before, after = content_after(first)[0], content_after(first, second)[0]
    known = before.filter(pl.col("is_fraud").is_not_null())
    still = known.join(after, on="transaction_id", how="inner", suffix="_after")
    assert still.height == known.height
    assert still["is_fraud_after"].null_count() == 0
    assert after["transaction_id"].is_unique().all()
    assert (after["label_time"] >= after["event_time"]).drop_nulls().all()
    assert (after["label_time"].is_null() == after["is_fraud"].is_null()).all()
    assert after["amount"].is_finite().all()
