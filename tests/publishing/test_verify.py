"""`python -m seed --verify`: everything that can be worked out again is, and what does not hold is named."""

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
    """A copy of a published file, to be spoilt, whose name means something in an address."""
    return Path(shutil.copy(published_file, tmp_path / "a copy %41?.db"))


def failing(database: Path | str) -> list[str]:
    return [finding.what for finding in verify(database) if not finding.holds]


def test_a_published_database_holds(database_url: str, backend: str) -> None:
    result = run_seed(database_url, "--verify")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("holds  ") == (9 if backend == "sqlite" else 6)


def test_a_downloaded_file_is_proved_wherever_it_lies(copy: Path) -> None:
    copy.chmod(0o400)
    result = run_seed("sqlite:////nowhere/unused.db", "--verify", str(copy))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("holds  ") == 9
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE claim_text SET quote = quote || 'x' WHERE key = 4",
            "every quote stands in its text: ",
        ),
        (
            "UPDATE claim_text SET document = replace(document, 'Mali', 'Mael') WHERE key = 4",
            "the digest of the content",
        ),
        ("UPDATE dataset SET codebook = 'Anything goes.'", "the digest of the content"),
        (
            "UPDATE dataset SET version = '2026.1-000000'",
            "the version is called 2026.1-000000, not 2026.1-",
        ),
        ("UPDATE dataset SET document = '{}'", "is not of the form that it should have"),
        (
            "UPDATE dataset SET quality_document = '{}'",
            "what is published of the quality is not what is found",
        ),
        (
            "UPDATE recommendation SET strength = 'could' WHERE key = 1",
            "what was counted by one filter is what is counted again: recom",
        ),
        (
            "UPDATE crosstab SET number = number + 1 WHERE dimension = 'theme' AND other = 'kind'",
            "what was counted by two filters",
        ),
        (
            "DELETE FROM article_theme",
            "what was counted by one filter is what is counted again: articles by theme",
        ),
        ("UPDATE alembic_version SET version_num = '0001'", "has schema 0001"),
    ],
)
def test_what_was_changed_is_named(
    copy_of_published: Callable[[], str],
    statement: str,
    said: str,
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
    printed = capsys.readouterr().err
    assert any(line.startswith("FAILS  ") and said in line for line in printed.splitlines()), (
        printed
    )
    assert ("byte for byte: " in printed) == url.startswith("sqlite")


def test_a_reference_to_nothing_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM theme WHERE key = 35")
        connection.commit()
    assert any("every row refers to rows that there are: " in what for what in failing(copy))


def test_what_is_no_database_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.db").write_text("not a database " * 100)
    for path, said in (
        (tmp_path / "none.db", "No such file"),
        (tmp_path, "not a plain file"),
        (tmp_path / "text.db", "cannot be read"),
    ):
        assert main(["--verify", str(path)]) == 1
        assert said in capsys.readouterr().err


def test_any_byte_counts(copy: Path, published_file: Path) -> None:
    """One flipped bit, wherever in the file it is, the checksum itself included."""
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
