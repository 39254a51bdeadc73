"""The shell scripts: syntax, what old bash and BSD tools lack, and runs with stand-ins for the programs they call."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bench.command_line import ROOT

SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))
NEWER_THAN_BASH_3_2 = re.compile(
    r"\bmapfile\b|\breadarray\b|\b(declare|local|typeset) -[gnA]|\$\{\w+(,,|\^\^|,|\^|@[A-Z])\}|&>>|\|&|\bcoproc\b"
    r"|\[\[? -v |\bprintf -v \w+ '?%\(|\$EPOCH|\bwait -n\b|;;&|;&"
)
GNU_ONLY = re.compile(
    r"\bsed (-\w+ )*-\w*i\b|\bsed .*\\[+?|]|\bgrep (-\w+ )*-\w*P|\breadlink -f|\brealpath\b|\bdate -d|\bsort -\w*V"
    r"|\bxargs .*-r\b|\bstat -c|\bmktemp --|\bcp --|\bhead -n -|\btac\b|\bnproc\b"
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_bash_reads_it(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert os.access(script, os.X_OK) or script.read_text().startswith("#!/usr/bin/env bash")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_it_needs_no_newer_bash_and_no_gnu_tool(script: Path) -> None:
    code = [line for line in script.read_text().splitlines() if not line.lstrip().startswith("#")]
    assert not [line for line in code if NEWER_THAN_BASH_3_2.search(line) or GNU_ONLY.search(line)]


@pytest.mark.parametrize(
    "line",
    ["mapfile -t skip < file", "declare -A seen", "echo ${name,,}", "sed -i 's/a/b/' f", "grep -oP 'a' f"],
)
def test_the_check_knows_what_is_missing_there(line: str) -> None:
    assert NEWER_THAN_BASH_3_2.search(line) or GNU_ONLY.search(line)


def programs(folder: Path, **scripts: str) -> Path:
    """A folder with stand-ins for programs, and with links to those that every system has."""
    folder.mkdir()
    for name in ("bash", "cat", "cp", "dirname", "env", "grep", "mktemp", "rm", "sed", "sort", "tr"):
        (folder / name).symlink_to(shutil.which(name) or name)
    for name, body in scripts.items():
        (folder / name.replace("_", "-")).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (folder / name.replace("_", "-")).chmod(0o755)
    return folder


def run(script: Path, path: Path, **environment: str) -> str:
    ended = subprocess.run(
        ["bash", str(script)], check=True, capture_output=True, text=True, env={"PATH": str(path), **environment}
    )
    return ended.stdout


INSTALL = ROOT / "scripts" / "install_browser.sh"


def test_where_a_browser_is_nothing_happens(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", chromium="exit 1", chromedriver="exit 1", apt_get="exit 1", id="echo 0")
    assert run(INSTALL, path) == ""


def test_without_apt_get_or_root_it_names_what_to_install(tmp_path: Path) -> None:
    assert "install Chromium and ChromeDriver" in run(INSTALL, programs(tmp_path / "none", id="echo 0"))
    path = programs(tmp_path / "user", apt_get="exit 1", id="echo 1000")
    assert "apt-get install chromium chromium-driver" in run(INSTALL, path)


def test_root_installs_it_unless_that_is_prevented(tmp_path: Path) -> None:
    log = tmp_path / "log"
    path = programs(tmp_path / "bin", apt_get=f'echo "$*" >>{log}', id="echo 0")
    assert "skipped" in run(INSTALL, path, FRAUD_NO_BROWSER="1")
    assert not log.exists()
    assert "installing the Debian packages chromium and chromium-driver" in run(INSTALL, path)
    assert log.read_text().splitlines() == ["update -qq", "install -y -qq chromium chromium-driver"]


def test_an_installation_that_fails_skips_the_tests(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", apt_get="exit 1", id="echo 0")
    assert "they will be skipped" in run(INSTALL, path)


UV = """
while [ $# -gt 0 ]; do
  case "$1" in
    --output-file) out=$2; shift ;;
    --no-emit-package=*) skipped="$skipped ${1#*=}" ;;
  esac
  shift
done
for package in numpy nvidia-cublas cuda-toolkit polars; do
  case "$skipped" in *"$package"*) ;; *) echo "$package==1.0 --hash=sha256:00" ;; esac
done >"$out"
"""


def test_the_lock_leaves_out_what_comes_with_torch(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "lock.sh", root / "scripts")
    run(root / "scripts" / "lock.sh", programs(tmp_path / "bin", uv=UV))
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = [line.split("==")[0] for line in (root / name).read_text().splitlines()]
        assert pinned == ["numpy", "polars"]
