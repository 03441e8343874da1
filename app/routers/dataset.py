"""The data set as a whole: `/dataset`."""

from fastapi import APIRouter, Response
from sqlmodel import col, select

from app import schemas
from app.db import ReadingDep
from app.models import Dataset
from app.openapi import ALWAYS

router = APIRouter(prefix="/dataset", tags=["data set"], responses=ALWAYS)


@router.get("", response_model=schemas.Dataset)
def get_dataset(reading: ReadingDep) -> Response:
    """Tell which version of the data this is, what is in it, whose it is and how to cite it."""
    return Response(reading.session.exec(select(col(Dataset.document))).one(), media_type="application/json")
