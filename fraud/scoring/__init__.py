"""New transactions -> ranked alerts with reasons."""

from fraud.scoring.alert_file import check_out, write_alerts
from fraud.scoring.request import ScoringRequest
from fraud.scoring.score import late_note, policy_note, read_unlabelled, score_transactions

__all__ = [
    "ScoringRequest",
    "check_out",
    "late_note",
    "policy_note",
    "read_unlabelled",
    "score_transactions",
    "write_alerts",
]
