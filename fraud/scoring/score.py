"""New transactions, scored with the store's history by the champion: ranked alerts with their reasons."""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
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
    find_misplaced,
    recognise_dump,
    sha256_of,
    stage_dump,
)
from fraud.errors import DumpError, ModelError
from fraud.evaluation import daily_budget
from fraud.features import Limits, Recipe, build_in_pieces
from fraud.metrics import top_k_per_day
from fraud.model import Bundle
from fraud.scoring.reasons import REASONS, reasons_of
from fraud.scoring.request import ScoringRequest
from fraud.text import counted

NEAR = 5
"""So many transactions a day below the last alert are explained as well."""
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
        columns: roles of the columns; those of labels are not read.
        labels: of the config.
        stored: where the store's events lie; where the order of rows stands for time, new rows come after them.
        pseudonyms: what the store holds in place of the entities' ids.
        store: what the dumps are held against, as at ingestion: the same units and types.
        accept: columns of which a change of unit or type is meant.

    Raises:
        DumpError: a dump cannot be read or mapped, lies before the store or years after it, or is in other units; or no
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
    told = tuple(one.sentence for one in differences if one.severity == "warning")
    return replace(found, warnings=(*found.warnings, *told))


def _all_of(staged: Sequence[StagedDump], stored: EventRange, columns: ColumnsConfig) -> Unlabelled:
    """Dumps as one, with what is to be said of them."""
    said = [sentence for dump in staged for sentence in find_misplaced(dump, stored, columns.event_time)]
    files = [dump.rows for dump in staged]
    said += [finding.sentence for finding in find_card_numbers(files, columns)]
    by_rule: Counter[str] = sum((Counter(dump.manifest.rejected_by_rule) for dump in staged), Counter())
    rejected = sum(dump.manifest.rejected for dump in staged)
    if rejected:
        broken = ", ".join(f"{rule} {count:,}" for rule, count in by_rule.items())
        said.append(f"{counted(rejected, 'row')} broke the contract, not scored: {broken}")
    rows = pl.concat([pl.scan_parquet(file) for file in files])
    if len(files) > 1:  # within one dump they are told apart already
        rows = rows.unique("transaction_id", keep="last")
    if not rows.select(pl.len()).collect().item():
        raise DumpError(f"score: expected transactions, found none: {'; '.join(said)}; mend the dump or [columns]")
    return Unlabelled(rows=rows, rejected=rejected, warnings=tuple(said))


def score_transactions(
    bundle: Bundle,
    asked: ScoringRequest,
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
        asked: which transactions, and the history that the features need.
        recipe: of the features.
        policy: its ``alerts_per_day`` and its price of a missed fraud.
        limits: what may be held of the history.
        progress: told of every few days that are done.

    Returns:
        rank, transaction_id, event_time, entities; amount and ``expected_loss`` where there are amounts; probability;
        ``alert``, at the threshold; with a daily budget ``in_budget``, the highest of each day; and ``reason_1`` to
        ``reason_3``, of these and a few below them.

    Raises:
        ModelError: the model needs other features than the recipe makes.
    """
    parts = []
    for piece in build_in_pieces(asked.history, recipe, days=asked.days, limits=limits, progress=progress):
        parts.append(_score_piece(bundle, asked.of(piece), recipe, policy))
        if progress:
            done, until = sum(map(len, parts)), piece["event_time"][-1]
            progress(f"{done:,} of {counted(len(asked), 'transaction')}, until {until:%Y-%m-%d}")
    by_score = pl.concat(parts).sort(["probability", "transaction_id"], descending=[True, False])
    return by_score.with_row_index("rank", offset=1)


def late_note(asked: ScoringRequest, until: datetime) -> str | None:
    """Says how many transactions are older than the store's last event and yet not stored: late, or misread.

    Args:
        asked: what is scored.
        until: the store's last event.
    """
    count = asked.late(until)
    if not count:
        return None
    lie = "transactions lie" if count > 1 else "transaction lies"
    return (
        f"{count:,} {lie} before the last event stored ({until:%Y-%m-%d %H:%M}) and yet not in the store: scored as of "
        "then; see that [columns] event_time reads the dump rightly, or store with `fraud ingest` what came late"
    )


def policy_note(bundle: Bundle, policy: PolicyConfig) -> str | None:
    """Says which columns follow which policy, where the one that drew the model's threshold is not the one of today.

    Args:
        bundle: the model; one that nobody trained tells no policy.
        policy: of the configuration.
    """
    told = tomllib.loads(str(bundle.provenance.get("config", ""))).get("policy")
    if told is None or (told["kind"], told["value"]) == (policy.kind, policy.value):
        return None
    follows = "in_budget follows" if policy.kind == "alerts_per_day" else "nothing in the file follows"
    return (
        f"alert is the model's own threshold, drawn for [policy] {told['kind']} = {told['value']:g}; {follows} "
        f"this configuration's {policy.kind} = {policy.value:g}; fraud retrain or fraud run draws it anew"
    )


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
    scored = scored.with_columns(alert=pl.col("probability") >= bundle.threshold)
    if policy.kind == "alerts_per_day":
        scored = scored.with_columns(in_budget=_in_budget(scored, policy.value))
    explained = _explained(scored)
    reasons = [
        (*found, *[None] * (REASONS - len(found))) for found in reasons_of(bundle, features.filter(explained), recipe)
    ]
    texts = pl.DataFrame(
        reasons, schema={f"reason_{place}": pl.String for place in range(1, REASONS + 1)}, orient="row"
    )
    places = pl.Series(explained.arg_true())
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    beside = texts.with_columns(row=places)
    return scored.with_columns(row=row).join(beside, on="row", how="left", maintain_order="left").drop("row")


def _check_features(bundle: Bundle, features: pl.DataFrame) -> None:
    needed = [scale.name for scale in bundle.encoder.scales_]
    needed += [vocabulary.name for vocabulary in bundle.encoder.vocabularies_]
    missing = [name for name in needed if name not in features.columns]
    if missing:
        raise ModelError(
            f"score: the champion needs {len(missing)} features that this configuration does not make, as "
            f"'{missing[0]}'; keep [features] and [columns] as they were when it was trained"
        )


def _in_budget(scored: pl.DataFrame, alerts_per_day: float) -> pl.Series:
    """The highest scores of each day, as many as the budget allows; of equal ones the smaller id."""
    day = scored["event_time"].dt.epoch("d").to_numpy()
    budget = daily_budget(alerts_per_day, np.unique(day).size)
    tie_break = scored["transaction_id"].rank("ordinal").to_numpy()
    return pl.Series(top_k_per_day(scored["probability"].to_numpy(), day, k=budget, tie_break=tie_break))


def _explained(scored: pl.DataFrame) -> pl.Series:
    """The alerts of each day and a few below the last of them."""
    raised = pl.col("alert") | pl.col("in_budget") if "in_budget" in scored.columns else pl.col("alert")
    day = pl.col("event_time").dt.date()
    place = pl.col("probability").rank("ordinal", descending=True).over(day)
    return scored.select(raised | (place <= raised.sum().over(day) + NEAR)).to_series()
