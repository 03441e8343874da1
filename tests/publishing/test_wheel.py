"""The wheel contains everything that the seed and the server need."""

import os
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from seed.publishing.fill import MIGRATIONS
from tests.conftest import ROOT


def test_the_wheel_contains_the_migrations_the_corpus_and_the_explorer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # hatchling builds the project of the current folder
    wheel = tmp_path / build_wheel(str(tmp_path))
    contents = set(zipfile.ZipFile(wheel).namelist())
    assert MIGRATIONS == ROOT / "migrations"  # so it is beside `app` in the wheel too
    for package in ("app", "seed", "migrations"):
        needed = {
            str(Path(folder, name).relative_to(ROOT))
            for folder, _, names in os.walk(ROOT / package)
            for name in names
            if not name.endswith((".pyc", ".mako"))
        }
        assert len(needed) > 1
        assert needed <= contents, needed - contents
