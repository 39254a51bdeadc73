"""Three dumps in a row, most of whose rows nobody labelled: rows as of S-FFSD, where time is the order of the rows."""

import numpy as np
import polars as pl
import pytest

from fraud.config import RunConfig
from fraud.data.ingest import ingest_dumps
from fraud.data.presets import preset
from fraud.data.store.table import TransactionStore
from fraud.features.build import build_features
from fraud.features.recipe import Recipe
from fraud.features.splits import split_by_time
from fraud.lifecycle.drift.detection import AsOf, drift_between
from fraud.workspace import Workspace

ROWS = 6_000
CONFIG = RunConfig.from_mapping(preset("s_ffsd"), source="preset s_ffsd")


def rows_like_s_ffsd(number: int, *, frauds: float, types: list[float]) -> pl.DataFrame:
    """Two labels in three are 2, unknown; payers come once, payees again and again."""
    rng = np.random.default_rng(number)
    fraud = rng.random(ROWS) < frauds
    return pl.DataFrame(
        {
            "Time": np.arange(ROWS) + number * ROWS,
            "Source": [f"S{payer}" for payer in rng.integers(0, 40_000, ROWS)],
            "Target": [f"T{payee}" for payee in rng.integers(0, 100, ROWS)],
            "Amount": np.where(fraud, rng.lognormal(5, 1, ROWS), rng.lognormal(3, 1, ROWS)).round(2),
            "Location": [f"L{location}" for location in rng.integers(0, 5, ROWS)],
            "Type": [f"TP{kind}" for kind in rng.choice(len(types), ROWS, p=types)],
            "Labels": np.where(rng.random(ROWS) < 2 / 3, 2, fraud.astype(int)),
        }
    )


@pytest.fixture(scope="module")
def three_dumps(tmp_path_factory):
    """The dumps as they came, and the feature table of all three, ingested one after the other."""
    folder = tmp_path_factory.mktemp("s_ffsd")
    ways = [(0.13, [0.9, 0.1]), (0.14, [0.9, 0.1]), (0.42, [0.5, 0.3, 0.2])]
    dumps, results = [rows_like_s_ffsd(n, frauds=share, types=types) for n, (share, types) in enumerate(ways)], []
    for number, dump in enumerate(dumps):
        dump.write_csv(folder / f"{number}.csv")
        results.append(
            ingest_dumps(
                [folder / f"{number}.csv"],
                dataset="s_ffsd",
                columns=CONFIG.columns,
                labels=CONFIG.labels,
                workspace=Workspace(folder),
            )
        )
    recipe = Recipe.of(CONFIG.columns, labels=CONFIG.labels, windows=CONFIG.features.windows)
    store = TransactionStore(Workspace(folder).store("s_ffsd"))
    return dumps, results, build_features(store.scan(), recipe)


def test_the_dumps_follow_each_other_and_their_unknown_labels_are_counted(three_dumps):
    dumps, results, table = three_dumps
    assert [result.new for result in results] == [ROWS] * 3
    for dump, result in zip(dumps, results, strict=True):
        assert result.dumps[0].labelled == (dump["Labels"] != 2).sum()
    order = table["amount"].to_list()
    assert order == pl.concat(dumps)["Amount"].to_list()


def test_unlabelled_rows_are_in_no_window_and_are_counted(three_dumps):
    dumps, _, table = three_dumps
    split = split_by_time(table, split=CONFIG.split, labels=CONFIG.labels, has_label_time=False)
    for window in split.windows:
        assert table["is_fraud"].gather(window.rows).null_count() == 0
        assert np.array_equal(table["is_fraud"].gather(window.rows).cast(pl.Int8).to_numpy(), window.y)
    labels = pl.concat(dumps)["Labels"]
    assert sum(window.unlabelled for window in split.windows) == (labels == 2).sum()
    assert sum(len(window.rows) for window in split.windows) == (labels != 2).sum()


def test_the_third_dump_is_flagged_and_the_second_is_not(three_dumps):
    dumps, _, table = three_dumps
    now = table["event_time"].max()
    known = AsOf(moment=now, maturity_days=0, has_label_time=False)
    columns = {"numeric": ["amount"], "categorical": ["Location", "Type"], "known": known}
    parts = [table[start : start + ROWS] for start in (0, ROWS, 2 * ROWS)]
    calm = drift_between(parts[0], parts[1], rng=np.random.default_rng(0), **columns)
    moved = drift_between(pl.concat(parts[:2]), parts[2], rng=np.random.default_rng(0), **columns)
    assert not calm.flagged
    assert [one.name for one in moved.features if one.flagged] == ["amount", "Type"]
    assert moved.prevalence is not None
    assert moved.prevalence.flagged
    labels = dumps[2]["Labels"]
    assert moved.prevalence.now.unlabelled == (labels == 2).sum()
    assert moved.prevalence.now.share == (labels == 1).sum() / (labels != 2).sum()
    assert any(text.startswith("new category 'TP2' in Type") for text in moved.sentences)
