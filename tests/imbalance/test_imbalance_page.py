"""docs/imbalance.md: its examples run, and its tables name what exists."""

import doctest
import re
from pathlib import Path

from fraud.imbalance.strategies import STRATEGIES

PAGE = Path(__file__).parents[2] / "docs" / "imbalance.md"


def test_the_examples_of_the_page_run():
    # the fence that closes an example is not part of its output
    text = PAGE.read_text(encoding="utf-8").replace("```python", "").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert test.examples
    result = doctest.DocTestRunner().run(test)
    assert result.failed == 0


def test_the_page_names_every_strategy_and_every_knob_with_its_default():
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\|(.*)\|$", text, flags=re.MULTILINE))
    for name, strategy in STRATEGIES.items():
        assert f"`{name}`" in text
        if strategy.sampler:
            for knob, value in strategy.settings.items():
                assert f"{knob} {value:g}" in rows[name]
