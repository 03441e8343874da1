"""The gazetteer: `/places`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import Place
from app.openapi import ALWAYS, NOT_FOUND
from app.paging import page
from app.query import ListQuery, Resolver, where_any

router = APIRouter(prefix="/places", tags=["places"], responses=ALWAYS)

SORTS = {"id": col(Place.key), "name": col(Place.name_sort)}


class PlaceQuery(ListQuery):
    """The parameters of `GET /places`."""

    sort: str = Field(
        default="id",
        max_length=100,
        description="`id` (each place followed by those inside it), `name`; `-` for descending",
        examples=["name"],
    )


@router.get("", response_model=schemas.Page[schemas.Place])
def list_places(request: Request, database: DatabaseDep, query: Annotated[PlaceQuery, Query()]) -> Response:
    """List the places that claims and recommendations are about, from the Sahel down to districts.

    `counts` cover everything inside a place: they are the totals of the lists that `links` name.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Place, where_any(resolver.ids(Place, query.id), col(Place.key).in_), SORTS)


@router.get("/{id}", response_model=schemas.Place, responses=NOT_FOUND)
def get_place(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one place, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Place, id)
