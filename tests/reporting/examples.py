"""Made-up runs to render: the shapes of real ones, the figures invented."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from example_cases import breakdowns, cases, importance
from example_curves import (
    BASELINES,
    STRATEGIES,
    TEST_DAYS,
    budget_curve,
    dose_response,
    judged_day,
    precision_recall_curve,
    reliability_bins,
    stored_day,
    training_curve,
)
from example_rows import comparison, costs, strategy

CONFIG = """[dataset]
name = "handbook"

[comparison]
margin = 0.02
seeds = 3

[policy]
kind = "alerts_per_day"
value = 100
"""


def report() -> dict[str, Any]:
    """A comparison of eight strategies on the handbook's data."""
    best = "weight-sqrt"
    halves = {"none": 0.0195, "batch-balanced": 0.0061, "weight-inverse": 0.012}
    return {
        "schema": 2,
        "run_id": "2026-03-02-a1b2",
        "kind": "compare",
        "created": "2026-03-02T10:15:00+00:00",
        "dataset": {
            "name": "handbook",
            "transactions": 1_754_155,
            "frauds": 14_681,
            "unlabelled": 0,
            "rejected": 17,
            "prevalence": 14_681 / 1_754_155,
            "first_event": "2018-04-01T00:00:31+00:00",
            "last_event": "2018-09-30T23:59:57+00:00",
        },
        "split": {
            "train": _window("2018-04-01", "2018-08-03", 1_187_220, 9_712),
            "validation": _window("2018-08-04", "2018-08-24", 201_437, 1_803),
            "test": _window("2018-09-01", "2018-09-30", 287_400, 2_520),
            "label_delay_days": 7,
            "folds": [
                {
                    "train": _window("2018-05-08", f"2018-07-{day:02}", 800_000, 6_600),
                    "validation": _window(f"2018-07-{day + 7:02}", f"2018-08-{day + 4:02}", 200_000, 1_800),
                    "test": _window(f"2018-09-{day:02}", f"2018-09-{day + 9:02}", 95_800, 840),
                }
                for day in (1, 11, 21)
            ],
        },
        "policy": {"kind": "alerts_per_day", "value": 100.0},
        "strategies": [strategy(name, *row) for name, row in STRATEGIES.items()],
        "baselines": [strategy(name, *row, seeds=1) for name, row in BASELINES.items()],
        "comparisons": [
            comparison(name, best, round(recall - STRATEGIES[best][1], 6), halves.get(name, 0.024))
            for name, (_, recall) in STRATEGIES.items()
            if name != best
        ]
        + [comparison("over-random", "under-random", 0.052, 0.03)]
        + [
            comparison(name, best, round(recall - STRATEGIES[best][1], 6), 0.03) | {"kind": "baseline"}
            for name, (_, recall) in BASELINES.items()
        ]
        + [comparison("gradient-boosting+under-random", "gradient-boosting", -0.053, 0.02) | {"kind": "baseline"}],
        "answer": {
            "question": "Which way of treating the imbalance finds the most fraud at 100 alerts a day?",
            "family_best": {"weighting": best, "oversampling": "over-random", "undersampling": "under-random"},
            "text": (
                "Weight the loss by the square root of the class ratio (best on validation): "
                "at 100 alerts a day it finds 71 of 100 frauds (between 69 and 73) and 78 % of the stolen money. "
                "Oversampling finds 69 (no difference shown: -2, between -4 and +1); "
                "undersampling finds 64 (fewer: -7, between -10 and -5). "
                "An accuracy of 99.1 % needs no model at all: it is what finding nothing scores."
            ),
        },
        "champion": {"strategy": best, "seeds": [0, 1, 2], "version": 4, "trained_until": "2018-05-01T00:00:00+00:00"},
        "provenance": {
            "dumps": [
                {"file": f"transactions_2018-{month:02}.parquet", "sha256": f"{month:064x}", "rows": 288_000 + month}
                for month in range(4, 10)
            ],
            "config_sha256": "c0ffee" * 10 + "c0ff",
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "versions": {"fraud": "0.1.0", "polars": "2.1.0", "torch": "2.13.0"},
            "seed": 0,
            "store_version": 6,
        },
        "warnings": ["The fraud rate rose by a third between training and test."],
        "trap": {"accuracy": 1 - 2_520 / 287_400, "recall": 0.0},
        "clusters": {"kind": "customer", "count": 4_990},
        "intervals": {
            "method": "influence values by cluster (infinitesimal jackknife)",
            "level": 0.95,
            "sources": [
                {"source": "customer", "count": 4_990, "kind": "clusters", "included": True},
                {"source": "terminal", "count": 9_871, "kind": "clusters", "included": True},
                {"source": "seed", "count": 5, "kind": "seeds", "included": True},
                {"source": "fold", "count": 1, "kind": "folds", "included": False},
            ],
        },
    }


