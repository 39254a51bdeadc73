"""Matrix + strategy -> trained bundle."""

from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator, CalibratorKind, fit_calibrator, shift_logits
from fraud.model.network import Network
from fraud.model.processes import from_first, join_process_group, wait_for_all
from fraud.model.scoring import hidden_precision, score_logits
from fraud.model.training import train_candidate

__all__ = [
    "Bundle",
    "Calibrator",
    "CalibratorKind",
    "Network",
    "fit_calibrator",
    "from_first",
    "hidden_precision",
    "join_process_group",
    "score_logits",
    "shift_logits",
    "train_candidate",
    "wait_for_all",
]
