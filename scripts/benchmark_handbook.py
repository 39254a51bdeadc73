"""The network on the Fraud Detection Handbook's data, beside gradient boosting and what is published.

python scripts/benchmark_handbook.py transactions_2018-*.parquet [--weeks development] [--out FILE] [--readme]
(needs the extra: pip install -e ".[bench]", unless --models leaves its models out)

The published protocol: four folds; train 7 days, wait 7 for labels, test 7; customers whose fraud was known leave the
test; card precision@100 counts a found card once. Besides, every model trains on all earlier history. Features,
windows, network and figures are the project's own; nothing is fitted, stopped or calibrated on a test week, and the
settings were chosen on ``--weeks development``, which end before the first published test week begins.

Takes about an hour of two quiet cores; with --seeds 1 about fifteen minutes, with --folds 1 a quarter of that.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from bench.command_line import CONFIGS, ROOT, parser_of, progress, show, write_json
from bench.markdown import replace_between, table
from bench.models import BOOSTING, NETWORK, add_model_options, fit_model, seeds_of, with_steps
from bench.weeks import DEVELOPMENT, PUBLISHED, Fold, cut_fold

import fraud
from fraud.config import RunConfig, load_config
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import ranking
from fraud.evaluation.statistics.sampling import Sampling
from fraud.features import Encoder, FeatureTable, Window
from fraud.metrics import average_precision, card_precision_at_k, roc_auc
from fraud.workspace import Workspace

CARDS_A_DAY = 100
WEEKS = {"test": PUBLISHED, "development": DEVELOPMENT}
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Score every model on every fold and print the table."""
    args = parsed(arguments)
    config = with_steps(load_config(CONFIGS / "handbook.toml"), args.steps)
    with tempfile.TemporaryDirectory() as scratch:
        features = prepared(Workspace(args.workspace or Path(scratch)), config, args.dumps)
        frame = features.read()
        folds = WEEKS[args.weeks][: args.folds]
        scored = [score_fold(frame, features, first_day, config=config, args=args) for first_day in folds]
    result = {"weeks": args.weeks, "rows": [*published_rows(), *model_rows(scored)], "difference": difference(scored)}
    text = markdown(result, folds=len(folds), seeds=args.seeds)
    show(text)
    if args.out:
        write_json(result, args.out)
    if args.readme:
        replace_between(ROOT / "README.md", "benchmark", text)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = parser_of(__doc__)
    parser.add_argument("dumps", nargs="+", help="the six monthly dumps")
    parser.add_argument("--weeks", choices=list(WEEKS), default="test")
    parser.add_argument("--folds", type=int, choices=range(1, 5), default=4, help="only the first so many")
    add_model_options(parser)
    parser.add_argument("--workspace", type=Path, help="keeps store and features for the next time")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    return parser.parse_args(arguments)


def prepared(workspace: Workspace, config: RunConfig, dumps: list[str]) -> FeatureTable:
    """The feature table of these dumps, made by the stages of the pipeline."""
    fraud.ingest(dumps, config, workspace=workspace)
    return fraud.prepare(config, workspace=workspace)


def score_fold(
    frame: pl.DataFrame, features: FeatureTable, first_day: str, *, config: RunConfig, args: argparse.Namespace
) -> tuple[Tested, Scores]:
    """Every model's scores on the test week of one fold, by what it trained on.

    Args:
        frame: the whole feature table, in its order.
        features: the same, with what its columns are.
        first_day: of the fold's training week, ISO.
        config: whose network and training settings hold.
        args: models, seeds and jobs.
    """
    card = features.entities[0]
    fold = cut_fold(frame, first_day, card=card)
    rows = frame[fold.test.rows]
    tested = Tested(
        y_true=fold.test.y,
        day=rows["event_time"].dt.epoch("d").to_numpy(),
        card=rows[card].cast(pl.Int64).to_numpy(),
    )
    scores = {}
    for training, window in fold.train.items():
        for model, found in score_models(frame, features, window, fold, config=config, args=args):
            scores[model, training] = found
            means = np.mean([tested.figures(one) for one in found], axis=0)
            progress(f"{first_day} {training:11} {model:22} {' '.join(f'{value:.4f}' for value in means)}")
    return tested, scores


