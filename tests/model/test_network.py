import math

import numpy as np
import pytest
import torch

from fraud.model.network import Network, PooledDropout, Waves


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(3, (5, 2), hidden=(8,), dropout=0.0, starting_logit=math.log(0.01 / 0.99))


def test_an_untrained_network_returns_its_starting_logit(network: Network) -> None:
    x = torch.tensor([[0.0, 1.0, -1.0, 4, 1], [2.0, 0.0, 0.0, 0, 0]])
    torch.testing.assert_close(torch.sigmoid(network(x)), torch.full((2,), 0.01))


def test_one_logit_a_row(network: Network) -> None:
    assert network(torch.zeros(7, 5)).shape == (7,)


def test_logits_stay_float32_under_bf16_so_that_they_do_not_tie() -> None:
    torch.manual_seed(0)
    network = Network(5, (), hidden=(64,), dropout=0.0, starting_logit=math.log(0.01 / 0.99))
    torch.nn.init.normal_(network.head.weight)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(torch.randn(4096, 5))
    assert logits.dtype == torch.float32
    assert len(logits.unique()) > 4000


def test_category_codes_reach_the_output(network: Network) -> None:
    torch.nn.init.normal_(network.head.weight)
    rows = torch.zeros(5, 5)
    rows[:, 3] = torch.arange(5)
    assert len(network(rows).unique()) == 5


def test_the_starting_logit_is_the_output_bias() -> None:
    network = Network(1, (), hidden=(4,), dropout=0.5, starting_logit=math.log(0.2 / 0.8))
    assert float(network.head.bias.detach()) == pytest.approx(math.log(0.2 / 0.8))


def test_waves_let_a_line_end_where_it_began() -> None:
    waves = Waves(1)
    torch.nn.init.constant_(waves.frequency, math.tau)
    torch.nn.init.zeros_(waves.phase)
    torch.testing.assert_close(waves(torch.tensor([[0.25], [0.5], [1.25]])), torch.tensor([[1.0], [0.0], [1.0]]))


def test_every_number_has_a_wave_of_its_own(network: Network) -> None:
    assert network.waves(torch.ones(2, 3)).shape == (2, 3)
    assert len(network.waves(torch.ones(1, 3)).unique()) == 3


@pytest.mark.parametrize(("dropout", "layers"), [(0.0, ("0", "2")), (0.1, ("0", "3"))])
def test_saved_weights_are_those_of_plain_linear_layers(dropout: float, layers: tuple[str, str]) -> None:
    network = Network(3, (), hidden=(4, 5), dropout=dropout)
    assert {name: tuple(values.shape) for name, values in network.body.state_dict().items()} == {
        f"{layers[0]}.weight": (4, 6),
        f"{layers[0]}.bias": (4,),
        f"{layers[1]}.weight": (5, 4),
        f"{layers[1]}.bias": (5,),
    }


@pytest.mark.parametrize("hidden", [(), (8,), (8, 4)])
def test_logits_are_those_of_the_matrix_products(hidden: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    network = Network(3, (5, 2), hidden=hidden, dropout=0.3).double().eval()
    torch.nn.init.normal_(network.head.weight)
    x = torch.cat([torch.randn(6, 3), torch.tensor([[4.0, 1], [0, 0], [1, 1], [2, 0], [3, 1], [4, 0]])], dim=1).double()
    weights = {name: values.numpy() for name, values in network.state_dict().items()}
    numbers, codes = x[:, :3].numpy(), x[:, 3:].numpy().astype(int)
    embedded = [weights[f"embeddings.{column}.weight"][codes[:, column]] for column in (0, 1)]
    units = np.hstack([numbers, *embedded, np.sin(numbers * weights["waves.frequency"] + weights["waves.phase"])])
    for layer in range(len(hidden)):
        units = np.maximum(units @ weights[f"body.{3 * layer}.weight"].T + weights[f"body.{3 * layer}.bias"], 0)
    expected = (units @ weights["head.weight"].T + weights["head.bias"])[:, 0]
    np.testing.assert_allclose(network(x).detach().numpy(), expected, rtol=1e-6)


def test_dropout_leaves_scoring_alone() -> None:
    x = torch.randn(8, 16)
    assert PooledDropout(0.5).eval()(x) is x


def test_dropped_units_are_zero_and_the_others_keep_the_mean() -> None:
    torch.manual_seed(0)
    dropped = PooledDropout(0.2)(torch.ones(512, 64))
    assert set(dropped.unique().tolist()) == {0.0, 1.25}
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.02)


def test_each_batch_and_each_row_drops_other_units() -> None:
    torch.manual_seed(0)
    dropout = PooledDropout(0.5)
    first, second = dropout(torch.ones(64, 32)), dropout(torch.ones(64, 32))
    assert not torch.equal(first, second)
    assert len(first.unique(dim=0)) > 60


def test_a_larger_batch_after_a_smaller_one_is_dropped_too() -> None:
    dropout = PooledDropout(0.5)
    dropout(torch.ones(2, 4))
    assert dropout(torch.ones(4096, 64)).shape == (4096, 64)
