"""The network on the Fraud Detection Handbook's data, beside gradient boosting and what is published.

python scripts/benchmark_handbook.py transactions_2018-*.parquet [--weeks development] [--out FILE] [--readme]
(needs the packages of `make dev`)

The published protocol: four folds; train 7 days, wait 7 for labels, test 7; customers whose fraud was known leave the
test; card precision@100 counts a found card once. Besides, every model trains on all earlier history. Features,
windows, network and figures are the project's own; nothing is fitted, stopped or calibrated on a test week, and the
settings were chosen on ``--weeks development``, which end before the first published test week begins.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from bench.models import BOOSTING, MODELS, NETWORK, SEEDLESS, fit_model
from bench.weeks import DEVELOPMENT, PUBLISHED, Fold, cut_fold
from write_results import ROOT
from write_results import replace as write_between

import fraud
from fraud.config import RunConfig, load_config
from fraud.evaluation.statistics.bootstrap import Bootstrap, Resampled
from fraud.evaluation.statistics.clusters import Clusters
from fraud.features.encoding import Encoder
from fraud.features.splits import Window
from fraud.features.table import FeatureTable
from fraud.metrics import average_precision, card_precision_at_k, roc_auc
from fraud.workspace import Workspace

CONFIG = ROOT / "pipelines" / "configs" / "handbook.toml"
CARDS_A_DAY = 100
RESAMPLES = 1000
PUBLISHED_FIGURES = {
    "XGBoost": (0.869, 0.687, 0.303),
    "feed-forward network": (0.876, 0.675, 0.303),
    "random forest": (0.870, 0.678, 0.299),
}
"""ROC AUC, average precision, card precision@100 (Le Borgne et al., chapters 5 to 7)."""
FIGURES = ("roc_auc", "average_precision", "card_precision_at_100")
Scores = dict[tuple[str, str], np.ndarray]
"""(model, training) -> (seeds, rows) of one fold."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """What judging needs of one test week, one entry a row."""

    y_true: np.ndarray
    day: np.ndarray
    card: np.ndarray

    def figures(self, scores: np.ndarray) -> tuple[float, ...]:
        """The three figures, in the order of ``FIGURES``."""
        found, _ = card_precision_at_k(self.y_true, scores, day=self.day, card=self.card, k=CARDS_A_DAY)
        return roc_auc(self.y_true, scores), average_precision(self.y_true, scores), found


def main() -> None:
    """Score every model on every fold and print the table."""
    asked = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        config = load_config(CONFIG)
        table = prepared(Workspace(asked.workspace or Path(scratch)), config, asked.dumps)
        folds = PUBLISHED if asked.weeks == "test" else DEVELOPMENT
        scored = [score_fold(table, first_day, config, asked) for first_day in folds]
    result = {"weeks": asked.weeks, "rows": [*published_rows(), *model_rows(scored)], "difference": difference(scored)}
    text = markdown(result, seeds=asked.seeds)
    sys.stdout.write(text + "\n")
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    if asked.readme:
        write_between(ROOT / "README.md", "benchmark", text)


def arguments() -> argparse.Namespace:
    """What the command was told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+", help="the six monthly dumps")
    parser.add_argument("--weeks", choices=("test", "development"), default="test")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads")
    parser.add_argument("--workspace", type=Path, help="keeps store and features for the next time")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    return parser.parse_args()


def prepared(workspace: Workspace, config: RunConfig, dumps: list[str]) -> FeatureTable:
    """The feature table of these dumps, made by the stages of the pipeline."""
    fraud.ingest(dumps, config, workspace=workspace)
    return fraud.prepare(config, workspace=workspace)


def score_fold(
    table: FeatureTable, first_day: str, config: RunConfig, asked: argparse.Namespace
) -> tuple[Tested, Scores]:
    """Every model's scores on the test week of one fold, by what it trained on."""
    features, card = table.read(), table.entities[0]
    fold = cut_fold(features, first_day, card=card)
    rows = features[fold.test.rows]
    tested = Tested(
        y_true=fold.test.y,
        day=rows["event_time"].dt.epoch("d").to_numpy(),
        card=rows[card].cast(pl.Int64).to_numpy(),
    )
    scores = {}
    for training, window in fold.train.items():
        for model, found in score_models(features, window, fold, table=table, config=config, asked=asked):
            scores[model, training] = found
            said = " ".join(f"{value:.4f}" for value in np.mean([tested.figures(one) for one in found], axis=0))
            sys.stderr.write(f"{first_day} {training:11} {model:22} {said}\n")
    return tested, scores


