"""A finished training job as a bundle, with a card that says what it was made of and how far to trust it."""

from collections.abc import Mapping
from typing import Any

from safetensors.torch import load_file

from fraud.config import PolicyConfig, RunConfig
from fraud.evaluation.candidates import ScoredSeed
from fraud.evaluation.comparison import TrainedStrategy, as_candidate
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.training_jobs import JobResult
from fraud.imbalance import get_strategy
from fraud.model import Bundle, Network, hidden_precision


def bundle_of(
    result: JobResult,
    scored: ScoredSeed,
    data: ComparisonData,
    config: RunConfig,
    *,
    run_id: str,
    row: Mapping[str, Any],
    policy: PolicyConfig,
    store_version: int | None = None,
) -> Bundle:
    """One trained model, ready to score.

    Args:
        result: the strategy's seed that is kept.
        scored: its correction, calibration and threshold.
        data: that it was trained on.
        config: of the run.
        run_id: the report that judged it.
        row: what that report says of its strategy.
        policy: the operating point of that report.
        store_version: of the transactions that it knows.
    """
    shape = network_shape(data, config)
    network = Network(**shape)
    network.load_state_dict(load_file(result.folder / "network.safetensors"))
    return Bundle(
        strategy=result.job.strategy,
        family=get_strategy(result.job.strategy).family,
        seed=result.job.seed,
        encoder=data.encoder,
        network=network.eval(),
        network_shape=shape,
        logit_shift=scored.logit_shift,
        calibrator=scored.calibrator,
        threshold=scored.threshold.value,
        precision=hidden_precision(config.training.precision),
        provenance={
            "dataset": config.dataset.name,
            "report": run_id,
            "store_version": store_version,
            "split": data.split.describe(),
            "policy": {"kind": policy.kind, "value": policy.value},
            "settings": {"learning_rate": result.job.learning_rate, "knobs": dict(result.job.knobs)},
            "figures": {name: row.get(name) for name in ("recall", "precision", "average_precision", "alerts_per_day")},
            "config": config.to_toml(),
        },
    )


def trained_bundle(result: JobResult, data: ComparisonData, config: RunConfig) -> Bundle:
    """One trained model that nobody has judged on test: corrected, calibrated and with its line drawn on validation."""
    strategy = result.job.strategy
    alone = TrainedStrategy(name=strategy, family=get_strategy(strategy).family, results=(result,), trials=0)
    scored = as_candidate(alone, data, config).seeds[0]
    return bundle_of(result, scored, data, config, run_id="", row={}, policy=config.policy)


def network_shape(data: ComparisonData, config: RunConfig) -> dict[str, Any]:
    """Keyword arguments of the ``Network`` that a comparison trains."""
    return {
        "n_numeric": data.encoder.n_numeric,
        "cardinalities": list(data.encoder.cardinalities),
        "hidden": list(config.network.hidden),
        "dropout": config.network.dropout,
    }
