import math

import pytest
import torch

from fraud.model.network import Network


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(3, (5, 2), hidden=(8,), dropout=0.0, starting_logit=math.log(0.01 / 0.99))


def test_an_untrained_network_says_its_starting_logit(network: Network) -> None:
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
