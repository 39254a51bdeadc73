"""The engine that runs independent work on this machine."""

import sys

import joblib
import pytest

from fraud.engine import run_all
from fraud.errors import ConfigError, EngineError


def _square(x: int) -> int:
    return x * x


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_call_ends_once_on_this_machine(jobs: int) -> None:
    assert sorted(run_all([joblib.delayed(_square)(x) for x in range(5)], jobs=jobs)) == [0, 1, 4, 9, 16]


def test_without_the_package_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'fraud\[cluster\]'") as caught:
        list(run_all([joblib.delayed(_square)(1)], kind="ray", jobs=1))
    assert "\n" not in str(caught.value)


def test_a_cluster_that_nobody_answers_for_is_told_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'fraud[cluster]'")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(EngineError, match=r"no Ray cluster at 127\.0\.0\.1:1: .*refused; start one") as caught:
        list(run_all([joblib.delayed(_square)(1)], kind="ray", jobs=1))
    assert "\n" not in str(caught.value)
