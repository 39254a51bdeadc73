"""The promotion rule: whether the challenger replaces the champion, its figures, and the decision in words.

Figures are printed with as many digits as needed for a reader who applies the rule to them to decide alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud.config import PromotionConfig
from fraud.errors import LeakageError
from fraud.evaluation import Comparison
from fraud.text import counted

FEWEST_DIGITS, MOST_DIGITS = 1, 12
"""Decimals of a difference in frauds of 100."""
SECONDS_OF_A_DAY = 86_400
UNITS = ((1.0, "day"), (1 / 24, "hour"), (1 / 1440, "minute"), (1 / SECONDS_OF_A_DAY, "second"))


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
    found: str
    """The difference in recall, in words."""
    fresher: str
    """``fresher_days`` in words, as ``31 days later``."""

    def as_json(self, *, challenger: int) -> dict[str, Any]:
        """The section ``decision`` of ``report.json``."""
        return {
            "promote": self.promote,
            "rule": self.rule,
            "margin": self.margin,
            "fresher_days": self.fresher_days,
            "fresher": self.fresher,
            "found": self.found,
            "champion": self.champion,
            "challenger": challenger,
        }


def decide(
    comparison: Comparison, rule: PromotionConfig, *, champion: int, fresher_days: float, has_days: bool = True
) -> Decision:
    """Apply the promotion rule to the paired difference in recall, challenger minus champion.

    ``better``: the whole interval must lie above 0. ``not-worse``: the whole interval must lie above ``-margin``, and
    the challenger's training data must end later. ``always`` and ``never`` do as they are called.

    Args:
        comparison: a is "challenger", b is "champion", on a window that neither was trained on.
        rule: of the config.
        champion: version of the model in use.
        fresher_days: how much later the challenger's training data end than the champion's.
        has_days: False where the order of the rows stands for time, one row a second.
    """
    if (comparison.a, comparison.b) != ("challenger", "champion"):
        raise LeakageError(f"promotion: expected challenger against champion, found {comparison.a}, {comparison.b}")
    promote = rule_is_met(comparison.low, rule.rule, margin=rule.margin, fresher_days=fresher_days)
    found, fresher = _found_in_words(comparison, rule), _fresher_in_words(fresher_days, has_days=has_days)
    return Decision(
        promote=promote,
        text=f"{_opening(champion, promote=promote)}: the challenger finds {found}; {_rule_in_words(rule, fresher)}.",
        rule=rule.rule,
        margin=rule.margin,
        fresher_days=fresher_days,
        champion=champion,
        found=found,
        fresher=fresher,
    )


def rule_is_met(lower_bound: float, rule: str, *, margin: float, fresher_days: float) -> bool:
    """Whether the figures satisfy the rule.

    Args:
        lower_bound: lower end of the interval of challenger minus champion, a share.
        rule: better, not-worse, always or never.
        margin: the largest loss of recall accepted for a fresher model, a share.
        fresher_days: above 0 where the challenger's training data end later.
    """
    if rule == "better":
        return lower_bound > 0
    if rule == "not-worse":
        return lower_bound > -margin and fresher_days > 0
    return rule == "always"


def check_decision(report: Mapping[str, Any]) -> None:
    """Stop a promotion that contradicts the written figures: nothing is promoted before its report explains it.

    Args:
        report: the ``report.json`` of a retraining, as it is about to be published.

    Raises:
        LeakageError: the decision, its sentence, the model named as in use, and the rule disagree.
    """
    decided = report["decision"]
    (comparison,) = report["comparisons"]
    if (comparison["a"], comparison["b"], comparison["metric"]) != ("challenger", "champion", "recall"):
        raise LeakageError("promotion: the report does not compare the challenger's recall with the champion's")
    expected = rule_is_met(
        comparison["low"], decided["rule"], margin=decided["margin"], fresher_days=decided["fresher_days"]
    )
    in_use = decided["challenger"] if expected else decided["champion"]
    opening = _opening(decided["champion"], promote=expected)
    agree = (
        decided["promote"] == expected,
        report["champion"]["version"] == in_use,
        report["answer"]["text"].startswith(opening),
    )
    if not all(agree):
        raise LeakageError(
            f"promotion: decided {'promote' if decided['promote'] else 'keep'}, version "
            f"{report['champion']['version']} in use, which contradicts rule '{decided['rule']}' for a difference "
            f"between {comparison['low']:+.4f} and {comparison['high']:+.4f}: expected '{opening}'"
        )


def _opening(champion: int, *, promote: bool) -> str:
    return f"The challenger replaces champion {champion}" if promote else f"Champion {champion} stays"


def _found_in_words(comparison: Comparison, rule: PromotionConfig) -> str:
    """As ``2.0 more of 100 frauds, between −1.2 and +5.0``."""
    line = {"better": 0.0, "not-worse": -rule.margin}.get(rule.rule)
    digits = FEWEST_DIGITS if line is None else _digits(comparison.low, line)
    difference, low, high = (
        f"{100 * share:+.{digits}f}" for share in (comparison.difference, comparison.low, comparison.high)
    )
    nothing = float(difference) == 0
    many = "as many" if nothing else f"{difference[1:]} {'more' if comparison.difference > 0 else 'fewer'}"
    return f"{many} of 100 frauds, between {_with_minus(low)} and {_with_minus(high)}"


def _digits(low: float, line: float) -> int:
    """Digits with which the rounded lower end is on the same side of the line as the exact one."""
    above = low > line
    wanted = range(FEWEST_DIGITS, MOST_DIGITS)
    return next((n for n in wanted if (round(100 * low, n) > round(100 * line, n + 1)) == above), MOST_DIGITS)


def _with_minus(number: str) -> str:
    """Zero without a sign, and a true minus."""
    return number.lstrip("+-") if float(number) == 0 else number.replace("-", "−")


def _fresher_in_words(days: float, *, has_days: bool) -> str:
    """As ``31 days later``, ``6,000 rows earlier`` or ``at the same moment``."""
    when = "later" if days > 0 else "earlier"
    if round(days * SECONDS_OF_A_DAY) == 0:
        return "at the same moment"
    if not has_days:
        return f"{counted(round(abs(days) * SECONDS_OF_A_DAY, 1), 'row')} {when}"
    size, unit = next((one for one in UNITS if abs(days) >= one[0]), UNITS[-1])
    return f"{counted(round(abs(days) / size, 1), unit)} {when}"


def _rule_in_words(rule: PromotionConfig, fresher: str) -> str:
    fewer = f"less than {100 * rule.margin:g} fewer" if rule.margin else "more"
    return {
        "better": "the rule requires evidence that it finds more",
        "not-worse": (f"the rule requires evidence that it finds {fewer}, and newer training data: they end {fresher}"),
        "always": "the rule promotes every challenger",
        "never": "the rule promotes no challenger",
    }[rule.rule]
