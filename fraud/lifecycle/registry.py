"""The model registry: every bundle a version, one of them the champion.

MLflow on SQLite inside the workspace, or the server that ``MLFLOW_TRACKING_URI`` names; ``tracking`` opens it.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraud.errors import ModelError
from fraud.lifecycle.champion_periods import (
    ROLLBACK,
    ChampionPeriod,
    Change,
    champion_periods,
    effective_changes,
    former_champion,
)
from fraud.lifecycle.model_card import card_files
from fraud.lifecycle.tracking import DATABASE, on_server, open_client
from fraud.model import Bundle

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.entities.model_registry import RegisteredModel as MlflowModel
    from mlflow.tracking import MlflowClient

CHAMPION, CHALLENGER = "champion", "challenger"
CHANGE = "change."
"""Prefix of the registered model's tags for changes of the champion, numbered."""


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """One version in the registry; ``figures`` are those of its report when it was registered."""

    version: int
    strategy: str
    created: datetime
    run_id: str
    figures: Mapping[str, Any]
    window: Mapping[str, str]
    """``from`` and ``to`` (exclusive) of the test window that gave the figures."""
    against: int | None
    """The champion that it challenged; None where it is from a comparison."""
    attempt: str
    """Of a challenger: identifies its data, configuration and code."""
    aliases: tuple[str, ...]

    @property
    def is_champion(self) -> bool:
        """True for the model in use."""
        return CHAMPION in self.aliases


