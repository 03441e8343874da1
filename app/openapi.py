"""The OpenAPI document: every answer a call can give, with an example of each taken from the published data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from app import models, problems
from app.db import Database, NotReadyError, Reading
from app.schemas import Problem

STATIC = Path(__file__).parent / "static"

DESCRIPTION = """
What each brief **claims**, what it **recommends**, **who** speaks and who is asked to act, under a controlled vocabulary of
**themes**, with the texts. Every quote is checked, character for character, against its source.

**Filters** share one grammar: commas mean *any of* (`theme=inclusion,mediation`), a repeated parameter means *all of*
(`theme=inclusion&theme=mediation`), `!` means *not* (`theme=inclusion,!women-participation`). A value is an id, or a label, name or
alias, whatever its case and accents; put it in double quotes if it holds a comma. Themes and places cover everything narrower.

**Lists** answer `data`, `meta` (with the real `total`, and `applied`: what each filter was taken to mean) and `links`;
follow `links.next` until it is null. **Errors** are problem+json; an unknown parameter or value is an error that names the
nearest valid ones, never an empty list.
"""

TAGS = [
    {
        "name": "recommendations",
        "description": "What the briefs say should be done, by whom, for whom, on which claims",
    },
    {"name": "claims", "description": "What the briefs assert, each with its quote, source and relations"},
    {"name": "articles", "description": "The briefs and their texts"},
    {"name": "actors", "description": "Who speaks, acts, is asked to act or is to benefit"},
    {"name": "themes", "description": "The controlled vocabulary"},
    {"name": "places", "description": "The gazetteer"},
    {"name": "data set", "description": "Version, counts, rights, how to cite"},
    {"name": "service", "description": "Whether it lives, and what there is"},
]


def _problem(status: int, slug: str, detail: str) -> dict[str, Any]:
    example = Problem(
        type=f"/problems/{slug}",
        title=problems.TYPES[slug].title,
        status=status,
        detail=detail,
        instance="/recommendations?theme=inclsion" if status == 422 else "/recommendations",
        errors=[problems.item("theme", "inclsion", "no such theme.", ["inclusion"], "/themes")] if status == 422 else [],
    )
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example.model_dump()}}
    return {"description": problems.TYPES[slug].meaning, "content": content}


ALWAYS: dict[int | str, dict[str, Any]] = {
    400: _problem(400, "request-refused", "The request could not be read."),
    405: _problem(405, "method-not-allowed", "Only GET, HEAD and OPTIONS exist: the API never writes."),
    422: _problem(422, "unknown-value", "theme: no such theme 'inclsion'. Did you mean 'inclusion'?"),
    500: _problem(500, "internal-error", "The server could not answer; the error has been logged."),
    503: _problem(503, "unavailable", "The data cannot be read for the moment."),
}
"""The errors that any call can give."""

NOT_FOUND: dict[int | str, dict[str, Any]] = {404: _problem(404, "not-found", "There is no recommendation 'x.r1'.")}
NOT_ACCEPTABLE: dict[int | str, dict[str, Any]] = {
    406: _problem(406, "not-acceptable", "There is application/json and text/plain."),
}

TABLES: Mapping[str, Any] = {
    "articles": models.Article,
    "claims": models.Claim,
    "recommendations": models.Recommendation,
    "actors": models.Actor,
    "themes": models.Theme,
    "places": models.Place,
}


def document(app: FastAPI, database: Database) -> bytes:
    """Return the OpenAPI 3.1 document as JSON, its examples taken from the published data (left out while there is none).

    It is made once for each data version and remembered with the app.
    """
    try:
        with database.read() as reading:
            made: tuple[str, bytes] | None = getattr(app.state, "openapi", None)
            if made is None or made[0] != reading.version:
                made = app.state.openapi = (reading.version, json.dumps(_build(app, reading), ensure_ascii=False).encode())
            return made[1]
    except NotReadyError:
        return json.dumps(_build(app, None)).encode()


def _build(app: FastAPI, reading: Reading | None) -> dict[str, Any]:
    document: dict[str, Any] = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "MIT (the code; the texts' rights stay with their publishers)", "identifier": "MIT"},
    )
    document["components"]["schemas"] |= _schema_of(Problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    if reading is not None:
        about = json.loads(reading.session.execute(select(col(models.Dataset.document))).scalar_one())
        document["info"]["description"] = f"{about['description']}\n{DESCRIPTION}"
        _add_examples(document, reading)
    return document


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return definitions | {model.__name__: schema}


def _add_examples(document: dict[str, Any], reading: Reading) -> None:
    """Put an example, as the API would answer it now, with every answer."""

    def first(table: Any, column: str = "document") -> Any:
        """Return a published document, or None: a corpus may have no place, say."""
        found = reading.session.execute(select(getattr(table, column)).order_by(table.key).limit(1)).scalar_one_or_none()
        return None if found is None else json.loads(found)

    examples: dict[str, Any] = {
        "/dataset": first(models.Dataset),
        "/dataset/quality": first(models.Dataset, "quality_document"),
    }
    for name, table in TABLES.items():
        item = first(table)
        if item is None:
            continue
        examples[f"/{name}/{{id}}"] = item
        examples[f"/{name}"] = {
            "data": [item],
            "meta": {"total": 1, "dataset": reading.version, "applied": {"id": [item["id"]]}},
            "links": {"self": f"http://localhost:8000/{name}?id={item['id']}", "next": None, "prev": None},
        }
    text = first(models.Article, "text_document")
    examples["/articles/{id}/text"] = {**text, "paragraphs": text["paragraphs"][:1]}
    kind = problems.TYPES["not-found"]
    examples |= {
        "/": {"title": document["info"]["title"], "dataset": reading.version, "links": {"themes": "/themes"}},
        "/health": {"status": "ok"},
        "/ready": {"status": "ready", "dataset": reading.version, "schema_revision": models.SCHEMA},
        "/problems/{type}": {"type": "/problems/not-found", **kind._asdict()},
    }
    for path, example in examples.items():
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"] = example
