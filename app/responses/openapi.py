"""The OpenAPI document: every answer a call can give, with an example of each taken from the published data."""

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from app import models
from app.database.database import Database
from app.database.snapshot import NotReadyError, Snapshot
from app.http import problems
from app.query.collection import Collection
from app.responses.formats import (
    CITATION_FORMATS,
    LIST_FORMATS,
    MEDIA_TYPES,
    TABLE_FORMATS,
    Format,
    Item,
    Page,
    Target,
)
from app.responses.jsonld import LinkedData
from app.schemas import Meta, PageLinks, Problem

EXAMPLE_BASE = "http://localhost:8000"
STATIC = Path(__file__).parent.parent / "static"

DESCRIPTION = """
What each brief **claims**, what it **recommends**, **who** speaks and who is asked to act, under a controlled vocabulary of
**themes**, with the texts. Every quote is checked, character for character, against its source.

**Filters** share one grammar: commas mean *any of* (`theme=inclusion,mediation`), a repeated parameter means *all of*
(`theme=inclusion&theme=mediation`), `!` means *not* (`theme=inclusion,!women-participation`). A value is an id, or a label, name or
alias, whatever its case and accents; put it in double quotes if it holds a comma. Themes and places cover everything narrower.

**Full text**: `q` on every list, `/search` over everything: words that must all occur, `"a phrase"`, `OR`, `-word`, `begin*`.

**Lists** answer `data`, `meta` (with the real `total`, and `applied`: what each filter was taken to mean), `links` and, if `facets`
asks for any, `facets`; follow `links.next` until it is null. `/stats` below each list counts by one or two filters, zeros included.
**Errors** are problem+json; an unknown parameter or value is an error that names the nearest valid ones, never an empty list.

**Forms**: `Accept` or `format` give the same rows as JSON, NDJSON, CSV (both whole, whatever the number) or JSON-LD; an article, a
claim or a recommendation also as BibTeX, RIS or CSL-JSON.
"""

TAGS = [
    {
        "name": "recommendations",
        "description": "What the briefs say should be done, by whom, for whom, on which claims",
    },
    {
        "name": "claims",
        "description": "What the briefs assert, each with its quote, source and relations",
    },
    {"name": "articles", "description": "The briefs and their texts"},
    {"name": "actors", "description": "Who speaks, acts, is asked to act or is to benefit"},
    {"name": "themes", "description": "The controlled vocabulary"},
    {"name": "places", "description": "The gazetteer"},
    {"name": "search", "description": "One ranked list over everything"},
    {
        "name": "data set",
        "description": "Version, counts, rights, how to cite; all of it to download",
    },
    {"name": "service", "description": "Whether it lives, and what there is"},
]


def _problem(status: int, slug: str, detail: str) -> dict[str, Any]:
    example = Problem(
        type=f"/problems/{slug}",
        title=problems.TYPES[slug].title,
        status=status,
        detail=detail,
        instance="/recommendations?theme=inclsion" if status == 422 else "/recommendations",
        errors=[
            problems.invalid_param("theme", "inclsion", "no such theme.", ["inclusion"], "/themes")
        ]
        if status == 422
        else [],
    )
    content = {
        problems.MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": example.model_dump(),
        }
    }
    return {"description": problems.TYPES[slug].meaning, "content": content}


COMMON_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: _problem(400, "request-refused", "The request could not be read."),
    405: _problem(
        405, "method-not-allowed", "Only GET, HEAD and OPTIONS exist: the API never writes."
    ),
    422: _problem(
        422, "unknown-value", "theme: no such theme 'inclsion'. Did you mean 'inclusion'?"
    ),
    431: _problem(431, "head-too-large", "Request line and headers together may have 16 KiB."),
    500: _problem(500, "internal-error", "The server could not answer; the error has been logged."),
    503: _problem(503, "unavailable", "The data cannot be read for the moment."),
}
"""The errors that any call can give."""

Responses = dict[int | str, dict[str, Any]]

