"""The whole data set in one file: complete, the same bytes each time and from either database, readable by others' tools."""

import hashlib
import io
import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import httpx
import pandas as pd
import pytest
import sqlite_utils

from app.settings import Settings
from tests.conftest import run_seed, serving

Item = dict[str, Any]
BYTES = pytest.StashKey[bytes]()


@pytest.fixture(scope="module")
def archive(client: httpx.Client) -> bytes:
    return client.get("/dataset/download").content


def test_the_same_bytes_always_and_everywhere(
    client: httpx.Client, archive: bytes, request: pytest.FixtureRequest
) -> None:
    again = client.get("/dataset/download")
    assert again.content == archive
    assert archive == request.config.stash.setdefault(BYTES, archive)  # SQLite and PostgreSQL
    assert again.headers["content-type"] == "application/zip"
    version = client.get("/dataset").json()["version"]
    assert (
        again.headers["content-disposition"]
        == f'attachment; filename="policy-briefs-{version}.zip"'
    )
    assert (
        client.get(
            "/dataset/download", headers={"If-None-Match": again.headers["etag"]}
        ).status_code
        == 304
    )
    assert client.head("/dataset/download").headers["etag"] == again.headers["etag"]


def test_frictionless_finds_nothing_wrong(archive: bytes, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    assert len(report.tasks) == 13
    described = {
        resource["path"]: resource
        for resource in json.loads((tmp_path / "datapackage.json").read_text())["resources"]
    }
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {*described, "README.md", "datapackage.json"}
    for path, resource in described.items():
        content = (tmp_path / path).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_it_is_complete(
    client: httpx.Client, archive: bytes, everything: dict[str, list[Item]]
) -> None:
    packed = zipfile.ZipFile(io.BytesIO(archive))
    assert packed.testzip() is None
    for name, items in everything.items():
        frame = pd.read_csv(packed.open(f"data/{name}.csv"))
        assert list(frame["id"]) == [item["id"] for item in items]
    for article in everything["articles"]:
        body = packed.read(f"texts/{article['id']}.txt").decode()
        assert body == client.get(f"/articles/{article['id']}/text?format=text").text
        for item in everything["claims"] + everything["recommendations"]:
            if item["article"]["id"] == article["id"]:
                assert body[item["quote"]["start"] : item["quote"]["end"]] == item["quote"]["exact"]
    relations = pd.read_csv(packed.open("data/relations.csv"))
    assert len(relations) == client.get("/dataset").json()["counts"]["relations"]
    assert packed.read("CODEBOOK.md").decode() == client.get("/dataset/codebook").text


def test_the_published_file(
    client: httpx.Client, database_url: str, backend: str, tmp_path: Path
) -> None:
    answer = client.get("/dataset/sqlite")
    if backend == "postgresql":
        assert answer.status_code == 404
        assert "PostgreSQL" in answer.json()["detail"]
        return
    assert answer.headers["content-type"] == "application/vnd.sqlite3"
    assert answer.content == Path(database_url.removeprefix("sqlite:///")).read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert (
        client.get("/dataset/sqlite", headers={"If-None-Match": answer.headers["etag"]}).status_code
        == 304
    )
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(answer.content)
    database = sqlite_utils.Database(copy)
    for table in ("claim", "recommendation", "article", "actor", "theme", "place"):
        assert database[f"{table}_text"].detect_fts() == f"{table}_text_fts"
    found = {
        database["claim"].get(row["key"])["id"]
        for row in database["claim_text"].search("governance")
    }
    assert found
    assert found <= {
        item["id"] for item in client.get("/claims?q=governance&limit=100").json()["data"]
    }
    database.close()


def test_publishing_twice_gives_the_same_file(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.db", "two.db")]
    for file in files:
        assert run_seed(f"sqlite:///{file}").returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.usefixtures("backend")
def test_full_text_tables_agree_with_what_they_index(database_url: str) -> None:
    copy = sqlite3.connect(":memory:")
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as published:
        published.backup(copy)
    published.close()
    for table in ("claim", "recommendation", "article", "actor", "theme", "place"):
        copy.execute(
            f"INSERT INTO {table}_text_fts({table}_text_fts, rank) VALUES ('integrity-check', 1)"
        )
    copy.close()


def test_a_download_is_of_one_version_while_another_is_published(
    tmp_path: Path, corpus: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    assert run_seed(url).returncode == 0
    dataset = corpus / "dataset.yaml"
    with serving(Settings(database_url=url)) as address:
        former = httpx.get(f"{address}/dataset/download").content
        seen: list[bytes] = []
        done = threading.Event()

        def load() -> None:
            while not done.is_set():
                seen.append(httpx.get(f"{address}/dataset/download", timeout=30).content)

        reader = threading.Thread(target=load)
        reader.start()
        dataset.write_text(dataset.read_text().replace('edition: "2026.1"', 'edition: "2026.2"'))
        assert run_seed(url, "--corpus", str(corpus)).returncode == 0
        later = httpx.get(f"{address}/dataset/download", timeout=30).content
        done.set()
        reader.join()
    assert former != later
    assert set(seen) <= {former, later}


def test_the_published_file_is_of_the_version_that_names_it(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when another one is published after the version was read and before the file is opened."""
    live, later = tmp_path / "briefs.db", tmp_path / "later.db"
    assert run_seed(f"sqlite:///{live}").returncode == 0
    dataset = corpus / "dataset.yaml"
    dataset.write_text(dataset.read_text().replace('edition: "2026.1"', 'edition: "2026.2"'))
    assert run_seed(f"sqlite:///{later}", "--corpus", str(corpus)).returncode == 0
    plainly = os.open

    def after_a_publication(path: Any, *arguments: Any, **named: Any) -> int:
        if path == live and later.exists():
            later.replace(live)
        return plainly(path, *arguments, **named)

    with serving(Settings(database_url=f"sqlite:///{live}")) as address:
        monkeypatch.setattr(os, "open", after_a_publication)
        answer = httpx.get(f"{address}/dataset/sqlite")
    assert not later.exists()
    assert answer.content == live.read_bytes()
    assert 'filename="policy-briefs-2026.2-' in answer.headers["content-disposition"]


def test_a_corpus_without_codebook(new_database_url: Callable[[], str], small_corpus: Path) -> None:
    url = new_database_url()
    assert run_seed(url, "--corpus", str(small_corpus)).returncode == 0
    with serving(Settings(database_url=url)) as address, httpx.Client(base_url=address) as opened:
        assert opened.get("/dataset/codebook").status_code == 404
        packed = zipfile.ZipFile(io.BytesIO(opened.get("/dataset/download").content))
        assert "CODEBOOK.md" not in packed.namelist()
        assert packed.read("data/places.csv").decode("utf-8-sig").startswith("id,name,")
        assert opened.get("/search?q=rivers").json()["meta"]["total"] == 3  # theme, claim, article
        assert opened.get("/recommendations/stats?by=year").json()["data"] == []
        for form in ("bibtex", "ris", "csl", "jsonld", "csv"):
            assert opened.get(f"/articles/a-brief?format={form}").status_code == 200
