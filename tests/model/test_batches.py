from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fraud.imbalance.rows import TrainingRows
from fraud.model import batches
from fraud.model.batches import BalancedBatches, RowBlocks, SharedBatches, ShuffledBatches, TrainingData
from fraud.model.processes import Shard


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows_of(index: np.ndarray, **other: object) -> TrainingRows:
    return TrainingRows(index=index, positive=1, negative=1, **other)


def test_every_row_is_drawn_once_a_pass() -> None:
    sampler = ShuffledBatches(torch.arange(100), batch_size=25, steps=8, generator=generator())
    batches = list(sampler)
    assert sorted(torch.cat(batches[:4]).tolist()) == list(range(100))
    assert torch.cat(batches[:4]).tolist() != torch.cat(batches[4:]).tolist()


def test_batches_are_full_even_when_they_are_larger_than_the_rows() -> None:
    batches = list(ShuffledBatches(torch.arange(3), batch_size=10, steps=4, generator=generator()))
    assert [len(batch) for batch in batches] == [10] * 4
    assert np.bincount(torch.cat(batches).numpy()).min() >= 12


def test_the_same_seed_gives_the_same_order() -> None:
    def draw(seed: int) -> list[int]:
        return torch.cat(
            list(ShuffledBatches(torch.arange(50), batch_size=10, steps=5, generator=generator(seed)))
        ).tolist()

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_balanced_batches_hold_the_requested_share_and_new_genuine_rows() -> None:
    y = torch.zeros(1000)
    y[:10] = 1
    sampler = BalancedBatches(
        torch.arange(1000), y, positive_share=0.25, batch_size=20, steps=66, generator=generator()
    )
    batches = list(sampler)
    assert all(int(y[batch].sum()) == 5 for batch in batches)
    genuine = torch.cat(batches)[y[torch.cat(batches)] == 0]
    assert len(genuine.unique()) == 990


@given(st.floats(0.001, 0.999), st.integers(2, 40), st.integers(1, 60))
def test_the_share_of_frauds_is_exact_over_all_batches_though_it_is_no_whole_number_a_batch(share, size, steps) -> None:
    y = (torch.arange(50) < 5).float()
    sampler = BalancedBatches(
        torch.arange(50), y, positive_share=share, batch_size=size, steps=steps, generator=generator()
    )
    frauds = [int(y[batch].sum()) for batch in sampler]
    assert all(len(batch) == size for batch in sampler)
    assert sum(frauds) == pytest.approx(share * size * steps, abs=0.51)
    assert max(frauds) - min(frauds) <= 2


def test_an_index_past_the_matrix_means_a_synthetic_row() -> None:
    X, y = torch.arange(6.0).reshape(3, 2), torch.tensor([0.0, 0.0, 1.0])
    rows = rows_of(
        np.arange(4), synthetic_X=np.full((1, 2), 9, dtype=np.float32), synthetic_y=np.ones(1, dtype=np.int8)
    )
    batch_X, batch_y = RowBlocks(X, y, rows)[torch.tensor([3, 0])]
    assert batch_X.tolist() == [[0.0, 1.0], [9.0, 9.0]]
    assert batch_y.tolist() == [0.0, 1.0]


def test_validation_rows_keep_their_order_and_prevalence() -> None:
    X, y = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32), np.arange(50) % 10 == 0
    data = TrainingData((X, y), (X, y), rows=rows_of(np.array([0, 10])), batch_size=4, steps=2, seed=0)
    seen = list(data.val_dataloader())
    assert torch.equal(torch.cat([x for x, _ in seen]), torch.from_numpy(X))
    assert torch.equal(torch.cat([t for _, t in seen]), torch.from_numpy(y.astype(np.float32)))


@given(st.integers(1, 7), st.integers(0, 50))
def test_shards_are_disjoint_and_together_all_rows(world: int, count: int) -> None:
    shards = [Shard(rank, world) for rank in range(world)]
    assert [row for shard in shards for row in shard.of_rows(count)] == list(range(count))
    parts = [shard.of_batch(torch.arange(count)).tolist() for shard in shards]
    assert sorted(row for part in parts for row in part) == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_each_process_has_the_requested_share_of_frauds_in_its_part_of_a_balanced_batch() -> None:
    y = torch.zeros(1000)
    y[:10] = 1
    for rank in range(4):
        sampler = BalancedBatches(
            torch.arange(1000), y, positive_share=0.25, batch_size=32, steps=20, generator=generator()
        )
        assert all(int(y[part].sum()) == 2 and len(part) == 8 for part in SharedBatches(sampler, Shard(rank, 4)))


@pytest.mark.parametrize("ahead_bytes", [1, 700, 10**6])
def test_batches_of_a_matrix_on_disk_are_the_same_however_many_are_read_ahead(
    ahead_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32), np.arange(500) % 10 == 0
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="c")
    index = np.concatenate([np.arange(500), np.arange(0, 500, 10)])

    def data(matrix: np.ndarray) -> TrainingData:
        return TrainingData((matrix, y), (X, y), rows=rows_of(index), batch_size=48, steps=30, seed=0)

    at_once = list(data(X).train_dataloader())
    monkeypatch.setattr(batches, "HELD_BYTES", 0)
    monkeypatch.setattr(batches, "AHEAD_BYTES", ahead_bytes)
    monkeypatch.setattr(batches, "FAR_APART_ROWS", 20)
    ahead = list(data(mapped).train_dataloader())
    assert len(ahead) == len(at_once) == 30
    assert all(torch.equal(x, a) and torch.equal(t, b) for (x, t), (a, b) in zip(at_once, ahead, strict=True))


def test_made_up_rows_are_read_ahead_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = np.arange(40, dtype=np.float32).reshape(20, 2), np.zeros(20)
    made = rows_of(
        np.arange(25), synthetic_X=np.full((5, 2), -1, dtype=np.float32), synthetic_y=np.ones(5, dtype=np.int8)
    )
    monkeypatch.setattr(batches, "HELD_BYTES", 0)
    (batch,) = TrainingData((X, y), (X, y), rows=made, batch_size=25, steps=1, seed=0).train_dataloader()
    assert batch[0][:, 0].sort().values.tolist() == [-1.0] * 5 + X[:, 0].tolist()
    assert batch[1].tolist() == (batch[0][:, 0] < 0).float().tolist()
