"""The controlled vocabulary: `/themes`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import Theme
from app.openapi import ALWAYS, NOT_FOUND
from app.paging import page
from app.query import ListQuery, Resolver, where_any

router = APIRouter(prefix="/themes", tags=["themes"], responses=ALWAYS)

SORTS = {"id": col(Theme.key), "label": col(Theme.label_sort)}


class ThemeQuery(ListQuery):
    """The parameters of `GET /themes`."""

    sort: str = Field(
        default="id",
        max_length=100,
        description="`id` (the order of the codebook, each theme followed by its narrower ones), `label`; `-` for descending",
        examples=["label"],
    )


@router.get("", response_model=schemas.Page[schemas.Theme])
def list_themes(request: Request, database: DatabaseDep, query: Annotated[ThemeQuery, Query()]) -> Response:
    """List the themes with their labels in English and French, definitions, hierarchy and counts.

    `counts` cover everything narrower: they are the totals of the lists that `links` name.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Theme, where_any(resolver.ids(Theme, query.id), col(Theme.key).in_), SORTS)


@router.get("/{id}", response_model=schemas.Theme, responses=NOT_FOUND)
def get_theme(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one theme, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Theme, id)
