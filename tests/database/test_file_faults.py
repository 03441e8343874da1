"""Faults of the published file: an explanation at start, 503 while serving, never wrong data."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from app.database.database import Database
from app.database.integrity import write_checksum
from app.database.snapshot import NotReadyError
from app.models import SCHEMA
from app.settings import Settings
from tests.conftest import ROOT, run_seed
from tests.faults.processes import environment, server_process

PATHS = (
    "/",
    "/claims",
    "/claims?limit=7&theme=inclusion&facets=theme",
    "/themes/inclusion",
    "/search?q=peace",
    "/dataset/sqlite",
    "/ready",
)
PAGE = 16384
TEXT = b"Mali now requires urgent action."


@pytest.fixture(scope="module")
def good(published_file: Path) -> bytes:
    """The content of a published file."""
    return published_file.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


def flip_bit(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def sqlite_accepts(path: Path) -> bool:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def write_schema(revision: str) -> Callable[[Path, bytes], None]:
    def write(path: Path, good: bytes) -> None:
        path.write_bytes(good)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
            connection.commit()
        write_checksum(path)  # nothing else is wrong with it

    return write


def change_a_letter(path: Path, good: bytes) -> None:
    path.write_bytes(flip_bit(good, good.index(TEXT)))
    assert sqlite_accepts(path)  # SQLite does not notice it


def change_an_index_entry(path: Path, good: bytes) -> None:
    pages = range(PAGE, len(good), PAGE)
    leaf = next(at for at in pages if good[at] == 0x0A and good[at + PAGE - 1] != 0)
    path.write_bytes(flip_bit(good, leaf + PAGE - 1))


def overwrite_a_page(path: Path, good: bytes) -> None:
    middle = len(good) // PAGE // 2 * PAGE
    path.write_bytes(good[:middle] + bytes(PAGE) + good[middle + PAGE :])


def write_another_database(path: Path, _: bytes) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE claim (id TEXT)")
        connection.commit()


DAMAGED = "the database file is damaged"
FAULTS: list[tuple[str, Callable[[Path, bytes], object], str]] = [
    ("missing", lambda _, __: None, "there is no database file"),
    ("empty", lambda path, _: path.write_bytes(b""), "the database cannot be read"),
    (
        "garbage",
        lambda path, _: path.write_bytes(b"not a database " * 5000),
        "the database cannot be read",
    ),
    (
        "truncated",
        lambda path, good: path.write_bytes(good[: len(good) // 2]),
        "the database cannot be read",
    ),
    ("truncated by a byte", lambda path, good: path.write_bytes(good[:-1]), DAMAGED),
    ("a page overwritten", overwrite_a_page, DAMAGED),
    ("a letter changed", change_a_letter, DAMAGED),
    ("an index entry changed", change_an_index_entry, DAMAGED),
    ("a byte appended", lambda path, good: path.write_bytes(good + b"\0"), DAMAGED),
    ("a newer schema", write_schema("9999"), f"has schema 9999, this code expects {SCHEMA}"),
    ("an older schema", write_schema("0002"), f"has schema 0002, this code expects {SCHEMA}"),
    ("another database", write_another_database, "the database cannot be read"),
    ("a folder", lambda path, _: path.mkdir(), "not a plain file"),
    ("a pipe", lambda path, _: os.mkfifo(path), "not a plain file"),
]
fault = pytest.mark.parametrize(
    ("damage", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)


@fault
def test_it_does_not_start(
    tmp_path: Path, good: bytes, damage: Callable[[Path, bytes], object], message: str
) -> None:
    damage(tmp_path / "briefs.db", good)
    database = Database(Settings(database_url=f"sqlite:///{tmp_path / 'briefs.db'}"))
    with closing(database), pytest.raises(NotReadyError, match=re.escape(message)):
        database.check()  # the server process does this first


@pytest.mark.parametrize("name", ["missing", "a letter changed", "a newer schema", "a pipe"])
def test_the_process_explains_why_it_does_not_start(tmp_path: Path, good: bytes, name: str) -> None:
    path = tmp_path / "briefs.db"
    _, damage, message = next(fault for fault in FAULTS if fault[0] == name)
    damage(path, good)
    command = [sys.executable, "-m", "app"]
    result = subprocess.run(
        command,
        env=environment(f"sqlite:///{path}"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Cannot serve: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture(scope="module")
def served(folder: Path, good: bytes) -> Iterator[httpx.Client]:
    (folder / "briefs.db").write_bytes(good)
    with server_process(f"sqlite:///{folder / 'briefs.db'}") as server:
        with httpx.Client(base_url=server.address) as client:
            yield client
        assert not any("Traceback" in line for line in server.output), server.output


def assert_unavailable(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert answer.status_code == 503, (path, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["retry-after"]
    assert "briefs.db" not in answer.text


def assert_served(client: httpx.Client) -> None:
    for path in PATHS:
        assert client.get(path).status_code == 200, path


@fault
def test_it_is_not_served(
    served: httpx.Client,
    folder: Path,
    good: bytes,
    damage: Callable[[Path, bytes], object],
    message: str,
) -> None:
    """It replaces a good file, of which responses are cached; then the good file comes back."""
    assert message  # for the other tests
    assert_served(served)
    live, new = folder / "briefs.db", folder / "new.db"
    live.rename(folder / "aside.db")
    damage(new, good)
    if new.exists():
        new.rename(live)
    for path in PATHS * 2:
        assert_unavailable(served, path)
    assert served.get("/health").status_code == 200
    assert served.get("/openapi.json").status_code == 200
    if live.is_dir():
        live.rmdir()
    (folder / "aside.db").replace(live)
    assert_served(served)


def test_a_byte_changed_in_place_is_noticed(
    served: httpx.Client, folder: Path, good: bytes
) -> None:
    """So is the repair, although the size is the same and the time hardly changes."""
    assert_served(served)
    at = good.index(TEXT)
    for content in (flip_bit(good, at), good):
        with (folder / "briefs.db").open("r+b") as file:
            file.seek(at)
            file.write(content[at : at + 1])
        if content is good:
            assert_served(served)
        else:
            for path in PATHS:
                assert_unavailable(served, path)


def test_a_large_file_is_not_read_through(
    tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would delay the start; `python -m seed --verify` finds the change."""
    change_a_letter(tmp_path / "briefs.db", good)
    with closing(
        Database(Settings(database_url=f"sqlite:///{tmp_path / 'briefs.db'}"))
    ) as database:
        with pytest.raises(NotReadyError, match="damaged"):
            database.check()
        monkeypatch.setattr("app.database.integrity.MAX_CHECKED_BYTES", len(good) - 1)
    with closing(
        Database(Settings(database_url=f"sqlite:///{tmp_path / 'briefs.db'}"))
    ) as database:
        database.check()


