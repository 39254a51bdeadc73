"""Does the challenger take the champion's place? One rule, its figures, and the decision in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud.config import PromotionConfig
from fraud.errors import LeakageError
from fraud.evaluation.answer import signed
from fraud.evaluation.statistics import Comparison


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Promote or keep, and why."""

    promote: bool
    text: str
    rule: str
    margin: float
    fresher_days: float
    """How much later the challenger's training data end than the champion's."""
    champion: int
    """Version in use when the decision was made."""

    def as_json(self, *, challenger: int) -> dict[str, Any]:
        """The section ``decision`` of ``report.json``."""
        return {
            "promote": self.promote,
            "rule": self.rule,
            "margin": self.margin,
            "fresher_days": self.fresher_days,
            "champion": self.champion,
            "challenger": challenger,
        }


def decide(comparison: Comparison, rule: PromotionConfig, *, champion: int, fresher_days: float) -> Decision:
    """Apply the promotion rule to the paired difference in recall, challenger minus champion.

    ``better``: the challenger's win must be shown. ``not-worse``: the whole interval must lie above ``-margin``, and
    the challenger must have learned from later data; a fresher model that is no worse takes over. ``always`` and
    ``never`` say it themselves.

    Args:
        comparison: a is "challenger", b is "champion", on a window that neither was trained on.
        rule: of the config.
        champion: version of the model in use.
        fresher_days: how much later the challenger's training data end than the champion's.
    """
    if (comparison.a, comparison.b) != ("challenger", "champion"):
        raise LeakageError(f"promotion: expected challenger against champion, found {comparison.a}, {comparison.b}")
    promote = holds(comparison.low, rule.rule, margin=rule.margin, fresher_days=fresher_days)
    more = round(100 * comparison.difference)
    many = f"{abs(more)} {'more' if more > 0 else 'fewer'}" if more else "as many"
    found = (
        f"the challenger finds {many} of 100, "
        f"between {signed(100 * comparison.low)} and {signed(100 * comparison.high)}"
    )
    asked = _rule_in_words(rule, fresher_days)
    return Decision(
        promote=promote,
        text=f"{_opening(champion, promote=promote)}: {found}; {asked}.",
        rule=rule.rule,
        margin=rule.margin,
        fresher_days=fresher_days,
        champion=champion,
    )


def holds(low: float, rule: str, *, margin: float, fresher_days: float) -> bool:
    """Whether the figures satisfy the rule.

    Args:
        low: lower end of the interval of challenger minus champion.
        rule: better, not-worse, always or never.
        margin: what a fresher model may be worse by.
        fresher_days: above 0 where the challenger is fresher.
    """
    if rule == "better":
        return low > 0
    if rule == "not-worse":
        return low > -margin and fresher_days > 0
    return rule == "always"


def check_decision(report: Mapping[str, Any]) -> None:
    """Stop a promotion that the written figures do not bear out: nothing is promoted before its report says why.

    Args:
        report: the ``report.json`` of a retraining, as it is about to be published.

    Raises:
        LeakageError: what is decided, the sentence that says so, the model named as in use, and the rule disagree.
    """
    said = report["decision"]
    (comparison,) = report["comparisons"]
    if (comparison["a"], comparison["b"], comparison["metric"]) != ("challenger", "champion", "recall"):
        raise LeakageError("promotion: the report does not compare the challenger's recall with the champion's")
    expected = holds(comparison["low"], said["rule"], margin=said["margin"], fresher_days=said["fresher_days"])
    in_use = said["challenger"] if expected else said["champion"]
    opening = _opening(said["champion"], promote=expected)
    agree = (
        said["promote"] == expected,
        report["champion"]["version"] == in_use,
        report["answer"]["text"].startswith(opening),
    )
    if not all(agree):
        raise LeakageError(
            f"promotion: decided {'promote' if said['promote'] else 'keep'}, version "
            f"{report['champion']['version']} in use, but rule '{said['rule']}' says otherwise for a difference "
            f"between {comparison['low']:+.4f} and {comparison['high']:+.4f}: expected '{opening}'"
        )


def _opening(champion: int, *, promote: bool) -> str:
    return f"The challenger takes the place of champion {champion}" if promote else f"Champion {champion} stays"


def _rule_in_words(rule: PromotionConfig, fresher_days: float) -> str:
    days = f"{abs(fresher_days):.0f} days {'later' if fresher_days > 0 else 'earlier'}"
    newer = f"its training data end {days}" if round(fresher_days) else "its training data end on the same day"
    return {
        "better": "the rule asks for proof of more",
        "not-worse": f"the rule asks for proof of at most {100 * rule.margin:g} fewer and for newer data: {newer}",
        "always": "the rule promotes every challenger",
        "never": "the rule never promotes by itself",
    }[rule.rule]
