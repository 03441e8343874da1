"""The data set as a whole: `/dataset`."""

import json
import os
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import col, select

from app import schemas
from app.database.database import MAX_ATTEMPTS, Database, DatabaseDep
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
from app.responses.openapi import (
    COMMON_RESPONSES,
    DATASET_RESPONSES,
    binary_response,
    text_response,
)
from app.responses.responses import CODE_VERSION, encoded_response
from app.routers import COLLECTIONS
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/dataset", tags=["data set"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

CHUNK_SIZE = 256 * 1024


class DatasetQuery(BaseModel):
    """The parameters of `GET /dataset`."""

    format: Literal["json", "jsonld"] | None = Field(default=None, description="Overrides `Accept`")


@router.get("", response_model=schemas.Dataset, responses=DATASET_RESPONSES)
def get_dataset(
    request: Request, database: DatabaseDep, query: Annotated[DatasetQuery, Query()]
) -> Response:
    """Tell which version of the data this is, what is in it, whose it is and how to cite it."""
    media_type = preferred_type(request, query.format, ("json", "jsonld"))
    with database.read() as snapshot:
        document = snapshot.connection.execute(select(col(Dataset.document))).scalar_one()
    if media_type == MEDIA_TYPES["jsonld"]:
        node = LinkedData(base_url(request)).dataset(
            json.loads(document), with_file=database.file is not None
        )
        document = json.dumps(node, ensure_ascii=False)
    return encoded_response(media_type, document)


@router.get("/quality", response_model=schemas.Quality)
def get_dataset_quality(database: DatabaseDep) -> Response:
    """Tell how well the data holds: every stored quote compared with the stored text again, and what is thin or missing.

    Worked out from what was stored when this version was published; a quote that does not hold would stop the publication.
    """
    with database.read() as snapshot:
        return Response(
            snapshot.connection.execute(select(col(Dataset.quality_document))).scalar_one(),
            media_type="application/json",
        )


@router.get(
    "/codebook",
    response_class=Response,
    responses=text_response("text/markdown", "# Codebook …", missing="No codebook."),
)
def get_codebook(database: DatabaseDep) -> Response:
    """Give the codebook, by whose rules the briefs were annotated, as Markdown."""
    with database.read() as snapshot:
        found = snapshot.connection.execute(select(col(Dataset.codebook))).scalar_one()
    if found is None:
        raise Problem("not-found", "This corpus has no codebook.")
    return Response(found, media_type="text/markdown")


@router.get("/download", response_class=Response, responses=binary_response("application/zip"))
def download_dataset(database: DatabaseDep) -> Response:
    """Give everything as one zip: CSV files of all items and of the relations, the texts, the codebook, `datapackage.json`.

    The same bytes for one data version, wherever it is served.
    """
    with ExitStack() as opened:
        snapshot = opened.enter_context(database.export())
        headers = {
            "ETag": etag_of(CODE_VERSION, snapshot.version, "download"),
            "X-Dataset-Version": snapshot.version,
            "Content-Disposition": f'attachment; filename="policy-briefs-{snapshot.version}.zip"',
        }
        return ClosingStream(
            archive(snapshot, list(COLLECTIONS.values())),
            opened.pop_all().close,
            headers,
            "application/zip",
        )


@router.get(
    "/sqlite",
    response_class=Response,
    responses=binary_response("application/vnd.sqlite3", missing="PostgreSQL serves the data."),
)
def download_sqlite(database: DatabaseDep) -> Response:
    """Give the published SQLite file itself, full-text tables and all: for Datasette, `sqlite-utils` or a notebook.

    Where PostgreSQL serves the data there is none: 404.
    """
    if database.file is None:
        raise Problem(
            "not-found",
            "The data is served from PostgreSQL: there is no SQLite file. `/dataset/download` has everything.",
        )
    with ExitStack() as opened:
        version, descriptor = _open_file(database, database.file, opened)
        found = os.fstat(descriptor)
        headers = {
            "ETag": etag_of(
                "sqlite", str(found.st_ino), str(found.st_mtime_ns), str(found.st_size)
            ),
            "Content-Length": str(found.st_size),
            "Content-Disposition": f'attachment; filename="policy-briefs-{version}.sqlite"',
        }
        pieces = iter(partial(os.read, descriptor, CHUNK_SIZE), b"")
        return ClosingStream(pieces, opened.pop_all().close, headers, "application/vnd.sqlite3")


def _open_file(database: Database, file: Path, opened: ExitStack) -> tuple[str, int]:
    """Open the published file: whatever is published meanwhile, its bytes are those of one version.

    Args:
        database: the data.
        file: where it is published.
        opened: closes what was opened.

    Returns:
        The version, and a descriptor of the file that it was read from.

    Raises:
        NotReadyError: nothing that this code can read is published.
        TooManyExportsError: as many answers are being streamed as there may be.
    """
    for _ in range(MAX_ATTEMPTS):
        before = database.version_key()
        with (
            suppress(OSError),
            ExitStack() as tried,
        ):  # the file may go at any moment: then the next attempt says so
            version = tried.enter_context(database.export()).version
            descriptor = os.open(
                file, os.O_RDONLY | os.O_NONBLOCK
            )  # a pipe in its place is not waited for
            tried.callback(os.close, descriptor)
            # It stood there before the version was read and after.
            if FileIdentity.of(descriptor) == before:
                opened.push(tried.pop_all())
                return version, descriptor
    raise NotReadyError("the database file is being replaced again and again")
