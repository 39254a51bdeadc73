"""The model registry: every bundle a version, one of them the champion.

MLflow on SQLite inside the workspace, or the server that ``MLFLOW_TRACKING_URI`` names. The only door to MLflow.
"""

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraud.errors import ModelError
from fraud.model.bundle import Bundle

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.tracking import MlflowClient

CHAMPION, CHALLENGER, FORMER = "champion", "challenger", "former_champions"


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """One version in the registry; ``figures`` are what its report said of it when it was registered."""

    version: int
    strategy: str
    created: datetime
    run_id: str
    figures: Mapping[str, Any]
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

    def register(self, bundle: Bundle, *, run_id: str, figures: Mapping[str, Any]) -> int:
        """Store a bundle as the newest version, without promoting it; its number.

        Args:
            bundle: what is stored.
            run_id: the report that judged it.
            figures: recall and the like, shown by ``fraud models``.
        """
        client = self._client()
        run = client.create_run(self._experiment(client), run_name=run_id)
        with tempfile.TemporaryDirectory() as folder:
            bundle.save(Path(folder) / "bundle")
            client.log_artifacts(run.info.run_id, str(Path(folder) / "bundle"), "bundle")
        client.set_terminated(run.info.run_id)
        tags = {"strategy": bundle.strategy, "report": run_id, "figures": json.dumps(dict(figures))}
        source = f"{run.info.artifact_uri}/bundle"
        version = client.create_model_version(self.name, source, run.info.run_id, tags=tags)
        return int(version.version)

    def versions(self) -> list[RegisteredModel]:
        """All versions, the oldest first; empty before the first is registered."""
        if not self._exists():
            return []
        client = self._client()
        aliases = client.get_registered_model(self.name).aliases
        found = client.search_model_versions(f"name = '{self.name}'")
        return sorted((_described(version, aliases) for version in found), key=lambda model: model.version)

    def champion(self) -> RegisteredModel | None:
        """The model in use, None before the first promotion."""
        return next((model for model in self.versions() if model.is_champion), None)

    def load(self, version: int) -> Bundle:
        """The bundle of a version.

        Raises:
            ModelError: there is no such version, or its files are gone.
        """
        self._require(version)
        client = self._client()
        run_id = client.get_model_version(self.name, str(version)).run_id
        beside = self.root / "artifacts" / str(run_id) / "artifacts" / "bundle"  # also after the workspace has moved
        folder = beside if beside.exists() else Path(client.download_artifacts(str(run_id), "bundle"))
        return Bundle.load(folder)

    def promote(self, version: int) -> None:
        """Make a version the champion; the one before is remembered for ``rollback``.

        Raises:
            ModelError: there is no such version.
        """
        self._require(version)
        current = self.champion()
        if current and current.version != version:
            self._remember([*self._former(), current.version])
        self._client().set_registered_model_alias(self.name, CHAMPION, str(version))

    def rollback(self) -> RegisteredModel:
        """Bring the former champion back and return it.

        Raises:
            ModelError: there was none before this one.
        """
        former = self._former() if self._exists() else []
        if not former:
            raise ModelError(f"registry of '{self.name}': no former champion to go back to; see `fraud models`")
        self._client().set_registered_model_alias(self.name, CHAMPION, str(former[-1]))
        self._remember(former[:-1])
        return self._require(former[-1])

    def _require(self, version: int) -> RegisteredModel:
        versions = {model.version: model for model in self.versions()}
        if version not in versions:
            known = ", ".join(map(str, versions)) or "none yet"
            raise ModelError(f"registry of '{self.name}': no version {version}; registered: {known}")
        return versions[version]

    def _former(self) -> list[int]:
        tags = self._client().get_registered_model(self.name).tags
        return [int(version) for version in json.loads(tags.get(FORMER, "[]"))]

    def _remember(self, former: list[int]) -> None:
        self._client().set_registered_model_tag(self.name, FORMER, json.dumps(former))

    def _exists(self) -> bool:
        server = "MLFLOW_TRACKING_URI" in os.environ
        if not server and not (self.root / "mlflow.db").exists():
            return False
        return bool(self._client().search_registered_models(f"name = '{self.name}'"))

    def _experiment(self, client: "MlflowClient") -> str:
        if not self._exists():
            client.create_registered_model(self.name)
        found = client.get_experiment_by_name(self.name)
        location = None if "MLFLOW_TRACKING_URI" in os.environ else (self.root / "artifacts").as_uri()
        return str(found.experiment_id if found else client.create_experiment(self.name, location))

    def _client(self) -> "MlflowClient":
        if self._opened is None:
            os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
            from mlflow.tracking import MlflowClient

            for name in ("mlflow", "alembic"):  # after the import, which sets levels of its own
                logging.getLogger(name).setLevel(logging.WARNING)
            uri = os.environ.get("MLFLOW_TRACKING_URI")
            if uri is None:
                self.root.mkdir(parents=True, exist_ok=True)
                uri = f"sqlite:///{self.root / 'mlflow.db'}"
            self._opened = MlflowClient(tracking_uri=uri, registry_uri=uri)
        return self._opened


def _described(version: "ModelVersion", aliases: Mapping[str, str]) -> RegisteredModel:
    return RegisteredModel(
        version=int(version.version),
        strategy=version.tags.get("strategy", ""),
        created=datetime.fromtimestamp(version.creation_timestamp / 1000, tz=UTC),
        run_id=version.tags.get("report", ""),
        figures=json.loads(version.tags.get("figures", "{}")),
        aliases=tuple(alias for alias, held in aliases.items() if str(held) == str(version.version)),
    )
