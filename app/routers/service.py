"""The service itself: index, health, documentation and types of problems."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from app import schemas
from app.database.database import get_database
from app.database.snapshot import NotReadyError
from app.http import problems
from app.models import SCHEMA
from app.query.links import base_url
from app.responses.formats import MEDIA_TYPES
from app.responses.llms_txt import llms_txt
from app.responses.negotiation import preferred_type
from app.responses.openapi import (
    NOT_FOUND,
    STATIC,
    file_response,
    format_responses,
    openapi_document,
)
from app.responses.responses import encoded_response
from app.routers import COLLECTIONS
from app.routers.read_route import ReadRoute

router = APIRouter(tags=["service"], route_class=ReadRoute)

EXPLORER = STATIC / "explorer.html"


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type=MEDIA_TYPES["json"])


@router.get("/", response_model=schemas.Index, responses=format_responses("html"))
def get_index(request: Request) -> Response:
    """Return links to everything, or the explorer if `Accept` prefers HTML (as in a browser)."""
    media_type = preferred_type(request, None, ("json", "html"))
    if media_type == MEDIA_TYPES["html"]:
        # Not a FileResponse: the body must be whole to get an ETag and be compressed.
        return encoded_response(media_type, EXPLORER.read_bytes())
    names = [*COLLECTIONS, "dataset", "health", "ready", "docs"]
    links = {name: f"/{name}" for name in names} | {"openapi": "/openapi.json", "llms": "/llms.txt"}
    with get_database(request).read() as snapshot:
        theme = next(iter(snapshot.vocabulary.themes.labels.values()), "anything")
        links["search"] = f"/search?q={quote(theme)}"
        index = schemas.Index(title=request.app.title, dataset=snapshot.version, links=links)
    return encoded_response(media_type, index.model_dump_json())


@router.get("/health", response_model=schemas.Health)
async def get_health() -> Response:
    """Report that the process runs, whatever the state of the data."""
    # On the event loop, so that it does not wait for a thread.
    return _json(schemas.Health(status="ok"))


@router.get("/ready", response_model=schemas.Ready)
def get_ready(request: Request) -> Response:
    """Report that the database answers and has the expected schema; 503 if not."""
    try:
        version = get_database(request).check()
    except NotReadyError as error:
        raise problems.unavailable("The data is not ready.") from error
    return _json(schemas.Ready(status="ready", dataset=version, schema_revision=SCHEMA))


@router.get("/problems/{type}", response_model=schemas.ProblemKind, responses=NOT_FOUND)
def get_problem_type(type: str) -> Response:  # noqa: A002 - RFC 9457's name
    """Explain a type of problem. The `type` of each problem is a link to this page."""
    kind = problems.TYPES.get(type)
    if kind is None:
        raise problems.Problem("not-found", "There is no problem of this type.")
    return _json(schemas.ProblemKind(type=f"/problems/{type}", **kind._asdict()))


@router.get(
    "/llms.txt", response_class=Response, responses=file_response("text/plain", "# Policy briefs …")
)
def get_guide(request: Request) -> Response:
    """Return a guide to this API for language models (llmstxt.org)."""
    with get_database(request).read() as snapshot:
        return Response(llms_txt(snapshot, base_url(request)), media_type="text/plain")


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi_document(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    document = await openapi_document(request, COLLECTIONS)
    return Response(document, media_type=MEDIA_TYPES["json"])


@router.get("/docs", include_in_schema=False)
def get_docs() -> Response:
    """Return the interactive documentation. This server has all its files."""
    return FileResponse(STATIC / "docs.html")
