"""The OpenAPI document: every response of each call, with an example from the published data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anyio import Lock
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.types import Message

from app.database.database import get_database
from app.http import problems
from app.query.collection import Collection
from app.responses.formats import CITATION_FORMATS, LIST_FORMATS, MEDIA_TYPES, TABLE_FORMATS
from app.schemas import Problem, ProblemItem

STATIC = Path(__file__).parent.parent / "static"

DESCRIPTION = """
What each brief **claims**, what it **recommends**, **who** speaks and who should act, under a
controlled vocabulary of **themes**, with the texts. Every quote is checked, character for
character, against its source.

**Filters** share one grammar. Commas mean *any of* (`theme=inclusion,mediation`), a repeated
parameter means *all of* (`theme=inclusion&theme=mediation`), `!` means *not*
(`theme=inclusion,!women-participation`). A value is an id, a label, a name or an alias; case and
accents do not matter. Put a value with a comma in double quotes. Themes and places include
everything narrower.

**Full text**: `q` on every list, and `/search` for all kinds of items. All words must occur; also
`"a phrase"`, `OR`, `-word`, `begin*`.

**Lists** have `data`, `meta`, `links` and `facets`. `meta.total` is the number of all matching
items, `meta.applied` explains each filter. Follow `links.next` until it is null. `/stats`
below each list counts by one or two filters, zeros included. **Errors** are problem+json. An
unknown parameter or value is an error that names the nearest valid ones, never an empty list.

