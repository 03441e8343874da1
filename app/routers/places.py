"""The gazetteer: `/places`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import col

from app import schemas
from app.models import Place, PlaceText
from app.query.collection import Collection, Column, Dimension, closed_list
from app.query.parameters import (
    FilterParameter,
    Filters,
    ItemParameters,
    ListParameters,
    StatsParameters,
    choice_filter,
    sort_field,
)
from app.responses import jsonld
from app.responses.openapi import ITEM_RESPONSES, LIST_RESPONSES, TABLE_RESPONSES
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import MATCH, SELF, count_columns, plain_columns
from app.routers.read_route import ReadRoute

router = APIRouter(prefix="/places", tags=["places"], route_class=ReadRoute)

PLACES = Collection(
    name="places",
    table=Place,
    texts=PlaceText,
    shape=schemas.Place,
    sorts={"id": col(Place.key), "name": col(Place.name_sort)},
    dimensions={"kind": Dimension(closed_list(schemas.PlaceKind), col(Place.kind))},
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

    kind: FilterParameter = choice_filter("Kinds of place", schemas.PlaceKind)


class PlaceQuery(PlaceFilters, ListParameters):
    """The parameters of `GET /places`."""

    sort: str | None = sort_field(PLACES.sorts, "name")


class PlaceStatsQuery(PlaceFilters, StatsParameters):
    """The parameters of `GET /places/stats`."""


@router.get("", response_model=schemas.Page[schemas.Place], responses=LIST_RESPONSES)
def list_places(request: Request, query: Annotated[PlaceQuery, Query()]) -> Response:
    """List the places of claims and recommendations, from the Sahel to districts.

    In the default order the parts of a place follow it. `counts` include everything inside a place,
    they are the totals of the lists in `links`. `q` searches names and aliases.
    """
    return collection_response(request, PLACES, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_places(request: Request, query: Annotated[PlaceStatsQuery, Query()]) -> Response:
    """Count places by kind.

    `/claims/stats?by=place` and `/recommendations/stats?by=place` count how often they are used.
    """
    return stats_response(request, PLACES, query)


@router.get("/{id}", response_model=schemas.Place, responses=ITEM_RESPONSES)
def get_place(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[ItemParameters, Query()],
) -> Response:
    """Return one place, with the same fields as in the list."""
    return item_response(request, PLACES, id, query)
