"""Logits to probabilities that can be used: prior correction first, then calibration on validation.

A strategy that changes the apparent prevalence has a logit shift; subtracting it restores the prior. Where no exact
shift exists, or rows were memorised, a calibrator fitted on validation at natural prevalence does the rest. All are
strictly increasing, so no calibration ever changes the order of the scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from fraud.errors import ConfigError, ModelError, TargetError
from fraud.metrics import as_scores, as_targets

CalibratorKind = Literal["identity", "temperature", "platt", "isotonic"]
FEWEST_FRAUDS_PLATT = 10
"""With fewer frauds only the intercept is fitted: a slope would follow single frauds."""
FEWEST_FRAUDS_ISOTONIC = 100
"""With fewer frauds Platt's two parameters are fitted instead of steps."""
TILT = 1e-6
"""Share of the plain sigmoid mixed into isotonic steps, so that equal steps keep the order of the logits."""

Floats = NDArray[np.float64]


def shift_logits(logits: ArrayLike, shift: float) -> Floats:
    """Logits with the strategy's shift taken off: the log-odds at natural prevalence.

    Args:
        logits: (N,), as the network gives them.
        shift: log-odds that the strategy added, for example log(w_pos / w_neg).
    """
    return np.asarray(logits, dtype=np.float64) - shift


@dataclass(frozen=True, kw_only=True)
class Calibrator:
    """Logits -> probabilities: sigmoid(slope * logit + intercept), or steps of isotonic regression."""

    kind: CalibratorKind
    """What was fitted, which may be simpler than what was requested."""
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """Isotonic: logits and probabilities between which the line is straight."""
    note: str = ""
    """Why a simpler kind was fitted; empty where it was not."""

    def transform(self, logits: ArrayLike) -> Floats:
        """Probabilities (N,) of logits (N,), in their order."""
        values = np.asarray(logits, dtype=np.float64)
        smooth = expit(self.slope * values + self.intercept)
        if self.knots is None:
            return cast(Floats, smooth)
        steps = np.interp(values, self.knots[0], self.knots[1])
        return cast(Floats, (1 - TILT) * steps + TILT * smooth)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; ``from_dict`` reads it back exactly."""
        knots = None if self.knots is None else [list(side) for side in self.knots]
        return {
            "kind": self.kind,
            "slope": self.slope,
            "intercept": self.intercept,
            "knots": knots,
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The calibrator that ``to_dict`` wrote.

        Raises:
            ModelError: a key is missing or unknown.
        """
        expected = {"kind", "slope", "intercept", "knots", "note"}
        if set(saved) != expected:
            raise ModelError(f"calibrator: expected keys {sorted(expected)}, found {sorted(saved)}; train again")
        knots = saved["knots"]
        return cls(**{**saved, "knots": None if knots is None else (tuple(knots[0]), tuple(knots[1]))})


def fit_calibrator(kind: CalibratorKind | str, logits: ArrayLike, y: ArrayLike) -> Calibrator:
    """A calibrator fitted on validation at natural prevalence.

    Args:
        kind: ``temperature`` one slope (Guo et al. 2017); ``platt`` slope and intercept with Platt's smoothed targets
            (Platt 1999; Lin, Lin and Weng 2007); ``isotonic`` steps; ``identity`` nothing.
        logits: shifted logits (N,).
        y: labels (N,), as known at the moment of fitting.

    Raises:
        ConfigError: an unknown kind.
        TargetError: shapes that differ, NaN or infinite logits, labels that are not 0 or 1.

    NOTE: with few frauds a simpler kind is fitted than requested, and ``note`` states why.
    """
    if kind not in get_args(CalibratorKind):
        raise ConfigError(f"calibration: unknown kind {kind!r}; known kinds: {', '.join(get_args(CalibratorKind))}")
    values, labels = _checked(logits, y)
    frauds = int(labels.sum())
    if kind == "identity" or frauds in (0, labels.size):
        return Calibrator(kind="identity", note="" if kind == "identity" else "only one class in validation")
    if kind == "temperature":
        return _temperature(values, labels)
    if kind == "isotonic" and frauds >= FEWEST_FRAUDS_ISOTONIC:
        return _isotonic(values, labels)
    note = f"isotonic needs {FEWEST_FRAUDS_ISOTONIC} frauds, validation has {frauds}" if kind == "isotonic" else ""
    return _platt(values, labels, note)


