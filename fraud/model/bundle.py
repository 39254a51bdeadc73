"""A bundle: one model with all that it needs to score — encoder, networks, calibration, threshold, provenance.

The model is the mean of the logits of networks that were trained from different seeds.

On disk it is a folder of two files, ``network.safetensors`` and ``bundle.json``; reading them runs no code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from safetensors.torch import load_file, save_file
from torch import Tensor

from fraud.errors import ModelError
from fraud.features import Encoder
from fraud.files import write_atomically
from fraud.model.calibration import Calibrator, shift_logits
from fraud.model.network import Network
from fraud.model.scoring import Precision, hidden_precision, score_logits

WEIGHTS, MANIFEST = "network.safetensors", "bundle.json"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A model that scores feature rows.

    ``networks`` are one a seed, in evaluation mode; ``network_shape`` are the keyword arguments of ``Network``;
    ``logit_shift`` is taken off the logits before calibration; ``threshold`` is on ``y_score``; ``precision`` is that
    of the hidden layers, in evaluation and in scoring; ``provenance`` lists the data, versions and settings it was made
    of.
    """

    strategy: str
    family: str
    seeds: tuple[int, ...]
    encoder: Encoder
    networks: tuple[Network, ...]
    network_shape: Mapping[str, Any]
    logit_shift: float
    calibrator: Calibrator
    threshold: float
    precision: Precision = "auto"
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def logits(self, features: pl.DataFrame) -> np.ndarray:
        """Raw logits (N,) of feature rows, the mean over the networks."""
        return self.logits_of(self.encoder.transform(features))

    def logits_of(self, X: np.ndarray) -> np.ndarray:
        """Raw logits (N,) of encoded rows X (N, F), the mean over the networks."""
        logits = [score_logits(one, X, precision=self.precision) for one in self.networks]
        return np.asarray(np.mean(logits, axis=0), dtype=np.float64)

    def score(self, features: pl.DataFrame) -> np.ndarray:
        """``y_score`` (N,) in [0, 1] of feature rows: after prior correction and calibration."""
        return self.calibrator.transform(shift_logits(self.logits(features), self.logit_shift))

    def save(self, folder: Path, *, texts: Mapping[str, str] | None = None) -> None:
        """Write the folder in one step: an older one is replaced only when the new one is complete.

        Args:
            folder: where.
            texts: further files of the bundle, name -> content, as its model card.
        """
        with write_atomically(folder) as part:
            part.mkdir()
            save_file(_named(self.networks), part / WEIGHTS)
            (part / MANIFEST).write_text(json.dumps(self._manifest(), indent=1), encoding="utf-8")
            for name, text in (texts or {}).items():
                (part / name).write_text(text, encoding="utf-8")

    def _manifest(self) -> dict[str, Any]:
        return {
            "strategy": self.strategy,
            "family": self.family,
            "seeds": list(self.seeds),
            "encoder": self.encoder.to_dict(),
            "network": dict(self.network_shape),
            "logit_shift": self.logit_shift,
            "calibrator": self.calibrator.to_dict(),
            "threshold": self.threshold,
            "precision": self.precision,
            "provenance": dict(self.provenance),
        }

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder that ``save`` wrote.

        Raises:
            ModelError: the folder is missing or is no bundle.
        """
        try:
            saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            weights = load_file(folder / WEIGHTS)
            return cls(
                strategy=saved["strategy"],
                family=saved["family"],
                seeds=tuple(saved["seeds"]),
                encoder=Encoder.from_dict(saved["encoder"]),
                networks=tuple(_network(saved["network"], weights, number) for number in range(len(saved["seeds"]))),
                network_shape=saved["network"],
                logit_shift=saved["logit_shift"],
                calibrator=Calibrator.from_dict(saved["calibrator"]),
                threshold=saved["threshold"],
                precision=_checked(saved.get("precision", "auto")),
                provenance=saved["provenance"],
            )
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"{folder}: is not a readable bundle ({error}); train or register the model again"
            ) from None


def _named(networks: Sequence[Network]) -> dict[str, Tensor]:
    """Weights of several networks in one file: their names begin with the network's number."""
    return {
        f"{number}.{name}": value for number, one in enumerate(networks) for name, value in one.state_dict().items()
    }


def _network(shape: Mapping[str, Any], weights: Mapping[str, Tensor], number: int) -> Network:
    start, network = f"{number}.", Network(**shape)
    network.load_state_dict({name.removeprefix(start): one for name, one in weights.items() if name.startswith(start)})
    return network.eval()


def _checked(precision: Precision) -> Precision:
    """The saved precision, known to be one; bundles without one were evaluated with ``auto``."""
    hidden_precision(precision)
    return precision