**Formats**: `Accept` or `format` select JSON, NDJSON, CSV or JSON-LD, with the same rows. NDJSON
and CSV give the whole list. Articles, claims and recommendations are also available as BibTeX, RIS
and CSL-JSON.
"""

TAGS = [
    {"name": "recommendations", "description": "What the briefs say should be done, and by whom"},
    {"name": "claims", "description": "What the briefs assert, with quotes and relations"},
    {"name": "articles", "description": "The briefs and their texts"},
    {"name": "actors", "description": "Who speaks, acts, should act or should benefit"},
    {"name": "themes", "description": "The controlled vocabulary"},
    {"name": "places", "description": "The gazetteer"},
    {"name": "search", "description": "One ranked list of all kinds of items"},
    {"name": "data set", "description": "Version, counts, rights, citation and downloads"},
    {"name": "service", "description": "Index, health, documentation and errors"},
]

Responses = dict[int | str, dict[str, Any]]


def _problem(
    slug: str, detail: str, *errors: ProblemItem, instance: str = "/recommendations"
) -> dict[str, Any]:
    kind = problems.TYPES[slug]
    example = Problem(
        type=f"/problems/{slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance,
        errors=list(errors),
    )
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"schema": schema, "example": example.model_dump()}
    return {"description": kind.meaning, "content": {problems.MEDIA_TYPE: content}}


COMMON_RESPONSES: Responses = {
    400: _problem("request-refused", "The request could not be read."),
    405: _problem("method-not-allowed", problems.READ_ONLY),
    422: _problem(
        "unknown-value",
        "theme: no such theme 'inclsion'. Did you mean 'inclusion'?",
        problems.invalid_param("theme", "inclsion", "no such theme.", ["inclusion"], "/themes"),
        instance="/recommendations?theme=inclsion",
    ),
    431: _problem("head-too-large", "Request line and headers together may have 16 KiB."),
    500: _problem("internal-error", problems.LOGGED),
    503: _problem("unavailable", "The data cannot be read at the moment."),
}
"""The errors of every call."""
NOT_FOUND: Responses = {404: _problem("not-found", "There is no recommendation 'x.r1'.")}
NOT_ACCEPTABLE: Responses = {
    406: _problem("not-acceptable", "The formats of this call are application/json, text/csv.")
}
FORMAT_SCHEMAS: Mapping[str, Any] = {
    "jsonld": {"type": "object"},
    "csl": {"type": "array", "items": {"type": "object"}},
}
"""Schemas by the name of the format. All other formats are strings."""


def format_responses(*names: str) -> Responses:
    """Return the responses of a call with formats other than JSON. Examples are added later."""
    content = {
        MEDIA_TYPES[name]: {"schema": FORMAT_SCHEMAS.get(name, {"type": "string"})}
        for name in names
    }
    return {200: {"content": content}} | NOT_ACCEPTABLE


def file_response(
    media_type: str, example: str | None = None, *, missing: str | None = None
) -> Responses:
    """Return the responses of a call with one file.

    Args:
        media_type: of the file.
        example: how the text starts. None for a binary file.
        missing: why there may be no file.
    """
    text = {"schema": {"type": "string"}, "example": example}
    content = {"schema": {"contentMediaType": media_type}} if example is None else text
    found: Responses = {200: {"description": "The file", "content": {media_type: content}}}
    return found if missing is None else found | {404: _problem("not-found", missing)}


_LIST, _TABLE, _CITATION = (
    [each.name for each in formats if each.name != "json"]
    for formats in (LIST_FORMATS, TABLE_FORMATS, CITATION_FORMATS)
)
LIST_RESPONSES = format_responses(*_LIST)
TABLE_RESPONSES = format_responses(*_TABLE)
DATASET_RESPONSES = format_responses("jsonld")
ITEM_RESPONSES = format_responses(*_LIST) | NOT_FOUND
CITABLE_RESPONSES = format_responses(*_LIST, *_CITATION) | NOT_FOUND


async def openapi_document(request: Request, collections: Mapping[str, Collection]) -> bytes:
    """Return the OpenAPI 3.1 document as JSON. It is made once for each data version."""
    state = request.app.state
    if not hasattr(state, "openapi_lock"):
        state.openapi_lock, state.openapi = Lock(), (None, b"")
    async with state.openapi_lock:  # FastAPI describes its routes in one thread at a time
        version = get_database(request).version_key()
        if state.openapi[0] != version or not state.openapi[1]:
            document = await run_sync(_describe, request.app)
            await _add_examples(document, request, collections)
            state.openapi = (version, json.dumps(document, ensure_ascii=False).encode())
        content: bytes = state.openapi[1]
    return content


def _describe(app: FastAPI) -> dict[str, Any]:
    """Return the document without examples of successful responses."""
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
    reference = "#/components/schemas/{model}"
    _, problem = models_json_schema([(Problem, "serialization")], ref_template=reference)
    document["components"]["schemas"] |= problem["$defs"]
    return document


async def _add_examples(
    document: dict[str, Any], request: Request, collections: Mapping[str, Collection]
) -> None:
    """Add to each call and format the response that the API gives now.

    The example of a list has one item, that of an item is the first of its collection. What the
    API cannot answer now, as without data or while a version is replaced, has no example.
    """
    index = await _get(request, "/")
    if index is None:
        return
    queries = {"/search": f"limit=1&{index['links']['search'].partition('?')[2]}"}
    ids: dict[str, str] = {}
    for name, collection in collections.items():
        queries[f"/{name}"] = "limit=1"
        queries[f"/{name}/stats"] = f"by={list(collection.dimensions)[-1]}"
        page = await _get(request, f"/{name}", "limit=1") or {"data": []}
        ids.update((name, item["id"]) for item in page["data"])
    for path, item in document["paths"].items():
        address = path.format(id=ids.get(path.split("/")[1]), type="not-found")
        for media_type, content in item["get"]["responses"]["200"]["content"].items():
            if "example" in content or "contentMediaType" in content["schema"]:
                continue
            example = await _get(request, address, queries.get(path, ""), media_type)
            if example is not None:
                content["example"] = example
    dataset = await _get(request, "/dataset")
    if dataset is not None:
        document["info"]["description"] = f"{dataset['description']}\n{DESCRIPTION}"


async def _get(
    request: Request, path: str, query: str = "", media_type: str = "application/json"
) -> Any:
    """Return another response of this application: its JSON or text. None if it is an error."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(b"accept", media_type.encode())]
    scope = {**request.scope, "path": path, "query_string": query.encode(), "headers": headers}
    await request.app.router(scope, request.receive, send)
    start, *rest = messages
    if start["status"] != 200:
        return None
    body = b"".join(each["body"] for each in rest).decode("utf-8-sig")
    return json.loads(body) if media_type.endswith(("/json", "+json")) else body
