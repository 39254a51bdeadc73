"""MLflow's client, such that whatever goes wrong behind it is one line: a server out of reach, a damaged database."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fraud.errors import ModelError
from fraud.locks import exclusive

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

SERVER, DATABASE, LOCK = "MLFLOW_TRACKING_URI", "mlflow.db", ".making.lock"
PATIENCE_SECONDS = 120.0
"""How long a command waits for another one to make the registry, which takes seconds."""
MOST_LETTERS = 200
"""Of another program's words."""
DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # MLflow tries a server that does not answer for about four minutes; who wants that back says so.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def on_server() -> bool:
    """Whether the registry is where ``MLFLOW_TRACKING_URI`` says, and not in the workspace."""
    return bool(os.environ.get(SERVER))


def open_client(root: Path) -> "MlflowClient":
    """The client of the registry of a workspace, or of the server that the environment names.

    Args:
        root: folder of the embedded registry; made if missing.

    Raises:
        ModelError: it cannot be opened. Each method of the client raises it too, in place of MLflow's own errors.
    """
    where = os.environ[SERVER] if on_server() else str(root / DATABASE)
    with _explained(where):
        return _in_one_line(_client_of(where if on_server() else _database(root)), where)


def _database(root: Path) -> str:
    """URI of the embedded registry. A new database appears whole: many statements make its tables.

    All data sets of a workspace share it: of two commands that come first, one makes it and the other one waits.
    """
    path = root / DATABASE
    if not path.exists():
        with exclusive(root / LOCK, "making the registry", patience_seconds=PATIENCE_SECONDS):
            if not path.exists():
                beside = root / f"{DATABASE}.part"
                beside.unlink(missing_ok=True)
                _client_of(f"sqlite:///{beside}").search_registered_models()
                os.replace(beside, path)
    return f"sqlite:///{path}"


def _client_of(uri: str) -> "MlflowClient":
    for setting, value in DEFAULTS.items():
        os.environ.setdefault(setting, value)
    from mlflow.tracking import MlflowClient

    for name in ("mlflow", "alembic"):  # after the import, which sets levels of its own
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # which warns of every try
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
    """Turns what MLflow, SQLAlchemy, Alembic and the system say into one line.

    Raises:
        ModelError: always in place of theirs.
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
                f"see that the server runs and lets you in, correct {SERVER}, or unset it for the one in the workspace"
            )
            raise ModelError(f"registry {where} ({SERVER}): {reason}; {advice}") from error
        advice = "bring it back from a copy, or move its folder away and make a champion anew with `fraud run`"
        raise ModelError(f"registry {where}: {reason}; {advice}") from error


def _reason(error: BaseException) -> str:
    """The innermost cause in its first words: the layers around it say the same at length."""
    while deeper := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = deeper
    text = " ".join(str(error).split()) or type(error).__name__
    return f"{text[:MOST_LETTERS]} ..." if len(text) > MOST_LETTERS else text
