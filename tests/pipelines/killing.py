"""Runs and retrainings in processes that can be killed: forked from one that has imported everything to save time."""

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import polars as pl
from small_run import CONFIG, World
from test_run import figures_of_all

from fraud.cli.main import main
from fraud.data.store.table import TransactionStore
from fraud.features.table import FeatureTable
from fraud.lifecycle.registry import Registry
from fraud.stages import run_folder

WARM = [
    *("killing", "fraud.cli.retrain", "fraud.cli.run", "fraud.stages.retraining", "fraud.stages.full_run"),
    *(
        "fraud.data.ingest",
        "fraud.evaluation.champion_bundle",
        "fraud.lifecycle.retrain_findings",
        "fraud.lifecycle.model_card",
    ),
    *("mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store"),
    *("fraud.reporting.index", "fraud.reporting.report"),
]
SMALL = {
    'windows = ["1d", "7d"]': 'windows = ["1d"]',
    "hidden = [16]": "hidden = [4]",
    "max_steps = 40": "max_steps = 6",
    "check_every = 20": "check_every = 3",
    'strategies = ["none", "weight-sqrt", "over-random"]': 'strategies = ["none"]',
    "seeds = 2": "seeds = 1",
    "tuning_trials = 2": "tuning_trials = 1",
    "corrections = [0.5]": "corrections = []",
}


def small_config(folder: Path) -> Path:
    """A configuration under which a retraining takes a second, and every challenger is promoted."""
    text = CONFIG + '\n[promotion]\nrule = "always"\n'
    for old, new in SMALL.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "small.toml").write_text(text)
    return folder / "small.toml"


@dataclass(frozen=True)
class Stream:
    """A workspace with a champion of two months, and the third month that comes then."""

    workspace: Path
    config: Path
    dump: Path

    def copied_to(self, folder: Path) -> "Stream":
        """The same in another place."""
        shutil.copytree(self.workspace, folder)
        return Stream(folder, self.config, self.dump)

    def retraining(self, stop_at: str = "") -> BaseProcess:
        """`fraud retrain` with the third month, not started yet; ``stop_at``: dies there, as if killed."""
        return running("retrain", self.config, self.workspace, self.dump, stop_at=stop_at)

    def retrainings(self) -> list[Path]:
        """The reports of all retrainings."""
        reports = sorted(self.workspace.glob("reports/*/report.json"))
        return [path for path in reports if json.loads(path.read_text())["kind"] == "retrain"]

    @property
    def registry(self) -> Registry:
        return Registry(self.workspace / "data" / "registry", "tiny")

    @property
    def rows(self) -> int:
        store = TransactionStore(self.workspace / "data" / "store" / "tiny")
        return int(store.scan().select(pl.len()).collect().item())

    def champion_scores(self) -> list[float]:
        """Of some transactions, by the champion of the moment."""
        champion = self.registry.champion()
        assert champion is not None
        table = FeatureTable.open(self.workspace / "data" / "features" / "tiny")
        return list(self.registry.load(champion.version).score(table.scan().head(50).collect()))

    def state(self) -> dict[str, Any]:
        """All that a retraining leaves, but for names and times."""
        models = self.registry.versions()
        store = TransactionStore(self.workspace / "data" / "store" / "tiny")
        features = FeatureTable.open(self.workspace / "data" / "features" / "tiny").read()
        return {
            "store": (store.version, store.scan().sort("transaction_id").collect().hash_rows().to_list()),
            "features": features.hash_rows().to_list(),
            "models": [(one.version, one.strategy, one.aliases, one.against, dict(one.window)) for one in models],
            "champion_periods": [(period.version, period.how) for period in self.registry.champion_periods()],
            "scores": self.champion_scores(),
            "reports": figures_of_all(self.workspace),
            "warnings": [json.loads(path.read_text())["warnings"] for path in self.retrainings()],
            "cells": sorted(path.name for path in self.workspace.glob("data/cells/*")),
        }


def begun(world: World, folder: Path) -> Stream:
    """`fraud run` on the first two months."""
    config = small_config(folder)
    process = running("run", config, folder / "workspace", *world.dumps[:2])
    process.start()
    process.join()
    assert process.exitcode == 0
    return Stream(folder / "workspace", config, broken(world.dumps[2], folder))


def broken(dump: Path, folder: Path) -> Path:
    """The dump with a row more that breaks the contract, of which the report has to tell."""
    rows = pl.read_parquet(dump)
    path = folder / f"broken-{dump.name}"
    pl.concat([rows, rows.head(1).with_columns(TRANSACTION_ID=None)], how="vertical_relaxed").write_parquet(path)
    return path


def running(stage: str, config: Path, workspace: Path, *dumps: Path, stop_at: str = "", calls: int = 1) -> BaseProcess:
    """A command of `fraud` in a process of its own, not started yet; dies after so many calls of ``stop_at``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(WARM)
    arguments = [stage, "--config", str(config), "--workspace", str(workspace), *map(str, dumps)]
    return context.Process(target=undrawn, args=(arguments, stop_at, calls))


def undrawn(arguments: list[str], stop_at: str, calls: int) -> None:
    """Run a command without drawing its report, which takes longer than all else and is tested elsewhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run_folder.render_report = lambda folder: folder.joinpath("report.html").write_text("drawn") and folder
    if stop_at:
        _plant(stop_at, calls)
    main(arguments)


def _plant(stop_at: str, calls: int) -> None:
    """Die right after a function has returned so many times: ``module:name`` or ``module:Class.name``."""
    module_name, _, path = stop_at.partition(":")
    owner: Any = __import__(module_name, fromlist=["_"])
    *classes, name = path.split(".")
    for part in classes:
        owner = getattr(owner, part)
    setattr(owner, name, _then_die(getattr(owner, name), calls))


def _then_die(step: Callable[..., Any], calls: int) -> Callable[..., Any]:
    left = iter(range(calls - 1))

    def last(*arguments: Any, **settings: Any) -> Any:
        result = step(*arguments, **settings)
        if next(left, None) is None:
            os._exit(9)
        return result

    return last
