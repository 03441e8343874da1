"""JSON, NDJSON, CSV and JSON-LD have the same rows, order and total; a tool reads each format."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from app.query.collection import Column
from app.responses.formats import MEDIA_TYPES
from app.responses.tables import csv_table
from app.routers import COLLECTIONS
from tests.conftest import Served, walk

Item = dict[str, Any]

VALUES = {
    "theme": ["inclusion", "!inclusion", "security-governance,mediation", "women-participation"],
    "place": ["mali", "gao", "!sahel"],
    "article": ["year-of-coups-mali", "!inclusive-security-mali"],
    "publisher": ["usip", "!usip"],
    "year": ["2021", "2013,2023"],
    "source": ["niagale-bagayoko", "!kadiatou-keita"],
    "addressee": ["mali", "ecowas,france"],
    "beneficiary": ["local-communities"],
    "actor": ["france", "!mali"],
    "about": ["france,mali"],
    "strength": ["must", "should,could"],
    "action": ["general", "!specific"],
    "explicit": ["true", "false"],
    "kind": ["factual", "causal,predictive", "person", "city", "analysis"],
    "relation": ["supports", "!qualifies"],
    "broader": ["inclusion", "!inclusion"],
    "q": ["women", "mali OR security", "-army", '"civil society"', "jihad*"],
}


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@given(data=st.data())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_format_has_the_same_rows(
    client: httpx.Client, backend: str, served: Callable[[str], Served], data: st.DataObject
) -> None:
    """Random filters, orders and fields give the same rows, order and total, on both databases."""
    name = data.draw(st.sampled_from(list(COLLECTIONS)))
    collection = COLLECTIONS[name]
    parameters = {}
    for parameter in data.draw(
        st.lists(st.sampled_from([*collection.dimensions, "q"]), max_size=3, unique=True)
    ):
        parameters[parameter] = data.draw(st.sampled_from(VALUES[parameter]))
    sorts = [None, *collection.sorts, *(f"-{key}" for key in collection.sorts)]
    if sort := data.draw(st.sampled_from(sorts)):
        parameters["sort"] = sort
    first = client.get(f"/{name}", params=parameters)
    if first.status_code == 422:
        assert "kind" in parameters  # a kind of another collection
        return
    items = walk(client, str(httpx.URL(f"/{name}", params={**parameters, "limit": "23"})))
    ids = [item["id"] for item in items]
    total = first.json()["meta"]["total"]
    assert len(items) == total
    if backend == "postgresql":
        lines = served("sqlite").client.get(f"/{name}", params={**parameters, "format": "ndjson"})
        assert [json.loads(line)["id"] for line in lines.text.splitlines()] == ids

    lines = client.get(f"/{name}", params={**parameters, "format": "ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == items
    assert lines.headers["x-total-count"] == str(total)

    table = client.get(f"/{name}", params=parameters, headers={"Accept": "text/csv"})
    rows = csv_rows(table.content)
    assert [row["id"] for row in rows] == ids
    assert table.headers["x-total-count"] == str(total)
    assert table.headers["x-dataset-version"] == first.json()["meta"]["dataset"]
    for row, item in zip(rows, items, strict=True):
        check_row(name, row, item)

    linked: list[str] = []
    page_parameters = {**parameters, "limit": "31", "format": "jsonld"}
    url: str | None = str(httpx.URL(f"/{name}", params=page_parameters))
    while url is not None:
        page = client.get(url).json()
        linked += [node["id"].rpartition("/")[2] for node in page["items"]]
        assert (page.get("partOf", page))["total"] == total
        url = page.get("next")
    assert linked == ids


def value_at(item: Item, path: str) -> Any:
    """Return the value at a column's path, such as `article.id` or `themes[].label`."""
    value: Any = item
    for part in path.split("."):
        key = part.removesuffix("[]")
        if isinstance(value, list):
            value = [entry[key] for entry in value]
        elif value is not None:
            value = value[key]
    return value


def check_row(name: str, row: dict[str, str], item: Item) -> None:
    """Check that a row has the values of the item."""
    for column in COLLECTIONS[name].columns:
        value = value_at(item, column.path)
        if isinstance(value, list):
            expected = "; ".join(map(str, value))
        elif isinstance(value, bool):
            expected = str(value).lower()
        else:
            expected = "" if value is None else str(value)
        assert row[column.name].removeprefix("'") == expected.removeprefix("'"), column


