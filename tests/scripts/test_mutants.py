"""The runner of mutants: it plants one fault at a time, and names those that live. The listed faults fit the code."""

from collections import Counter
from pathlib import Path

import pytest
from mutants import MUTANTS, ROOT, Mutant, read_mutants, run_mutants

SOURCE = "def larger(a, b):\n    return a if a > b else b\n"
TEST = "from fraud.size import larger\n\n\ndef test_larger():\n    assert larger(3, 1) == {expected}\n"


def small_checkout(folder: Path, *, expected: int = 3) -> Path:
    (folder / "fraud").mkdir()
    (folder / "tests").mkdir()
    (folder / "fraud" / "__init__.py").touch()
    (folder / "fraud" / "size.py").write_text(SOURCE)
    (folder / "tests" / "test_size.py").write_text(TEST.format(expected=expected))
    (folder / "pyproject.toml").touch()
    return folder


def fault(old: str, new: str, name: str = "fault") -> Mutant:
    return Mutant(name=name, file="fraud/size.py", old=old, new=new, tests=("tests/test_size.py",))


def test_a_caught_fault_dies_and_another_survives(tmp_path: Path) -> None:
    checkout = small_checkout(tmp_path)
    caught, missed = fault("a > b", "a < b", "smaller"), fault("a > b", "a >= b", "ties")
    outcomes = list(run_mutants([caught, missed], jobs=1, checkout=checkout))
    assert [(one.mutant.name, one.killed) for one in outcomes] == [("smaller", True), ("ties", False)]
    assert (checkout / "fraud" / "size.py").read_text() == SOURCE


def test_tests_that_fail_anyway_prove_nothing(tmp_path: Path) -> None:
    checkout = small_checkout(tmp_path, expected=1)
    with pytest.raises(ValueError, match="tests fail without any mutant"):
        list(run_mutants([fault("a > b", "a < b")], jobs=1, checkout=checkout))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("c > d", "c < d", "found it 0 times"),
        ("a", "c", r"found it \d+ times"),
        ("a > b", "(a > b)", "changes nothing"),
    ],
)
def test_a_fault_that_does_not_fit_the_source_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(run_mutants([fault(old, new)], jobs=1, checkout=small_checkout(tmp_path)))


def test_every_listed_fault_fits_the_code_and_names_tests_that_exist() -> None:
    mutants = read_mutants()
    assert len(mutants) >= 60
    assert max(Counter(one.name for one in mutants).values()) == 1
    for mutant in mutants:
        mutant.mutated((ROOT / mutant.file).read_text(encoding="utf-8"))
        for test in mutant.tests:
            path, *names = test.split("::")
            text = (ROOT / path).read_text(encoding="utf-8")
            assert all(f"def {name.partition('[')[0]}(" in text for name in names), (
                f"{MUTANTS.name}: {mutant.name}: {test}"
            )
