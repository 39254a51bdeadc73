import shutil
import subprocess
from pathlib import Path

from fraud.stages.run_record import commit_of


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_commit_is_that_of_the_code_and_not_of_a_repository_around_it(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("")
    assert commit_of(code) is None
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    assert commit_of(code) == git(tmp_path, "rev-parse", "HEAD")
    installed = tmp_path / "venv" / "code.py"
    installed.parent.mkdir()
    shutil.copy(code, installed)
    assert commit_of(installed) is None
