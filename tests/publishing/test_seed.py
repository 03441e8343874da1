"""Publishing: whole or not at all, the same digest everywhere, nobody else's work overwritten."""

import fcntl
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from seed.interruption import Interruption
from seed.reading.checks import read_corpus
from sqlalchemy import Connection, create_engine, text

import seed.publishing.publish as publishing
from app.settings import Settings
from seed.__main__ import main
from seed.publishing.documents import text_fragment
from seed.publishing.publish import POSTGRESQL_LOCK, publish
from tests.benchmarks.synthetic import make_corpus, write_corpus
from tests.conftest import ROOT, is_publishing, run_seed, serving


def version_of(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version FROM dataset")).scalar_one()
    engine.dispose()
    return version


def raise_edition(corpus: Path, edition: str) -> None:
    path = corpus / "dataset.yaml"
    path.write_text(path.read_text().replace('edition: "2026.1"', f'edition: "{edition}"'))


def test_the_same_corpus_gives_the_same_digest_everywhere(
    new_database_url: Callable[[], str],
    request: pytest.FixtureRequest,
) -> None:
    first, second = new_database_url(), new_database_url()
    assert run_seed(first).returncode == 0
    assert run_seed(second, cwd=Path("/")).returncode == 0
    assert version_of(first) == version_of(second)
    assert request.config.stash.setdefault(VERSION, version_of(first)) == version_of(
        first
    )  # on both databases


VERSION = pytest.StashKey[str]()


def test_the_summary_tells_what_was_published(new_database_url: Callable[[], str]) -> None:
    url = new_database_url()
    result = run_seed(url)
    assert (
        f"{len(list((ROOT / 'seed/corpus/annotations').glob('*.yaml')))} articles, "
        in result.stdout
    )
    assert "every quote stands in its text" in result.stdout
    assert result.stdout.endswith(f"Published data set {version_of(url)}.\n")


def test_a_faulty_corpus_leaves_the_published_data_alone(
    new_database_url: Callable[[], str], corpus: Path
) -> None:
    url = new_database_url()
    assert run_seed(url).returncode == 0
    before = version_of(url)
    path = corpus / "annotations/year-of-coups-mali.yaml"
    path.write_text(path.read_text().replace("strength: must", "strength: shall", 1))
    assert run_seed(url, "--corpus", str(corpus)).returncode == 1
    assert version_of(url) == before


def test_publishing_again_replaces_everything(
    new_database_url: Callable[[], str], small_corpus: Path
) -> None:
    url = new_database_url()
    assert run_seed(url).returncode == 0
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


def test_a_corpus_of_files_is_published_as_the_same_corpus_in_memory(tmp_path: Path) -> None:
    corpus = make_corpus(30)
    write_corpus(corpus, tmp_path / "corpus")
    published = publish(
        corpus, Settings(database_url=f"sqlite:///{tmp_path / 'direct.db'}"), lambda *_: None
    )
    assert published.counts.relations > 0
    result = run_seed(f"sqlite:///{tmp_path / 'read.db'}", "--corpus", str(tmp_path / "corpus"))
    assert result.returncode == 0, result.stderr
    with closing(sqlite3.connect(tmp_path / "read.db")) as connection:
        assert connection.execute("SELECT digest FROM dataset").fetchone() == (published.digest,)


def test_check_publishes_nothing(tmp_path: Path) -> None:
    assert run_seed(f"sqlite:///{tmp_path / 'briefs.db'}", "--check").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_only_a_plain_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.db").write_text("somebody's")
    (tmp_path / "briefs.db").symlink_to(tmp_path / "elsewhere.db")
    result = run_seed(f"sqlite:///{tmp_path / 'briefs.db'}")
    assert result.returncode == 1
    assert "is not a plain file" in result.stderr
    assert (tmp_path / "elsewhere.db").read_text() == "somebody's"


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


def test_a_killed_seed_leaves_the_old_file_and_its_rubbish_goes_with_the_next(
    tmp_path: Path, corpus: Path
) -> None:
    target = tmp_path / "briefs.db"
    url = f"sqlite:///{target}"
    assert run_seed(url).returncode == 0
    before = version_of(url)
    raise_edition(corpus, "2026.2")
    environment = {**os.environ, "BRIEFS_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "seed", "--corpus", str(corpus)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not list(tmp_path.glob(".briefs.db.*.new")) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert version_of(url) == before
    assert list(tmp_path.glob(".briefs.db.*.new"))
    assert run_seed(url, "--corpus", str(corpus)).returncode == 0
    assert not list(tmp_path.glob(".briefs.db.*.new"))
    assert version_of(url).startswith("2026.2-")


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_seed_with_a_sentence(
    copy_of_published: Callable[[], str], corpus: Path
) -> None:
    url = copy_of_published()
    before = version_of(url)
    raise_edition(corpus, "2026.2")
    environment = {**os.environ, "BRIEFS_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "seed", "--corpus", str(corpus)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while not is_publishing(url) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, "Interrupted.\nNothing was published.\n")
    assert version_of(url) == before
    if url.startswith("sqlite"):
        assert {path.name for path in Path(url.removeprefix("sqlite:///")).parent.iterdir()} == {
            "briefs.db",
            ".briefs.db.lock",
        }


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("fsync", "code"), [(1, 130), (2, 0)], ids=["just before it is published", "just after"]
)
def test_what_is_said_of_ctrl_c_is_true(
    tmp_path: Path,
    fsync: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The new file is flushed before it is put in place, its folder after."""
    target, flushed, plainly = tmp_path / "briefs.db", [], os.fsync

    def interrupted(descriptor: int) -> None:
        plainly(descriptor)
        flushed.append(descriptor)
        if len(flushed) == fsync:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "fsync", interrupted)
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{target}")
    assert main([], ends=True) == code
    assert target.exists() == (code == 0)
    assert capsys.readouterr().err == ("Interrupted.\nNothing was published.\n" if code else "")
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_breaks_off_a_long_statement(
    tmp_path: Path,
    corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As SQLite notices it: whoever publishes millions does not wait for their index to be built."""
    monkeypatch.setattr(publishing, "STEPS", 1)
    plainly = publishing.assess

    def interrupted(connection: Connection, version: str) -> object:
        signal.raise_signal(signal.SIGINT)
        return plainly(connection, version)

    monkeypatch.setattr(publishing, "assess", interrupted)
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{tmp_path / 'briefs.db'}")
    assert main(["--corpus", str(corpus)], ends=True) == 130
    assert capsys.readouterr().err == "Interrupted.\nNothing was published.\n"
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_twice_does_not_wait() -> None:
    interruption = Interruption()
    interruption.install()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interruption.check_last()
    signal.raise_signal(signal.SIGINT)  # too late


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/briefs", "is not served"),
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
def test_a_wrong_address_is_explained(url: str, said: str) -> None:
    result = run_seed(url)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_published_file_is_sound(tmp_path: Path) -> None:
    target = tmp_path / "briefs.db"
    assert run_seed(f"sqlite:///{target}").returncode == 0
    connection = sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    wrong = (
        "SELECT count(*) FROM {0} JOIN {0}_text t ON t.key = {0}.key JOIN article_text a ON a.key = article_key "
        "WHERE substr(a.body, quote_start + 1, quote_end - quote_start) <> quote"
    )
    for table in ("claim", "recommendation"):
        assert connection.execute(wrong.format(table)).fetchone() == (0,)
    connection.close()


# --- links into the publisher's page ---


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("One two three four five six seven.", "#:~:text=One%20two%20three,five%20six%20seven."),
        ("Short quote.", "#:~:text=Short%20quote."),
        ("co-operate, they said & did", "#:~:text=co%2Doperate%2C%20they%20said%20%26%20did"),
        (
            "the same words begin here twice over",
            "#:~:text=the%20same%20words%20begin%20here%20twice%20over",
        ),
        (
            "État d’urgence déclaré au Mali hier soir",
            "#:~:text=%C3%89tat%20d%E2%80%99urgence%20d%C3%A9clar%C3%A9,Mali%20hier%20soir",
        ),
    ],
)
def test_text_fragments(quote: str, fragment: str) -> None:
    page = f"First the same words begin. Again The Same Words stand.\n{quote}\nAnd so on."
    start = page.index(quote)
    assert text_fragment(page, start, start + len(quote)) == fragment


def test_a_passage_that_stands_earlier_too_is_found_by_the_words_before_it() -> None:
    page = "High time to act.\nShe said it twice. High time to act. And so on."
    start = page.rindex("High time")
    assert (
        text_fragment(page, start, start + 17)
        == "#:~:text=She%20said%20it%20twice.-,High%20time%20to%20act."
    )


def test_every_link_leads_to_its_quote() -> None:
    """What a browser would do with each published link: the first match of its directive is the quote itself."""
    for article in read_corpus(ROOT / "seed/corpus").articles:
        page = f"{article.record.title}\n{article.source}"
        for item in article.annotations():
            place = article.places[item.id]
            start = (
                len(article.record.title)
                + 1
                + place.paragraph.source_start
                + place.start
                - place.paragraph.start
            )
            end = start + len(item.quote)
            assert page[start:end] == item.quote
            directive = text_fragment(page, start, end).removeprefix("#:~:text=")
            prefix, *parts = (
                directive.split(",") if "-," in directive else ["", *directive.split(",")]
            )
            before = re.escape(unquote(prefix.removesuffix("-"))) + r"\s+" if prefix else ""
            passage = r"[\s\S]*?".join(re.escape(unquote(part)) for part in parts)
            pattern = f"{before}({passage})"
            found = re.search(pattern, page, re.IGNORECASE)
            assert found, directive
            assert found.span(1) == (start, end), (article.slug, item.id, directive)
