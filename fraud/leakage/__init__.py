"""Label leaks: values that only frauds have, and columns that alone separate frauds from genuine rows."""

from fraud.leakage.columns import check_no_label_leak
from fraud.leakage.purity import FILLED, find_pure
from fraud.leakage.separation import separation_of_gaps, separation_of_numbers, separation_of_texts

__all__ = [
    "FILLED",
    "check_no_label_leak",
    "find_pure",
    "separation_of_gaps",
    "separation_of_numbers",
    "separation_of_texts",
]
