"""New dumps -> challenger against champion -> promote or keep, with a report."""

from dataclasses import dataclass, replace
from typing import Any

from fraud.config import RunConfig, SplitConfig
from fraud.errors import ConfigError
from fraud.evaluation import ComparisonData, TrainedStrategy, bundle_of
from fraud.features import FeatureTable
from fraud.imbalance import get_strategy
from fraud.lifecycle import (
    Attempt,
    Decision,
    Registry,
    WindowComparison,
    card_of,
    check_decision,
    check_knows,
    check_unseen,
    compare_on_window,
    count_training,
    decide,
    drift_as_json,
    drift_since,
    fresher_days,
    retrain_findings,
    train_challenger,
    unseen_windows,
    with_versions,
)
from fraud.model import Bundle
from fraud.stages.dumps import Dump, Dumps
from fraud.stages.ingestion import ingest
from fraud.stages.preparation import prepare
from fraud.stages.progress import OnProgress, Progress, ignore, steps_of
from fraud.stages.report import Report
from fraud.stages.resuming import begin_retraining, champion_of, judged_before, unfinished_retraining
from fraud.stages.run_folder import publish
from fraud.stages.run_record import bundle_origin, comparison_data, jobs_folder, record_of, store_of
from fraud.text import counted, percent
from fraud.workspace import Workspace


@dataclass(frozen=True)
class RetrainResult:
    """What came of a retraining."""

    promoted: bool
    """Whether the challenger that these data make is in use."""
    report: Report | None
    """The comparison of both on the newest window; None where nothing was new, so that nothing was trained."""
    reason: str = ""
    """Why nothing was trained, in one sentence."""


def retrain(
    dumps: Dumps,
    config: RunConfig,
    *,
    workspace: Workspace,
    strategies: tuple[str, ...] = (),
    on_progress: OnProgress = ignore,
) -> RetrainResult:
    """Store new dumps, train the champion's strategy anew, judge both on the newest window, promote by the rule.

    A retraining that was stopped goes on where it was when it is called again with the same arguments; until it ends,
    the champion stays in use.

    Args:
        dumps: files, globs or folders, or frames; none: what is stored counts, with labels that came since.
        config: of the run.
        workspace: where everything is kept.
        strategies: to compare anew; none: the champion's alone.
        on_progress: called at each step.

    Raises:
        ModelError: there is no champion yet, or it cannot be judged on these data.
        FraudError: the configuration, the data or the workspace is at fault; the message names it.
    """
    _check_strategies(strategies)  # a wrong name is reported before the work, not after it
    with workspace.lock(config.dataset.name, "fraud retrain"):
        registry = Registry(workspace.registry, config.dataset.name)
        champion_of(registry)  # without one nothing is stored
        given = tuple([dumps] if isinstance(dumps, Dump) else dumps)
        if given:
            ingest(given, config, workspace=workspace, on_progress=on_progress)
        table = prepare(config, workspace=workspace, on_progress=on_progress)
        return _retrain_on(table, config, workspace, registry, strategies=strategies, on_progress=on_progress)


def _check_strategies(strategies: tuple[str, ...]) -> None:
    for position, strategy in enumerate(strategies):
        get_strategy(strategy)
        if strategy in strategies[:position]:
            raise ConfigError(f"--strategies: '{strategy}' is named twice, found {', '.join(strategies)}; name it once")


def _retrain_on(
    table: FeatureTable,
    config: RunConfig,
    workspace: Workspace,
    registry: Registry,
    *,
    strategies: tuple[str, ...],
    on_progress: OnProgress,
) -> RetrainResult:
    """Go on with the retraining of these data, or begin it, unless they were judged before."""
    folder = jobs_folder(workspace, config, table.store_version, "retrain", *strategies)
    attempt = unfinished_retraining(registry, folder)
    if attempt is None:
        judged = judged_before(registry, folder.name, table, config, compares_anew=bool(strategies))
        if judged is not None:
            in_use, reason = judged
            on_progress(Progress(stage="retrain", text=f"retrain: {reason}", is_result=True))
            return RetrainResult(promoted=in_use, report=None, reason=reason)
        attempt = begin_retraining(registry, folder, table.store_version)
    return _finish(table, config, workspace, registry, attempt, strategies=strategies, on_progress=on_progress)


