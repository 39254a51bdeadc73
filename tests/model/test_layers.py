"""Hidden layers: fused or not, the units and the gradients of the usual operations."""

import pytest
import torch
from torch import Tensor, nn

from fraud.model import layers
from fraud.model.layers import Hidden, Layers
from fraud.model.network import Network


def rows(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def in_bf16() -> torch.autocast:
    return torch.autocast("cpu", dtype=torch.bfloat16)


def usual(layer: Hidden, *parts: Tensor) -> Tensor:
    return torch.relu(nn.functional.linear(torch.cat(parts, dim=1), layer.weight, layer.bias))


@pytest.mark.parametrize("size", [1, 2, 37, 512])
@pytest.mark.parametrize("widths", [(7,), (7, 5), (64, 64, 3)])
def test_units_and_gradients_are_those_of_the_usual_operations(size: int, widths: tuple[int, ...]) -> None:
    layer, slope = Hidden(sum(widths), 24), rows(size, 24, seed=9)
    found = []
    for operation in (layer, lambda *parts: usual(layer, *parts)):
        parts = [rows(size, width, seed=place).requires_grad_() for place, width in enumerate(widths)]
        with in_bf16():
            units = operation(*parts)
        found.append([units, *torch.autograd.grad((units * slope).sum(), [*parts, layer.weight, layer.bias])])
    for ours, theirs in zip(*found, strict=True):
        assert ours.dtype == theirs.dtype
        torch.testing.assert_close(ours, theirs, rtol=2**-7, atol=2**-7)


def test_no_unit_is_below_zero_in_either_precision() -> None:
    layer, x = Hidden(8, 32), rows(64, 8)
    with in_bf16():
        half = layer(x)
    whole = layer(x)
    assert half.min() == whole.min() == 0
    torch.testing.assert_close(half.float(), whole, rtol=0.02, atol=0.02)


def test_inputs_that_nothing_is_learned_from_get_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    products = []
    matmul = Tensor.__matmul__
    monkeypatch.setattr(Tensor, "__matmul__", lambda a, b: products.append(b.shape) or matmul(a, b))
    numbers, learned = rows(16, 6), rows(16, 4).requires_grad_()
    with in_bf16():
        Hidden(10, 8)(numbers, learned).sum().backward()
    assert numbers.grad is None
    assert learned.grad is not None
    assert learned.grad.abs().max() > 0
    assert not {(8, 6), (8, 10)} & set(products)


def test_a_processor_without_bfloat16_takes_the_usual_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_has_fused", lambda: False)
    monkeypatch.setattr(layers, "_Fused", None)
    layer, x = Hidden(6, 5), rows(9, 6)
    with in_bf16():
        torch.testing.assert_close(layer(x), usual(layer, x))


def test_without_layers_the_parts_stand_side_by_side() -> None:
    assert Layers()(rows(3, 2), rows(3, 1)).shape == (3, 3)
    assert Network(2, (), hidden=(), dropout=0.0)(rows(3, 2)).shape == (3,)


@pytest.mark.parametrize(("dropout", "places"), [(0.0, ("0", "2")), (0.1, ("0", "3"))])
def test_weights_keep_the_names_that_they_were_saved_by(dropout: float, places: tuple[str, str]) -> None:
    names = set(Network(3, (), hidden=(4, 4), dropout=dropout).body.state_dict())
    assert names == {f"{place}.{what}" for place in places for what in ("weight", "bias")}
