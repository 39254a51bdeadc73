"""The model card stored in every registered bundle: data, dates, strategy, figures, limitations."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fraud.model import Bundle

JSON_NAME, MARKDOWN_NAME = "card.json", "card.md"
INTENDED = (
    "Ranks transactions so that people review the most likely frauds first. It makes no decision alone: an alert is a "
    "reason to review a transaction, not a verdict on a customer."
)
LIMITS = (
    "Fraud that was never reported counted as genuine in training and evaluation.",
    "It was evaluated on one window of time; results may differ in another season or for a new kind of fraud.",
    "The history of cards and other entities is limited to what the store holds.",
)


def card_of(bundle: Bundle, report: Mapping[str, Any]) -> dict[str, Any]:
    """Data, settings, figures and limitations of a model, ready for JSON.

    Args:
        bundle: the model.
        report: the ``report.json`` that evaluates it.
    """
    made, dataset = report["provenance"], report["dataset"]
    described = ("name", "transactions", "frauds", "unlabelled", "prevalence", "first_event", "last_event")
    return {
        "model": {
            "strategy": bundle.strategy,
            "family": bundle.family,
            "seeds": list(bundle.seeds),
            "network": dict(bundle.network_shape),
            "settings": dict(bundle.provenance.get("settings", {})),
            "threshold": bundle.threshold,
        },
        "intended_use": INTENDED,
        "data": {name: dataset[name] for name in described}
        | {"dumps": [dump["file"] for dump in made["dumps"]], "store_version": made["store_version"]},
        "windows": dict(bundle.provenance["split"]),
        "policy": dict(report["policy"]),
        "figures": dict(bundle.provenance["figures"]),
        "limits": [*LIMITS, *report["warnings"]],
        "made": {"report": report["run_id"], "created": report["created"], "commit": made["commit"]},
        "versions": dict(made["versions"]),
    }


def card_files(card: Mapping[str, Any]) -> dict[str, str]:
    """The card as files beside the model: name -> text."""
    return {JSON_NAME: json.dumps(card, indent=1, default=str), MARKDOWN_NAME: "\n".join(_lines(card)) + "\n"}


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    model, data, windows = card["model"], card["data"], card["windows"]
    yield f"# {data['name']}: {model['strategy']}, seeds {', '.join(map(str, model['seeds']))}"
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
    yield from (f"- {name.replace('_', ' ')}: {_text(value)}" for name, value in card["figures"].items())
    yield "\n## Limitations\n"
    yield from (f"- {limit}" for limit in card["limits"])
    yield f"\nMade {card['made']['created'][:16]}, report {card['made']['report']}."


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        low, high = value.get("low"), value.get("high")
        between = f" (95 % interval {low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        return f"{value['mean']:.3f}{between}"
    return "not measured" if value is None else f"{value:.3g}"