def score_models(
    features: pl.DataFrame,
    window: Window,
    fold: Fold,
    *,
    table: FeatureTable,
    config: RunConfig,
    asked: argparse.Namespace,
) -> Iterator[tuple[str, np.ndarray]]:
    """Model after model with its scores (seeds, rows) on the test week."""
    training_rows = features[window.rows]
    encoder = Encoder.fit(training_rows, numeric=table.numeric, categorical=table.categorical)
    train, X = (encoder.transform(training_rows), window.y), encoder.transform(features[fold.test.rows])
    for model in asked.models:
        fits = (
            fit_model(model, train, cardinalities=encoder.cardinalities, config=config, seed=seed, jobs=asked.jobs)
            for seed in range(1 if model in SEEDLESS else asked.seeds)
        )
        yield model, np.stack([score(X) for score in fits])


def model_rows(scored: list[tuple[Tested, Scores]]) -> list[dict[str, Any]]:
    """One row a model and training: figures are means over folds and seeds."""
    rows = []
    for model, training in scored[0][1]:
        figures = [[tested.figures(one) for one in scores[model, training]] for tested, scores in scored]
        row = {"model": model, "training": training, "seeds": len(figures[0]), "published": False}
        rows.append(row | dict(zip(FIGURES, np.mean(figures, axis=(0, 1)).tolist(), strict=True)))
    return rows


def published_rows() -> list[dict[str, Any]]:
    """What others reached with this protocol."""
    return [
        {
            "model": model,
            "training": "7 days",
            "seeds": None,
            "published": True,
            **dict(zip(FIGURES, said, strict=True)),
        }
        for model, said in PUBLISHED_FIGURES.items()
    ]


def difference(scored: list[tuple[Tested, Scores]]) -> dict[str, Any] | None:
    """Average precision of the network less that of the best boosting, both with all history; customers resampled."""
    rows = {row["model"]: row["average_precision"] for row in model_rows(scored) if row["training"] == "all history"}
    boosting = [model for model in BOOSTING if model in rows]
    if NETWORK not in rows or not boosting:
        return None
    best = max(boosting, key=lambda model: rows[model])
    interval = joint([paired(tested, scores, NETWORK, best) for tested, scores in clustered(scored)]).interval()
    return {"a": NETWORK, "b": best, "average_precision": interval.mean, "low": interval.low, "high": interval.high}


def clustered(scored: list[tuple[Tested, Scores]]) -> Iterator[tuple[tuple[Tested, Clusters, int], Scores]]:
    """Each fold with its customers as clusters, numbered alike in all folds: a customer is drawn for all of them."""
    names = np.unique(np.concatenate([tested.card for tested, _ in scored]))
    for tested, scores in scored:
        codes = np.searchsorted(names, tested.card).astype(np.int32)
        yield (tested, Clusters(codes, names.size, "customer"), 0), scores


def paired(of: tuple[Tested, Clusters, int], scores: Scores, a: str, b: str) -> Resampled:
    """The difference of one fold; the same seed draws the same customers in every fold."""
    tested, clusters, seed = of
    bootstrap = Bootstrap(clusters, n_resamples=RESAMPLES, rng=np.random.default_rng(seed))
    first, second = (bootstrap.ranking(tested.y_true, scores[model, "all history"])[0] for model in (a, b))
    return first - second


def joint(folds: list[Resampled]) -> Resampled:
    """The mean over folds, on the data and on each resample."""
    return replace(
        folds[0],
        value=float(np.mean([fold.value for fold in folds])),
        resamples=np.mean([fold.resamples for fold in folds], axis=0),
        by_seed=np.mean([fold.by_seed for fold in folds], axis=0),
        effective_clusters=min(fold.effective_clusters for fold in folds),
    )


def markdown(result: dict[str, Any], *, seeds: int) -> str:
    """The table of the README, the best average precision first."""
    rows = sorted(result["rows"], key=lambda row: -row["average_precision"])
    lines = [
        "| model | trained on | average precision | card precision@100 | ROC AUC |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        name = f"{row['model']} (published)" if row["published"] else row["model"]
        said = " | ".join(f"{row[figure]:.3f}" for figure in ("average_precision", "card_precision_at_100", "roc_auc"))
        lines.append(f"| {name} | {row['training']} | {said} |")
    against = result["difference"]
    weeks = "four published test weeks" if result["weeks"] == "test" else "four development weeks"
    said = (
        f"\nMean of {weeks} and {seeds} seeds; all but the published ones on the same features:\n\n"
        + "\n".join(lines)
        + "\n"
    )
    if against:
        said += (
            f"\nWith all history, {against['a']} less {against['b']}: average precision "
            f"{against['average_precision']:+.3f} [{against['low']:+.3f}, {against['high']:+.3f}], "
            "customers resampled.\n"
        )
    return said


if __name__ == "__main__":
    main()