def first_alert() -> dict[str, Any]:
    """How long compromised customers go unnoticed."""
    return {
        "entity": "customer",
        "compromised": 640,
        "alerted": 512,
        "at_first_fraud": 301,
        "median_days": 0.25,
        "nine_in_ten_days": 3.5,
        "transactions_before": 1.3,
        "money_before": 118.4,
    }


def evidence() -> dict[str, Any]:
    """The curves and tables behind ``report``."""
    days = [date(2018, 9, 1) + timedelta(days=n) for n in range(TEST_DAYS)]
    return {
        "budget": {name: budget_curve(recall) for name, (_, recall) in {**STRATEGIES, **BASELINES}.items()},
        "precision_recall": {name: precision_recall_curve(recall) for name, (_, recall) in STRATEGIES.items()},
        "daily": [judged_day(n, day) for n, day in enumerate(days)],
        "reliability": {name: reliability_bins(name) for name in STRATEGIES},
        "curves": {name: training_curve(recall) for name, (_, recall) in STRATEGIES.items()},
        "dose_response": dose_response(STRATEGIES["none"][1]),
        "fairness": [
            {
                "strategy": name,
                "seed": seed,
                "steps": 800,
                "rows": 1_187_220 if not name.startswith("under") else 19_424,
                "trials": 4,
                "seconds": 29.5 + seed,
                "notes": ["neighbours searched among 200,000 rows"] if name == "over-smote" else [],
            }
            for name in STRATEGIES
            for seed in range(3)
        ],
        "promises": {
            name: {"kind": "alerts_per_day", "promised": 100.0, "validation": 99.6, "test": 96.4, "note": ""}
            for name in (*STRATEGIES, *BASELINES)
        },
        "costs": {name: costs(recall) for name, (_, recall) in STRATEGIES.items()},
        "prices": {"review_cost": 5.0, "loss_share": 1.0},
        "breakdowns": {name: breakdowns(recall) for name, (_, recall) in {**STRATEGIES, **BASELINES}.items()},
        "examples": {"weight-sqrt": cases()},
        "first_alert": {"weight-sqrt": first_alert()},
        "importance": importance(),
        "label_delay": {
            "assumed_days": 7.0,
            "measured": {
                "frauds": 4_323,
                "median_days": 3.0,
                "nine_in_ten_days": 6.25,
                "longest_days": 41.5,
                "later_than_assumed": 0.062,
            },
        },
        "quarantine": {"amount_is_finite": 12, "transaction_id_is_unique": 5},
        "prevalence_by_day": [stored_day(n) for n in range(183)],
        "encoder": {"numeric": 38, "categorical": 0},
        "config_toml": CONFIG,
    }


def tiny() -> tuple[dict[str, Any], dict[str, Any]]:
    """One test day, eleven frauds, one seed, no amounts: wide intervals and little evidence."""
    small = report()
    small["run_id"] = "2026-03-03-tiny"
    small["warnings"] = [
        "The test window has only 11 frauds: every interval is wide, and small differences show nothing.",
        "The intervals rest on only 1 day: they are wide and uncertain.",
    ]
    small["policy"] = {"kind": "alert_rate", "value": 0.005}
    small["split"]["test"] = _window("2013-09-02", "2013-09-02", 3_972, 11)
    small["dataset"] |= {"name": "creditcard", "transactions": 7_972, "frauds": 25, "rejected": 0, "unlabelled": 40}
    small["clusters"], small["baselines"], small["champion"] = {"kind": "day", "count": 1}, [], None
    small["strategies"] = [
        strategy(name, family, recall, half=0.27, seeds=1)
        | {"amount_recall": None, "card_precision_at_k": None, "card_precision_at_k_ceiling": None}
        for name, family, recall in (("none", "none", 0.545), ("weight-sqrt", "weighting", 0.636))
    ]
    for row in small["strategies"]:
        del row["recall_by_type"]
    small["strategies"][0]["recall"] |= {"low": None, "high": None}
    small["comparisons"] = [comparison("none", "weight-sqrt", -0.091, 0.3)]
    small["answer"] = {
        "question": "Which strategy finds the most fraud?",
        "family_best": {"weighting": "weight-sqrt"},
        "text": "This data cannot tell the strategies apart. Of 11 frauds on one day, weight-sqrt finds 7 and none 6.",
    }
    return small, {"budget": {}, "daily": [], "config_toml": CONFIG}


