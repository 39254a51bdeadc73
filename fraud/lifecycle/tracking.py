"""MLflow's client, whose errors are one line each: an unreachable server, a damaged database."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fraud.errors import ModelError
from fraud.files import write_atomically
from fraud.locks import exclusive

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

SERVER, DATABASE, LOCK = "MLFLOW_TRACKING_URI", "mlflow.db", ".making.lock"
PATIENCE_SECONDS = 120.0
"""How long a command waits for another one to create the registry, which takes seconds."""
LONGEST_REASON = 200
"""Longest excerpt of another program's error message, in characters."""
DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # By default MLflow retries an unreachable server for about four minutes; set these to get that back.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def on_server() -> bool:
    """Whether the registry is the server of ``MLFLOW_TRACKING_URI``, and not in the workspace."""
    return bool(os.environ.get(SERVER))


def open_client(root: Path) -> "MlflowClient":
    """The client of the registry of a workspace, or of the server that the environment names.

    Args:
        root: folder of the embedded registry; made if missing.

    Raises:
        ModelError: it cannot be opened. Each method of the client raises it too, instead of MLflow's own errors.
    """
    where = os.environ[SERVER] if on_server() else str(root / DATABASE)
    with _explained(where):
        return _in_one_line(_client_of(where if on_server() else _database(root)), where)


def _database(root: Path) -> str:
    """URI of the embedded registry. A new database appears complete, though many statements create its tables.

    All data sets of a workspace share it: of two commands at once, one creates it and the other one waits.
    """
    path = root / DATABASE
    if not path.exists():
        with exclusive(root / LOCK, "creating the registry", patience_seconds=PATIENCE_SECONDS):
            if not path.exists():
                with write_atomically(path) as part:
                    _client_of(f"sqlite:///{part}").search_registered_models()
    return f"sqlite:///{path}"


def _client_of(uri: str) -> "MlflowClient":
    for setting, value in DEFAULTS.items():
        os.environ.setdefault(setting, value)
    from mlflow.tracking import MlflowClient

    for name in ("mlflow", "alembic"):  # after the import, which sets levels of its own
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of every retry
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


class _OneLine:
    """A client whose methods raise ``ModelError`` alone."""

    def __init__(self, client: "MlflowClient", where: str) -> None:
        self._client, self._where = client, where

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return _explaining(found, self._where) if callable(found) else found


def _in_one_line(client: "MlflowClient", where: str) -> "MlflowClient":
    return cast("MlflowClient", _OneLine(client, where))


def _explaining(method: Callable[..., Any], where: str) -> Callable[..., Any]:
    @wraps(method)
    def explained(*arguments: Any, **settings: Any) -> Any:
        with _explained(where):
            return method(*arguments, **settings)

    return explained


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turns errors of MLflow, SQLAlchemy, Alembic and the system into one line.

    Raises:
        ModelError: instead of any of them.
    """
    from alembic.util.exc import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, OSError) as error:
        reason = _reason(error)
        if on_server():
            advice = (
                f"check that the server runs and gives you access, correct {SERVER}, or unset it to use the workspace"
            )
            raise ModelError(f"registry {where} ({SERVER}): {reason}; {advice}") from error
        advice = "restore it from a backup, or move its folder away and make a new champion with `fraud run`"
        raise ModelError(f"registry {where}: {reason}; {advice}") from error


def _reason(error: BaseException) -> str:
    """The first words of the innermost cause: the errors around it repeat it at length."""
    while deeper := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = deeper
    text = " ".join(str(error).split()) or type(error).__name__
    return f"{text[:LONGEST_REASON]} ..." if len(text) > LONGEST_REASON else text
