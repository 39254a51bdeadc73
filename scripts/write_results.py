"""Write the tables of README.md and docs/imbalance.md from the record of a run; nothing in them is typed by hand.

python scripts/write_results.py reports/example      (a second)
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import markdown
from bench.command_line import ROOT, parser_of

from fraud.evaluation import verdict_text

Row = Mapping[str, Any]
SHOWN = ("none", "weight-inverse", "weight-sqrt", "over-random", "over-smote", "under-random", "batch-balanced")
"""Strategies that the README shows beside the best of each family."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Replace what is between the markers of both pages."""
    parser = parser_of(__doc__)
    parser.add_argument("run", type=Path, help="folder of a run's report.json and evidence.json")
    parser.add_argument("--root", type=Path, default=ROOT, help="of README.md and docs/imbalance.md")
    args = parser.parse_args(arguments)
    report = json.loads((args.run / "report.json").read_text(encoding="utf-8"))
    evidence = json.loads((args.run / "evidence.json").read_text(encoding="utf-8"))
    markdown.replace_between(args.root / "README.md", "results", readme_table(report))
    page = f"{measured(report)}\n{doses(evidence)}\n{money(report, evidence)}"
    markdown.replace_between(args.root / "docs" / "imbalance.md", "measured", page)


def readme_table(report: Row) -> str:
    """Recall first: of 100 frauds, how many are found, by the strategies that people know."""
    shown = {*report["answer"]["family_best"].values(), *SHOWN}
    rows = [row for row in report["strategies"] if row["name"] in shown]
    columns: dict[str, Callable[[Row], str]] = {
        "strategy": lambda row: row["name"],
        "of 100 frauds, found": lambda row: f"{100 * row['recall']['mean']:.0f}",
        "between": lambda row: f"{100 * row['recall']['low']:.0f} and {100 * row['recall']['high']:.0f}",
        "against the chosen": lambda row: against(row["name"], report),
    }
    facts, window = report["dataset"], report["split"]["test"]
    heading = (
        f"{facts['transactions']:,} transactions of the Fraud Detection Handbook, {facts['frauds']:,} frauds; tested "
        f"on {window['from'][:10]} to {window['to'][:10]} at {report['policy']['value']:g} alerts a day, "
        f"{len(report['split']['folds'])} parts of it by models trained until their start, "
        f"{report['strategies'][0]['seeds']} seeds each:"
    )
    others = len(report["strategies"]) - len(rows)
    rest = f"\nThe other {others}: [docs/imbalance.md](docs/imbalance.md#what-was-measured).\n" if others else ""
    trap = f"| finds nothing | 0 | | accuracy {100 * report['trap']['accuracy']:.1f} % |"
    return f"\n{heading}\n\n{table(rows, columns)}\n{trap}\n{rest}"


def measured(report: Row) -> str:
    """What weighting and resampling bought, and what they did to the probabilities."""
    columns: dict[str, Callable[[Row], str]] = {
        "strategy": lambda row: row["name"],
        "family": lambda row: row["family"],
        "correction": lambda row: "-" if row.get("correction") is None else f"{row['correction']:.2f}",
        "recall": lambda row: interval(row["recall"]),
        "against the chosen": lambda row: against(row["name"], report),
        "average precision": lambda row: interval(row["average_precision"]),
        "raw": lambda row: ratio(row, "raw"),
        "shifted": lambda row: ratio(row, "shifted"),
        "calibrated": lambda row: ratio(row, "calibrated"),
        "ECE": lambda row: f"{row['calibration']['calibrated']['ece']:.4f}",
    }
    command = "fraud run --config pipelines/configs/handbook.toml --workspace W transactions_2018-*.parquet"
    return (
        f"\nOn the handbook's data, by `{command}` (record: [reports/example](../reports/example/report.md)):\n"
        f"\n{report['answer']['text']}\n\n{table([*report['strategies'], *report['baselines']], columns)}\n\n"
        "`raw`, `shifted` and `calibrated` are the mean score over the prevalence of the test window: 1 is right.\n"
    )


def doses(evidence: Row) -> str:
    """Recall against how strongly the imbalance is corrected."""
    points = evidence["dose_response"]
    lines = [
        [
            one["family"],
            one["strategy"],
            f"{one['correction']:g}",
            interval(one["recall"]),
            points_apart(one["difference"]),
            interval(one["average_precision"]),
        ]
        for one in points
    ]
    columns = ["family", "strategy", "correction", "recall", "difference from none", "average precision"]
    return (
        "The dose and its response: recall against how strongly the imbalance is corrected, from 0 (not at all) to 1 "
        f"(balanced), with all else equal:\n\n{markdown.table(columns, lines)}\n"
    )


def points_apart(figure: Row | None) -> str:
    """A difference in points of 100 with its interval; a dash where there is none."""
    return "-" if figure is None else points(figure, sign="+")


def money(report: Row, evidence: Row) -> str:
    """What each way to decide saves, and so what a calibrated probability is worth."""
    costs, prices = evidence["costs"], evidence["prices"]

    def spared(decision: str) -> Callable[[Row], str]:
        return lambda row: points(costs[row["name"]][decision]["savings"])

    columns: dict[str, Callable[[Row], str]] = {
        "strategy": lambda row: row["name"],
        "one threshold": spared("threshold"),
        "by expected loss": spared("bayes"),
        "by expected loss, raw scores": spared("bayes_raw"),
        "difference of the first two": lambda row: points(costs[row["name"]]["difference"], sign="+"),
    }
    rows = [row for row in report["strategies"] if row["name"] in costs]
    return (
        f"Of 100 lost without any alert, spared, reviews paid ({prices['review_cost']:g} for a review, "
        f"{prices['loss_share']:.0%} of the amount lost in a missed fraud). `by expected loss` alerts where "
        f"probability times loss exceeds the price of a review:\n\n{table(rows, columns)}\n"
    )


def points(figure: Row, *, sign: str = "") -> str:
    """A share in points of 100 with its interval."""
    mean, low, high = (f"{100 * figure[bound]:{sign}.1f}" for bound in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def table(rows: list[Row], columns: Mapping[str, Callable[[Row], str]]) -> str:
    """A Markdown table, the highest recall first."""
    ranked = sorted(rows, key=lambda row: -row["recall"]["mean"])
    return markdown.table(list(columns), ([cell(row) for cell in columns.values()] for row in ranked))


def against(name: str, report: Row) -> str:
    """The paired difference from the chosen strategy in points of 100, with its verdict in words."""
    chosen = report["champion"]["strategy"]
    if name == chosen:
        return "chosen on validation"
    found = next((one for one in report["comparisons"] if {one["a"], one["b"]} == {name, chosen}), None)
    if found is None:
        return "not compared"
    sign = 1 if found["a"] == name else -1
    low, high = sorted((sign * found["low"], sign * found["high"]))
    verdict = verdict_text(found, name, several=len(report["comparisons"]) > 1)
    return f"{100 * sign * found['difference']:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}] {verdict}"


def interval(figure: Row) -> str:
    """A share with its interval."""
    return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def ratio(row: Row, kind: str) -> str:
    """Mean score over prevalence; a dash where there is no exact shift."""
    figures = row["calibration"][kind]
    return f"{figures['mean_score_over_prevalence']:.2f}" if figures else "-"


if __name__ == "__main__":
    main()
