"""Memory maps give back what was looked at, and lose nothing that was written to their file."""

from pathlib import Path

import numpy as np
import pytest

from fraud.features import memory_maps
from fraud.features.memory_maps import chunks, release, take


def stored(path: Path, rows: int) -> np.ndarray:
    X = np.random.default_rng(0).normal(size=(rows, 40)).astype(np.float32)
    np.save(path, X)
    return X


def pages_of_files() -> int:
    """Bytes of files that count as this process's memory."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("RssFile")).split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells its memory elsewhere")
def test_what_was_looked_at_is_given_back(tmp_path: Path) -> None:
    X = stored(tmp_path / "X.npy", 200_000)
    one = np.load(tmp_path / "X.npy", mmap_mode="c")
    before = pages_of_files()
    assert np.isfinite(one.sum())
    held = pages_of_files() - before
    release(one)
    assert held > 0.9 * X.nbytes
    assert pages_of_files() - before < 0.1 * X.nbytes
    assert np.array_equal(one, X)


def test_what_is_written_to_the_file_stays_and_other_arrays_are_left_alone(tmp_path: Path) -> None:
    X = np.lib.format.open_memmap(tmp_path / "X.npy", mode="w+", dtype=np.float32, shape=(5, 2))
    X[:] = 7
    release(X)
    assert (X == 7).all()
    release(np.zeros(3))


@pytest.mark.parametrize("held", [0, 2**30])
def test_rows_are_taken_as_they_are(held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_maps, "HELD_BYTES", held)
    monkeypatch.setattr(memory_maps, "FAR_APART_ROWS", 3)
    X, rows = stored(tmp_path / "X.npy", 50), np.array([4, 4, 7, 20, 33, 33, 49, 0])
    assert np.array_equal(take(np.load(tmp_path / "X.npy", mmap_mode="c"), rows), X[rows])


def test_chunks_are_all_rows_once() -> None:
    X = np.arange(10)
    assert [X[one].tolist() for one in chunks(X, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
