"""The whole data set in one file: complete, always the same bytes, readable by common tools."""

import hashlib
import io
import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import frictionless
import httpx
import pandas as pd
import pytest
import sqlite_utils

from app.settings import Settings
from tests.conftest import Served, publish, serving, set_edition

Item = dict[str, Any]
TABLES = ("claim", "recommendation", "article", "actor", "theme", "place")


@pytest.fixture(scope="module")
def archive(client: httpx.Client) -> bytes:
    return client.get("/dataset/download").content


def test_the_download_is_always_the_same(
    client: httpx.Client, archive: bytes, served: Callable[[str], Served]
) -> None:
    """The same bytes again, and from the other database."""
    again = client.get("/dataset/download")
    assert again.content == archive
    for backend in ("sqlite", "postgresql"):
        assert served(backend).client.get("/dataset/download").content == archive
    assert again.headers["content-type"] == "application/zip"
    version = client.get("/dataset").json()["version"]
    disposition = f'attachment; filename="policy-briefs-{version}.zip"'
    assert again.headers["content-disposition"] == disposition
    known = {"If-None-Match": again.headers["etag"]}
    assert client.get("/dataset/download", headers=known).status_code == 304
    assert client.head("/dataset/download").headers["etag"] == again.headers["etag"]


def test_frictionless_accepts_it(archive: bytes, tmp_path: Path) -> None:
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


def test_the_download_is_complete(
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
                quote = item["quote"]
                assert body[quote["start"] : quote["end"]] == quote["exact"]
    relations = pd.read_csv(packed.open("data/relations.csv"))
    assert len(relations) == client.get("/dataset").json()["counts"]["relations"]
    assert packed.read("CODEBOOK.md").decode() == client.get("/dataset/codebook").text


def test_the_published_file(
    client: httpx.Client, database_url: str, backend: str, tmp_path: Path
) -> None:
    response = client.get("/dataset/sqlite")
    if backend == "postgresql":
        assert response.status_code == 404
        assert "PostgreSQL" in response.json()["detail"]
        return
    assert response.headers["content-type"] == "application/vnd.sqlite3"
    assert response.content == Path(database_url.removeprefix("sqlite:///")).read_bytes()
    assert int(response.headers["content-length"]) == len(response.content)
    known = {"If-None-Match": response.headers["etag"]}
    assert client.get("/dataset/sqlite", headers=known).status_code == 304
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(response.content)
    database = sqlite_utils.Database(copy)
    for table in TABLES:
        assert database[f"{table}_text"].detect_fts() == f"{table}_text_fts"
    rows = database["claim_text"].search("governance")
    found = {database["claim"].get(row["key"])["id"] for row in rows}
    assert found
    page = client.get("/claims?q=governance&limit=100").json()
    assert found <= {item["id"] for item in page["data"]}
    database.close()


def test_publishing_twice_gives_the_same_file(tmp_path: Path, published_file: Path) -> None:
    publish(f"sqlite:///{tmp_path / 'again.db'}")
    assert (tmp_path / "again.db").read_bytes() == published_file.read_bytes()


def test_full_text_tables_agree_with_the_texts(published_copy: Path) -> None:
    with closing(sqlite3.connect(published_copy)) as connection:
        for table in TABLES:
            fts = f"{table}_text_fts"
            connection.execute(f"INSERT INTO {fts}({fts}, rank) VALUES ('integrity-check', 1)")


def test_a_download_is_of_one_version_while_another_is_published(
    published_copy: Path, corpus: Path
) -> None:
    url = f"sqlite:///{published_copy}"
    with serving(Settings(database_url=url)) as address:
        before = httpx.get(f"{address}/dataset/download").content
        downloads: list[bytes] = []
        done = threading.Event()

        def download() -> None:
            while not done.is_set():
                downloads.append(httpx.get(f"{address}/dataset/download", timeout=30).content)

        reader = threading.Thread(target=download)
        reader.start()
        publish(url, "--corpus", set_edition(corpus, "9999.1"))
        after = httpx.get(f"{address}/dataset/download", timeout=30).content
        done.set()
        reader.join()
    assert before != after
    assert set(downloads) <= {before, after}


def test_the_published_file_is_of_the_version_that_names_it(
    published_copy: Path, tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if another version is published just before the file is opened."""
    live, later = published_copy, tmp_path / "later.db"
    publish(f"sqlite:///{later}", "--corpus", set_edition(corpus, "9999.1"))
    open_file = os.open

    def open_after_publication(path: Any, *arguments: Any, **named: Any) -> int:
        if path == live and later.exists():
            later.replace(live)
        return open_file(path, *arguments, **named)

    with serving(Settings(database_url=f"sqlite:///{live}")) as address:
        monkeypatch.setattr(os, "open", open_after_publication)
        response = httpx.get(f"{address}/dataset/sqlite")
    assert not later.exists()
    assert response.content == live.read_bytes()
    assert 'filename="policy-briefs-9999.1-' in response.headers["content-disposition"]


def test_a_corpus_without_codebook(new_database_url: Callable[[], str], small_corpus: Path) -> None:
    url = new_database_url()
    publish(url, "--corpus", str(small_corpus))
    with serving(Settings(database_url=url)) as address, httpx.Client(base_url=address) as opened:
        assert opened.get("/dataset/codebook").status_code == 404
        packed = zipfile.ZipFile(io.BytesIO(opened.get("/dataset/download").content))
        assert "CODEBOOK.md" not in packed.namelist()
        assert packed.read("data/places.csv").decode("utf-8-sig").startswith("id,name,")
        assert opened.get("/search?q=rivers").json()["meta"]["total"] == 3  # theme, claim, article
        assert opened.get("/recommendations/stats?by=year").json()["data"] == []
        for name in ("bibtex", "ris", "csl", "jsonld", "csv"):
            assert opened.get(f"/articles/a-brief?format={name}").status_code == 200
