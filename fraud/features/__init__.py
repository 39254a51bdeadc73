"""Stored transactions -> point-in-time feature table -> float32 matrix."""

from fraud.features.audit import check_not_read_again, check_point_in_time, check_rows
from fraud.features.build import build_by_days
from fraud.features.calendar import day_coverage, local_day, local_time
from fraud.features.day_ranges import start_of_day
from fraud.features.encoding import Encoder, check_fitted_on
from fraud.features.folds import split_into_folds, warm_up_days
from fraud.features.history import MEMORY_DAYS
from fraud.features.late_reports import late_reports
from fraud.features.maturity import known_as_of, today_of
from fraud.features.memory_maps import FAR_APART_ROWS, HELD_BYTES, chunks, release, take
from fraud.features.out_of_core import Limits
from fraud.features.prepare import prepare_features
from fraud.features.recipe import Recipe
from fraud.features.sorted_search import MINUTES
from fraud.features.splits import Split, Window, check_split, labels_as_of, split_by_time
from fraud.features.table import FeatureTable
from fraud.features.table_rows import TableRows
from fraud.features.transaction_columns import ROW_FEATURES
from fraud.features.window_spans import parse_moment, window_spans

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
    "build_by_days",
    "check_fitted_on",
    "check_not_read_again",
    "check_point_in_time",
    "check_rows",
    "check_split",
    "chunks",
    "day_coverage",
    "known_as_of",
    "labels_as_of",
    "late_reports",
    "local_day",
    "local_time",
    "parse_moment",
    "prepare_features",
    "release",
    "split_by_time",
    "split_into_folds",
    "start_of_day",
    "take",
    "today_of",
    "warm_up_days",
    "window_spans",
]
