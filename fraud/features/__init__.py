"""Stored transactions -> point-in-time feature table -> float32 matrix."""

from fraud.features.audit import check_not_read_again, check_point_in_time, check_rows
from fraud.features.build import build_in_pieces, prepare_features
from fraud.features.columns import TableRows
from fraud.features.cuts import parse_moment
from fraud.features.encoding import Encoder, check_fitted_on
from fraud.features.history import MEMORY_DAYS
from fraud.features.large import Limits
from fraud.features.late_reports import late_reports
from fraud.features.mapped import FAR_APART_ROWS, HELD_BYTES, chunks, release, take
from fraud.features.maturity import known_as_of, today_of
from fraud.features.order import MINUTES
from fraud.features.pieces import midnight
from fraud.features.rows import ROW_FEATURES
from fraud.features.splits import Split, Window, check_split, labels_as_of, split_by_time
from fraud.features.table import FeatureTable, Recipe

__all__ = [
    "FAR_APART_ROWS",
    "HELD_BYTES",
    "MEMORY_DAYS",
    "MINUTES",
    "ROW_FEATURES",
    "Encoder",
    "FeatureTable",
    "Limits",
    "Recipe",
    "Split",
    "TableRows",
    "Window",
    "build_in_pieces",
    "check_fitted_on",
    "check_not_read_again",
    "check_point_in_time",
    "check_rows",
    "check_split",
    "chunks",
    "known_as_of",
    "labels_as_of",
    "late_reports",
    "midnight",
    "parse_moment",
    "prepare_features",
    "release",
    "split_by_time",
    "take",
    "today_of",
]