def _finish(
    table: FeatureTable,
    config: RunConfig,
    workspace: Workspace,
    registry: Registry,
    attempt: Attempt,
    *,
    strategies: tuple[str, ...],
    on_progress: OnProgress,
) -> RetrainResult:
    """Train, decide, register, report, promote, in this order: nothing is in use before its report gives the reason."""
    champion = attempt.champion or 0
    in_use = registry.load(champion)
    decision, challenger, record, evidence = _judge(
        table, config, workspace, in_use, attempt, strategies=strategies, on_progress=on_progress
    )
    version = registry.register(
        challenger,
        run_id=attempt.run_id,
        figures=challenger.provenance["figures"],
        card=card_of(challenger, record),
        against=champion,
        attempt=attempt.folder.name,
    )
    record = with_versions(record, decision, challenger=version)
    check_decision(record)
    report = publish(workspace, run_id=attempt.run_id, report=record, evidence=evidence, config_toml=config.to_toml())
    if decision.promote:
        registry.promote(version, how="retrain")
    else:
        registry.challenge(version)
    attempt.end()
    return RetrainResult(promoted=decision.promote, report=report)


def _warnings_since(workspace: Workspace, config: RunConfig, champion: Bundle) -> tuple[str, ...]:
    """Warnings about the dumps that came since the champion was made, by whatever command, killed or not."""
    known = champion.provenance.get("store_version")
    return store_of(workspace, config).warnings(after=-1 if known is None else known)


def _shortened(configured: SplitConfig, windows: SplitConfig, champion: Bundle) -> tuple[str, ...]:
    """That both models are judged on fewer days than configured, and why."""
    if windows.test == configured.test:
        return ()
    known_until = champion.provenance["split"]["validation"]["to"][:10]
    length = counted(windows.test, "day") if windows.test >= 1 else f"{percent(windows.test)} of the transactions"
    return (f"Both models are judged on {length} alone: the champion was chosen on data up to {known_until}.",)


def _judge(
    table: FeatureTable,
    config: RunConfig,
    workspace: Workspace,
    champion: Bundle,
    attempt: Attempt,
    *,
    strategies: tuple[str, ...],
    on_progress: OnProgress,
) -> tuple[Decision, Bundle, dict[str, Any], dict[str, Any]]:
    """The decision, the challenger, and what the report and its evidence state of them."""
    check_knows(champion, table)
    windows = unseen_windows(champion, table, config.split, config.labels)
    data = comparison_data(workspace, config, table, folder=attempt.folder, split=windows)
    check_unseen(champion, data)
    drift = drift_since(champion, table, maturity_days=config.labels.maturity, seed=config.training.seed)
    trained, compared, decision = _train_and_compare(
        champion, table, data, config, attempt, strategies=strategies, on_progress=on_progress
    )
    challenger = bundle_of(
        trained,
        compared.scored,
        data,
        origin=bundle_origin(config, run_id=attempt.run_id, store_version=table.store_version),
        row=compared.challenger.row,
        policy=compared.policy,
    )
    findings = retrain_findings(decision, compared, champion=champion, challenger=challenger, drift=drift)
    warnings = (*_warnings_since(workspace, config, champion), *_shortened(config.split, windows, champion))
    record, evidence = record_of(workspace, config, table, data, attempt, findings=findings, warnings=warnings)
    return decision, challenger, record, evidence | {"drift": drift_as_json(drift)}


def _train_and_compare(
    champion: Bundle,
    table: FeatureTable,
    data: ComparisonData,
    config: RunConfig,
    attempt: Attempt,
    *,
    strategies: tuple[str, ...],
    on_progress: OnProgress,
) -> tuple[TrainedStrategy, WindowComparison, Decision]:
    """Train the challenger, judge both, apply the rule."""
    comparison = replace(config.comparison, strategies=strategies) if strategies else None
    with steps_of("retrain", on_progress, total=count_training(champion, comparison)) as step:
        trained = train_challenger(
            champion, data, comparison=comparison, policy=config.policy, engine=config.engine, progress=step
        )
    compared = compare_on_window(
        champion,
        trained,
        table=table.scan(),
        data=data,
        policy=config.policy,
        margin=config.promotion.margin,
    )
    decision = decide(
        compared.comparison,
        config.promotion,
        champion=attempt.champion or 0,
        fresher_days=fresher_days(champion, data),
        has_days=not config.columns.event_time.is_row_order,
    )
    return trained, compared, decision
