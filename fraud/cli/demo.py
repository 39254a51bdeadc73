"""Everything at once, on simulated data: compare, report, then a new dump arrives and the champion is retrained."""

import shutil
from pathlib import Path

from fraud.cli.options import WorkspacePath, show, shown_progress
from fraud.config import load_config
from fraud.errors import ConfigError
from fraud.stages import steps_of
from fraud.workspace import Workspace

CONFIG = Path(__file__).with_name("demo.toml")
FIRST_DAYS, NEXT_DAYS = 122, 31
TRANSACTIONS_PER_DAY = 2050
MARKER = ".made-by-demo"


def demo(
    *,
    workspace: WorkspacePath = Path("workspace"),
    transactions: int = FIRST_DAYS * TRANSACTIONS_PER_DAY,
    seed: int = 0,
) -> None:
    """Simulate four months, run everything on them, then retrain on a fifth.

    Args:
        workspace: folder of data/ and reports/; a demo that ran there before is taken away first.
        transactions: about how many in the first four months.
        seed: of the simulated world.
    """
    from fraud.cli.retrain import retrain_and_show
    from fraud.cli.run import run_and_show

    home, config = Workspace(workspace), load_config(CONFIG)
    _begin_anew(home)
    dumps = _simulate(home, transactions, seed)
    show("\nFour months of transactions arrive.")
    report = run_and_show(tuple(map(str, dumps[:-1])), config, home)
    show(f"\nA new dump arrives: {dumps[-1].name}.")
    retrain_and_show((str(dumps[-1]),), config, home)
    show(f"\nOpen {report.page} in a browser; {home.reports / 'index.html'} lists all runs.")


def _simulate(home: Workspace, transactions: int, seed: int) -> list[Path]:
    from fraud.simulation import Simulation, write_dumps

    days = FIRST_DAYS + NEXT_DAYS
    settings = Simulation(seed=seed, days=days).sized(transactions * days // FIRST_DAYS)
    with shown_progress() as shown, steps_of("simulate", shown) as step:
        return write_dumps(home.root / "data" / "raw" / "demo", settings, progress=step)


def _begin_anew(home: Workspace) -> None:
    """Take an earlier demo's data away; its reports stay, and nothing that a demo did not make is touched."""
    data = home.root / "data"
    if data.exists() and not (data / MARKER).exists():
        raise ConfigError(f"{home.root}: holds data that no demo made; give the demo a --workspace of its own")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    (data / MARKER).touch()