NOT_FOUND: Responses = {404: _problem(404, "not-found", "There is no recommendation 'x.r1'.")}
NOT_ACCEPTABLE: Responses = {
    406: _problem(406, "not-acceptable", "There is application/json, text/csv.")
}


SCHEMAS = {"jsonld": {"type": "object"}, "csl": {"type": "array", "items": {"type": "object"}}}


def format_responses(*names: str) -> Responses:
    """Return what an answer says of the forms it has beside JSON; an example is added later."""
    return {
        200: {
            "content": {
                MEDIA_TYPES[name]: {"schema": SCHEMAS.get(name, {"type": "string"})}
                for name in names
            }
        }
    } | NOT_ACCEPTABLE


def text_response(media_type: str, example: str, *, missing: str | None = None) -> Responses:
    """Return what a call says that answers a text alone."""
    found: Responses = {
        200: {"content": {media_type: {"schema": {"type": "string"}, "example": example}}}
    }
    return found if missing is None else found | {404: _problem(404, "not-found", missing)}


def binary_response(media_type: str, *, missing: str | None = None) -> Responses:
    """Return what a call says that answers a file."""
    found: Responses = {
        200: {
            "description": "The file",
            "content": {media_type: {"schema": {"contentMediaType": media_type}}},
        }
    }
    return found if missing is None else found | {404: _problem(404, "not-found", missing)}


_LISTED, _TABLES, _CITED = (
    [each.name for each in formats if each.name != "json"]
    for formats in (LIST_FORMATS, TABLE_FORMATS, CITATION_FORMATS)
)
LIST_RESPONSES = format_responses(*_LISTED)
STATS_RESPONSES = format_responses(*_TABLES)
DATASET_RESPONSES = format_responses("jsonld")
ITEM_RESPONSES = format_responses(*_LISTED) | NOT_FOUND
CITABLE_RESPONSES = format_responses(*_LISTED, *_CITED) | NOT_FOUND


def document(app: FastAPI, database: Database, collections: Mapping[str, Collection]) -> bytes:
    """Return the OpenAPI 3.1 document as JSON, its examples taken from the published data (left out while there is none).

    It is made once for each data version and remembered with the app.
    """
    try:
        with database.read() as snapshot:
            made: tuple[str, bytes] | None = getattr(app.state, "openapi", None)
            if made is None or made[0] != snapshot.version:
                made = app.state.openapi = (
                    snapshot.version,
                    json.dumps(_build(app, snapshot, collections), ensure_ascii=False).encode(),
                )
            return made[1]
    except NotReadyError:
        return json.dumps(_build(app, None, collections)).encode()