class Registry:
    """The models of one data set.

    Args:
        root: folder of the embedded registry; made when the first model is registered.
        dataset: name of the data set; the registered model's name.
    """

    def __init__(self, root: Path, dataset: str) -> None:
        self.root, self.name = root.absolute(), dataset
        self._opened: MlflowClient | None = None

    def register(
        self,
        bundle: Bundle,
        *,
        run_id: str,
        figures: Mapping[str, Any],
        card: Mapping[str, Any],
        against: int | None = None,
        attempt: str = "",
    ) -> int:
        """Store a bundle as the newest version, without promoting it; its number. A run registers one, once.

        Args:
            bundle: what is stored.
            run_id: of the report that evaluates it.
            figures: recall and the like, shown by ``fraud models``.
            card: its model card.
            against: version of the champion that it challenges.
            attempt: identifies this challenger's data, configuration and code.
        """
        known = next((model for model in self.versions() if model.run_id == run_id), None)
        if known is not None:
            return known.version
        client = self._client()
        run = client.create_run(self._experiment(client), run_name=run_id)
        source = self._store(bundle, card_files(card), run)
        client.set_terminated(run.info.run_id)
        window = {name: bundle.provenance["split"]["test"][name] for name in ("from", "to")}
        tags = {
            "strategy": bundle.strategy,
            "report": run_id,
            "figures": json.dumps(dict(figures)),
            "window": json.dumps(window),
            "against": "" if against is None else str(against),
            "attempt": attempt,
        }
        version = client.create_model_version(self.name, source, run.info.run_id, tags=tags)
        return int(version.version)

    def versions(self) -> list[RegisteredModel]:
        """All versions, the oldest first; empty before the first is registered."""
        model = self._model()
        if model is None:
            return []
        found = self._client().search_model_versions(f"name = '{self.name}'")
        return sorted((_described(version, model.aliases) for version in found), key=lambda one: one.version)

    def champion(self) -> RegisteredModel | None:
        """The model in use, None before the first promotion."""
        return next((model for model in self.versions() if model.is_champion), None)

    def champion_periods(self) -> list[ChampionPeriod]:
        """Which version was the champion from when to when, in order."""
        return champion_periods(self._changes())

    def load(self, version: int) -> Bundle:
        """The bundle of a version.

        Raises:
            ModelError: there is no such version, or its files are gone.
        """
        self._require(version)
        client = self._client()
        run_id = str(client.get_model_version(self.name, str(version)).run_id)
        here = self._folder(run_id)
        return Bundle.load(here if here.exists() else Path(client.download_artifacts(run_id, "bundle")))

    def challenge(self, version: int) -> None:
        """Give a version the alias of the challenger, instead of the one that had it."""
        self._require(version)
        self._client().set_registered_model_alias(self.name, CHALLENGER, str(version))

    def promote(self, version: int, *, how: str = "promote") -> None:
        """Make a version the champion; the one before is remembered for ``rollback``, and no challenger is left.

        Args:
            version: its number.
            how: run, retrain or promote; shown in the history.

        Raises:
            ModelError: there is no such version.
        """
        model = self._require(version)
        if any(CHALLENGER in one.aliases for one in self.versions()):  # it challenged the former champion
            self._client().delete_registered_model_alias(self.name, CHALLENGER)
        if not model.is_champion:
            self._change(Change(version=version, at=datetime.now(UTC), how=how))

    def rollback(self) -> RegisteredModel:
        """Make the former champion the champion again and return it.

        Raises:
            ModelError: there was none.
        """
        former = former_champion(self._changes())
        if former is None:
            raise ModelError(f"registry of '{self.name}': no former champion to go back to; see `fraud models`")
        self._require(former)
        self._change(Change(version=former, at=datetime.now(UTC), how=ROLLBACK))
        return self._require(former)

    def _require(self, version: int) -> RegisteredModel:
        versions = {model.version: model for model in self.versions()}
        if version not in versions:
            known = ", ".join(map(str, versions)) or "none yet"
            raise ModelError(f"registry of '{self.name}': no version {version}; registered: {known}")
        return versions[version]

    def _changes(self) -> list[Change]:
        model = self._model()
        if model is None:
            return []
        tags = [json.loads(model.tags[key]) for key in sorted(model.tags) if key.startswith(CHANGE)]
        changes = [Change(version=one["version"], at=datetime.fromisoformat(one["at"]), how=one["how"]) for one in tags]
        champion = model.aliases.get(CHAMPION)
        return effective_changes(changes, None if champion is None else int(champion))

    def _change(self, change: Change) -> None:
        """Record a change, then let it take effect: if killed in between, it did not happen."""
        key = f"{CHANGE}{len(self._changes()):06}"
        tag = json.dumps({"version": change.version, "at": change.at.isoformat(), "how": change.how})
        self._client().set_registered_model_tag(self.name, key, tag)
        self._client().set_registered_model_alias(self.name, CHAMPION, str(change.version))

    def _store(self, bundle: Bundle, texts: Mapping[str, str], run: "Run") -> str:
        """Store the bundle's folder and return its address."""
        if not on_server():
            bundle.save(self._folder(run.info.run_id), texts=texts)
            return self._folder(run.info.run_id).as_uri()
        with tempfile.TemporaryDirectory() as folder:
            bundle.save(Path(folder) / "bundle", texts=texts)
            self._client().log_artifacts(run.info.run_id, str(Path(folder) / "bundle"), "bundle")
        return f"{run.info.artifact_uri}/bundle"

    def _folder(self, run_id: str) -> Path:
        """The embedded registry's folder of a bundle, found also after the workspace was moved."""
        return self.root / "artifacts" / run_id / "artifacts" / "bundle"

    def _model(self) -> "MlflowModel | None":
        """What MLflow holds of the data set: aliases and tags; None before the first model is registered."""
        if not on_server() and not (self.root / DATABASE).exists():
            return None
        return next(iter(self._client().search_registered_models(f"name = '{self.name}'")), None)

    def _experiment(self, client: "MlflowClient") -> str:
        if self._model() is None:
            client.create_registered_model(self.name)
        found = client.get_experiment_by_name(self.name)
        location = None if on_server() else (self.root / "artifacts").as_uri()
        return str(found.experiment_id if found else client.create_experiment(self.name, location))

    def _client(self) -> "MlflowClient":
        if self._opened is None:
            self._opened = open_client(self.root)
        return self._opened


def _described(version: "ModelVersion", aliases: Mapping[str, str]) -> RegisteredModel:
    tags = version.tags
    return RegisteredModel(
        version=int(version.version),
        strategy=tags.get("strategy", ""),
        created=datetime.fromtimestamp(version.creation_timestamp / 1000, tz=UTC),
        run_id=tags.get("report", ""),
        figures=json.loads(tags.get("figures", "{}")),
        window=json.loads(tags.get("window", "{}")),
        against=int(tags["against"]) if tags.get("against") else None,
        attempt=tags.get("attempt", ""),
        aliases=tuple(alias for alias, held in aliases.items() if str(held) == str(version.version)),
    )
