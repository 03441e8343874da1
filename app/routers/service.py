"""The service itself: what there is, whether it lives, its documentation, the kinds of error."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from app import schemas
from app.database.database import DatabaseDep
from app.database.snapshot import NotReadyError
from app.http import problems
from app.models import SCHEMA
from app.query.links import base_url
from app.responses.formats import MEDIA_TYPES
from app.responses.llms_txt import llms_txt
from app.responses.negotiation import preferred_type
from app.responses.openapi import (
    COMMON_RESPONSES,
    NOT_FOUND,
    STATIC,
    document,
    format_responses,
    text_response,
)
from app.responses.responses import encoded_response
from app.routers import COLLECTIONS
from app.routers.read_route import ReadRoute

router = APIRouter(tags=["service"], responses=COMMON_RESPONSES, route_class=ReadRoute)

EXPLORER = STATIC / "explorer.html"


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")


@router.get("/", response_model=schemas.Index, responses=format_responses("html"))
def get_index(request: Request, database: DatabaseDep) -> Response:
    """Tell where everything is; show the explorer to a browser, which says in `Accept` that it likes HTML better."""
    if preferred_type(request, None, ("json", "html")) == MEDIA_TYPES["html"]:
        # In one piece, so that it is tagged and compressed like every other answer.
        return Response(
            EXPLORER.read_bytes(), headers={"Vary": "Accept"}, media_type=MEDIA_TYPES["html"]
        )
    names = [*COLLECTIONS, "dataset", "health", "ready", "docs"]
    links = {name: f"/{name}" for name in names} | {"openapi": "/openapi.json", "llms": "/llms.txt"}
    with database.read() as snapshot:
        links["search"] = (
            f"/search?q={quote(next(iter(snapshot.vocabulary.themes.labels.values()), 'anything'))}"
        )
        index = schemas.Index(title=request.app.title, dataset=snapshot.version, links=links)
    return encoded_response(MEDIA_TYPES["json"], index.model_dump_json())


@router.get("/health", response_model=schemas.Health)
async def get_health() -> Response:
    """Tell that the process lives, whatever the state of the data."""
    # On the event loop: it must not wait for a thread behind others' questions.
    return _json(schemas.Health(status="ok"))


@router.get("/ready", response_model=schemas.Ready)
def get_ready(database: DatabaseDep) -> Response:
    """Tell that the database answers and its schema is the one the code expects; 503 if not."""
    try:
        version = database.check()
    except NotReadyError as error:
        raise problems.unavailable("The data is not ready.") from error
    return _json(schemas.Ready(status="ready", dataset=version, schema_revision=SCHEMA))


@router.get("/problems/{type}", response_model=schemas.ProblemKind, responses=NOT_FOUND)
def get_problem_type(type: str) -> Response:  # noqa: A002 - RFC 9457's name
    """Explain a kind of error: where the `type` of a problem leads."""
    kind = problems.TYPES.get(type)
    if kind is None:
        raise problems.Problem("not-found", "There is no problem of this type.")
    return _json(schemas.ProblemKind(type=f"/problems/{type}", **kind._asdict()))


@router.get(
    "/llms.txt", response_class=Response, responses=text_response("text/plain", "# Policy briefs …")
)
def get_guide(request: Request, database: DatabaseDep) -> Response:
    """Tell a language model how to ask this API (llmstxt.org)."""
    with database.read() as snapshot:
        return Response(llms_txt(snapshot, base_url(request)), media_type="text/plain")


@router.get("/openapi.json", include_in_schema=False)
def get_openapi_document(request: Request, database: DatabaseDep) -> Response:
    """Give the OpenAPI 3.1 document."""
    return Response(document(request.app, database, COLLECTIONS), media_type="application/json")


@router.get("/docs", include_in_schema=False)
def get_docs() -> Response:
    """Give the interactive documentation; all its files come from this server."""
    return FileResponse(STATIC / "docs.html")
