"""scripts/benchmark_creditcard.py on made data: its table, and its figures against scikit-learn's."""

import json
from pathlib import Path

import benchmark_creditcard
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from tiny import installed_models

KEYS = ("roc_auc", "average_precision", "recall_at_fpr_0.001", "recall_at_fpr_0.01")
ROWS = 2_000


def labels(rng: np.random.Generator) -> np.ndarray:
    return (rng.random(ROWS) < 0.1).astype(int)


@pytest.fixture
def creditcard(tmp_path: Path) -> Path:
    """As the case-control file; ``V1`` and the amount are higher in frauds."""
    rng = np.random.default_rng(0)
    y = labels(rng)
    columns = {f"V{number}": rng.standard_normal(ROWS) for number in range(1, 29)}
    columns["V1"] += 3 * y
    amount = rng.gamma(2, 30, ROWS) * (1 + y)
    pl.DataFrame({"Time": np.arange(ROWS) * 60.0, **columns, "Amount": amount.round(2), "Class": y}).write_parquet(
        tmp_path / "case_control.parquet"
    )
    return tmp_path / "case_control.parquet"


@pytest.fixture
def s_ffsd(tmp_path: Path) -> Path:
    """As S-FFSD: a third of the rows has no label."""
    rng = np.random.default_rng(1)
    y = labels(rng)
    frame = pl.DataFrame(
        {
            "Time": np.arange(ROWS),
            "Source": [f"S{number}" for number in rng.integers(0, 300, ROWS)],
            "Target": [f"T{number}" for number in rng.integers(0, 40, ROWS)],
            "Amount": (rng.gamma(2, 30, ROWS) * (1 + 5 * y)).round(2),
            "Location": [f"L{number}" for number in rng.integers(0, 6, ROWS)],
            "Type": [f"TP{number}" for number in rng.integers(0, 4, ROWS)],
            "Labels": np.where(rng.random(ROWS) < 0.3, 2, y),
        }
    )
    frame.write_csv(tmp_path / "S-FFSD.csv")
    return tmp_path / "S-FFSD.csv"


def test_both_tables_come_out(
    creditcard: Path, s_ffsd: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, out = installed_models(), tmp_path / "figures.json"
    benchmark_creditcard.main(
        [
            *("--creditcard", str(creditcard), "--s-ffsd", str(s_ffsd), "--models", *models),
            *("--seeds", "2", "--steps", "60", "--jobs", "1", "--out", str(out)),
        ]
    )
    result = json.loads(out.read_text())
    printed = capsys.readouterr().out
    for name in ("creditcard", "s_ffsd"):
        rows = {row["model"]: row for row in result[name]}
        assert list(rows) == models
        assert rows["network"]["seeds"] == 2
        assert rows["logistic-regression"]["seeds"] == 1  # a seed changes nothing
        for row in rows.values():
            assert all(0 <= row[key] <= 1 for key in KEYS)
            assert row["roc_auc"] > 0.7
            cells = " | ".join(f"{row[key]:.4f}" for key in KEYS)
            assert f"| {row['model']} | {cells} |" in printed
        boosting = {model: rows[model]["roc_auc"] for model in benchmark_creditcard.BOOSTING if model in rows}
        best = max(boosting, key=lambda model: boosting[model])
        difference = rows["network"]["roc_auc"] - boosting[best]
        assert f"ROC AUC, network less {best}: {difference:+.4f}" in printed


def test_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    y = labels(rng)
    scores = y + rng.standard_normal(ROWS)
    found = benchmark_creditcard.figures_of(np.empty((ROWS, 0)), y, lambda _: scores, genuine_weight=19.4)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(y, scores))
    weight = np.where(y == 1, 1.0, 19.4)
    assert found["average_precision"] == pytest.approx(average_precision_score(y, scores, sample_weight=weight))
    false_positive_rate, recall, _ = roc_curve(y, scores, drop_intermediate=False)
    assert found["recall_at_fpr_0.01"] == pytest.approx(recall[false_positive_rate <= 0.01].max())


def test_without_boosting_there_is_no_difference_to_show() -> None:
    row = {"model": "network", "seeds": 1, "roc_auc": 0.9}
    assert benchmark_creditcard.markdown("creditcard", [row]).splitlines()[-1] == "| network | 0.9000 |"
