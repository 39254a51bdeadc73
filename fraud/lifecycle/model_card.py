"""The model card that lies in every registered bundle: data, dates, strategy, figures, limits."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fraud.model import Bundle

JSON_NAME, MARKDOWN_NAME = "card.json", "card.md"
INTENDED = (
    "Ranks transactions so that people review the likeliest frauds first. It decides nothing alone: an alert is a "
    "reason to look, not a verdict on a customer."
)
LIMITS = (
    "Fraud that nobody reported counted as genuine in training and in judging.",
    "It was judged on one window of time; another season or a new kind of fraud may look different.",
    "It knows the past of cards and other entities only as far as the store holds it.",
)


def card_of(bundle: Bundle, report: Mapping[str, Any]) -> dict[str, Any]:
    """What a model was made of and how far to trust it, ready for JSON.

    Args:
        bundle: the model.
        report: the ``report.json`` that judged it.
    """
    made, dataset = report["provenance"], report["dataset"]
    facts = ("name", "transactions", "frauds", "unlabelled", "prevalence", "first_event", "last_event")
    return {
        "model": {
            "strategy": bundle.strategy,
            "family": bundle.family,
            "seed": bundle.seed,
            "network": dict(bundle.network_shape),
            "settings": dict(bundle.provenance.get("settings", {})),
            "threshold": bundle.threshold,
        },
        "intended_use": INTENDED,
        "data": {name: dataset[name] for name in facts}
        | {"dumps": [dump["file"] for dump in made["dumps"]], "store_version": made["store_version"]},
        "windows": dict(bundle.provenance["split"]),
        "policy": dict(report["policy"]),
        "figures": dict(bundle.provenance["figures"]),
        "limits": [*LIMITS, *report["warnings"]],
        "made": {"report": report["run_id"], "created": report["created"], "commit": made["commit"]},
        "versions": dict(made["versions"]),
    }


def card_files(card: Mapping[str, Any]) -> dict[str, str]:
    """The card as the files that lie beside the model: name -> text."""
    return {JSON_NAME: json.dumps(card, indent=1, default=str), MARKDOWN_NAME: "\n".join(_lines(card)) + "\n"}


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    model, data, windows = card["model"], card["data"], card["windows"]
    yield f"# {data['name']}: {model['strategy']}, seed {model['seed']}"
    yield f"\n{card['intended_use']}\n\n## Data\n"
    yield (
        f"{data['transactions']:,} transactions, {data['frauds']:,} frauds ({100 * data['prevalence']:.3g} % of the "
        f"labelled), {data['first_event'][:10]} to {data['last_event'][:10]}; store version {data['store_version']}."
    )
    yield "\n| window | from | before | transactions | frauds |\n|---|---|---|---|---|"
    for name in ("train", "validation", "test"):
        one = windows[name]
        yield f"| {name} | {one['from'][:10]} | {one['to'][:10]} | {one['transactions']:,} | {one['frauds']:,} |"
    yield f"\n## Figures on the test window\n\nOperating point: {card['policy']['kind']} {card['policy']['value']}.\n"
    yield from (f"- {name.replace('_', ' ')}: {_said(value)}" for name, value in card["figures"].items())
    yield "\n## Limits\n"
    yield from (f"- {limit}" for limit in card["limits"])
    yield f"\nMade {card['made']['created'][:16]}, report {card['made']['report']}."


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        low, high = value.get("low"), value.get("high")
        between = f" (95 % interval {low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        return f"{value['mean']:.3f}{between}"
    return "not measured" if value is None else f"{value:.3g}"
