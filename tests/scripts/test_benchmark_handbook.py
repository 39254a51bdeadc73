"""scripts/benchmark_handbook.py on a small simulated world: its table, and its figures against scikit-learn's."""

import json
from datetime import date
from pathlib import Path

import benchmark_handbook
import numpy as np
import pytest
from bench.weeks import DEVELOPMENT, cut_fold
from benchmark_handbook import FIGURES, PUBLISHED_FIGURES
from sklearn.metrics import average_precision_score, roc_auc_score

from fraud.features import FeatureTable
from fraud.simulation import Simulation, write_dumps
from fraud.workspace import Workspace

MODELS = ["network", "logistic-regression", "hist-gradient-boosting"]
TRAININGS = ["7 days", "all history"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven weeks that end after the first development fold, and the workspace that they were prepared in."""
    folder = tmp_path_factory.mktemp("handbook")
    world = Simulation(start=date(2018, 6, 6), days=49, customers=150, terminals=150, fraud_factor=4.0)
    dumps = write_dumps(folder / "dumps", world)
    benchmark_handbook.main(
        [
            *map(str, dumps),
            *("--weeks", "development", "--folds", "1", "--models", *MODELS, "--seeds", "2", "--steps", "20"),
            *("--jobs", "1", "--workspace", str(folder), "--out", str(folder / "figures.json")),
        ]
    )
    return folder


def test_every_model_is_fitted_on_both_trainings(folder: Path) -> None:
    rows = json.loads((folder / "figures.json").read_text())["rows"]
    ours = {(row["model"], row["training"]): row for row in rows if not row["published"]}
    assert sorted(ours) == sorted((model, training) for model in MODELS for training in TRAININGS)
    assert {key[0]: row["seeds"] for key, row in ours.items()} == dict(zip(MODELS, (2, 1, 1), strict=True))
    assert all(0 < row[figure] <= 1 for row in ours.values() for figure in FIGURES)
    assert ours["hist-gradient-boosting", "all history"]["roc_auc"] > 0.7
    assert {row["model"] for row in rows if row["published"]} == set(PUBLISHED_FIGURES)


def test_the_table_is_that_of_the_figures(folder: Path) -> None:
    result = json.loads((folder / "figures.json").read_text())
    text = benchmark_handbook.markdown(result, folds=1, seeds=2)
    assert text.splitlines()[1].startswith("Mean of one development week and 2 seeds;")
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(lines) == len(result["rows"]) == 9
    shown = [float(line.split(" | ")[2]) for line in lines]
    assert shown == sorted(shown, reverse=True)
    best = result["rows"][3]
    assert f"| {best['model']} | {best['training']} | {best['average_precision']:.3f} |" in text
    against = result["difference"]
    assert against["low"] <= against["average_precision"] <= against["high"]
    assert f"network less {against['b']}: average precision {against['average_precision']:+.3f} [" in text


def test_the_table_is_written_into_the_readme(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark_handbook, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text("above\n<!-- benchmark:begin -->\nold\n<!-- benchmark:end -->\nbelow\n")
    dumps = [str(path) for path in sorted((folder / "dumps").glob("*.parquet"))]
    words = ["--weeks", "development", "--folds", "1", "--models", "logistic-regression", "--jobs", "1"]
    benchmark_handbook.main([*dumps, *words, "--workspace", str(folder), "--readme"])
    printed, written = capsys.readouterr().out, page.read_text()
    assert "| logistic-regression | all history |" in printed
    assert "customers resampled" not in printed  # nothing to compare
    assert printed.strip() in written
    assert "old" not in written
    assert written.startswith("above\n")
    assert written.endswith("below\n")


def test_a_fold_that_the_dumps_do_not_reach_says_so(folder: Path) -> None:
    features = FeatureTable.open(Workspace(folder).features("handbook"))
    with pytest.raises(SystemExit, match=f"fold {DEVELOPMENT[3]}: expected training from 2018-07-18 .*give all six"):
        cut_fold(features.read(), DEVELOPMENT[3], card=features.entities[0])


def test_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    y = (rng.random(500) < 0.2).astype(int)
    scores = y + rng.standard_normal(500)
    tested = benchmark_handbook.Tested(y_true=y, day=np.zeros(500, dtype=np.int64), card=np.arange(500))
    roc_auc, average_precision, card_precision = tested.figures(scores)
    assert roc_auc == pytest.approx(roc_auc_score(y, scores))
    assert average_precision == pytest.approx(average_precision_score(y, scores))
    assert card_precision == pytest.approx(y[np.argsort(-scores)[:100]].mean())  # every card once: rows


def test_the_difference_over_folds_is_the_mean_weighted_by_their_frauds() -> None:
    rng = np.random.default_rng(4)
    scored, parts = [], []
    for rows in (300, 500):
        y = (rng.random(rows) < 0.1).astype(int)
        scores = {(model, "all history"): rng.random((2, rows)) + 0.5 * y for model in ("a", "b")}
        card = np.array([f"c{code:02}" for code in rng.integers(0, 40, rows)])
        scored.append((benchmark_handbook.Tested(y_true=y, day=np.zeros(rows, np.int64), card=card), scores))
        of_models = [average_precision_score(y, scores[model, "all history"].mean(axis=0)) for model in ("a", "b")]
        parts.append((y.sum(), of_models[0] - of_models[1]))
    found = benchmark_handbook.paired(scored, "a", "b")
    assert found.value == pytest.approx(sum(n * each for n, each in parts) / sum(n for n, _ in parts))
    assert found.sampling.folds == 2
    assert found.interval().low < found.value < found.interval().high
