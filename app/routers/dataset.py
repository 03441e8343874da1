"""The data set as a whole: `/dataset`."""

from fastapi import APIRouter, Response
from sqlmodel import col, select

from app import schemas
from app.db import DatabaseDep
from app.models import Dataset
from app.openapi import ALWAYS

router = APIRouter(prefix="/dataset", tags=["data set"], responses=ALWAYS)


@router.get("", response_model=schemas.Dataset)
def get_dataset(database: DatabaseDep) -> Response:
    """Tell which version of the data this is, what is in it, whose it is and how to cite it."""
    with database.read() as reading:
        return Response(reading.session.exec(select(col(Dataset.document))).one(), media_type="application/json")


@router.get("/quality", response_model=schemas.Quality)
def get_dataset_quality(database: DatabaseDep) -> Response:
    """Tell how well the data holds: every stored quote compared with the stored text again, and what is thin or missing.

    Worked out from what was stored when this version was published; a quote that does not hold would stop the publication.
    """
    with database.read() as reading:
        return Response(reading.session.exec(select(col(Dataset.quality_document))).one(), media_type="application/json")
