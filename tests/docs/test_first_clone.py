"""What a first clone meets: line ends on Windows, a Python that cannot make environments."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, run_seed


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    windows = ["-c", "core.autocrlf=true"]
    subprocess.run(
        ["git", *identity, *windows, *arguments], cwd=folder, capture_output=True, check=True
    )


def test_a_clone_with_windows_line_ends_passes_the_check(tmp_path: Path) -> None:
    """Git for Windows sets `core.autocrlf=true`. The sources stay byte for byte all the same."""
    origin = tmp_path / "origin"
    shutil.copytree(ROOT / "seed/corpus", origin / "seed/corpus")
    shutil.copy(ROOT / ".gitattributes", origin)
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "corpus")
    git(tmp_path, "clone", "--quiet", "origin", "clone")
    for path in (origin / "seed/corpus").rglob("*.*"):
        clone = tmp_path / "clone" / path.relative_to(origin)
        assert clone.read_bytes() == path.read_bytes(), path.name
    result = run_seed("sqlite:///x.db", "--check", "--corpus", str(tmp_path / "clone/seed/corpus"))
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("", "Python 3.11 or newer is needed: install it, or set PYTHON=/path/to/python3."),
        ("./python", "install its venv module (Debian, Ubuntu: apt-get install python3-venv)."),
    ],
)
def test_make_says_what_to_install(tmp_path: Path, python: str, message: str) -> None:
    """No Python at all, or Debian's without the package python3-venv."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "python").write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n')
    (tmp_path / "python").chmod(0o755)
    result = subprocess.run(
        ["make", ".venv/bin/python", f"PYTHON={python}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert message in result.stdout
    assert not (tmp_path / ".venv").exists()