def retrain() -> tuple[dict[str, Any], dict[str, Any]]:
    """Champion against challenger after a new dump."""
    again, curves = report(), evidence()
    again["kind"], again["run_id"] = "retrain", "2026-04-01-c3d4"
    pairs = {"champion": ("weighting", 0.698), "challenger": ("weighting", 0.715)}
    again["strategies"] = [strategy(name, *row, seeds=1) for name, row in pairs.items()]
    again["baselines"], again["warnings"] = [], []
    again["comparisons"] = [comparison("challenger", "champion", 0.017, 0.03)]
    again["answer"] = {
        "question": "Should the challenger replace the champion?",
        "family_best": {},
        "text": (
            "Champion 4 stays: the challenger finds 2 more of 100, between \u22121 and +5; "
            "the rule asks for proof of at least 0."
        ),
    }
    part = {
        "budget": {name: budget_curve(row[1]) for name, row in pairs.items()},
        "quarantine": {},
        "config_toml": CONFIG,
    }
    part["breakdowns"] = {name: breakdowns(row[1]) for name, row in pairs.items()}
    part["fairness"] = [curves["fairness"][0] | {"strategy": "challenger", "seed": 0}]
    part["examples"] = {name: cases() for name in pairs}
    part["label_delay"] = {"assumed_days": 7.0, "measured": None}
    return again, part | {"prevalence_by_day": curves["prevalence_by_day"]}


def laboratory() -> tuple[dict[str, Any], dict[str, Any]]:
    """Every strategy with five seeds: twenty of them, and both baselines."""
    lab, curves = report(), evidence()
    named = {"none": "none", "batch-balanced": "batch", "focal": "weighting", "over-random-capped": "oversampling"}
    kinds = {
        "weighting": ("inverse", "normalized", "sqrt", "log", "effective", "tuned", "learned"),
        "oversampling": ("random", "smote", "borderline", "adasyn"),
        "undersampling": ("random", "nearmiss", "tomek"),
        "combined": ("smote-tomek", "smote-enn"),
    }
    first = {"weighting": "weight", "oversampling": "over", "undersampling": "under", "combined": "combined"}
    named |= {f"{first[family]}-{kind}": family for family, names in kinds.items() for kind in names}
    recalls = {name: round(0.712 - 0.0061 * index, 6) for index, name in enumerate(named)}
    lab["run_id"], best = "2026-05-01-20x5", "none"
    lab["strategies"] = [
        strategy(name, family, recalls[name], seeds=5)
        | {"recall_by_seed": [recalls[name] + n / 500 for n in range(-2, 3)]}
        for name, family in named.items()
    ]
    lab["comparisons"] = [
        comparison(name, best, round(recalls[name] - recalls[best], 6), 0.024) for name in named if name != best
    ]
    lab["answer"]["family_best"] = {
        family: next(n for n in named if named[n] == family) for family in set(named.values())
    }
    lab["champion"] = {"strategy": best, "seeds": [0, 1], "version": None, "trained_until": "2018-05-01T00:00:00+00:00"}
    everything = recalls | {name: recall for name, (_, recall) in BASELINES.items()}
    curves |= {
        "budget": {name: budget_curve(recall) for name, recall in everything.items()},
        "precision_recall": {name: precision_recall_curve(recall, 170) for name, recall in everything.items()},
        "reliability": {name: reliability_bins(name) for name in everything},
        "curves": {name: training_curve(recall) for name, recall in recalls.items()},
        "breakdowns": {name: breakdowns(recall) for name, recall in everything.items()},
        "examples": {best: cases()},
        "costs": {name: costs(recall) for name, recall in everything.items()},
        "promises": dict.fromkeys(everything, curves["promises"]["none"]),
        "fairness": [curves["fairness"][0] | {"strategy": name, "seed": seed} for name in recalls for seed in range(5)],
    }
    for day in curves["daily"]:
        day |= {key: dict.fromkeys(everything, day[key]["none"]) for key in ("achieved", "caught")}
    return lab, curves


def write_run(folder: Path, report: dict[str, Any], evidence: dict[str, Any] | None) -> Path:
    """Write a run's folder as the pipeline leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    if evidence is not None:
        (folder / "evidence.json").write_text(json.dumps(evidence), encoding="utf-8")
    return folder


def _window(start: str, end: str, transactions: int, frauds: int) -> dict[str, Any]:
    counts = {"transactions": transactions, "frauds": frauds, "prevalence": frauds / transactions}
    after = date.fromisoformat(end) + timedelta(days=1)
    return {"from": f"{start}T00:00:00+00:00", "to": f"{after}T00:00:00+00:00", "unlabelled": 0, **counts}
