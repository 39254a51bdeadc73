import numpy as np
import torch

from fraud.imbalance.rows import TrainingRows
from fraud.model.batches import BalancedBatches, RowBlocks, ShuffledBatches, TrainingData


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


def test_balanced_batches_hold_the_asked_share_and_new_genuine_rows() -> None:
    y = torch.zeros(1000)
    y[:10] = 1
    sampler = BalancedBatches(
        torch.arange(1000), y, positive_share=0.25, batch_size=20, steps=66, generator=generator()
    )
    batches = list(sampler)
    assert all(int(y[batch].sum()) == 5 for batch in batches)
    genuine = torch.cat(batches)[y[torch.cat(batches)] == 0]
    assert len(genuine.unique()) == 990


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
