"""A small simulated world, run once from dump to report."""

from collections.abc import Iterator

import pytest
from small_run import CONFIG, Finished, World, run_into, without_pages

from fraud.simulation.dumps import Simulation, write_dumps


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    config = folder / "tiny.toml"
    config.write_text(CONFIG)
    settings = Simulation(seed=3, days=91, customers=120, terminals=240, fraud_factor=3.0)
    return World(write_dumps(folder / "dumps", settings), config)


@pytest.fixture(scope="session")
def finished(world: World, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    workspace = tmp_path_factory.mktemp("workspace")
    return run_into(world, workspace)


@pytest.fixture
def undrawn() -> Iterator[None]:
    """Runs write no page: for tests that read report.json alone."""
    with without_pages():
        yield
