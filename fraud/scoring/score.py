"""Score new transactions with the champion and the store's history: ranked alerts with their reasons."""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig, PolicyConfig
from fraud.data import (
    ROW_ORDER_EPOCH,
    EventRange,
    Pseudonyms,
    StagedDump,
    TransactionStore,
    compare_with_store,
    find_card_numbers,
    find_dumps,
    find_events_out_of_range,
    recognise_dump,
    sha256_of,
    stage_dump,
)
from fraud.errors import DumpError, ModelError
from fraud.features import Limits, Recipe, build_by_days
from fraud.model import Bundle
from fraud.scoring.budget import DailyAlerts
from fraud.scoring.reasons import REASONS, reasons_of
from fraud.scoring.request import ScoringRequest
from fraud.text import counted

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Unlabelled:
    """Transactions to score."""

    rows: pl.LazyFrame
    """Canonical columns; each transaction once."""
    rejected: int
    """Rows that broke the contract and are not scored."""
    warnings: tuple[str, ...]


def read_unlabelled(
    dumps: Sequence[str],
    scratch: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    stored: EventRange,
    pseudonyms: Pseudonyms | None = None,
    store: TransactionStore | None = None,
    accept: Sequence[str] = (),
) -> Unlabelled:
    """Canonical transactions of dumps that need no labels; nothing is stored.

    Args:
        dumps: files, globs or folders.
        scratch: an empty folder, which must last as long as the rows.
        columns: roles of the columns; label columns are not read.
        labels: of the config.
        stored: where the store's events lie; where the order of rows stands for time, new rows come after them.
        pseudonyms: what the store holds in place of the entities' ids.
        store: the dumps must have its units and types, as at ingestion.
        accept: columns whose change of unit or type is intended.

    Raises:
        DumpError: a dump cannot be read or mapped, is before the store or years after it, or is in other units; or no
            row is left.
    """
    unlabelled = replace(columns, is_fraud=None, label_time=None, fraud_type=None)
    stage = partial(stage_dump, columns=unlabelled, labels=labels, pseudonyms=pseudonyms)
    staged: list[StagedDump] = []
    offset = int((stored.last - ROW_ORDER_EPOCH).total_seconds()) if columns.event_time.is_row_order else 0
    for number, path in enumerate(find_dumps(dumps)):
        folder = scratch / str(number)
        folder.mkdir()
        staged.append(stage(recognise_dump(path), folder, sha256=sha256_of(path), row_offset=offset))
        offset += staged[-1].manifest.rows
    found = _all_of(staged, stored, unlabelled)
    differences = compare_with_store(staged, store, columns=unlabelled, accept=accept) if store else ()
    changed = tuple(one.sentence for one in differences if one.severity == "warning")
    return replace(found, warnings=(*found.warnings, *changed))


def _all_of(staged: Sequence[StagedDump], stored: EventRange, columns: ColumnsConfig) -> Unlabelled:
    """The dumps as one, with their warnings."""
    warnings = [sentence for dump in staged for sentence in find_events_out_of_range(dump, stored, columns.event_time)]
    files = [dump.rows for dump in staged]
    warnings += [finding.sentence for finding in find_card_numbers(files, columns)]
    by_rule: Counter[str] = sum((Counter(dump.manifest.rejected_by_rule) for dump in staged), Counter())
    rejected = sum(dump.manifest.rejected for dump in staged)
    if rejected:
        broken = ", ".join(f"{rule} {count:,}" for rule, count in by_rule.items())
        warnings.append(f"{counted(rejected, 'row')} broke the contract, not scored: {broken}")
    rows = pl.concat([pl.scan_parquet(file) for file in files])
    if len(files) > 1:  # within one dump duplicates are removed already
        rows = rows.unique("transaction_id", keep="last")
    if not rows.select(pl.len()).collect().item():
        raise DumpError(f"score: expected transactions, found none: {'; '.join(warnings)}; fix the dump or [columns]")
    return Unlabelled(rows=rows, rejected=rejected, warnings=tuple(warnings))


