"""New dumps -> challenger against champion -> promote or keep, with a report."""

import shutil
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from fraud.config import RunConfig, load_config
from fraud.errors import ModelError
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, progress_bar, say

if TYPE_CHECKING:
    from fraud.evaluation.cells import CellResult
    from fraud.evaluation.field import Field
    from fraud.features.table import FeatureTable
    from fraud.lifecycle.promotion import Decision
    from fraud.lifecycle.registry import RegisteredModel
    from fraud.lifecycle.retraining import Duel
    from fraud.model.bundle import Bundle

RequirePromotion = Annotated[bool, Parameter(help="Exit with 3 when the champion stays.", negative=())]


def retrain(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    require_promotion: RequirePromotion = False,
    **overrides: Overrides,
) -> int:
    """Store new dumps, train the champion's strategy anew, judge both on the newest window, promote by the rule."""
    promoted = retrain_in(Workspace(workspace), load_config(config, overrides), dumps)
    return 3 if require_promotion and not promoted else 0


def retrain_in(workspace: Workspace, config: RunConfig, dumps: tuple[str, ...]) -> bool:
    """Ingest, prepare, train a challenger, decide and report; whether the challenger was promoted."""
    from fraud.lifecycle.registry import Registry
    from pipelines.ingest import ingest_into
    from pipelines.prepare import prepare_in
    from pipelines.report import publish

    registry = Registry(workspace.registry, config.dataset.name)
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"retrain: '{config.dataset.name}' has no champion yet; make one with `fraud run`")
    warnings = ingest_into(workspace, config, dumps)
    table = prepare_in(workspace, config)
    bundle_in_use = registry.load(champion.version)
    if bundle_in_use.provenance.get("store_version") == table.store_version:
        say(f"retrain: nothing new since champion {champion.version} was made; it stays")
        return False
    attempt = _Attempt(workspace, config, table, champion, bundle_in_use)
    decision, bundle = attempt.decide()
    version = registry.register(bundle, run_id=attempt.run_id, figures=bundle.provenance["figures"])
    if decision.promote:
        registry.promote(version)
    in_use = version if decision.promote else champion.version
    report, evidence = attempt.record(decision, in_use, warnings)
    publish(workspace, config, run_id=attempt.run_id, report=report, evidence=evidence)
    shutil.rmtree(attempt.cells, ignore_errors=True)
    return decision.promote


class _Attempt:
    """One retraining: the challenger's cell, the duel and the record of it."""

    def __init__(
        self,
        workspace: Workspace,
        config: RunConfig,
        table: "FeatureTable",
        champion: "RegisteredModel",
        bundle: "Bundle",
    ) -> None:
        from fraud.evaluation.field import prepare_field
        from fraud.lifecycle.retraining import check_unseen
        from pipelines.compare import new_run_id
        from pipelines.facts import cells_folder

        self.workspace, self.config, self.table, self.champion, self.bundle = workspace, config, table, champion, bundle
        self.created = datetime.now(UTC)
        self.run_id = new_run_id(self.created)
        self.cells = cells_folder(workspace, config, table.store_version, "retrain", champion.version)
        self.field: Field = prepare_field(table, config, folder=self.cells)
        check_unseen(bundle, self.field)

    def decide(self) -> "tuple[Decision, Bundle]":
        """Train the challenger, hold the duel, apply the rule."""
        from fraud.evaluation.bundling import bundle_of
        from fraud.evaluation.comparison import TrainedStrategy, as_candidate, draw_bootstrap, operating_point
        from fraud.lifecycle.promotion import check_decision, decide
        from fraud.lifecycle.retraining import duel

        trained = TrainedStrategy(
            name=self.bundle.strategy, family=self.bundle.family, cells=(self._train(),), trials=1
        )
        policy = operating_point([trained], self.field, self.config)
        candidate = as_candidate(trained, self.field, self.config)
        self.duel: Duel = duel(
            self.bundle,
            replace(candidate, name="challenger"),
            features=self.table.read(),
            field=self.field,
            config=self.config,
            policy=policy,
            bootstrap=draw_bootstrap(self.field, self.config),
        )
        self.policy = policy
        decision = decide(self.duel.comparison, self.config.promotion, champion=self.champion.version)
        check_decision(decision, self.duel.comparison, self.config.promotion)
        bundle = bundle_of(
            trained.cells[0],
            candidate.seeds[0],
            self.field,
            self.config,
            run_id=self.run_id,
            row=self.duel.challenger.row,
            policy=policy,
            store_version=self.table.store_version,
        )
        return decision, bundle

    def record(
        self, decision: "Decision", version: int, warnings: tuple[str, ...]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """``report.json`` of kind "retrain", and ``evidence.json``."""
        from fraud.evaluation.evidence import prevalence_by_day
        from fraud.evaluation.record import Findings, evidence_of, report_of
        from pipelines.facts import dataset_facts, provenance_of

        dataset = dataset_facts(self.workspace, self.config, self.table.store_version)
        findings = Findings(
            kind="retrain",
            policy=self.policy,
            rows=[dict(self.duel.champion.row), dict(self.duel.challenger.row)],
            baselines=[],
            comparisons=[asdict(self.duel.comparison)],
            answer={
                "question": "Does the challenger, trained on newer data, find more of the frauds than the champion?",
                "family_best": {},
                "text": decision.text,
            },
            champion={"strategy": self.bundle.strategy, "seed": self.bundle.seed, "version": version},
            margin=self.config.promotion.margin,
            decision={"promote": decision.promote, "rule": self.config.promotion.rule},
            evidence=self.duel.evidence,
        )
        report = report_of(
            findings,
            self.field,
            self.config,
            run_id=self.run_id,
            created=self.created,
            dataset=dataset,
            provenance=provenance_of(self.workspace, self.config, self.table.store_version),
            warnings=warnings,
        )
        prevalence = prevalence_by_day(self.table.scan())
        return report, evidence_of(findings, self.field, self.config, dataset=dataset, prevalence=prevalence)

    def _train(self) -> "CellResult":
        """One network under the champion's strategy, settings and seed, on the new windows."""
        from fraud.evaluation.cells import Cell, train_cell

        settings = self.bundle.provenance["settings"]
        knobs = tuple(sorted(settings["knobs"].items()))
        cell = Cell(self.bundle.strategy, self.bundle.seed, settings["learning_rate"], knobs)
        with progress_bar("retrain", total=1) as step:
            result = train_cell(cell, self.field.arena)
            step(f"challenger trained ({cell.strategy})")
        return result


if __name__ == "__main__":
    from pipelines.cli import main

    main(["retrain", *sys.argv[1:]])