def test_a_file_that_another_process_locks_is_served(served: httpx.Client, folder: Path) -> None:
    """A published file never changes, so it is read without locks."""
    with closing(sqlite3.connect(folder / "briefs.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        database = f"sqlite:///{folder / 'briefs.db'}"
        with server_process(database) as server, httpx.Client(base_url=server.address) as client:
            assert_served(client)
        assert_served(served)
        connection.execute("ROLLBACK")


# --- disks ---


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """A small file system, if this process may mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    can_mount = shutil.which("mount") is not None
    if not can_mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_read_only_mount_is_enough(tmp_path: Path, good: bytes) -> None:
    with mounted(tmp_path / "disk", 16):
        path = tmp_path / "disk/briefs.db"
        path.write_bytes(good)
        subprocess.run(["mount", "-o", "remount,ro", str(path.parent)], check=True)
        with (
            server_process(f"sqlite:///{path}") as server,
            httpx.Client(base_url=server.address) as client,
        ):
            assert_served(client)
        assert run_seed("sqlite:///unused.db", "--verify", str(path)).returncode == 0
        result = run_seed(f"sqlite:///{path}")
        assert result.returncode == 1
        assert "Read-only file system" in result.stderr
        assert "Traceback" not in result.stderr
        assert path.read_bytes() == good


def test_a_full_disk_keeps_the_old_version(tmp_path: Path, good: bytes) -> None:
    with mounted(tmp_path / "disk", 8):
        assert_nothing_published(tmp_path / "disk/briefs.db", good, run_seed)


def test_a_file_size_limit_keeps_the_old_version(tmp_path: Path, good: bytes) -> None:
    def limited(url: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", f"ulimit -f 3000; exec '{sys.executable}' -m seed"]
        return subprocess.run(
            command, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=False
        )

    assert_nothing_published(tmp_path / "briefs.db", good, limited)


def assert_nothing_published(
    path: Path, good: bytes, seed: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    path.write_bytes(good)
    result = seed(f"sqlite:///{path}")
    assert result.returncode == 1, result.stdout
    assert "The database could not be " in result.stderr
    assert result.stderr.endswith("Nothing was published.\n")
    assert "Traceback" not in result.stderr
    assert path.read_bytes() == good
    assert {found.name for found in path.parent.iterdir()} <= {"briefs.db", ".briefs.db.lock"}
