"""Plant the faults of tests/mutants.toml one by one in a copy; name those that no test catches.

python scripts/mutants.py [--only WORDS] [--jobs 2]    (about 15 minutes on two quiet cores; make mutants)

A mutant is one line of the library changed into a plausible mistake, with the tests that must fail because of it. The
tests are run once without any mutant first: a test that fails anyway proves nothing. Exit code 1: a mutant survived.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "tests" / "mutants.toml"
COPIED = ("fraud", "pipelines", "scripts", "tests", "docs", "reports", "data/README.md", "pyproject.toml", "README.md")
"""What the tests read of a checkout."""
TIMEOUT_S = 600


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A fault: ``old`` stands once in ``file`` and becomes ``new``; ``tests`` must fail then."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def plant(self, root: Path) -> None:
        """Change the file under ``root``.

        Raises:
            ValueError: ``old`` does not stand exactly once there, or the result is no Python.
        """
        path = root / self.file
        path.write_text(self.mutated(path.read_text(encoding="utf-8")), encoding="utf-8")

    def mutated(self, source: str) -> str:
        """The source with the fault in it."""
        count = source.count(self.old)
        if count != 1:
            raise ValueError(f"'{self.name}': expected the old text once in {self.file}, found it {count} times")
        changed = source.replace(self.old, self.new)
        if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)):
            raise ValueError(f"'{self.name}': changes nothing in {self.file}")
        return changed


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    seconds: float


def read_mutants(path: Path = MUTANTS) -> list[Mutant]:
    """All mutants of a TOML file, in its order."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def run_mutants(mutants: Sequence[Mutant], *, jobs: int, checkout: Path = ROOT) -> Iterator[Outcome]:
    """Plant and test each mutant, several side by side, each in a copy of the checkout of its own.

    Raises:
        ValueError: a mutant does not fit the source, or its tests fail without it.
    """
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for mutant in mutants:
            mutant.mutated((checkout / mutant.file).read_text(encoding="utf-8"))
        for number in range(jobs):
            copies.put(copy_checkout(checkout, Path(folder) / str(number)))
        check_unmutated(mutants, copies)
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(lambda mutant: try_mutant(mutant, copies), mutants)


def copy_checkout(checkout: Path, target: Path) -> Path:
    """Copy what tests read into ``target``."""
    for name in COPIED:
        source, copy = checkout / name, target / name
        if not source.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy)
    return target


def check_unmutated(mutants: Iterable[Mutant], copies: "SimpleQueue[Path]") -> None:
    """Run all tests of the mutants without a mutant.

    Raises:
        ValueError: one of them fails.
    """
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with borrowed(copies) as root:
        ended = run_tests(root, tests, timeout_s=TIMEOUT_S * len(tests))
    if ended.returncode:
        raise ValueError(f"tests fail without any mutant:\n{ended.stdout[-2000:]}")


def try_mutant(mutant: Mutant, copies: "SimpleQueue[Path]") -> Outcome:
    """Plant one mutant, run its tests, take it out again."""
    with borrowed(copies) as root:
        path = root / mutant.file
        source = path.read_text(encoding="utf-8")
        began = time.monotonic()
        try:
            mutant.plant(root)
            killed = run_tests(root, mutant.tests).returncode == 1  # pytest: tests were run and some failed
        finally:
            path.write_text(source, encoding="utf-8")
    return Outcome(mutant=mutant, killed=killed, seconds=time.monotonic() - began)


def run_tests(root: Path, tests: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    """Run tests on the copy at ``root`` up to the first failure, without bytecode of an earlier mutant."""
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    environment["FRAUD_TESTS"] = "thorough"  # all examples of the property tests: a fault must not survive by luck
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, stdout="timed out")


@contextmanager
def borrowed(copies: "SimpleQueue[Path]") -> Iterator[Path]:
    """A copy for one user at a time."""
    root = copies.get()
    try:
        yield root
    finally:
        copies.put(root)


def main() -> int:
    """Run the mutants and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose name or file holds this text")
    parser.add_argument("--jobs", type=int, default=2, help="mutants side by side")
    options = parser.parse_args()
    mutants = [one for one in read_mutants() if options.only in one.name or options.only in one.file]
    survivors = 0
    for number, outcome in enumerate(run_mutants(mutants, jobs=options.jobs), start=1):
        survivors += not outcome.killed
        word = "killed  " if outcome.killed else "SURVIVED"
        sys.stdout.write(f"{number:>3}/{len(mutants)} {word} {outcome.seconds:5.1f} s  {outcome.mutant.name}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{survivors} of {len(mutants)} mutants survived\n")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
