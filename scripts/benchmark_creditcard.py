"""The network beside boosting on card data of other kinds, with the settings that ship and no tuning.

python scripts/benchmark_creditcard.py --creditcard case_control_15165.parquet --s-ffsd S-FFSD.csv [--out FILE]
(needs the extra: pip install -e ".[bench]", unless --models leaves its models out)

The first 70 % of the time train, the last 30 % test. The network takes the last part of the training rows to stop on,
as in every run; boosting trains on the same rows as the network. In the case-control file a genuine row stands for
19.4: average precision weighs it so. Takes about three minutes of a quiet core; half a minute with --seeds 1.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench.command_line import CONFIGS, parser_of, show, write_json
from bench.inputs import Rows
from bench.markdown import table
from bench.models import (
    BOOSTING,
    NETWORK,
    Score,
    add_model_options,
    fit_model,
    seeds_of,
    stop_early,
    with_steps,
)

import fraud
from fraud.config import RunConfig, load_config
from fraud.features import Encoder, FeatureTable, Window, check_split, split_by_time
from fraud.metrics import average_precision, roc_auc
from fraud.workspace import Workspace

GENUINE_WEIGHT = {"creditcard": 284_315 / 14_673, "s_ffsd": 1.0}
FALSE_POSITIVE_RATES = (0.001, 0.01)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each data set given."""
    parser = parser_of(__doc__)
    parser.add_argument("--creditcard", help="the case-control file")
    parser.add_argument("--s-ffsd", help="S-FFSD.csv")
    add_model_options(parser)
    args = parser.parse_args(arguments)
    given = {name: getattr(args, name) for name in GENUINE_WEIGHT if getattr(args, name)}
    result = {}
    for name, dump in given.items():
        result[name] = benchmark(name, dump, models=args.models, seeds=args.seeds, jobs=args.jobs, steps=args.steps)
        show(markdown(name, result[name]))
    if args.out:
        write_json(result, args.out)


def benchmark(
    name: str, dump: str, *, models: Sequence[str], seeds: int, jobs: int, steps: int | None = None
) -> list[dict[str, Any]]:
    """Figures of every model on one data set, means over seeds.

    Args:
        name: of the data set and its configuration.
        dump: the file.
        models: of ``bench.models.MODELS``.
        seeds: of the models that depend on one.
        jobs: threads that boosting may use.
        steps: the network's training steps at most; None: as configured.
    """
    config = with_steps(load_config(CONFIGS / f"{name}.toml"), steps)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(Path(scratch))
        fraud.ingest(dump, config, workspace=workspace)
        windows, cardinalities = encoded(fraud.prepare(config, workspace=workspace), config)
    rows = []
    for model in models:
        figures = []
        for seed in seeds_of(model, seeds):
            score = fitted(model, windows, cardinalities=cardinalities, config=config, seed=seed, jobs=jobs)
            figures.append(figures_of(*windows["test"], score, genuine_weight=GENUINE_WEIGHT[name]))
        means = {key: float(np.mean([one[key] for one in figures])) for key in figures[0]}
        rows.append({"model": model, "seeds": len(figures), **means})
    return rows


def encoded(features: FeatureTable, config: RunConfig) -> tuple[dict[str, Rows], tuple[int, ...]]:
    """Train, validation and test as matrices, cut and checked by the project's own split; codes of each category."""
    frame = features.read()
    split = split_by_time(frame, split=config.split, labels=config.labels, has_label_time=False)
    check_split(split, frame)
    encoder = Encoder.fit(frame[split.train.rows], numeric=features.numeric, categorical=features.categorical)

    def rows(window: Window) -> Rows:
        return encoder.transform(frame[window.rows]), window.y

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
        threshold = genuine[int(rate * len(genuine))]
        figures[f"recall_at_fpr_{rate:g}"] = float((scores[y == 1] > threshold).mean())
    return figures


def markdown(name: str, rows: list[dict[str, Any]]) -> str:
    """A table, and how the network compares with the best boosting."""
    keys = [key for key in rows[0] if key not in {"model", "seeds"}]
    text = f"\n{name}\n\n" + table(
        ["model", *keys], ([row["model"], *(f"{row[key]:.4f}" for key in keys)] for row in rows)
    )
    network = next((row for row in rows if row["model"] == NETWORK), None)
    best = max((row for row in rows if row["model"] in BOOSTING), key=lambda row: row["roc_auc"], default=None)
    if network is None or best is None:
        return text
    return f"{text}\n\nROC AUC, {NETWORK} less {best['model']}: {network['roc_auc'] - best['roc_auc']:+.4f}"


if __name__ == "__main__":
    main()