@pytest.mark.parametrize("name", list(COLLECTIONS))
def test_csv_in_pandas(client: httpx.Client, everything: dict[str, list[Item]], name: str) -> None:
    frame = pd.read_csv(io.BytesIO(client.get(f"/{name}?format=csv").content))
    assert list(frame["id"]) == [item["id"] for item in everything[name]]
    assert list(frame.columns) == [column.name for column in COLLECTIONS[name].columns]
    if name == "recommendations":
        assert frame["explicit"].dtype == bool
        assert frame["quote_start"].dtype.kind == "i"
        assert list(frame["addressees"].fillna("")) == [
            "; ".join(ref["name"] for ref in item["addressees"]) for item in everything[name]
        ]
        assert list(frame["quote"]) == [item["quote"]["exact"] for item in everything[name]]


def test_csv_has_a_byte_order_mark_and_a_header(client: httpx.Client) -> None:
    for query in ("", "q=xyzzy&"):
        response = client.get(f"/claims?{query}format=csv")
        assert response.content.startswith(b"\xef\xbb\xbfid,statement,quote,")
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert response.headers["content-disposition"].startswith('attachment; filename="claims-')
    assert client.get("/claims?q=xyzzy&format=csv").content.endswith(b"highlight,matched_in\r\n")
    assert client.get("/claims?q=xyzzy&format=ndjson").content == b""


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=["Cs"])).map(
            lambda text: text.replace("\0", "")
        ),
        min_size=1,
        max_size=4,
    ),
)
@example(["=1+1", "+1", "-1", "@SUM(A1)"])
@example(["\t=1", " =cmd|' /C calc'!A0", "\r=1", "＝1"])
def test_csv_cells_are_readable_and_never_formulas(texts: list[str]) -> None:
    columns = [Column("a", "a"), Column("b", "b[]")]
    documents = [json.dumps({"a": text, "b": texts}) for text in texts]
    content = b"".join(csv_table(columns, [documents]))
    assert content.decode().count("\r\n") >= len(texts) + 1
    rows = csv_rows(content)
    for row, text in zip(rows, texts, strict=True):
        assert row["a"] in {text, f"'{text}"}
        assert row["b"].removeprefix("'") == "; ".join(texts).removeprefix("'")
        for cell in row.values():
            assert not cell.strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
            assert not cell.startswith(("\t", "\r"))


