"""New dumps -> challenger against champion -> promote or keep, with a report."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, progress_bar, say
from fraud.config import RunConfig
from fraud.errors import ConfigError, ModelError
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.evaluation import ComparisonData, TrainedStrategy
    from fraud.features import FeatureTable
    from fraud.lifecycle import Attempt, Decision, RegisteredModel, Registry, WindowComparison
    from fraud.model import Bundle

RequirePromotion = Annotated[bool, Parameter(help="Exit with 3 when the champion stays.", negative=())]
Strategies = Annotated[
    str, Parameter(help="Strategies to compare anew, with commas between; left out: the champion's alone.")
]


def retrain(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    as_of: AsOf = None,
    strategies: Strategies = "",
    require_promotion: RequirePromotion = False,
    **overrides: Overrides,
) -> int:
    """Store new dumps, train the champion's strategy anew, judge both on the newest window, promote by the rule.

    Without a dump it goes by what is stored: labels that came by `fraud ingest`, other settings, other strategies.
    A retraining that was stopped goes on where it was when the same command is given again; until it ends, the
    champion stays in use.
    """
    settings = configured(config, overrides, as_of)
    named = tuple(name.strip() for name in strategies.split(",") if name.strip())
    promoted = retrain_in(Workspace(workspace), settings, dumps, strategies=named)
    return 3 if require_promotion and not promoted else 0


def retrain_in(
    workspace: Workspace, config: RunConfig, dumps: tuple[str, ...], *, strategies: tuple[str, ...] = ()
) -> bool:
    """Ingest, prepare, train a challenger, decide and report; whether the challenger was promoted."""
    _check_strategies(strategies)  # a wrong name is said before the work, not after it
    with workspace.lock(config.dataset.name, "fraud retrain"):
        return _retrain_locked(workspace, config, dumps, strategies)


def _check_strategies(strategies: tuple[str, ...]) -> None:
    from fraud.imbalance import get_strategy

    for place, strategy in enumerate(strategies):
        get_strategy(strategy)
        if strategy in strategies[:place]:
            raise ConfigError(f"--strategies: '{strategy}' is named twice, found {', '.join(strategies)}; name it once")


def _retrain_locked(
    workspace: Workspace, config: RunConfig, dumps: tuple[str, ...], strategies: tuple[str, ...]
) -> bool:
    from fraud.cli.ingest import ingest_into
    from fraud.cli.prepare import prepare_in
    from fraud.cli.run_record import jobs_folder
    from fraud.lifecycle import Registry

    registry = Registry(workspace.registry, config.dataset.name)
    _champion(registry)  # without one nothing is stored
    if dumps:
        ingest_into(workspace, config, dumps)
    table = prepare_in(workspace, config)
    folder = jobs_folder(workspace, config, table.store_version, "retrain", *strategies)
    attempt = _go_on(registry, folder)
    if attempt is None:
        decided = _decided_before(registry, folder.name, table, config, anew=bool(strategies))
        if decided is not None:
            return decided
        attempt = _begin(registry, folder, table.store_version)
    return _finish(workspace, config, table, registry, attempt, strategies=strategies)


def _champion(registry: "Registry") -> "RegisteredModel":
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"retrain: '{registry.name}' has no champion yet; make one with `fraud run`")
    return champion


def _go_on(registry: "Registry", folder: Path) -> "Attempt | None":
    """The attempt that a killed process left, unless another model was put into use since: its own, or by hand."""
    from fraud.lifecycle import unfinished_attempt

    attempt = unfinished_attempt(folder)
    if attempt is None or attempt.champion == _champion(registry).version:
        return attempt
    attempt.end()
    return None


def _begin(registry: "Registry", folder: Path, store_version: int) -> "Attempt":
    from fraud.lifecycle import begin_attempt

    champion = _champion(registry).version
    now = datetime.now(UTC)
    return begin_attempt(folder, now=now, dataset=registry.name, store_version=store_version, champion=champion)


def _decided_before(
    registry: "Registry", attempt: str, table: "FeatureTable", config: RunConfig, *, anew: bool
) -> bool | None:
    """Whether the challenger of these very data is in use, None where they were never judged for this champion."""
    from fraud.lifecycle import anything_new

    champion = _champion(registry)
    judged = [model for model in registry.versions() if model.attempt == attempt]
    known = next((model for model in judged if champion.version in (model.against, model.version)), None)
    if known is not None:
        promoted = any(period.version == known.version for period in registry.champion_periods())
        became = "took the place of" if promoted else "lost to"
        in_use = champion.version == known.version
        since = "" if in_use == promoted else f"; champion {champion.version} is in use now"
        say(
            f"retrain: nothing new: challenger {known.version}, made of these data, {became} champion {known.against}"
            f"{since}; see report {known.run_id}"
        )
        return in_use
    if anew or anything_new(registry.load(champion.version).provenance, table, config):
        return None
    say(
        f"retrain: nothing new since champion {champion.version} was made, neither data nor settings; it stays. "
        "Give a dump, another setting, or --strategies to compare anew"
    )
    return False


def _finish(
    workspace: Workspace,
    config: RunConfig,
    table: "FeatureTable",
    registry: "Registry",
    attempt: "Attempt",
    *,
    strategies: tuple[str, ...],
) -> bool:
    """Train, decide, register, report, promote, in this order: nothing is in use before its report says why."""
    from fraud.cli.report import publish
    from fraud.lifecycle import card_of, check_decision, with_versions

    champion = attempt.champion or 0
    in_use = registry.load(champion)
    warnings = _warnings_since(workspace, config, in_use)
    decision, challenger, report, evidence = _judge(
        workspace, config, table, in_use, attempt, strategies=strategies, warnings=warnings
    )
    version = registry.register(
        challenger,
        run_id=attempt.run_id,
        figures=challenger.provenance["figures"],
        card=card_of(challenger, report),
        against=champion,
        attempt=attempt.folder.name,
    )
    report = with_versions(report, decision, challenger=version)
    check_decision(report)
    publish(workspace, config, run_id=attempt.run_id, report=report, evidence=evidence)
    if decision.promote:
        registry.promote(version, how="retrain")
    else:
        registry.challenge(version)
    attempt.end()
    return decision.promote


def _warnings_since(workspace: Workspace, config: RunConfig, champion: "Bundle") -> tuple[str, ...]:
    """What was said of the dumps that came since the champion was made, by whatever command, killed or not."""
    from fraud.cli.run_record import store_of

    known = champion.provenance.get("store_version")
    return store_of(workspace, config).warnings(after=-1 if known is None else known)


def _judge(
    workspace: Workspace,
    config: RunConfig,
    table: "FeatureTable",
    champion: "Bundle",
    attempt: "Attempt",
    *,
    strategies: tuple[str, ...],
    warnings: tuple[str, ...],
) -> "tuple[Decision, Bundle, dict[str, Any], dict[str, Any]]":
    """The decision, the challenger, and what the report and its evidence say of them."""
    from fraud.cli.run_record import bundle_origin, comparison_data, record_of
    from fraud.evaluation import bundle_of
    from fraud.lifecycle import check_knows, check_unseen, drift_as_json, drift_since, retrain_findings

    check_knows(champion, table)
    data = comparison_data(workspace, config, table, folder=attempt.folder)
    check_unseen(champion, data)
    drift = drift_since(champion, table, config)
    trained, compared, decision = _train_and_compare(champion, table, data, config, attempt, strategies=strategies)
    challenger = bundle_of(
        trained.results[0],
        compared.scored,
        data,
        origin=bundle_origin(config, run_id=attempt.run_id, store_version=table.store_version),
        row=compared.challenger.row,
        policy=compared.policy,
    )
    findings = retrain_findings(decision, compared, champion=champion, challenger=challenger, drift=drift)
    report, evidence = record_of(workspace, config, table, data, attempt, findings=findings, warnings=warnings)
    return decision, challenger, report, evidence | {"drift": drift_as_json(drift)}


def _train_and_compare(
    champion: "Bundle",
    table: "FeatureTable",
    data: "ComparisonData",
    config: RunConfig,
    attempt: "Attempt",
    *,
    strategies: tuple[str, ...],
) -> "tuple[TrainedStrategy, WindowComparison, Decision]":
    """Train the challenger, judge both, apply the rule."""
    from fraud.lifecycle import compare_on_window, count_training, decide, fresher_days, train_challenger

    with progress_bar("retrain", total=count_training(config, strategies)) as step:
        trained = train_challenger(champion, data, config, strategies=strategies, progress=step)
    compared = compare_on_window(champion, trained, table=table.scan(), data=data, config=config)
    decision = decide(
        compared.comparison,
        config.promotion,
        champion=attempt.champion or 0,
        fresher_days=fresher_days(champion, data),
        has_days=not config.columns.event_time.is_row_order,
    )
    return trained, compared, decision


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["retrain", *sys.argv[1:]])