def score_transactions(
    bundle: Bundle,
    request: ScoringRequest,
    recipe: Recipe,
    *,
    policy: PolicyConfig,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Score transactions as of their own moment, the highest score first.

    A transaction that is stored already is scored as stored, with the labels that were known at its moment.

    Args:
        bundle: the model.
        request: which transactions, and the history that the features need.
        recipe: of the features.
        policy: its ``alerts_per_day`` and its price of a missed fraud.
        limits: of memory for the history.
        progress: called after every few days.

    Returns:
        rank, transaction_id, event_time, entities; amount and ``expected_loss`` where there are amounts; probability;
        ``alert``, at the threshold; with a daily budget ``in_budget``, the highest of each day; and ``reason_1`` to
        ``reason_3``, of these and a few below them. Where an alert is a card on a day, its highest transaction alone is
        marked, and ``others_that_day`` counts the others of that card on that day. Of one score the order is that of a
        keyed hash of the id.

    Raises:
        ModelError: the model needs other features than the recipe makes.
    """
    parts = []
    for piece in build_by_days(request.history, recipe, days=request.days, limits=limits, progress=progress):
        parts.append(_score_piece(bundle, request.rows_in(piece), recipe, policy))
        if progress:
            done, until = sum(map(len, parts)), piece["event_time"][-1]
            progress(f"{done:,} of {counted(len(request), 'transaction')}, until {until:%Y-%m-%d}")
    # NOTE: a piece is whole days of UTC; another zone's days may lie in two, so that its alerts are found in the whole.
    scored = pl.concat(parts)
    alerts = _alerts_of(scored, bundle, recipe, policy)
    return scored.with_columns(alerts.columns())[alerts.order()].with_row_index("rank", offset=1)


def late_note(request: ScoringRequest, until: datetime) -> str | None:
    """A note on transactions before the store's last event that are not stored: late, or with a misread time.

    Args:
        request: what is scored.
        until: the store's last event.

    Returns:
        None where there are none.
    """
    count = request.late(until)
    if not count:
        return None
    are = "are" if count > 1 else "is"
    return (
        f"{counted(count, 'transaction')} before the last stored event ({until:%Y-%m-%d %H:%M}) {are} not in the "
        "store: scored as of their own time; check [columns] event_time, or store late transactions with `fraud ingest`"
    )


def policy_note(bundle: Bundle, policy: PolicyConfig) -> str | None:
    """A note on which column follows which policy, where the model's threshold was set for another one.

    Args:
        bundle: the model; an untrained one has no policy.
        policy: of the configuration.

    Returns:
        None where the two are the same.
    """
    trained = tomllib.loads(str(bundle.provenance.get("config", ""))).get("policy")
    if trained is None or (trained["kind"], trained["value"]) == (policy.kind, policy.value):
        return None
    follows = "column in_budget follows" if policy.kind == "alerts_per_day" else "no column follows"
    was, now = _named(trained["kind"], trained["value"]), _named(policy.kind, policy.value)
    return (
        f"column alert follows the model's threshold, set for [policy] {was}; {follows} this configuration's {now}; "
        "fraud retrain or fraud run sets a new one"
    )


def _named(kind: str, value: float) -> str:
    """A policy's kind and its value; costs have none."""
    return kind if kind == "costs" else f"{kind} = {value:g}"


def _score_piece(bundle: Bundle, features: pl.DataFrame, recipe: Recipe, policy: PolicyConfig) -> pl.DataFrame:
    """Scores, alerts and reasons of some whole days."""
    _check_features(bundle, features)
    money = ["amount"] if recipe.has_amount else []
    scored = features.select("transaction_id", "event_time", *recipe.entities, *money).with_columns(
        probability=pl.Series(bundle.score(features), dtype=pl.Float64)
    )
    if money:
        loss = pl.col("probability") * policy.loss_share * pl.col("amount").clip(lower_bound=0)
        scored = scored.with_columns(expected_loss=loss)
    alerts = _alerts_of(scored, bundle, recipe, policy)
    scored, explained = scored.with_columns(alerts.columns()), pl.Series(alerts.explained())
    reasons = [
        (*found, *[None] * (REASONS - len(found))) for found in reasons_of(bundle, features.filter(explained), recipe)
    ]
    texts = pl.DataFrame(
        reasons, schema={f"reason_{number}": pl.String for number in range(1, REASONS + 1)}, orient="row"
    )
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    with_row = texts.with_columns(row=pl.Series(explained.arg_true()))
    return scored.with_columns(row=row).join(with_row, on="row", how="left", maintain_order="left").drop("row")


def _alerts_of(scored: pl.DataFrame, bundle: Bundle, recipe: Recipe, policy: PolicyConfig) -> DailyAlerts:
    return DailyAlerts(scored, policy, threshold=bundle.threshold, entities=recipe.entities, timezone=recipe.timezone)


def _check_features(bundle: Bundle, features: pl.DataFrame) -> None:
    needed = [scale.name for scale in bundle.encoder.scales_]
    needed += [vocabulary.name for vocabulary in bundle.encoder.vocabularies_]
    missing = [name for name in needed if name not in features.columns]
    if missing:
        raise ModelError(
            f"score: the champion needs {len(missing)} features that this configuration does not make, as "
            f"'{missing[0]}'; keep [features] and [columns] as they were when it was trained"
        )