# --- Accept ---


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/ld+json", "application/ld+json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/*", "application/json"),
        ("TEXT/CSV;header=present", "text/csv; charset=utf-8"),
    ],
)
def test_accept_selects_the_format(client: httpx.Client, accept: str, media_type: str) -> None:
    response = client.get("/recommendations", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("/recommendations", ("json", "ndjson", "csv", "jsonld")),
        (
            "/recommendations/year-of-coups-mali.r3",
            ("json", "ndjson", "csv", "jsonld", "bibtex", "ris", "csl"),
        ),
        ("/themes/inclusion", ("json", "ndjson", "csv", "jsonld")),
        ("/claims/stats?by=kind", ("json", "ndjson", "csv")),
        ("/search?q=mali", ("json", "ndjson", "csv")),
        ("/dataset", ("json", "jsonld")),
        ("/articles/year-of-coups-mali/text", ("json", "text")),
    ],
)
def test_an_unsupported_accept_is_406_with_the_supported_formats(
    client: httpx.Client, path: str, offered: tuple[str, ...]
) -> None:
    response = client.get(path, headers={"Accept": "image/png, application/json;q=0"})
    assert response.status_code == 406
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["valid"] == ", ".join(MEDIA_TYPES[name] for name in offered)
    for name in offered:
        by_header = client.get(path, headers={"Accept": MEDIA_TYPES[name]})
        parameters = {**httpx.URL(path).params, "format": name}
        by_parameter = client.get(path, params=parameters, headers={"Accept": "image/png"})
        for response in (by_header, by_parameter):
            assert response.status_code == 200, (path, name)
            assert response.headers["content-type"].split(";")[0] == MEDIA_TYPES[name]
            assert response.headers["etag"]
    refused = client.get(path, params={**httpx.URL(path).params, "format": "xml"})
    assert refused.status_code == 422
    assert offered[0] in refused.json()["errors"][0]["valid"]


# --- fields ---


def test_fields_selects_fields(client: httpx.Client, everything: dict[str, list[Item]]) -> None:
    page = client.get("/claims?fields=quote,id&limit=100").json()
    assert page["data"] == [
        {"id": item["id"], "quote": item["quote"]} for item in everything["claims"][:100]
    ]
    assert page["meta"]["total"] == len(everything["claims"])
    rows = csv_rows(client.get("/claims?fields=quote,id&format=csv").content)
    of_quote = ["quote_prefix", "quote_suffix", "quote_start", "quote_end", "paragraph", "link"]
    assert list(rows[0]) == ["id", "quote", *of_quote]
    lines = client.get("/claims?fields=id&format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": item["id"]} for item in everything["claims"]
    ]
    assert client.get("/themes/inclusion?fields=label_fr,label").json() == {
        "label": "Inclusion",
        "label_fr": "Inclusion",
    }


@pytest.mark.parametrize(
    ("fields", "guess"),
    [("statment", "statement"), ("", None), ("id,,kind", None), ("quote.exact", "quote")],
)
def test_unknown_fields_are_refused(client: httpx.Client, fields: str, guess: str | None) -> None:
    for path in ("/claims", "/claims/year-of-coups-mali.c1"):
        response = client.get(path, params={"fields": fields})
        assert response.status_code == 422
        error = response.json()["errors"][0]
        assert error["parameter"] == "fields"
        assert "statement" in error["valid"]
        assert guess is None or guess in error["did_you_mean"]


@pytest.mark.parametrize("name", ["jsonld", "bibtex"])
def test_fields_of_formats_with_fixed_fields(client: httpx.Client, name: str) -> None:
    assert client.get(f"/claims/year-of-coups-mali.c1?fields=id&format={name}").status_code == 422


# --- streaming ---


@pytest.mark.parametrize("name", ["ndjson", "csv"])
@pytest.mark.parametrize("path", ["/claims", "/search?q=mali"])
def test_long_responses_are_streamed(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    """A streamed response has the same bytes and headers; ETag, 304 and HEAD work as usual."""
    address = f"{path}{'&' if '?' in path else '?'}format={name}"
    whole = client.get(address)
    monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", 10)
    monkeypatch.setattr("app.query.listing.BATCH_SIZE", 7)
    streamed = client.get(address)
    assert streamed.content == whole.content
    assert "content-length" not in streamed.headers
    same = ("content-type", "content-disposition", "cache-control")
    for header in (*same, "x-total-count", "x-dataset-version"):
        assert streamed.headers[header] == whole.headers[header], header
    assert set(streamed.headers["vary"].split(", ")) == set(whole.headers["vary"].split(", "))
    unmodified = client.get(address, headers={"If-None-Match": streamed.headers["etag"]})
    assert unmodified.status_code == 304
    assert unmodified.headers["etag"] == streamed.headers["etag"]
    assert not unmodified.content
    head = client.head(address)
    assert head.status_code == 200
    assert head.headers["etag"] == streamed.headers["etag"]
    assert not head.content
    assert client.get(f"{address}&fields=id").headers["etag"] != streamed.headers["etag"]


def test_slow_readers_do_not_block_others(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many streams as the server allows are half read; other clients are served.

    When these readers have gone, new streams succeed again.
    """
    monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", 1)
    monkeypatch.setattr("app.query.listing.BATCH_SIZE", 1)
    address = "/claims?format=ndjson"
    with ExitStack() as opened:
        clients = [
            opened.enter_context(httpx.Client(base_url=server, timeout=30)) for _ in range(8)
        ]
        responses = [
            client.send(client.build_request("GET", address), stream=True) for client in clients
        ]
        assert all(next(response.iter_raw(64)) for response in responses)
        assert httpx.get(f"{server}/recommendations?theme=inclusion").status_code == 200
    for _ in range(20):
        assert httpx.get(f"{server}{address}").status_code == 200


def test_a_limit_and_a_cursor_apply_to_every_format(client: httpx.Client) -> None:
    page = client.get("/claims?limit=5").json()
    rows = client.get("/claims?limit=5&format=csv")
    assert [row["id"] for row in csv_rows(rows.content)] == [item["id"] for item in page["data"]]
    assert rows.headers["x-total-count"] == str(page["meta"]["total"])
    second = csv_rows(client.get(rows.links["next"]["url"]).content)
    following = client.get(page["links"]["next"]).json()["data"]
    assert [row["id"] for row in second] == [item["id"] for item in following]


# --- linked data ---

OA, SKOS, SCHEMA = (
    "http://www.w3.org/ns/oa#",
    "http://www.w3.org/2004/02/skos/core#",
    "https://schema.org/",
)
AS = "https://www.w3.org/ns/activitystreams#"


def no_network(url: str, *_: Any) -> Any:
    raise AssertionError(f"the document needs {url}")


def expanded(document: Any) -> list[Item]:
    found: list[Item] = jsonld.expand(document, {"documentLoader": no_network})
    return found


@pytest.mark.parametrize("name", ["claims", "recommendations"])
def test_annotations_select_the_quoted_words(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    """The library pyld expands each annotation offline; both selectors give the same words."""
    bodies: dict[str, str] = {}
    base = str(client.base_url).rstrip("/")
    for item in everything[name][::7]:
        address = f"{base}{item['links']['self']}"
        (node,) = expanded(client.get(address, headers={"Accept": "application/ld+json"}).json())
        assert node["@id"] == address
        assert node["@type"] == [f"{OA}Annotation"]
        (target,) = node[f"{OA}hasTarget"]
        source = target[f"{OA}hasSource"][0]["@id"]
        body = bodies.setdefault(source, httpx.get(source).text)
        selectors = {selector["@type"][0]: selector for selector in target[f"{OA}hasSelector"]}
        position, quote = (
            selectors[f"{OA}TextPositionSelector"],
            selectors[f"{OA}TextQuoteSelector"],
        )
        start, end = (int(position[f"{OA}{part}"][0]["@value"]) for part in ("start", "end"))
        prefix, exact, suffix = (
            quote[f"{OA}{part}"][0]["@value"] if quote[f"{OA}{part}"] else ""
            for part in ("prefix", "exact", "suffix")
        )
        assert body[start:end] == exact == item["quote"]["exact"]
        assert body[:start].endswith(prefix)
        assert body[end:].startswith(suffix)
        statements = [
            part for part in node[f"{OA}hasBody"] if part["@type"] == [f"{OA}TextualBody"]
        ]
        value = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"
        assert [part[value][0]["@value"] for part in statements] == [item["statement"]]
        themes = [
            part[f"{OA}hasSource"][0]["@id"]
            for part in node[f"{OA}hasBody"]
            if f"{OA}hasSource" in part
        ]
        assert themes == [f"{base}/themes/{theme['id']}" for theme in item["themes"]]


def test_themes_are_skos(client: httpx.Client, everything: dict[str, list[Item]]) -> None:
    (scheme,) = expanded(client.get("/themes?limit=100&format=jsonld").json())
    assert scheme["@type"] == [f"{SKOS}ConceptScheme"]
    concepts = scheme[f"{AS}items"][0]["@list"]
    assert len(concepts) == len(everything["themes"])
    for concept, theme in zip(concepts, everything["themes"], strict=True):
        labels = {label["@language"]: label["@value"] for label in concept[f"{SKOS}prefLabel"]}
        assert labels == {"en": theme["label"], "fr": theme["label_fr"]}
        broader = [parent["@id"].rpartition("/")[2] for parent in concept.get(f"{SKOS}broader", [])]
        assert broader == ([theme["broader"]["id"]] if theme["broader"] else [])
        assert (f"{SKOS}topConceptOf" in concept) == (theme["broader"] is None)
        alternative = [label["@value"] for label in concept.get(f"{SKOS}altLabel", [])]
        assert sorted(alternative) == sorted(theme["alt_labels"] + theme["alt_labels_fr"])


def test_the_rest_is_schema_org(client: httpx.Client, everything: dict[str, list[Item]]) -> None:
    for article in everything["articles"]:
        (node,) = expanded(client.get(f"/articles/{article['id']}?format=jsonld").json())
        assert node["@type"][0] in {f"{SCHEMA}Article", f"{SCHEMA}Report"}
        assert node[f"{SCHEMA}headline"] == [{"@value": article["title"]}]
        assert node[f"{SCHEMA}datePublished"] == [{"@value": article["published"]}]
        assert node[f"{SCHEMA}publisher"][0][f"{SCHEMA}name"] == [{"@value": article["publisher"]}]
    for actor in everything["actors"][::10]:
        (node,) = expanded(client.get(f"/actors/{actor['id']}?format=jsonld").json())
        assert node["@type"] == [
            f"{SCHEMA}{'Person' if actor['kind'] == 'person' else 'Organization'}"
        ]
    (gao,) = expanded(client.get("/places/gao?format=jsonld").json())
    assert gao[f"{SCHEMA}geo"][0]["@type"] == [f"{SCHEMA}GeoCoordinates"]
    (dataset,) = expanded(client.get("/dataset?format=jsonld").json())
    assert dataset["@type"] == [f"{SCHEMA}Dataset"]
    for distribution in dataset[f"{SCHEMA}distribution"]:
        address = distribution[f"{SCHEMA}contentUrl"][0]["@id"]
        assert httpx.head(address).status_code == 200
