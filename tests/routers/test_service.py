"""The service itself: HEAD, OPTIONS, CORS, health, documentation."""

import re

import httpx
import pytest

from app.models import SCHEMA

EXISTING = [
    "/",
    "/recommendations?theme=inclusion",
    "/recommendations/year-of-coups-mali.r2",
    "/claims",
    "/articles",
    "/articles/year-of-coups-mali/text",
    "/actors",
    "/themes",
    "/places",
    "/dataset",
    "/health",
    "/ready",
    "/openapi.json",
    "/docs",
    "/problems/not-found",
]


@pytest.mark.parametrize("path", [*EXISTING, "/nope"])
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    for varying in ("date", "x-request-id"):
        del got.headers[varying], head.headers[varying]
    assert head.headers == got.headers


@pytest.mark.parametrize("path", EXISTING)
def test_options_lists_the_methods(client: httpx.Client, path: str) -> None:
    response = client.options(path)
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_any_origin_may_read(client: httpx.Client) -> None:
    origin = {"Origin": "https://example.org"}
    response = client.get("/recommendations", headers=origin)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "Link" in response.headers["access-control-expose-headers"]
    reading = origin | {"Access-Control-Request-Method": "GET"}
    assert client.options("/recommendations", headers=reading).status_code == 200
    conditional = reading | {"Access-Control-Request-Headers": "if-none-match"}
    assert client.options("/recommendations", headers=conditional).status_code == 200
    writing = origin | {"Access-Control-Request-Method": "POST"}
    refused = client.options("/recommendations", headers=writing)
    assert refused.status_code == 405
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["access-control-allow-origin"] == "*"


def test_no_redirect_for_a_trailing_slash(client: httpx.Client) -> None:
    response = client.get("/claims/", headers={"Host": "evil.example"})
    assert response.status_code == 404
    assert "location" not in response.headers


def test_the_links_of_the_index_work(client: httpx.Client) -> None:
    index = client.get("/").json()
    for link in index["links"].values():
        assert client.get(link).status_code == 200, link


def test_dataset(client: httpx.Client, everything: dict[str, list[object]]) -> None:
    dataset = client.get("/dataset").json()
    for name in ("articles", "claims", "recommendations", "actors", "themes", "places"):
        assert dataset["counts"][name] == len(everything[name])
    assert dataset["version"] == f"{dataset['edition']}-{dataset['digest'][:6]}"
    assert dataset["version"] in dataset["citation"]
    assert client.get("/claims").json()["meta"]["dataset"] == dataset["version"]
    assert client.get("/ready").json() == {
        "status": "ready",
        "dataset": dataset["version"],
        "schema_revision": SCHEMA,
    }


def test_documentation_needs_no_other_host(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address
    assert "http" not in client.get("/static/docs.js").text


@pytest.mark.parametrize("path", EXISTING)
def test_a_matching_etag_gives_304(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    tag = response.headers["etag"]
    assert tag.startswith('"')
    assert "public" in response.headers["cache-control"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(
            path, headers={"If-None-Match": condition, "Origin": "https://example.org"}
        )
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["access-control-allow-origin"] == "*"
        assert "content-type" not in again.headers
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_etags_differ_where_responses_do(client: httpx.Client) -> None:
    text = "/articles/year-of-coups-mali/text"
    paths = ["/claims", "/claims?limit=1", "/claims?sort=-id", "/recommendations", text]
    tags = [client.get(path).headers["etag"] for path in paths]
    tags.append(client.get(text, headers={"Accept": "text/plain"}).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert "etag" not in client.get("/nope").headers


HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("text/html", HTML),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json, text/html", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
    ],
)
def test_the_root_is_the_explorer_or_the_index(
    client: httpx.Client, accept: str, media_type: str
) -> None:
    response = client.get("/", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"].split(", ")
    assert response.headers["etag"]
    if media_type == "application/json":
        assert response.json()["links"]["recommendations"] == "/recommendations"
    else:
        # Every file that the page refers to exists.
        for path in re.findall(r'(?:href|src)="(/[^"]+)"', response.text):
            assert client.get(path).status_code == 200, path


def test_the_root_in_no_other_format(client: httpx.Client) -> None:
    response = client.get("/", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.json()["detail"] == "The formats of this call are application/json, text/html."
