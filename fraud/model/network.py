"""The network: numbers and category codes in, one logit a row out."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

WAVE_SPREAD = 0.2
"""Standard deviation of the waves' starting frequencies, in turns for each unit of an encoded number."""
MASK_SHIFTS = 2**16
"""Different masks that one pool of random numbers gives."""


def embedding_width(cardinality: int) -> int:
    """Width of the embedding of a category with so many codes: grows with the root, 16 at most."""
    return min(16, 1 + math.ceil(math.sqrt(cardinality)))


class Waves(nn.Module):
    """One learned sine of every number, sin(w x + b), so that the layers above can follow thresholds.

    A plain network draws smooth lines and needs many steps to follow a threshold. A periodic embedding of the numbers
    helps (Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning"); one sine a column,
    beside the number itself, brought more than half of what eight and a layer of their own did (average precision .730
    and .743, plain .711; reports/LOG.md), at a sixth of the cost.

    Args:
        columns: N numeric columns.
    """

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.frequency = nn.Parameter(torch.randn(columns) * (WAVE_SPREAD * math.tau))
        self.phase = nn.Parameter(torch.rand(columns) * math.tau)

    def forward(self, x: Tensor) -> Tensor:
        """Waves (B, N) of numbers (B, N)."""
        return torch.sin(x * self.frequency + self.phase)


class PooledDropout(nn.Module):
    """Dropout whose masks are slices of one pool of random numbers, drawn once; each batch takes another slice.

    Drawing a fresh mask costs a third of a training step. The pool is drawn at the first batch.

    Args:
        rate: share of the units dropped in training.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self._pool: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """The units (B, U), dropped ones 0 and the others scaled up; unchanged outside training."""
        if not self.training:
            return x
        pool = self._pool
        if pool is None or len(pool) < x.numel() + MASK_SHIFTS or pool.device != x.device:
            kept = torch.rand(x.numel() + MASK_SHIFTS, device=x.device) >= self.rate
            pool = self._pool = kept.to(x.dtype) / (1 - self.rate)
        shift = int(torch.randint(MASK_SHIFTS, ()))
        return x * pool[shift : shift + x.numel()].view_as(x).to(x.dtype)


class Network(nn.Module):
    """A multilayer perceptron with a wave for every numeric column and an embedding for every categorical one.

    The hidden layers may run in bfloat16 under autocast; the last layer always runs in float32, because a bfloat16
    logit has 8 bits and would tie thousands of transactions that must be ranked.

    Args:
        n_numeric: numeric columns; they come first in the input.
        cardinalities: codes of each categorical column; these columns come last, as whole numbers.
        hidden: widths of the hidden layers.
        dropout: share of hidden units dropped in training.
        starting_logit: initial bias of the output: the log-odds of fraud under the strategy (``starting_logit``).
    """

    def __init__(
        self,
        n_numeric: int,
        cardinalities: Sequence[int],
        *,
        hidden: Sequence[int],
        dropout: float,
        starting_logit: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_numeric = n_numeric
        self.embeddings = nn.ModuleList(nn.Embedding(size, embedding_width(size)) for size in cardinalities)
        self.waves = Waves(n_numeric)
        width = 2 * n_numeric + sum(embedding_width(size) for size in cardinalities)
        layers: list[nn.Module] = []
        for units in hidden:
            layers += [nn.Linear(width, units), nn.ReLU()]
            layers += [PooledDropout(dropout)] if dropout else []
            width = units
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, starting_logit)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B,) float32 of rows x (B, F) float32."""
        return self.logits_from_inputs(self.embed(x))

    def logits_from_inputs(self, inputs: Tensor) -> Tensor:
        """Logits (B,) float32 of the inputs (B, E) that ``embed`` returned."""
        waves = self.waves(inputs[:, : self.n_numeric])
        hidden = self.body(torch.cat([inputs, waves], dim=1))
        with torch.autocast(device_type=inputs.device.type, enabled=False):
            logits: Tensor = self.head(hidden.to(self.head.weight.dtype)).squeeze(-1)
        return logits

    def embed(self, x: Tensor) -> Tensor:
        """Inputs (B, E) of rows x (B, F): the numbers, then the embedding of each category code."""
        numeric = x[:, : self.n_numeric]
        if not len(self.embeddings):
            return numeric
        codes = x[:, self.n_numeric :].long()
        embedded = [table(codes[:, column]) for column, table in enumerate(self.embeddings)]
        return torch.cat([numeric, *embedded], dim=1)
