"""The answer in words: which way of treating the imbalance finds more fraud, and how certain that is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fraud.config import PolicyConfig
from fraud.evaluation.budgets import BudgetLimits
from fraud.evaluation.record.phrases import accuracy, describe_difference, verdict_text, whole
from fraud.evaluation.statistics.verdicts import Comparison

QUESTION = (
    "At the same number of alerts, does weighting the loss, oversampling or undersampling find more of the frauds? "
    "The hypothesis under test: over- or undersampling is better than weighting."
)
ADVICE = {
    "none": "Use plain training, without class weights or resampling",
    "weight-inverse": "Weight the loss by inverse class frequencies",
    "weight-normalized": "Weight the loss by normalised inverse class frequencies",
    "weight-sqrt": "Weight the loss by the square root of the class ratio",
    "weight-log": "Weight the loss by the logarithm of the class ratio",
    "weight-effective": "Weight the loss by the effective number of samples",
    "weight-tuned": "Weight the loss by a ratio tuned on validation",
    "weight-learned": "Weight the loss by trained weights",
    "focal": "Train with focal loss",
    "batch-balanced": "Draw balanced batches",
}
FAMILY_WORDS = {
    "none": "Doing nothing about the imbalance",
    "weighting": "Weighting the loss",
    "oversampling": "Oversampling",
    "undersampling": "Undersampling",
    "combined": "Combined resampling",
    "batch": "Drawing balanced batches",
}
RESAMPLING = ("oversampling", "undersampling", "combined")


def write_answer(
    rows: Sequence[Mapping[str, Any]],
    comparisons: Sequence[Comparison],
    *,
    chosen: str,
    family_best: Mapping[str, str],
    policy: PolicyConfig,
    margin: float,
    all_genuine_accuracy: float,
    chance: float | None = None,
    budget: BudgetLimits | None = None,
    baselines: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The section ``answer`` of ``report.json``.

    Its first two sentences are the answer at a glance: what to do and what it finds, and what resampling does against
    it. The others are for those who read on.

    Args:
        rows: judged strategies, as in ``report.json``; where ``ranks_above_chance`` holds of none, no strategy is
            recommended, and where ``finds_above_chance`` does not, none is called better.
        comparisons: paired differences of recall, those with baselines among them.
        chosen: the strategy that validation chose.
        family_best: family -> its best strategy on validation.
        policy: the operating point.
        margin: recall difference that does not matter, in frauds found of all.
        all_genuine_accuracy: accuracy of calling everything genuine.
        chance: recall of as many alerts raised at random.
        budget: what the operating point allows; stated first where it cannot distinguish strategies.
        baselines: judged models that are not the network; those shown to find more are named.
    """
    against_baselines = [one for one in comparisons if one.kind == "baseline"]
    comparisons = [one for one in comparisons if one.kind != "baseline"]
    by_name = {row["name"]: row for row in rows}
    warning = (
        f"An accuracy of {accuracy(all_genuine_accuracy)} needs no model at all: it is what finding nothing scores."
    )
    limits = _limits(budget, policy)
    doubted = _not_above_chance(rows, by_name[chosen], policy, chance)
    if doubted:
        sentences = [limits, *doubted, warning]
        return {
            "question": QUESTION,
            "family_best": dict(family_best),
            "text": " ".join(sentence for sentence in sentences if sentence),
        }
    rivals, others = _parted(family_best, chosen)
    advice = f"{ADVICE.get(chosen, f'Train with {chosen}')}{_qualifier(chosen, rows, comparisons)}"
    sentences = [
        limits,
        f"{advice}: {_uncapital(_found(by_name[chosen], policy))}",
        _better_baselines(baselines, against_baselines, by_name[chosen]),
        _families(by_name, comparisons, chosen=chosen, family_best=rivals),
        _families(by_name, comparisons, chosen=chosen, family_best=others),
        _hypothesis(comparisons, family_best=family_best, margin=margin),
        warning,
    ]
    return {
        "question": QUESTION,
        "family_best": dict(family_best),
        "text": " ".join(sentence for sentence in sentences if sentence),
    }


