"""`python -m seed --verify` works everything out again and names what differs."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.database.integrity import compute_checksum, has_valid_checksum, write_checksum
from seed.__main__ import main
from seed.publishing.verify import verify
from tests.conftest import run_seed


@pytest.fixture
def copy(published_file: Path, tmp_path: Path) -> Path:
    """A copy of a published file, with characters in its name that addresses reserve."""
    return Path(shutil.copy(published_file, tmp_path / "a copy %41?.db"))


def test_all_checks_of_a_published_database_pass(database_url: str, backend: str) -> None:
    result = run_seed(database_url, "--verify")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("holds  ") == (9 if backend == "sqlite" else 6)


def test_a_downloaded_file_is_verified_in_any_place(copy: Path) -> None:
    copy.chmod(0o400)
    result = run_seed("sqlite:////nowhere/unused.db", "--verify", str(copy))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("holds  ") == 9
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE claim_text SET quote = quote || 'x' WHERE key = 4",
            "every quote stands in its text: not ",
        ),
        (
            "UPDATE claim_text SET document = replace(document, 'Mali', 'Mael') WHERE key = 4",
            "the digest of the content",
        ),
        ("UPDATE dataset SET codebook = 'Anything goes.'", "the digest of the content"),
        (
            "UPDATE dataset SET version = '2026.2-000000'",
            "the version is called 2026.2-000000, not 20",
        ),
        ("UPDATE dataset SET document = '{}'", "does not have the expected form"),
        (
            "UPDATE dataset SET quality_document = '{}'",
            "every quote stands in its text: a stored document does not have the expected form",
        ),
        (
            "UPDATE dataset SET quality_document = replace(quality_document, 'mali', 'mael')",
            "it does, but the published quality report differs",
        ),
        (
            "UPDATE recommendation SET strength = 'could' WHERE key = 1",
            "the counts by one filter are right: recommendations by ",
        ),
        (
            "UPDATE crosstab SET number = number + 1 WHERE dimension = 'theme' AND other = 'kind'",
            "the counts by two filters are right: articles by theme by kind, claims",
        ),
        (
            "DELETE FROM article_theme",
            "the counts by one filter are right: articles by theme",
        ),
        ("UPDATE alembic_version SET version_num = '0001'", "has schema 0001"),
    ],
)
def test_a_change_is_named(
    copy_of_published: Callable[[], str],
    statement: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = copy_of_published()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    monkeypatch.setenv("BRIEFS_DATABASE_URL", url)
    assert main(["--verify"]) == 1
    failures = [line for line in capsys.readouterr().err.splitlines() if line.startswith("FAILS  ")]
    assert any(message in line for line in failures), failures
    byte_for_byte = any("byte for byte: " in line for line in failures)
    assert byte_for_byte == url.startswith("sqlite")


def test_a_reference_to_a_missing_row_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM theme WHERE key = 35")
        connection.commit()
    failures = [finding.what for finding in verify(copy) if not finding.holds]
    assert any("every row refers to rows that exist: " in failure for failure in failures)


def test_a_file_that_is_no_database_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.db").write_text("not a database " * 100)
    for path, message in (
        (tmp_path / "none.db", "No such file"),
        (tmp_path, "not a "),
        (tmp_path / "text.db", "cannot be read"),
    ):
        assert main(["--verify", str(path)]) == 1
        assert message in capsys.readouterr().err


def test_any_byte_counts(copy: Path, published_file: Path) -> None:
    """One changed bit is found anywhere in the file, also in the checksum itself."""
    content = published_file.read_bytes()
    assert has_valid_checksum(copy)
    for at in (0, 18, 59, 60, 63, 64, 99, 100, len(content) // 3, len(content) - 1):
        copy.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        assert not has_valid_checksum(copy), at
        if at not in range(60, 64):
            assert compute_checksum(copy) != compute_checksum(published_file)
    for size in (0, 59, 62, 99):
        copy.write_bytes(content[:size])
        assert not has_valid_checksum(copy)
    copy.write_bytes(content[:-1] + b"x")
    write_checksum(copy)
    assert has_valid_checksum(copy)
