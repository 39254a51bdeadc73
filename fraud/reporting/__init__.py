"""Evidence -> pages people read."""

from fraud.reporting.index import update_index
from fraud.reporting.report import render_report

__all__ = [
    "render_report",
    "update_index",
]
