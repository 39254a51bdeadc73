"""Does the challenger take the champion's place? One rule, its figures, and the decision in words."""

from dataclasses import dataclass

from fraud.config import PromotionConfig
from fraud.errors import LeakageError
from fraud.evaluation.answer import signed
from fraud.evaluation.statistics import Comparison


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Promote or keep, and why."""

    promote: bool
    text: str


def decide(comparison: Comparison, rule: PromotionConfig, *, champion: int) -> Decision:
    """Apply the promotion rule to the paired difference in recall, challenger minus champion.

    ``better``: the challenger's win must be shown. ``not-worse``: the whole interval must lie above ``-margin``; a
    fresher model that is no worse takes over. ``always`` and ``never`` say it themselves.

    Args:
        comparison: a is "challenger", b is "champion", on a window that neither was trained on.
        rule: of the config.
        champion: version of the model in use.
    """
    if (comparison.a, comparison.b) != ("challenger", "champion"):
        raise LeakageError(f"promotion: expected challenger against champion, found {comparison.a}, {comparison.b}")
    promote = holds(comparison, rule)
    more = round(100 * comparison.difference)
    found = (
        f"the challenger finds {abs(more)} {'more' if more >= 0 else 'fewer'} of 100, "
        f"between {signed(100 * comparison.low)} and {signed(100 * comparison.high)}"
    )
    opening = f"The challenger takes the place of champion {champion}" if promote else f"Champion {champion} stays"
    return Decision(promote=promote, text=f"{opening}: {found}; {_rule_in_words(rule)}.")


def holds(comparison: Comparison, rule: PromotionConfig) -> bool:
    """Whether the figures satisfy the rule."""
    if rule.rule == "better":
        return comparison.low > 0
    if rule.rule == "not-worse":
        return comparison.low > -rule.margin
    return rule.rule == "always"


def check_decision(decision: Decision, comparison: Comparison, rule: PromotionConfig) -> None:
    """Stop a promotion that its own figures do not bear out.

    Raises:
        LeakageError: decision and rule disagree.
    """
    if decision.promote != holds(comparison, rule):
        raise LeakageError(
            f"promotion: decided {'promote' if decision.promote else 'keep'}, but rule '{rule.rule}' says otherwise "
            f"for a difference between {comparison.low:+.4f} and {comparison.high:+.4f}"
        )


def _rule_in_words(rule: PromotionConfig) -> str:
    return {
        "better": "the rule asks for proof of more",
        "not-worse": f"the rule asks for proof of at most {100 * rule.margin:g} fewer",
        "always": "the rule promotes every challenger",
        "never": "the rule never promotes by itself",
    }[rule.rule]