def _not_above_chance(
    rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any], policy: PolicyConfig, chance: float | None
) -> list[str]:
    """What is not shown to be better than chance, stated plainly: no advice, no order of strategies; else nothing."""
    ranks, finds = (any(one.get(key, True) for one in rows) for key in ("ranks_above_chance", "finds_above_chance"))
    if finds:
        return []
    called = "plain training (none)" if row["name"] == "none" else row["name"]
    found = f"{called}, chosen on validation, finds {_of_100(row['recall'])}"
    at_random = "" if chance is None else f"; as many random alerts find {100 * chance:.2g} on average"
    at_budget = f"{describe_policy(policy)} {found}{at_random}."
    if ranks:
        auc = f" (ROC AUC {row['roc_auc']['mean']:.2f})" if row.get("roc_auc") else ""
        return [
            "No strategy is shown to find more than random alerts at this budget.",
            at_budget,
            f"Its ranking is shown to be better than chance{auc}: more alerts, or more days, could show more.",
        ]
    return [
        "No strategy is shown to rank fraud above the rest: do not use this model.",
        at_budget,
        "Not shown is not the same as impossible: bring more frauds, or columns that know more of them.",
    ]


def _of_100(recall: Mapping[str, Any] | None) -> str:
    """As ``30 of 100 frauds (between 7 and 65)``."""
    if not recall:
        return "no fraud, as there is none"
    if recall["low"] is None:
        return f"{100 * recall['mean']:.2g} of 100 frauds"
    return f"{100 * recall['mean']:.2g} of 100 frauds (between {whole(recall['low'])} and {whole(recall['high'])})"


def _limits(budget: BudgetLimits | None, policy: PolicyConfig) -> str:
    """That the budget is too small or too large to distinguish strategies, and which one could."""
    if budget is None or not (budget.too_small or budget.too_large):
        return ""
    better = f"; {budget.better:,} alert{'s' * (budget.better != 1)} a day could" if budget.better else ""
    if budget.too_small:
        return (
            f"{describe_policy(policy)} no ranking can find more than {100 * budget.ceiling:.2g} of 100 frauds, "
            f"which hardly distinguishes strategies{better}."
        )
    return (
        f"{describe_policy(policy)} most of a typical day raises an alert ({100 * budget.share_of_day:.0f} %), "
        f"which hardly distinguishes strategies{better}."
    )


def describe_policy(policy: PolicyConfig) -> str:
    """The operating point as the beginning of a sentence.

    >>> describe_policy(PolicyConfig(kind="alerts_per_day", value=100))
    'At 100 alerts a day'
    """
    if policy.kind == "alerts_per_day":
        alerts = round(policy.value, 1)
        return f"At {alerts:,.10g} alert{'s' * (alerts != 1)} a day"
    if policy.kind == "alert_rate":
        return f"With alerts on {100 * policy.value:.3g} % of the transactions"
    return f"At the number of alerts that {policy.kind} comes to"


def _qualifier(chosen: str, rows: Sequence[Mapping[str, Any]], comparisons: Sequence[Comparison]) -> str:
    """How the strategy was chosen: where it beats no other, it is a choice and not a finding."""
    if len(rows) == 1:
        return ""
    best = max(rows, key=lambda row: row.get("validation_recall") or 0.0)["name"]
    if best != chosen and any(row.get("validation_recall") for row in rows):
        return f" (the simplest that validation does not show to be worse than {best})"
    if not any(_verdict_for(chosen, comparison) == "better" for comparison in comparisons):
        return " (best on validation, not shown to be better than the others)"
    plain = next((one.verdict for one in comparisons if {one.a, one.b} == {chosen, "none"}), "")
    if plain == "equivalent":
        return " (best on validation; doing nothing about the imbalance is as good, within the margin)"
    return " (best on validation)"


def _better_baselines(
    baselines: Sequence[Mapping[str, Any]], comparisons: Sequence[Comparison], row: Mapping[str, Any]
) -> str:
    """The models that are not the network and are shown to find more than it, if any."""
    parts = []
    for one in baselines:
        shown = any(found.a == one["name"] and found.b == row["name"] and found.verdict == "a" for found in comparisons)
        if shown:
            apart = int(whole(one["recall"]["mean"])) - int(whole(row["recall"]["mean"]))
            between = _against(row["name"], one["name"], comparisons, apart=apart)
            parts.append(f"{one['name']} finds {whole(one['recall']['mean'])} ({between})")
    return f"A model that is not a network finds more: {'; '.join(parts)}." if parts else ""


