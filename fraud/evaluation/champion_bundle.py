"""A finished training job as a bundle, with a card that states what it was made of and how it was judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safetensors.torch import load_file

from fraud.config import PolicyConfig
from fraud.evaluation.candidates import ScoredSeed
from fraud.evaluation.comparison import as_candidate
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.strategy_training import TrainedStrategy
from fraud.evaluation.training_jobs import JobResult
from fraud.imbalance import get_strategy
from fraud.model import Bundle, Network, hidden_precision


@dataclass(frozen=True, kw_only=True)
class BundleOrigin:
    """The run that a bundle comes from.

    ``run_id`` is the report that judged it, empty where none did; ``store_version`` that of the transactions that it
    knows; ``config_toml`` the configuration as resolved.
    """

    dataset: str
    config_toml: str
    run_id: str = ""
    store_version: int | None = None


def bundle_of(
    trained: TrainedStrategy,
    scored: ScoredSeed,
    data: ComparisonData,
    *,
    origin: BundleOrigin,
    row: Mapping[str, Any],
    policy: PolicyConfig,
) -> Bundle:
    """The newest model of a strategy, ready to score: the mean of its seeds, trained before the latest fold.

    Args:
        trained: the strategy.
        scored: correction, calibration and threshold of the mean of its seeds.
        data: that it was trained on.
        origin: the run.
        row: the strategy's row in the report.
        policy: the operating point of that report.
    """
    latest, results = data.latest, trained.of_fold(len(data.folds) - 1)
    job, shape = results[0].job, network_shape(data)
    return Bundle(
        strategy=job.strategy,
        family=get_strategy(job.strategy).family,
        seeds=tuple(result.job.seed for result in results),
        encoder=latest.encoder,
        networks=tuple(load_network(result, data) for result in results),
        network_shape=shape,
        logit_shift=scored.latest.logit_shift,
        calibrator=scored.latest.calibrator,
        threshold=scored.latest.threshold.value,
        precision=hidden_precision(latest.inputs.settings.training.precision),
        provenance={
            "dataset": origin.dataset,
            "report": origin.run_id,
            "store_version": origin.store_version,
            "split": latest.split.describe(),
            "policy": {"kind": policy.kind, "value": policy.value},
            "settings": {"learning_rate": job.learning_rate, "knobs": dict(job.knobs)},
            "figures": {name: row.get(name) for name in ("recall", "precision", "average_precision", "alerts_per_day")},
            "config": origin.config_toml,
        },
    )


def trained_bundle(result: JobResult, data: ComparisonData, *, policy: PolicyConfig, origin: BundleOrigin) -> Bundle:
    """One trained model, not judged on test: corrected, calibrated and with its threshold chosen on validation."""
    strategy = result.job.strategy
    alone = TrainedStrategy(name=strategy, family=get_strategy(strategy).family, results=(result,), trials=0)
    scored = as_candidate(alone, data, policy).shipped
    return bundle_of(alone, scored, data, origin=origin, row={}, policy=policy)


def load_network(result: JobResult, data: ComparisonData) -> Network:
    """The network that a training job kept, in evaluation mode."""
    network = Network(**network_shape(data))
    network.load_state_dict(load_file(result.folder / "network.safetensors"))
    return network.eval()


def network_shape(data: ComparisonData) -> dict[str, Any]:
    """Keyword arguments of the ``Network`` that a comparison trains before its latest fold."""
    network, encoder = data.latest.inputs.settings.network, data.latest.encoder
    return {
        "n_numeric": encoder.n_numeric,
        "cardinalities": list(encoder.cardinalities),
        "hidden": list(network.hidden),
        "dropout": network.dropout,
    }
