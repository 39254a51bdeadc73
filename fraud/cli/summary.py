"""A report in the terminal: the answer and one table."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from fraud.cli.options import console, show
from fraud.stages import Report
from fraud.text import rounded

POSSIBLY = "possibly"
"""Begins a verdict whose interval leaves out 0 where the p value is not small enough."""


def show_report(report: Report) -> None:
    """Print what a run found and where its page is."""
    show_table(report.record)
    show(f"report: {report.page}")


def show_table(report: Mapping[str, Any]) -> None:
    """Print the answer, and one row a strategy: recall first, then what else was found."""
    table = Table(title=None, box=None, pad_edge=False)
    for heading in ("strategy", "recall", "95 % interval", "difference", "verdict", "AP", "precision", "alerts/day*"):
        table.add_column(heading, justify="left" if heading in {"strategy", "verdict"} else "right")
    chosen = "champion" if report["kind"] == "retrain" else report["champion"]["strategy"]
    for row in sorted(report["strategies"], key=lambda row: -row["recall"]["mean"]):
        table.add_row(*_cells(row), *_against(row["name"], chosen, report), *_others(row))
    trap = report["trap"]
    table.add_section()
    for row in report["baselines"]:
        difference, verdict = _against(row["name"], chosen, report)
        table.add_row(*_cells(row), difference, verdict or "baseline", *_others(row))
    table.add_row("finds nothing", "0.000", "", "", f"accuracy {100 * trap['accuracy']:.2f} %", "", "", "0")
    console.print()
    console.print(table)
    console.print()
    show("* by the threshold that validation chose; recall and precision are at one number of alerts for all")
    if any(str(text).startswith(POSSIBLY) for text in table.columns[4].cells):
        show(f"{POSSIBLY}: not significant once corrected for the number of comparisons")
    console.print()
    show(report["answer"]["text"])
    for warning in report["warnings"]:
        show(f"note: {warning}")


def _cells(row: Mapping[str, Any]) -> tuple[str, str, str]:
    recall = row["recall"]
    return row["name"], _mean(recall), f"{recall['low']:.3f} to {recall['high']:.3f}"


def _others(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return _mean(row["average_precision"]), _mean(row["precision"]), rounded(row["alerts_per_day"])


def _mean(figure: Mapping[str, Any] | None) -> str:
    """Three decimals; a dash where the figure does not exist, as the precision of no alerts."""
    return f"{figure['mean']:.3f}" if figure else "-"


def _against(name: str, chosen: str, report: Mapping[str, Any]) -> tuple[str, str]:
    if name == chosen:
        return "", "in use so far" if name == "champion" else "chosen on validation"
    from fraud.evaluation import verdict_text

    found = next((one for one in report["comparisons"] if {one["a"], one["b"]} == {name, chosen}), None)
    if found is None:
        return "", ""
    sign = 1 if found["a"] == name else -1
    verdict = verdict_text(found, name, several=len(report["comparisons"]) > 1)
    return f"{sign * found['difference']:+.3f}", verdict.partition(",")[0]
