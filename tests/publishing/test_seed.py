"""The seed command publishes everything or nothing, with the same digest on every database."""

import fcntl
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from app.settings import Settings
from seed.publishing.publish import POSTGRESQL_LOCK, publish
from tests.benchmarks.synthetic import make_corpus, write_corpus
from tests.conftest import ROOT, run_seed, serving, set_edition

ARTICLES = len(list((ROOT / "seed/corpus/annotations").glob("*.yaml")))


def version_of(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version FROM dataset")).scalar_one()
    engine.dispose()
    return version


def test_the_digest_is_the_same_from_any_folder_and_on_both_databases(
    new_database_url: Callable[[], str], published_file: Path
) -> None:
    url = new_database_url()
    result = run_seed(url, cwd=Path("/"))
    version = version_of(f"sqlite:///{published_file}")
    assert (result.returncode, result.stderr) == (0, "")
    assert version_of(url) == version
    summary, published = result.stdout.splitlines()
    assert summary.startswith(f"{ARTICLES} articles, ")
    assert summary.endswith(": every quote stands in its text.")
    assert published == f"Published data set {version}."


def test_a_faulty_corpus_leaves_the_published_data_alone(
    copy_of_published: Callable[[], str], corpus: Path
) -> None:
    url = copy_of_published()
    before = version_of(url)
    path = corpus / "annotations/year-of-coups-mali.yaml"
    path.write_text(path.read_text().replace("strength: must", "strength: shall", 1))
    assert run_seed(url, "--corpus", str(corpus)).returncode == 1
    assert version_of(url) == before


def test_publishing_again_replaces_everything(
    copy_of_published: Callable[[], str], small_corpus: Path
) -> None:
    url = copy_of_published()
    before = version_of(url)
    assert run_seed(url, "--corpus", str(small_corpus)).returncode == 0
    with serving(Settings(database_url=url)) as address:
        for name, total in {
            "articles": 1,
            "claims": 1,
            "recommendations": 0,
            "actors": 1,
            "themes": 1,
            "places": 0,
        }.items():
            assert httpx.get(f"{address}/{name}").json()["meta"]["total"] == total
        assert httpx.get(f"{address}/actors/moussa-kodio").status_code == 404
    assert run_seed(url).returncode == 0
    assert version_of(url) == before


def test_a_corpus_in_files_equals_the_same_corpus_in_memory(tmp_path: Path) -> None:
    corpus = make_corpus(30)
    write_corpus(corpus, tmp_path / "corpus")
    dataset = publish(corpus, Settings(database_url=f"sqlite:///{tmp_path / 'direct.db'}"))
    assert dataset.counts.relations > 0
    result = run_seed(f"sqlite:///{tmp_path / 'read.db'}", "--corpus", str(tmp_path / "corpus"))
    assert result.returncode == 0, result.stderr
    with closing(sqlite3.connect(tmp_path / "read.db")) as connection:
        assert connection.execute("SELECT digest FROM dataset").fetchone() == (dataset.digest,)


def test_check_publishes_nothing_and_prints_no_progress_to_a_log(tmp_path: Path) -> None:
    result = run_seed(f"sqlite:///{tmp_path / 'briefs.db'}", "--check")
    assert (result.returncode, result.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_shows_the_progress(tmp_path: Path) -> None:
    environment = {**os.environ, "BRIEFS_DATABASE_URL": f"sqlite:///{tmp_path / 'briefs.db'}"}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "seed"]
    subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=theirs, check=True
    )
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert f" {ARTICLES}/{ARTICLES} " in shown
    for work in ("Checking: 100%", "Publishing: 100%", "Counting: 100%"):
        assert work in shown
    assert shown.endswith("\n")


def test_only_a_regular_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.db").write_text("precious")
    (tmp_path / "briefs.db").symlink_to(tmp_path / "elsewhere.db")
    result = run_seed(f"sqlite:///{tmp_path / 'briefs.db'}")
    assert result.returncode == 1
    assert "is not a regular file" in result.stderr
    assert (tmp_path / "elsewhere.db").read_text() == "precious"


def test_two_seeds_at_once(tmp_path: Path) -> None:
    target = tmp_path / "briefs.db"
    with (tmp_path / ".briefs.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run_seed(f"sqlite:///{target}")
    assert result.returncode == 1
    assert "another seed is publishing" in result.stderr
    assert not target.exists()


def test_two_seeds_at_once_on_postgresql(postgresql: Callable[[], str]) -> None:
    url = postgresql()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRESQL_LOCK})"))
        result = run_seed(url)
    engine.dispose()
    assert result.returncode == 1
    assert "another seed is publishing" in result.stderr


def test_a_killed_seed_leaves_the_old_file_and_the_next_removes_its_leftovers(
    published_copy: Path, corpus: Path
) -> None:
    url, folder = f"sqlite:///{published_copy}", published_copy.parent
    before = version_of(url)
    arguments = ("--corpus", set_edition(corpus, "2030.2"))
    environment = {**os.environ, "BRIEFS_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "seed", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while not list(folder.glob(".briefs.db.*.new")) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert version_of(url) == before
    assert list(folder.glob(".briefs.db.*.new"))
    assert run_seed(url, *arguments).returncode == 0
    assert not list(folder.glob(".briefs.db.*.new"))
    assert version_of(url).startswith("2030.2-")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://localhost/briefs", "BRIEFS_DATABASE_URL: "),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("nonsense", "not a database address"),
        ("sqlite:////nowhere/at/all/briefs.db", "there is no folder"),
        (
            "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2",
            "The database could not be written",
        ),
    ],
)
def test_a_wrong_address_is_explained(url: str, message: str) -> None:
    result = run_seed(url)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_the_published_file_has_no_damage_and_its_quotes_are_in_the_texts(
    published_file: Path,
) -> None:
    address = f"file:{published_file}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in ("claim", "recommendation"):
            wrong = (
                f"SELECT count(*) FROM {table} JOIN {table}_text t ON t.key = {table}.key "
                "JOIN article_text a ON a.key = article_key "
                "WHERE substr(a.body, quote_start + 1, quote_end - quote_start) <> quote"
            )
            assert connection.execute(wrong).fetchone() == (0,)
