"""A bundle: one trained model with all that it needs to score — encoder, network, calibration, threshold, provenance.

On disk it is a folder of two files, ``network.safetensors`` and ``bundle.json``; reading them runs no code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from safetensors.torch import load_file, save_file

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

    ``network_shape`` are the keyword arguments of ``Network``; ``logit_shift`` is taken off the logits before
    calibration; ``threshold`` is on ``y_score``; ``precision`` is that of the hidden layers, in evaluation and in
    scoring; ``provenance`` lists the data, versions and settings it was made of.
    """

    strategy: str
    family: str
    seed: int
    encoder: Encoder
    network: Network
    network_shape: Mapping[str, Any]
    logit_shift: float
    calibrator: Calibrator
    threshold: float
    precision: Precision = "auto"
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def logits(self, features: pl.DataFrame) -> np.ndarray:
        """Raw logits (N,) of feature rows."""
        return score_logits(self.network, self.encoder.transform(features), precision=self.precision)

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
            save_file(self.network.state_dict(), part / WEIGHTS)
            (part / MANIFEST).write_text(json.dumps(self._manifest(), indent=1), encoding="utf-8")
            for name, text in (texts or {}).items():
                (part / name).write_text(text, encoding="utf-8")

    def _manifest(self) -> dict[str, Any]:
        return {
            "strategy": self.strategy,
            "family": self.family,
            "seed": self.seed,
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
            network = Network(**saved["network"])
            network.load_state_dict(load_file(folder / WEIGHTS))
            return cls(
                strategy=saved["strategy"],
                family=saved["family"],
                seed=saved["seed"],
                encoder=Encoder.from_dict(saved["encoder"]),
                network=network.eval(),
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


def _checked(precision: Precision) -> Precision:
    """The saved precision, known to be one; bundles without one were evaluated with ``auto``."""
    hidden_precision(precision)
    return precision
