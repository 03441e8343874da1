"""Pages: they are the whole list in any size, and cursors cannot be forged."""

import base64
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.query.paging import Cursor
from app.settings import Settings
from tests.conftest import run_seed, serving, walk


@given(
    query=st.sampled_from(
        [
            "",
            "theme=inclusion",
            "theme=!inclusion",
            "place=mali",
            "actor=mali",
            "strength=must,could",
            "publisher=usip",
        ],
    ),
    sort=st.sampled_from(
        ["id", "-id", "published", "-published", "-strength,published", "strength,-id"]
    ),
    limit=st.integers(1, 100),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_of_any_size_are_the_whole_list(
    client: httpx.Client, query: str, sort: str, limit: int
) -> None:
    whole = walk(client, f"/recommendations?{query}&sort={sort}&limit=100".replace("?&", "?"))
    assert (
        walk(client, f"/recommendations?{query}&sort={sort}&limit={limit}".replace("?&", "?"))
        == whole
    )


def test_pages_of_three_have_every_item_once(
    client: httpx.Client, everything: dict[str, list[dict[str, Any]]]
) -> None:
    assert walk(client, "/recommendations?limit=3") == everything["recommendations"]


@pytest.mark.parametrize("sort", ["id", "-strength,published"])
def test_prev_leads_back_the_same_way(client: httpx.Client, sort: str) -> None:
    url: str | None = f"/claims?limit=13&sort={'kind,-published' if ',' in sort else sort}"
    forward = []
    while url is not None:
        page = client.get(url).json()
        forward.append([item["id"] for item in page["data"]])
        last, url = page, page["links"]["next"]
    backward = [[item["id"] for item in last["data"]]]
    while last["links"]["prev"] is not None:
        last = client.get(last["links"]["prev"]).json()
        backward.append([item["id"] for item in last["data"]])
    assert backward[::-1] == forward


def test_links_are_absolute_with_all_filters_and_in_the_header(client: httpx.Client) -> None:
    answer = client.get(
        "/recommendations?theme=inclusion&theme=!diplomacy&addressee=mali,malian-military-government&limit=1"
    )
    next_link = answer.json()["links"]["next"]
    assert next_link.startswith(str(client.base_url).rstrip("/") + "/recommendations?")
    query = parse_qs(urlsplit(next_link).query)
    assert query["theme"] == ["inclusion", "!diplomacy"]
    assert query["addressee"] == ["mali,malian-military-government"]
    assert answer.headers["link"] == f'<{next_link}>; rel="next"'
    second = client.get(next_link)
    assert second.links["prev"]["url"] == second.json()["links"]["prev"]
    assert second.json()["links"]["self"] == next_link


def test_foreign_hosts_do_not_get_into_links(client: httpx.Client) -> None:
    for host in (
        "evil.example",
        "93.184.216.34",
        "255.255.255.255",
        "169.254.169.254",
        "localhost:0",
        "localhost:",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "[::1",
        "a" * 300,
    ):
        answer = client.get(
            "/claims?limit=1", headers={"Host": host, "X-Forwarded-Host": "evil.example"}
        )
        if answer.status_code == 200:  # the server refuses some
            assert answer.json()["links"]["next"].startswith("http://localhost:"), host


def test_public_url_decides(database_url: str) -> None:
    configured = Settings(database_url=database_url, public_url="https://briefs.example.org/")
    with serving(configured) as address:
        answer = httpx.get(f"{address}/claims?limit=1")
    assert answer.json()["links"]["next"].startswith(
        "https://briefs.example.org/claims?limit=1&cursor="
    )


def cursor_of(client: httpx.Client, path: str) -> str:
    cursor: str = parse_qs(urlsplit(client.get(path).json()["links"]["next"]).query)["cursor"][0]
    return cursor


def test_forged_cursors_are_refused(client: httpx.Client) -> None:
    good = cursor_of(client, "/recommendations?theme=inclusion&limit=2")
    chance = random.Random(20261121)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.%+ é\0"
    for _ in range(500):
        broken = list(good)
        for _ in range(chance.randint(1, 3)):
            broken[chance.randrange(len(broken))] = chance.choice(alphabet)
        forged = "".join(broken) if chance.random() < 0.7 else good[: chance.randrange(len(good))]
        if forged == good:
            continue
        answer = client.get(
            "/recommendations", params={"theme": "inclusion", "limit": "2", "cursor": forged}
        )
        assert answer.status_code == 422, forged
        assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "values",
    [
        [-1],
        [2**31],
        [10**30],
        [1.5],
        [True],
        ["1"],
        [None],
        [],
        [1, 2],
        [[1]],
        ["\0", 1],
        ["\ud800", 1],
        [{}, 1],
    ],
)
@pytest.mark.parametrize("sort", ["id", "published"])
def test_cursors_with_impossible_values_are_refused(
    client: httpx.Client, sort: str, values: list[Any]
) -> None:
    """The checksum is no secret, so the values are checked too."""
    good = cursor_of(client, f"/claims?sort={sort}&limit=2")
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    version, query, *_ = json.loads(raw[8:])
    try:
        forged = Cursor(version, query, "next", values).encode()
    except UnicodeEncodeError:
        return  # such a cursor cannot be written
    answer = client.get("/claims", params={"sort": sort, "limit": "2", "cursor": forged})
    assert answer.status_code == 422, answer.text


def test_a_cursor_belongs_to_its_query(client: httpx.Client) -> None:
    cursor = cursor_of(client, "/recommendations?theme=inclusion&limit=2")
    for other in (
        "",
        "theme=governance",
        "theme=inclusion&strength=must",
        "theme=inclusion&sort=-id",
    ):
        answer = client.get(f"/recommendations?{other}&cursor={cursor}".replace("?&", "?"))
        assert answer.status_code == 422, other
        assert "another query" in answer.json()["detail"]
    assert (
        client.get(f"/recommendations?limit=5&theme=inclusion&cursor={cursor}").status_code == 200
    )


def test_a_cursor_belongs_to_its_data_version(tmp_path: Path, corpus: Path) -> None:
    """Pages never mix two versions: after publishing, a client must start again."""
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    assert run_seed(url).returncode == 0
    with serving(Settings(database_url=url)) as address, httpx.Client(base_url=address) as opened:
        cursor = cursor_of(opened, "/claims?limit=2")
        dataset = corpus / "dataset.yaml"
        dataset.write_text(dataset.read_text().replace('edition: "2026.2"', 'edition: "2026.3"'))
        assert run_seed(url, "--corpus", str(corpus)).returncode == 0
        answer = opened.get(f"/claims?limit=2&cursor={cursor}")
        assert answer.status_code == 422
        assert "earlier data set" in answer.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.0", "1e1", " 5", "٣", "", "ten", "9" * 30])
def test_limits_are_whole_numbers_from_1_to_100(client: httpx.Client, limit: str) -> None:
    answer = client.get("/claims", params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "limit"
