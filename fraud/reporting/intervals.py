"""Intervals and what they resample, as sentences."""

from collections.abc import Mapping
from typing import Any

from fraud.reporting import words
from fraud.reporting.evidence_values import Figure, Path, Sentence


def interval(values: Mapping[str, Any] | None, at: Path, style: str) -> Sentence:
    """Mean and interval at a place of the report; without bounds the mean alone."""
    if values is None:
        return (words.NOTHING,)
    mean = Figure((*at, "mean"), style)
    if values["low"] is None or values["high"] is None:
        return (mean, " (no interval)")
    bounds = "percent_number" if style == "percent" else style
    return (mean, " [", Figure((*at, "low"), bounds), ", ", Figure((*at, "high"), bounds), "]")


def between(values: Mapping[str, Any], at: Path, style: str) -> Sentence:
    """The interval in words: *between 67 and 75*; it says so where both ends round to one number."""
    if values["low"] is None or values["high"] is None:
        return ("no interval can be given",)
    low, high = Figure((*at, "low"), style), Figure((*at, "high"), style)
    said = {words.STYLES[style](values[end]) for end in ("low", "high")}
    return ("between ", low, " and ", high) if len(said) == 2 else ("give or take less than 1",)


def plural(kind: str, count: int) -> str:
    """The name of a cluster as English counts it; a block is a block of time."""
    ending = "" if count == 1 else "s"
    return f"block{ending} of time" if kind == "block" else f"{kind}{ending}"
