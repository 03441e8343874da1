"""The data set as a whole: `/dataset`."""

import json
import os
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import col, select

from app import schemas
from app.database.database import MAX_ATTEMPTS, Database, get_database
from app.database.integrity import FileIdentity
from app.database.snapshot import NotReadyError
from app.http.cache import ClosingStream, etag_of
from app.http.problems import Problem
from app.models import Dataset
from app.query.links import base_url
from app.responses.datapackage import archive
from app.responses.formats import MEDIA_TYPES
from app.responses.jsonld import LinkedData
from app.responses.negotiation import preferred_type
from app.responses.openapi import DATASET_RESPONSES, file_response
from app.responses.responses import CODE_VERSION, encoded_response
from app.routers import COLLECTIONS
from app.routers.read_route import ReadRoute

router = APIRouter(prefix="/dataset", tags=["data set"], route_class=ReadRoute)

CHUNK_SIZE = 256 * 1024


class DatasetQuery(BaseModel):
    """The parameters of `GET /dataset`."""

    format: Literal["json", "jsonld"] | None = Field(default=None, description="Overrides `Accept`")


@router.get("", response_model=schemas.Dataset, responses=DATASET_RESPONSES)
def get_dataset(request: Request, query: Annotated[DatasetQuery, Query()]) -> Response:
    """Return version, content, rights and citation of the data set."""
    media_type = preferred_type(request, query.format, ("json", "jsonld"))
    document = _dataset_column(request, Dataset.document)
    if media_type == MEDIA_TYPES["jsonld"]:
        has_file = get_database(request).file is not None
        node = LinkedData(base_url(request)).dataset(json.loads(document), with_file=has_file)
        document = json.dumps(node, ensure_ascii=False)
    return encoded_response(media_type, document)


@router.get("/quality", response_model=schemas.Quality)
def get_dataset_quality(request: Request) -> Response:
    """Return a quality report: every quote compared with its text, and gaps in the data.

    It is made when a version is published. A quote that is not in its text stops the publication.
    """
    report = _dataset_column(request, Dataset.quality_document)
    return Response(report, media_type=MEDIA_TYPES["json"])


@router.get(
    "/codebook",
    response_class=Response,
    responses=file_response("text/markdown", "# Codebook …", missing="No codebook."),
)
def get_codebook(request: Request) -> Response:
    """Return the codebook, the rules of annotation, as Markdown."""
    codebook = _dataset_column(request, Dataset.codebook)
    if codebook is None:
        raise Problem("not-found", "This corpus has no codebook.")
    return Response(codebook, media_type="text/markdown")


@router.get("/download", response_class=Response, responses=file_response("application/zip"))
def download_dataset(request: Request) -> Response:
    """Return the whole data set as a zip.

    It contains CSV files of all items and of the relations, the texts, the codebook and
    `datapackage.json`. A data version always gives the same bytes, on every server.
    """
    with ExitStack() as opened:
        snapshot = opened.enter_context(get_database(request).export())
        headers = {
            "ETag": etag_of(CODE_VERSION, snapshot.version, "download"),
            "X-Dataset-Version": snapshot.version,
            "Content-Disposition": f'attachment; filename="policy-briefs-{snapshot.version}.zip"',
        }
        chunks = archive(snapshot, list(COLLECTIONS.values()))
        return ClosingStream(chunks, opened.pop_all().close, headers, "application/zip")


@router.get(
    "/sqlite",
    response_class=Response,
    responses=file_response("application/vnd.sqlite3", missing="The data is in PostgreSQL."),
)
def download_sqlite(request: Request) -> Response:
    """Return the published SQLite file, for Datasette, `sqlite-utils` or a notebook.

    404 if the data is in PostgreSQL.
    """
    database = get_database(request)
    if database.file is None:
        raise Problem("not-found", "The data is in PostgreSQL. `/dataset/download` has all of it.")
    with ExitStack() as opened:
        version, descriptor = _open_file(database, database.file, opened)
        status = os.fstat(descriptor)
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        headers = {
            "ETag": etag_of("sqlite", *map(str, identity)),
            "Content-Length": str(status.st_size),
            "Content-Disposition": f'attachment; filename="policy-briefs-{version}.sqlite"',
        }
        chunks = iter(partial(os.read, descriptor, CHUNK_SIZE), b"")
        return ClosingStream(chunks, opened.pop_all().close, headers, "application/vnd.sqlite3")


def _dataset_column(request: Request, column: Any) -> Any:
    """Return a column of the table with the published version."""
    with get_database(request).read() as snapshot:
        return snapshot.connection.execute(select(col(column))).scalar_one()


def _open_file(database: Database, file: Path, opened: ExitStack) -> tuple[str, int]:
    """Open the published file. All bytes are of one version, even if another is published now.

    Args:
        database: the data.
        file: its file.
        opened: gets the callbacks that close the file and the snapshot.

    Returns:
        The version, and a descriptor of its file.

    Raises:
        NotReadyError: no data that this code can read is published.
        TooManyExportsError: too many responses are being streamed.
    """
    for _ in range(MAX_ATTEMPTS):
        before = database.version_key()
        # The file may be removed at any moment: then the next attempt reports it.
        with suppress(OSError), ExitStack() as attempt:
            version = attempt.enter_context(database.export()).version
            # O_NONBLOCK: a pipe in place of the file does not block.
            descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
            attempt.callback(os.close, descriptor)
            # The same file was there before the version was read and after.
            if FileIdentity.of(descriptor) == before:
                opened.push(attempt.pop_all())
                return version, descriptor
    raise NotReadyError("the database file is being replaced again and again")
