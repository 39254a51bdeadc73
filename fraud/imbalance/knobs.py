"""Knobs of the strategies: the range of each, and the error for values outside it."""

from collections.abc import Callable, Mapping

from fraud.errors import StrategyError
from fraud.text import nearest

KnobValue = float | int | None
Rule = tuple[Callable[[float], bool], str]

_ABOVE_ZERO: Rule = (lambda value: value > 0, "above 0")
_SHARE: Rule = (lambda value: 0 < value < 1, "in (0, 1)")
_NEIGHBOURS: Rule = (lambda value: value >= 1 and value == int(value), "a whole number of 1 or more")

RULES: dict[str, Rule] = {
    "alpha": _SHARE,
    "beta": (lambda value: 0 <= value < 1, "in [0, 1)"),
    "cleaning_neighbours": _NEIGHBOURS,
    "correction": (lambda value: 0 <= value <= 1, "in [0, 1], 0 for no correction of the imbalance and 1 for balance"),
    "gamma": (lambda value: value >= 0, "0 or more"),
    "neighbours": _NEIGHBOURS,
    "temperature": _ABOVE_ZERO,
    # NearMiss 2 holds the distances of every genuine row to every fraud at once: too much memory here
    "version": (lambda value: value in {1, 3}, "1 or 3"),
}
OPTIONAL = frozenset({"alpha"})


def checked_settings(
    strategy: str, settings: Mapping[str, KnobValue], *, known: Mapping[str, object]
) -> dict[str, KnobValue]:
    """The settings, after checking that each is a knob of the strategy and in range.

    Raises:
        StrategyError: an unknown knob (lists the known) or a value out of range.
    """
    for name, value in settings.items():
        if name not in known:
            raise StrategyError(f"strategy '{strategy}': unknown knob '{name}'; {_known_knobs(name, list(known))}")
        _check_value(strategy, name, value)
    return dict(settings)


def _check_value(strategy: str, name: str, value: KnobValue) -> None:
    if value is None and name in OPTIONAL:
        return
    holds, expected = RULES[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not holds(value):
        raise StrategyError(f"strategy '{strategy}': {name} must be {expected}, found {value!r}")


def _known_knobs(name: str, known: list[str]) -> str:
    if not known:
        return "it has none"
    return f"its knobs: {', '.join(known)}{nearest(name, known)}"
