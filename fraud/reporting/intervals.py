"""Intervals and what varies in them, as sentences."""

from collections.abc import Mapping
from typing import Any

from fraud.reporting import words
from fraud.reporting.evidence_values import EvidenceValue, Path, Sentence


def interval(values: Mapping[str, Any] | None, at: Path, value_format: str) -> Sentence:
    """Mean and interval at a path of the report; without bounds the mean alone."""
    if values is None:
        return (words.NOTHING,)
    mean = EvidenceValue((*at, "mean"), value_format)
    if values["low"] is None or values["high"] is None:
        return (mean, " (no interval)")
    bounds = "percent_number" if value_format == "percent" else value_format
    return (mean, " [", EvidenceValue((*at, "low"), bounds), ", ", EvidenceValue((*at, "high"), bounds), "]")


def between(values: Mapping[str, Any], at: Path, value_format: str) -> Sentence:
    """The interval in words: *between 67 and 75*, or *give or take less than 1* where both ends round to one number."""
    if values["low"] is None or values["high"] is None:
        return ("no interval can be given",)
    low, high = EvidenceValue((*at, "low"), value_format), EvidenceValue((*at, "high"), value_format)
    ends = {words.FORMATS[value_format](values[end]) for end in ("low", "high")}
    return ("between ", low, " and ", high) if len(ends) == 2 else ("give or take less than 1",)


def plural(kind: str, count: int) -> str:
    """The name of a cluster in singular or plural; a block is a block of time."""
    ending = "" if count == 1 else "s"
    return f"block{ending} of time" if kind == "block" else f"{kind}{ending}"