def _found(row: Mapping[str, Any], policy: PolicyConfig) -> str:
    recall, money = row["recall"], row.get("amount_recall")
    between = f" (between {whole(recall['low'])} and {whole(recall['high'])})" if recall["low"] is not None else ""
    stolen = f" and {whole(money['mean'])} % of the stolen money" if money else ""
    return f"{describe_policy(policy)} it finds {whole(recall['mean'])} of 100 frauds{between}{stolen}."


def _parted(family_best: Mapping[str, str], chosen: str) -> tuple[dict[str, str], dict[str, str]]:
    """The families that the question compares with the chosen strategy, and the others; the baselines are neither."""
    against = {family: name for family, name in family_best.items() if name != chosen and family != "baseline"}
    questioned = against.keys() & {"oversampling", "undersampling"}
    if len(questioned) < 2:
        questioned |= against.keys() & {"weighting"}
    rivals = {family: name for family, name in against.items() if family in (questioned or against)}
    return rivals, {family: name for family, name in against.items() if family not in rivals}


def _uncapital(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _families(
    by_name: Mapping[str, Mapping[str, Any]],
    comparisons: Sequence[Comparison],
    *,
    chosen: str,
    family_best: Mapping[str, str],
) -> str:
    parts = []
    for family, name in family_best.items():
        found, leader = (whole(by_name[one]["recall"]["mean"]) for one in (name, chosen))
        against = _against(chosen, name, comparisons, apart=int(found) - int(leader))
        parts.append(f"{FAMILY_WORDS.get(family, family)} finds {found} ({against})")
    return "; ".join([*parts[:1], *map(_uncapital, parts[1:])]) + "." * bool(parts)


def _against(chosen: str, name: str, comparisons: Sequence[Comparison], *, apart: int) -> str:
    """The verdict and the difference; ``apart`` is what the two recalls, as they are printed, are apart."""
    found = next((one for one in comparisons if {one.a, one.b} == {chosen, name}), None)
    if found is None:
        return "not compared"
    sign = 1 if found.a == name else -1
    low, high = sorted((sign * 100 * found.low, sign * 100 * found.high))
    beyond = found.verdict != "equivalent" and not low <= 0 <= high
    between = describe_difference(apart, low, high, beyond=beyond)
    if found.verdict == "equivalent":
        return f"equivalent within the margin: {between}"
    words = verdict_text(asdict(found), name, several=len(comparisons) > 1)
    return f"{words.removeprefix('finds ')}: {between}"


def _hypothesis(comparisons: Sequence[Comparison], *, family_best: Mapping[str, str], margin: float) -> str:
    """The hypothesis under test, family against family: each family's best on validation."""
    weighting = family_best.get("weighting")
    rivals = [family_best[family] for family in RESAMPLING if family in family_best]
    pairs = [one for one in comparisons if weighting and {one.a, one.b} & {weighting} and {one.a, one.b} & {*rivals}]
    if not pairs or weighting is None:
        return ""
    verdicts = [_verdict_for(weighting, one) for one in pairs]
    claim = f"The claim that {_rivals(family_best)} is better than weighting"
    if any(verdict == "worse" for verdict in verdicts):
        winners = [one.a if one.b == weighting else one.b for one in pairs if _verdict_for(weighting, one) == "worse"]
        return f"{claim} holds here for {' and '.join(winners)}."
    if all(verdict == "better" for verdict in verdicts):
        return f"{claim} is refuted here: weighting finds more."
    if all(verdict in {"better", "equivalent"} for verdict in verdicts):
        close = f"{100 * margin:.2g} of 100 frauds"
        return f"{claim} is not borne out here: resampling finds as much at best, give or take a margin of {close}."
    return f"{claim} is not borne out by this data, nor ruled out: the intervals leave it open."


def _rivals(family_best: Mapping[str, str]) -> str:
    """The families of the claim that were trained."""
    trained = [family for family in RESAMPLING if family in family_best]
    if {"oversampling", "undersampling"} <= set(trained):
        return "over- or undersampling"
    return " or ".join("combined resampling" if family == "combined" else family for family in trained)


def _verdict_for(name: str, comparison: Comparison) -> str:
    """The verdict seen from one side: better, worse, equivalent or inconclusive."""
    if comparison.verdict in {"equivalent", "inconclusive"}:
        return comparison.verdict
    if name not in {comparison.a, comparison.b}:
        return "inconclusive"
    winner = comparison.a if comparison.verdict == "a" else comparison.b
    return "better" if winner == name else "worse"