def _checked(logits: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    labels = as_targets(y)
    values = as_scores(logits, labels.size)
    if not np.isfinite(values).all():
        raise TargetError("logits: expected finite numbers to calibrate on, found infinity; the training diverged")
    return values, labels


def _temperature(logits: Floats, labels: NDArray[np.bool_]) -> Calibrator:
    (slope,) = _fit_sigmoid(logits[:, None], labels.astype(np.float64), offset=np.zeros_like(logits))
    if slope <= 0:
        return Calibrator(kind="identity", note="the scores do not rank frauds above genuine; temperature left at 1")
    return Calibrator(kind="temperature", slope=float(slope))


def _platt(logits: Floats, labels: NDArray[np.bool_], note: str) -> Calibrator:
    frauds, genuine = int(labels.sum()), int((~labels).sum())
    targets = np.where(labels, (frauds + 1) / (frauds + 2), 1 / (genuine + 2))
    ones = np.ones_like(logits)
    if frauds >= FEWEST_FRAUDS_PLATT:
        centre, scale = float(logits.mean()), float(logits.std()) or 1.0
        slope, intercept = _fit_sigmoid(
            np.column_stack([(logits - centre) / scale, ones]), targets, offset=np.zeros_like(logits)
        )
        if slope > 0:
            slope = float(slope) / scale
            return Calibrator(kind="platt", slope=slope, intercept=float(intercept) - slope * centre, note=note)
        note = "the scores do not rank frauds above genuine; intercept alone fitted"
    else:
        note = f"platt needs {FEWEST_FRAUDS_PLATT} frauds for a slope, validation has {frauds}; intercept alone fitted"
    (intercept,) = _fit_sigmoid(ones[:, None], labels.astype(np.float64), offset=logits)
    return Calibrator(kind="platt", intercept=float(intercept), note=note)


def _isotonic(logits: Floats, labels: NDArray[np.bool_]) -> Calibrator:
    from sklearn.isotonic import IsotonicRegression

    frauds, genuine = int(labels.sum()), int((~labels).sum())
    steps = IsotonicRegression(y_min=1 / (genuine + 2), y_max=(frauds + 1) / (frauds + 2), out_of_bounds="clip")
    steps.fit(logits, labels.astype(np.float64))
    knots = (tuple(steps.X_thresholds_.tolist()), tuple(steps.y_thresholds_.tolist()))
    # the sigmoid that breaks ties must not saturate within the range of these logits
    return Calibrator(kind="isotonic", slope=1 / max(1.0, float(np.abs(logits).max()) / 10), knots=knots)


def _fit_sigmoid(design: Floats, targets: Floats, *, offset: Floats) -> Floats:
    """Coefficients (p,) of the lowest log loss of sigmoid(offset + design @ coefficients): Newton with step halving."""
    coefficients = np.zeros(design.shape[1])
    loss = _log_loss(offset + design @ coefficients, targets)
    for _ in range(100):
        p = expit(offset + design @ coefficients)
        gradient = design.T @ (p - targets)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(design.shape[1])
        step = np.linalg.solve(curvature, gradient)
        while (tried := _log_loss(offset + design @ (coefficients - step), targets)) > loss + 1e-10 * abs(loss):
            step = step / 2
        coefficients = coefficients - step
        if loss - tried <= 1e-10 * abs(loss):
            break
        loss = tried
    return coefficients


def _log_loss(logits: Floats, targets: Floats) -> float:
    return float(np.sum(np.logaddexp(0.0, logits) - targets * logits))
