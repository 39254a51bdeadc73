"""What gives the label away: values that only frauds have, columns that alone separate the classes."""

from fraud.leakage.columns import check_no_giveaway
from fraud.leakage.purity import FILLED, find_pure
from fraud.leakage.separation import separation_of_gaps, separation_of_numbers, separation_of_texts

__all__ = [
    "FILLED",
    "check_no_giveaway",
    "find_pure",
    "separation_of_gaps",
    "separation_of_numbers",
    "separation_of_texts",
]
