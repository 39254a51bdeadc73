"""The winning cell as a bundle, with a card that says what it was made of and how far to trust it."""

from typing import Any

from safetensors.torch import load_file

from fraud.config import RunConfig
from fraud.evaluation.comparison import Outcome
from fraud.evaluation.field import Field
from fraud.model.bundle import Bundle
from fraud.model.network import Network


def champion_bundle(outcome: Outcome, field: Field, config: RunConfig, *, run_id: str) -> Bundle:
    """The chosen strategy's best seed, ready to score.

    Args:
        outcome: of the comparison.
        field: that it was held on.
        config: of the run.
        run_id: the report that judged it.
    """
    cell, scored = outcome.champion
    row = next(judgement.row for judgement in outcome.strategies if judgement.name == cell.cell.strategy)
    shape = network_shape(field, config)
    network = Network(**shape)
    network.load_state_dict(load_file(cell.folder / "network.safetensors"))
    return Bundle(
        strategy=cell.cell.strategy,
        seed=cell.cell.seed,
        encoder=field.encoder,
        network=network.eval(),
        network_shape=shape,
        logit_shift=scored.logit_shift,
        calibrator=scored.calibrator,
        threshold=scored.threshold.value,
        provenance={
            "dataset": config.dataset.name,
            "report": run_id,
            "split": field.split.describe(),
            "policy": {"kind": outcome.policy.kind, "value": outcome.policy.value},
            "settings": {"learning_rate": cell.cell.learning_rate, **dict(cell.cell.knobs)},
            "figures": figures_of(row),
            "config": config.to_toml(),
        },
    )


def network_shape(field: Field, config: RunConfig) -> dict[str, Any]:
    """Keyword arguments of the ``Network`` that a comparison trains."""
    train = field.split.train
    return {
        "n_numeric": field.encoder.n_numeric,
        "cardinalities": list(field.encoder.cardinalities),
        "hidden": list(config.network.hidden),
        "dropout": config.network.dropout,
        "prior": train.frauds / len(train.rows),
    }


def figures_of(row: Any) -> dict[str, Any]:
    """What the registry shows of a model: its headline figures with their intervals."""
    return {name: row[name] for name in ("recall", "precision", "average_precision", "alerts_per_day")}