def score_models(
    frame: pl.DataFrame,
    features: FeatureTable,
    window: Window,
    fold: Fold,
    *,
    config: RunConfig,
    args: argparse.Namespace,
) -> Iterator[tuple[str, np.ndarray]]:
    """Model after model with its scores (seeds, rows) on the test week."""
    training_rows = frame[window.rows]
    encoder = Encoder.fit(training_rows, numeric=features.numeric, categorical=features.categorical)
    train, X = (encoder.transform(training_rows), window.y), encoder.transform(frame[fold.test.rows])
    for model in args.models:
        fits = (
            fit_model(model, train, cardinalities=encoder.cardinalities, config=config, seed=seed, jobs=args.jobs)
            for seed in seeds_of(model, args.seeds)
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
    row = {"training": "7 days", "seeds": None, "published": True}
    return [
        {"model": model, **row, **dict(zip(FIGURES, figures, strict=True))}
        for model, figures in PUBLISHED_FIGURES.items()
    ]


def difference(scored: list[tuple[Tested, Scores]]) -> dict[str, Any] | None:
    """Average precision of the network less that of the best boosting, both with all history.

    Each is the mean of its seeds' logits, as they would be put to work; folds count by their frauds.
    """
    rows = {row["model"]: row["average_precision"] for row in model_rows(scored) if row["training"] == "all history"}
    boosting = [model for model in BOOSTING if model in rows]
    if NETWORK not in rows or not boosting:
        return None
    best = max(boosting, key=lambda model: rows[model])
    interval = paired(scored, NETWORK, best).interval()
    return {"a": NETWORK, "b": best, "average_precision": interval.mean, "low": interval.low, "high": interval.high}


def paired(scored: list[tuple[Tested, Scores]], a: str, b: str) -> Estimate:
    """The difference in average precision over all folds; a customer is the same cluster in each."""
    tested = [one for one, _ in scored]
    codes = np.unique(np.concatenate([one.card for one in tested]), return_inverse=True)[1]
    fold = np.repeat(np.arange(len(tested)), [one.y_true.size for one in tested])
    sampling = Sampling.of(Clusters(codes.astype(np.int32), int(codes.max()) + 1, "customer"), fold=fold)
    y = np.concatenate([one.y_true for one in tested])
    first, second = (
        ranking(sampling, y, np.concatenate([scores[model, "all history"] for _, scores in scored], axis=1))[0]
        for model in (a, b)
    )
    return first - second


def markdown(result: dict[str, Any], *, folds: int, seeds: int) -> str:
    """The table of the README, the best average precision first."""
    ranked = sorted(result["rows"], key=lambda row: -row["average_precision"])
    kind = "published test" if result["weeks"] == "test" else "development"
    number = {1: "one", 2: "two", 3: "three", 4: "four"}[folds]
    means = f"Mean of {number} {kind} week{'s' if folds > 1 else ''} and {seeds} seed{'s' if seeds > 1 else ''}"
    headings = ("model", "trained on", "average precision", "card precision@100", "ROC AUC")
    text = f"\n{means}; all but the published ones on the same features:\n\n{table(headings, map(cells, ranked))}\n"
    against = result["difference"]
    if against:
        text += (
            f"\nWith all history, {against['a']} less {against['b']}: average precision "
            f"{against['average_precision']:+.3f} [{against['low']:+.3f}, {against['high']:+.3f}], "
            "each the mean of its seeds' logits, customers as clusters.\n"
        )
    return text


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A model's line of the table."""
    figures = (f"{row[figure]:.3f}" for figure in ("average_precision", "card_precision_at_100", "roc_auc"))
    return f"{row['model']} (published)" if row["published"] else row["model"], row["training"], *figures


if __name__ == "__main__":
    main()
