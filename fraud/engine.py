"""Independent calls, run by processes of this machine or as tasks on a Ray cluster; the only user of Ray.

A call writes its own files and returns little. Its result must not depend on where it ran.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import joblib

from fraud.errors import ConfigError, EngineError

Kind = Literal["local", "ray"]
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A function and its arguments, as ``joblib.delayed`` makes it."""

RETRIES = 3
"""Times that Ray starts a task anew whose process or machine died under it."""
REACH_SECONDS = 5.0
OBJECT_STORE_BYTES = 128 << 20
"""Of a Ray that is started here: tasks hand over paths and figures, the data lies in files."""


def run_all(
    calls: Iterable[Call], *, kind: Kind = "local", jobs: int, environment: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """Run calls side by side and yield what each returns, in the order in which they end.

    >>> sorted(run_all([joblib.delayed(abs)(-3), joblib.delayed(abs)(2)], jobs=1))
    [2, 3]

    Args:
        calls: made by ``joblib.delayed``; under Ray the functions must be importable on every machine, and the paths
            among the arguments absolute and on a file system that all machines share.
        kind: ``local`` for processes of this machine; ``ray`` for tasks on the cluster at ``RAY_ADDRESS``, or on a Ray
            that is started here where that is not set.
        jobs: how many run at a time, at most.
        environment: variables of the processes, unless they are set already.

    Raises:
        ConfigError: Ray is wanted and not installed.
        EngineError: the cluster cannot be reached, or lost a task more often than it is tried.
    """
    if kind == "ray":
        return _run_on_ray(calls, jobs=jobs, environment=environment or {})
    for name, value in (environment or {}).items():
        os.environ.setdefault(name, value)
    results: Iterator[Any] = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)
    return results


# NOTE: Ray's own backend for joblib hands over all results at the end alone, and the actors of its pool hold their
# processors for good, so that one whose machine died waits for a free slot for ever. Plain tasks do neither.
def _run_on_ray(calls: Iterable[Call], *, jobs: int, environment: Mapping[str, str]) -> Iterator[Any]:
    ray = _connected(jobs)
    task = ray.remote(_call).options(
        num_cpus=1, max_retries=RETRIES, runtime_env={"env_vars": dict(environment)} if environment else None
    )
    pending: list[Any] = []
    try:
        for call in calls:
            pending.append(task.remote(*call))
            if len(pending) >= jobs:
                yield _take_one(ray, pending)
        while pending:
            yield _take_one(ray, pending)
    finally:
        for reference in pending:
            ray.cancel(reference, force=True)


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    return function(*arguments, **settings)


def _take_one(ray: Any, pending: list[Any]) -> Any:
    """The result of the first task that ends, which is taken off the list; its own error, if it ended with one."""
    (ended, *_), _ = ray.wait(pending, num_returns=1)
    pending.remove(ended)
    try:
        return ray.get(ended)
    except ray.exceptions.RayTaskError as error:
        fault = error.cause
    except ray.exceptions.RayError as error:
        fault = error
    if not isinstance(fault, ray.exceptions.RayError):
        raise fault
    reason = next(iter(str(fault).splitlines()), "")
    raise EngineError(
        f"[engine]: a task did not end on the cluster, where one is started anew {RETRIES} times "
        f"({type(fault).__name__}: {reason}); see that every machine has this fraud package and memory enough, then "
        "run the same command to go on"
    )


def _connected(jobs: int) -> Any:
    """The ray module, connected to a cluster; the same one for the whole process."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError:
        raise ConfigError(
            "[engine]: kind 'ray' needs the package ray, which is not installed; install the extra with "
            "`pip install 'fraud[cluster]'`, or set kind = \"local\""
        ) from None
    if ray.is_initialized():
        return ray
    address = os.environ.get("RAY_ADDRESS")
    if address:
        _check_reachable(address)
    own: dict[str, Any] = {"num_cpus": jobs, "include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    try:
        # NOTE: without an address Ray would join any cluster that happens to run on this machine.
        ray.init(
            address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **({} if address else own)
        )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _unreachable(address, error) from error
    return ray


def _check_reachable(address: str) -> None:
    """Knock at the cluster's head, because Ray itself tries for more than five minutes.

    Raises:
        EngineError: nobody answers.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # as "auto", which Ray itself resolves
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str | None, error: Exception) -> EngineError:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return EngineError(
        f"[engine]: no Ray cluster at {address or 'this machine'}: {reason}; start one (docs/scale.md), set "
        'RAY_ADDRESS to its head and RAY_AUTH_TOKEN to its token, or set kind = "local"'
    )
