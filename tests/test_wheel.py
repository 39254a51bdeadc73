"""What `pip install` puts on a machine: one package, its console script, the files that it reads."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("fraud", "pipelines"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", out, source], check=True)
    (path,) = out.glob("fraud-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel, and this environment's packages but for its checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return Path(sysconfig.get_path("scripts", vars={"base": str(folder)})) / Path(sys.executable).name


def run(python: Path, *arguments: str) -> str:
    done = subprocess.run([python, "-I", *arguments], cwd=python.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_one_package_and_all_of_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        scripts = ConfigParser()
        (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
        scripts.read_string(archive.read(entry_points).decode())
    assert {name.split("/")[0] for name in names} == {
        "fraud",
        wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info",
    }
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fraud").rglob("*") if path.is_file()}
    assert {name for name in names if name.startswith("fraud/")} == {one for one in here if "__pycache__" not in one}
    assert dict(scripts["console_scripts"]) == {"fraud": "fraud.cli.main:main"}


def test_the_installed_library_is_imported_and_reads_its_own_files(python: Path) -> None:
    code = (
        "from importlib.resources import files\nimport fraud\n"
        "print(fraud.load_config(files('fraud.cli').joinpath('demo.toml')).dataset.name, fraud.__file__)"
    )
    name, path = run(python, "-c", code).split(maxsplit=1)
    assert name == "demo"
    assert not Path(path).is_relative_to(ROOT)


def test_the_installed_command_lists_its_stages(python: Path) -> None:
    printed = run(python, "-m", "fraud", "--help")
    assert all(stage in printed for stage in ("inspect", "run", "retrain", "score"))
    assert run(python, "-m", "fraud", "--version").strip().count(".") == 2
