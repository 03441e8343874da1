"""The same rows, order and total in JSON, NDJSON, CSV and JSON-LD; each form read by a tool of its own."""

import csv
import io
import json
from typing import Any

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from app.responses.tables import COLUMNS, MEDIA_TYPES, Column, table
from app.routers.search import KINDS
from tests.conftest import walk

Item = dict[str, Any]
COLLECTIONS = {collection.name: collection for collection in KINDS.values()}
ROWS = pytest.StashKey[dict[str, Any]]()

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
def test_every_form_has_the_same_rows(
    client: httpx.Client, request: pytest.FixtureRequest, data: st.DataObject
) -> None:
    """For random filters, orders and fields: rows, order and total, on both databases."""
    name = data.draw(st.sampled_from(list(COLLECTIONS)))
    collection = COLLECTIONS[name]
    parameters = {}
    for parameter in data.draw(
        st.lists(st.sampled_from([*collection.dimensions, "q"]), max_size=3, unique=True)
    ):
        parameters[parameter] = data.draw(st.sampled_from(VALUES[parameter]))
    sort = data.draw(
        st.sampled_from([None, *collection.sorts, *(f"-{key}" for key in collection.sorts)])
    )
    if sort:
        parameters["sort"] = sort
    first = client.get(f"/{name}", params=parameters)
    if first.status_code == 422:
        assert "kind" in parameters  # a kind of another collection
        return
    query = str(first.request.url.query, "ascii")
    items = walk(client, f"/{name}?{query}&limit=23" if query else f"/{name}?limit=23")
    total = first.json()["meta"]["total"]
    assert len(items) == total
    assert [item["id"] for item in items] == request.config.stash.setdefault(ROWS, {}).setdefault(
        (name, query),
        [item["id"] for item in items],
    )

    lines = client.get(f"/{name}", params={**parameters, "format": "ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == items
    assert lines.headers["x-total-count"] == str(total)

    rows = client.get(f"/{name}", params=parameters, headers={"Accept": "text/csv"})
    found = csv_rows(rows.content)
    assert [row["id"] for row in found] == [item["id"] for item in items]
    assert rows.headers["x-total-count"] == str(total)
    assert rows.headers["x-dataset-version"] == first.json()["meta"]["dataset"]
    for row, item in zip(found, items, strict=True):
        check_row(name, row, item)

    linked: list[str] = []
    url: str | None = (
        f"/{name}?{query}&limit=31&format=jsonld" if query else f"/{name}?limit=31&format=jsonld"
    )
    while url is not None:
        page = client.get(url).json()
        linked += [node["id"].rpartition("/")[2] for node in page["items"]]
        assert (page.get("partOf", page))["total"] == total
        url = page.get("next")
    assert linked == [item["id"] for item in items]


def check_row(name: str, row: dict[str, str], item: Item) -> None:
    """Check that a row says what the item says."""
    for column in COLUMNS[name]:
        value: Any = item
        for part in column.path.split("."):
            key = part.removesuffix("[]")
            value = (
                [entry[key] for entry in value]
                if isinstance(value, list)
                else None
                if value is None
                else value[key]
            )
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
    assert list(frame.columns) == [column.name for column in COLUMNS[name]]
    if name == "recommendations":
        assert frame["explicit"].dtype == bool
        assert frame["quote_start"].dtype.kind == "i"
        assert list(frame["addressees"].fillna("")) == [
            "; ".join(ref["name"] for ref in item["addressees"]) for item in everything[name]
        ]
        assert list(frame["quote"]) == [item["quote"]["exact"] for item in everything[name]]


def test_csv_begins_as_excel_needs_it_and_has_a_header_when_empty(client: httpx.Client) -> None:
    for query in ("", "q=xyzzy&"):
        answer = client.get(f"/claims?{query}format=csv")
        assert answer.content.startswith(b"\xef\xbb\xbfid,statement,quote,")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].startswith('attachment; filename="claims-')
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
def test_csv_cells_come_back_and_none_is_a_formula(texts: list[str]) -> None:
    columns = [Column("a", "a"), Column("b", "b[]")]
    documents = [json.dumps({"a": text, "b": texts}) for text in texts]
    content = b"".join(table(columns, [documents]))
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
def test_accept_decides(client: httpx.Client, accept: str, media_type: str) -> None:
    answer = client.get("/recommendations", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"]


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
def test_an_impossible_accept_is_told_what_there_is(
    client: httpx.Client, path: str, offered: tuple[str, ...]
) -> None:
    answer = client.get(path, headers={"Accept": "image/png, application/json;q=0"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["valid"] == ", ".join(MEDIA_TYPES[name] for name in offered)
    for name in offered:
        for found in (
            client.get(path, headers={"Accept": MEDIA_TYPES[name]}),
            client.get(
                path,
                params={**httpx.URL(path).params, "format": name},
                headers={"Accept": "image/png"},
            ),
        ):
            assert found.status_code == 200, (path, name)
            assert found.headers["content-type"].split(";")[0] == MEDIA_TYPES[name]
            assert found.headers["etag"]
    refused = client.get(path, params={**httpx.URL(path).params, "format": "xml"})
    assert refused.status_code == 422
    assert offered[0] in refused.json()["errors"][0]["valid"]


# --- fields ---


def test_fields_keep_only_what_is_asked_for(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    page = client.get("/claims?fields=quote,id&limit=100").json()
    assert page["data"] == [
        {"id": item["id"], "quote": item["quote"]} for item in everything["claims"][:100]
    ]
    assert page["meta"]["total"] == len(everything["claims"])
    rows = csv_rows(client.get("/claims?fields=quote,id&format=csv").content)
    assert list(rows[0]) == [
        "id",
        "quote",
        "quote_prefix",
        "quote_suffix",
        "quote_start",
        "quote_end",
        "paragraph",
        "link",
    ]
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
        answer = client.get(path, params={"fields": fields})
        assert answer.status_code == 422
        error = answer.json()["errors"][0]
        assert error["parameter"] == "fields"
        assert "statement" in error["valid"]
        assert guess is None or guess in error["did_you_mean"]


@pytest.mark.parametrize("form", ["jsonld", "bibtex"])
def test_fields_of_forms_with_fields_of_their_own(client: httpx.Client, form: str) -> None:
    assert client.get(f"/claims/year-of-coups-mali.c1?fields=id&format={form}").status_code == 422


# --- whole answers, however long ---


@pytest.mark.parametrize("form", ["ndjson", "csv"])
@pytest.mark.parametrize("path", ["/claims", "/search?q=mali"])
def test_long_answers_are_streamed(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str, form: str
) -> None:
    """Beyond a bound the same bytes come in pieces, from a reading of their own; ETag, 304 and HEAD as ever."""
    address = f"{path}{'&' if '?' in path else '?'}format={form}"
    whole = client.get(address)
    monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", 10)
    monkeypatch.setattr("app.query.listing.BATCH_SIZE", 7)
    streamed = client.get(address)
    assert streamed.content == whole.content
    assert "content-length" not in streamed.headers
    for name in (
        "content-type",
        "content-disposition",
        "x-total-count",
        "x-dataset-version",
        "cache-control",
    ):
        assert streamed.headers[name] == whole.headers[name], name
    assert set(streamed.headers["vary"].split(", ")) == set(whole.headers["vary"].split(", "))
    held = client.get(address, headers={"If-None-Match": streamed.headers["etag"]})
    assert held.status_code == 304
    assert held.headers["etag"] == streamed.headers["etag"]
    assert not held.content
    head = client.head(address)
    assert head.status_code == 200
    assert head.headers["etag"] == streamed.headers["etag"]
    assert not head.content
    assert client.get(f"{address}&fields=id").headers["etag"] != streamed.headers["etag"]


def test_a_slow_reader_holds_no_thread_and_no_more_than_its_place(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many long answers at once as there may be; one more is told to come back; places are free again afterwards."""
    monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", 1)
    monkeypatch.setattr("app.query.listing.BATCH_SIZE", 1)
    streams = [httpx.Client(base_url=server, timeout=30) for _ in range(8)]
    address = "/claims?format=ndjson"
    try:
        answers = [
            opened.send(opened.build_request("GET", address), stream=True) for opened in streams
        ]
        pieces = [next(answer.iter_raw(64)) for answer in answers]
        assert all(pieces)
        # The rest of a small corpus fits into the socket buffers, so the places may be free already; others are served anyway.
        assert httpx.get(f"{server}/recommendations?theme=inclusion").status_code == 200
    finally:
        for opened in streams:
            opened.close()
    for _ in range(20):
        assert httpx.get(f"{server}{address}").status_code == 200


def test_a_limit_and_a_cursor_are_kept_in_every_form(client: httpx.Client) -> None:
    page = client.get("/claims?limit=5").json()
    rows = client.get("/claims?limit=5&format=csv")
    assert [row["id"] for row in csv_rows(rows.content)] == [item["id"] for item in page["data"]]
    assert rows.headers["x-total-count"] == str(page["meta"]["total"])
    second = client.get(rows.links["next"]["url"])
    assert [row["id"] for row in csv_rows(second.content)] == [
        item["id"] for item in client.get(page["links"]["next"]).json()["data"]
    ]


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
def test_annotations_lead_to_the_words(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    """Pyld expands each annotation without a network; its two selectors lead to the same words of its target."""
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