def _build(
    app: FastAPI, snapshot: Snapshot | None, collections: Mapping[str, Collection]
) -> dict[str, Any]:
    document: dict[str, Any] = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        license_info={
            "name": "MIT (the code; the texts' rights stay with their publishers)",
            "identifier": "MIT",
        },
    )
    document["components"]["schemas"] |= _schema_of(Problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    if snapshot is not None:
        about = json.loads(
            snapshot.connection.execute(select(col(models.Dataset.document))).scalar_one()
        )
        document["info"]["description"] = f"{about['description']}\n{DESCRIPTION}"
        _add_examples(document, snapshot, collections)
    return document


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return definitions | {model.__name__: schema}


def _add_examples(
    document: dict[str, Any], snapshot: Snapshot, collections: Mapping[str, Collection]
) -> None:
    """Add an example to every response, as the API would give it now."""

    def first(table: Any, column: str = "document") -> Any:
        """Return the first stored document; None if there is none: a corpus may have no place."""
        statement = select(getattr(table, column)).order_by(table.key).limit(1)
        return snapshot.connection.execute(statement).scalar_one_or_none()

    dataset, article = json.loads(first(models.Dataset)), first(models.ArticleText)
    text = json.loads(first(models.ArticleText, "text_document"))
    title, version = json.loads(article)["title"], snapshot.version
    index = {"title": document["info"]["title"], "dataset": version, "links": {"themes": "/themes"}}
    ready = {"status": "ready", "dataset": version, "schema_revision": models.SCHEMA}
    kind = {"type": "/problems/not-found", **problems.TYPES["not-found"]._asdict()}
    linked = LinkedData(EXAMPLE_BASE).dataset(dataset, with_file=True)
    examples: dict[str, dict[str, Any]] = {
        "/dataset": {"json": dataset, "jsonld": linked},
        "/dataset/quality": {"json": json.loads(first(models.Dataset, "quality_document"))},
        "/": {"json": index, "html": "<!doctype html>…"},
        "/health": {"json": {"status": "ok"}},
        "/ready": {"json": ready},
        "/problems/{type}": {"json": kind},
        "/articles/{id}/text": {"json": {**text, "paragraphs": text["paragraphs"][:1]}},
        "/search": _page_examples(
            Target("search", [], None, EXAMPLE_BASE), _hit(json.loads(article)), version, q=title
        ),
    }
    for name, collection in collections.items():
        examples[f"/{name}/stats"] = _stats_examples(name, version)
        found = first(collection.texts)
        if found is not None:
            target = Target(name, collection.columns, collection.face, EXAMPLE_BASE)
            identifier = json.loads(found)["id"]
            examples[f"/{name}"] = _page_examples(target, found, version, id=identifier)
            item = Item(found.encode(), article.encode(), version)
            offered = (*LIST_FORMATS, *(CITATION_FORMATS if collection.is_citable else ()))
            examples[f"/{name}/{{id}}"] = {
                each.name: _decode(each, each.item(target, item)) for each in offered
            }
    for path, by_format in examples.items():
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        for format_name, example in by_format.items():
            if MEDIA_TYPES[format_name] in content:
                content[MEDIA_TYPES[format_name]]["example"] = example


def _decode(format_: Format, body: bytes) -> Any:
    """Return a body as an example: JSON as a value, all else as text."""
    text = body.decode("utf-8-sig")
    return json.loads(text) if re.search("[/+]json$", format_.media_type) else text


def _hit(article: dict[str, Any]) -> str:
    hit = {
        "type": "article",
        "id": article["id"],
        "title": article["title"],
        "article": None,
        "score": 1.5,
        "highlight": f"<mark>{html.escape(article['title'])}</mark>",
        "matched_in": ["title"],
        "links": {"self": article["links"]["self"]},
    }
    return json.dumps(hit, ensure_ascii=False)


def _page_examples(target: Target, document: str, version: str, **applied: str) -> dict[str, Any]:
    """Return a page with one item in each format."""
    meta = Meta(
        total=1,
        dataset=version,
        applied={name: [value] for name, value in applied.items()},
        ranked=True if "q" in applied else None,
        facets_omitted={},
    )
    here = f"{EXAMPLE_BASE}/{target.name}?{urlencode(applied)}"
    page = Page([document.encode()], meta, PageLinks(self=here, next=None, prev=None), {})
    offered = TABLE_FORMATS if target.face is None else LIST_FORMATS
    return {each.name: _decode(each, each.page(target, page)) for each in offered}


def _stats_examples(name: str, version: str) -> dict[str, Any]:
    link = f"{EXAMPLE_BASE}/{name}?kind=report"
    cell = {"values": {"kind": "report"}, "count": 1, "link": link}
    value = {"value": "report", "label": "report", "count": 1, "link": link}
    table = {
        "data": [cell],
        "dimensions": [{"name": "kind", "values": [value], "without": 0}],
        "meta": {
            "total": 1,
            "dataset": version,
            "applied": {},
            "counted": "Every cell counts items, each once.",
        },
        "links": {
            "self": f"{EXAMPLE_BASE}/{name}/stats?by=kind",
            "list": f"{EXAMPLE_BASE}/{name}",
        },
    }
    csv_file = "kind,kind_label,count\r\nreport,report,1\r\n"
    return {"json": table, "ndjson": json.dumps(cell) + "\n", "csv": csv_file}
