"""Whether a retraining goes on, begins, or has nothing to do: no pair of models is judged twice on the same data."""

from datetime import UTC, datetime
from pathlib import Path

from fraud.config import RunConfig
from fraud.errors import ModelError
from fraud.features import FeatureTable
from fraud.lifecycle import Attempt, RegisteredModel, Registry, begin_attempt, changed_since, unfinished_attempt


def champion_of(registry: Registry) -> RegisteredModel:
    """The model in use.

    Raises:
        ModelError: there is none yet.
    """
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"retrain: '{registry.name}' has no champion yet; make one with `fraud run`")
    return champion


def unfinished_retraining(registry: Registry, folder: Path) -> Attempt | None:
    """The attempt that a killed process left, unless another model was put into use since: its own, or by hand."""
    attempt = unfinished_attempt(folder)
    if attempt is None or attempt.champion == champion_of(registry).version:
        return attempt
    attempt.end()
    return None


def begin_retraining(registry: Registry, folder: Path, store_version: int) -> Attempt:
    """Begin an attempt against the model in use."""
    champion = champion_of(registry).version
    now = datetime.now(UTC)
    return begin_attempt(folder, now=now, dataset=registry.name, store_version=store_version, champion=champion)


def judged_before(
    registry: Registry, attempt: str, table: FeatureTable, config: RunConfig, *, compares_anew: bool
) -> tuple[bool, str] | None:
    """Whether the challenger of these very data is in use, and why nothing is to be done; None where something is.

    Args:
        registry: of the data set.
        attempt: name of the attempt that these data and settings make.
        table: the features as they are now.
        config: of the run.
        compares_anew: whether strategies were named to compare, which is always something to do.
    """
    champion = champion_of(registry)
    judged = [model for model in registry.versions() if model.attempt == attempt]
    known = next((model for model in judged if champion.version in (model.against, model.version)), None)
    if known is not None:
        in_use = champion.version == known.version
        return in_use, _came_of(known, registry, champion)
    if compares_anew or changed_since(registry.load(champion.version).provenance, table, config):
        return None
    return False, (
        f"nothing new since champion {champion.version} was made, neither data nor settings; it stays. "
        "Give a dump, another setting, or --strategies to compare anew"
    )


def _came_of(challenger: RegisteredModel, registry: Registry, champion: RegisteredModel) -> str:
    promoted = any(period.version == challenger.version for period in registry.champion_periods())
    became = "took the place of" if promoted else "lost to"
    changed = (champion.version == challenger.version) != promoted
    since = f"; champion {champion.version} is in use now" if changed else ""
    return (
        f"nothing new: challenger {challenger.version}, made of these data, {became} champion {challenger.against}"
        f"{since}; see report {challenger.run_id}"
    )
