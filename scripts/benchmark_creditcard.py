"""The network beside boosting on card data of other kinds, with the settings that ship and no tuning.

python scripts/benchmark_creditcard.py --creditcard case_control_15165.parquet --s-ffsd S-FFSD.csv [--out FILE]
(needs the packages of `make dev`)

The first 70 % of the time train, the last 30 % test. The network takes the last part of the training rows to stop on,
as in every run; boosting trains on the same rows as the network. In the case-control file a genuine row stands for
19.4: average precision weighs it so.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench.models import BOOSTING, MODELS, NETWORK, SEEDLESS, Score, fit_model, stop_early
from write_results import ROOT

import fraud
from fraud.config import RunConfig, load_config
from fraud.features.encoding import Encoder
from fraud.features.splits import Window, check_split, split_by_time
from fraud.features.table import FeatureTable
from fraud.metrics import average_precision, roc_auc
from fraud.workspace import Workspace

GENUINE_WEIGHT = {"creditcard": 284_315 / 14_673, "s_ffsd": 1.0}
FALSE_POSITIVE_RATES = (0.001, 0.01)
Rows = tuple[np.ndarray, np.ndarray]


def main() -> None:
    """Print a table for each data set given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creditcard", help="the case-control file")
    parser.add_argument("--s-ffsd", help="S-FFSD.csv")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    asked = parser.parse_args()
    given = {name: getattr(asked, name) for name in GENUINE_WEIGHT if getattr(asked, name)}
    result = {name: benchmark(name, dump, seeds=asked.seeds, jobs=asked.jobs) for name, dump in given.items()}
    for name, rows in result.items():
        sys.stdout.write(markdown(name, rows))
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1), encoding="utf-8")


def benchmark(name: str, dump: str, *, seeds: int, jobs: int) -> list[dict[str, Any]]:
    """Figures of every model on one data set, means over seeds."""
    config = load_config(ROOT / "pipelines" / "configs" / f"{name}.toml")
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(Path(scratch))
        fraud.ingest(dump, config, workspace=workspace)
        windows, cardinalities = encoded(fraud.prepare(config, workspace=workspace), config)
    rows = []
    for model in MODELS:
        figures = []
        for seed in range(1 if model in SEEDLESS else seeds):
            score = fitted(model, windows, cardinalities=cardinalities, config=config, seed=seed, jobs=jobs)
            figures.append(figures_of(*windows["test"], score, genuine_weight=GENUINE_WEIGHT[name]))
        rows.append({"model": model, "seeds": len(figures)} | {key: mean_of(figures, key) for key in figures[0]})
    return rows


def encoded(table: FeatureTable, config: RunConfig) -> tuple[dict[str, Rows], tuple[int, ...]]:
    """Train, validation and test as matrices, cut and checked by the project's own split."""
    features = table.read()
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    check_split(split, features)
    training_rows = features[split.train.rows]
    encoder = Encoder.fit(training_rows, numeric=table.numeric, categorical=table.categorical)

    def rows(window: Window) -> Rows:
        return encoder.transform(features[window.rows]), window.y

    return {window.name: rows(window) for window in split.windows}, encoder.cardinalities


def fitted(
    model: str, windows: dict[str, Rows], *, cardinalities: tuple[int, ...], config: RunConfig, seed: int, jobs: int
) -> Score:
    """One model; the network stops on validation, trees have a fixed number."""
    if model == NETWORK:
        return stop_early(
            windows["train"], windows["validation"], cardinalities=cardinalities, config=config, seed=seed
        )
    return fit_model(model, windows["train"], cardinalities=cardinalities, config=config, seed=seed, jobs=jobs)


def figures_of(X: np.ndarray, y: np.ndarray, score: Score, *, genuine_weight: float) -> dict[str, float]:
    """ROC AUC, weighted average precision, recall at false-positive rates."""
    scores = score(X)
    weight = np.where(y == 1, 1.0, genuine_weight)
    figures = {"roc_auc": roc_auc(y, scores), "average_precision": average_precision(y, scores, weight)}
    genuine = np.sort(scores[y == 0])[::-1]
    for rate in FALSE_POSITIVE_RATES:
        line = genuine[int(rate * len(genuine))]
        figures[f"recall_at_fpr_{rate:g}"] = float((scores[y == 1] > line).mean())
    return figures


def mean_of(figures: list[dict[str, float]], key: str) -> float:
    """Over the seeds."""
    return float(np.mean([one[key] for one in figures]))


def markdown(name: str, rows: list[dict[str, Any]]) -> str:
    """A table, and how the network stands against the best boosting."""
    keys = [key for key in rows[0] if key not in {"model", "seeds"}]
    lines = [f"| {' | '.join(['model', *keys])} |", f"|{' --- |' * (len(keys) + 1)}"]
    lines += [f"| {' | '.join([row['model'], *(f'{row[key]:.4f}' for key in keys)])} |" for row in rows]
    best = max((row for row in rows if row["model"] in BOOSTING), key=lambda row: row["roc_auc"])
    network = next(row for row in rows if row["model"] == NETWORK)
    difference = network["roc_auc"] - best["roc_auc"]
    return f"\n{name}\n\n" + "\n".join(lines) + f"\n\nROC AUC, {NETWORK} less {best['model']}: {difference:+.4f}\n"


if __name__ == "__main__":
    main()
