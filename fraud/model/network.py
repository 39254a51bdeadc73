"""The network: numbers and category codes in, one logit a row out."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def embedding_width(cardinality: int) -> int:
    """Width of the embedding of a category with so many codes: grows with the root, 16 at most."""
    return min(16, 1 + math.ceil(math.sqrt(cardinality)))


class Network(nn.Module):
    """A multilayer perceptron with an embedding for every categorical column.

    The hidden layers may run in bfloat16 under autocast; the last layer always runs in float32, because a bfloat16
    logit has 8 bits and would tie thousands of transactions that must be ranked.

    Args:
        n_numeric: numeric columns; they come first in the input.
        cardinalities: codes of each categorical column; these columns come last, as whole numbers.
        hidden: widths of the hidden layers.
        dropout: share of hidden units dropped in training.
        starting_logit: where the output starts: the log-odds of fraud as the strategy shows them, not one half.
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
        width = n_numeric + sum(embedding_width(size) for size in cardinalities)
        layers: list[nn.Module] = []
        for units in hidden:
            layers += [nn.Linear(width, units), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
            width = units
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, starting_logit)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B,) float32 of rows x (B, F) float32."""
        hidden = self.body(self._inputs(x))
        with torch.autocast(device_type=x.device.type, enabled=False):
            logits: Tensor = self.head(hidden.float()).squeeze(-1)
        return logits

    def _inputs(self, x: Tensor) -> Tensor:
        numeric = x[:, : self.n_numeric]
        if not len(self.embeddings):
            return numeric
        codes = x[:, self.n_numeric :].long()
        embedded = [embed(codes[:, place]) for place, embed in enumerate(self.embeddings)]
        return torch.cat([numeric, *embedded], dim=1)
