"""What a comparison or a retraining found, as values: its record, its tables and where its page is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from fraud.errors import ReportError

INTERVALS = ("recall", "precision", "average_precision", "roc_auc", "amount_recall")
"""Figures that have a mean and the bounds of a 95 % interval."""
NUMBERS = ("alerts_per_day", "threshold", "steps", "train_seconds")


@dataclass(frozen=True)
class Report:
    """A finished run's folder."""

    folder: Path

    @property
    def page(self) -> Path:
        """The page that people read."""
        return self.folder / "report.html"

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """``report.json``: every figure that the other properties show, and more; its schema is in the package.

        Raises:
            ReportError: the file is missing or is no JSON object.
        """
        return _read(self.folder / "report.json")

    @cached_property
    def evidence(self) -> Mapping[str, Any]:
        """``evidence.json``: the curves and tables behind the charts.

        Raises:
            ReportError: the file is missing or is no JSON object.
        """
        return _read(self.folder / "evidence.json")

    @property
    def answer(self) -> str:
        """Which strategy to use, and how sure that is, in a few sentences."""
        return str(self.record["answer"]["text"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before the answer is used, a sentence each."""
        return tuple(self.record.get("warnings", ()))

    @property
    def promoted(self) -> bool | None:
        """Whether a retraining put its challenger into use; None for a comparison."""
        decision = self.record.get("decision")
        return bool(decision["promote"]) if decision else None

    @property
    def strategies(self) -> pl.DataFrame:
        """One row a strategy: ``name``, ``family``, ``seeds``, figures on the test window, bounds of their intervals.

        Recall and precision are at the same number of alerts for every strategy; ``alerts_per_day`` is by the threshold
        that was set on validation.
        """
        return _table(self.record["strategies"])

    @property
    def baselines(self) -> pl.DataFrame:
        """The same of simple models, for comparison."""
        return _table(self.record["baselines"])

    @property
    def comparisons(self) -> pl.DataFrame:
        """One row a pair ``a``, ``b``: their paired ``difference`` a - b, its interval, ``verdict``.

        The verdict is ``a`` or ``b`` for the better one, ``equivalent``, or ``inconclusive``.
        """
        columns = {"a": pl.String, "b": pl.String, "metric": pl.String} | dict.fromkeys(
            ("difference", "low", "high", "p_value"), pl.Float64
        )
        rows = [{name: row[name] for name in (*columns, "verdict")} for row in self.record["comparisons"]]
        return pl.DataFrame(rows, schema={**columns, "verdict": pl.String})


def _table(rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    figures = [f"{name}{end}" for name in INTERVALS for end in ("", "_low", "_high")]
    schema = {"name": pl.String, "family": pl.String, "seeds": pl.Int64}
    return pl.DataFrame(
        [_flat(row) for row in rows], schema=schema | dict.fromkeys((*figures, *NUMBERS), pl.Float64), strict=False
    )


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat = {name: row[name] for name in ("name", "family", "seeds", *NUMBERS)}
    for name in INTERVALS:
        figure = row[name] or {}
        flat |= {name: figure.get("mean"), f"{name}_low": figure.get("low"), f"{name}_high": figure.get("high")}
    return flat


def _read(path: Path) -> Mapping[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: cannot be read ({error}); give the folder of a finished run") from None
    if not isinstance(record, dict):
        raise ReportError(f"{path}: expected a JSON object, found {type(record).__name__}; run again")
    return record
