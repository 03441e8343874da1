"""The gazetteer: `/places`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import schemas
from app.database.database import DatabaseDep
from app.models import Place, PlaceText
from app.query.collection import Collection, Column, Dimension
from app.query.parameters import (
    FilterParameter,
    Filters,
    ItemParameters,
    ListParameters,
    StatsParameters,
)
from app.responses import jsonld
from app.responses.openapi import COMMON_RESPONSES, ITEM_RESPONSES, LIST_RESPONSES, STATS_RESPONSES
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import MATCH, SELF, count_columns, plain_columns
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/places", tags=["places"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

PLACES = Collection(
    name="places",
    table=Place,
    texts=PlaceText,
    shape=schemas.Place,
    sorts={"id": col(Place.key), "name": col(Place.name_sort)},
    dimensions={
        "kind": Dimension(
            {value.value: value.value for value in schemas.PlaceKind}, col(Place.kind)
        )
    },
    columns=[
        *plain_columns("id", "name", "name_fr", "kind", "iso"),
        Column("aliases", "aliases[]"),
        Column("part_of", "part_of.name"),
        Column("part_of_id", "part_of.id"),
        Column("part_ids", "parts[].id"),
        Column("latitude", "latitude", "number"),
        Column("longitude", "longitude", "number"),
        *count_columns("claims", "recommendations", "articles"),
        SELF,
        *MATCH,
    ],
    search_fields={"name": 4},
    face=jsonld.PLACE,
)


class PlaceFilters(Filters):
    """The filters of places."""

    kind: FilterParameter = Field(
        default=(), description="Kinds of place: " + ", ".join(f"`{k}`" for k in schemas.PlaceKind)
    )


class PlaceQuery(PlaceFilters, ListParameters):
    """The parameters of `GET /places`."""

    sort: str | None = Field(
        default=None,
        max_length=100,
        description="`id` (if not given: each place followed by those inside it), `name`; `-` for descending. With `q` also "
        "`relevance`, which is then the order if none is given",
        examples=["name"],
    )


class PlaceStatsQuery(PlaceFilters, StatsParameters):
    """The parameters of `GET /places/stats`."""


@router.get("", response_model=schemas.Page[schemas.Place], responses=LIST_RESPONSES)
def list_places(
    request: Request, database: DatabaseDep, query: Annotated[PlaceQuery, Query()]
) -> Response:
    """List the places that claims and recommendations are about, from the Sahel down to districts.

    `counts` cover everything inside a place: they are the totals of the lists that `links` name. `q` searches names and aliases.
    """
    return collection_response(request, database, PLACES, query)


@router.get("/stats", response_model=schemas.Stats, responses=STATS_RESPONSES)
def count_places(
    request: Request, database: DatabaseDep, query: Annotated[PlaceStatsQuery, Query()]
) -> Response:
    """Count places by kind. How often a place is spoken of is told by `/claims/stats?by=place` and the like."""
    return stats_response(request, database, PLACES, query)


@router.get("/{id}", response_model=schemas.Place, responses=ITEM_RESPONSES)
def get_place(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    database: DatabaseDep,
    query: Annotated[ItemParameters, Query()],
) -> Response:
    """Give one place, in the same shape as in the list."""
    return item_response(request, database, PLACES, id, query)
