"""The controlled vocabulary: `/themes`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import func
from sqlmodel import col

from app import schemas
from app.models import Theme, ThemeText
from app.query.collection import Collection, Column, Dimension
from app.query.parameters import (
    FilterParameter,
    Filters,
    ItemParameters,
    ListParameters,
    StatsParameters,
    sort_field,
)
from app.responses import jsonld
from app.responses.openapi import ITEM_RESPONSES, LIST_RESPONSES, TABLE_RESPONSES
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import MATCH, SELF, count_columns, plain_columns
from app.routers.read_route import ReadRoute

router = APIRouter(prefix="/themes", tags=["themes"], route_class=ReadRoute)

THEMES = Collection(
    name="themes",
    table=Theme,
    texts=ThemeText,
    shape=schemas.Theme,
    sorts={"id": col(Theme.key), "label": col(Theme.label_sort)},
    # A theme at the top has 0 here instead of NULL, so that `!inclusion` finds it.
    dimensions={
        "broader": Dimension("themes", func.coalesce(col(Theme.broader_key), 0), hide_empty=True)
    },
    columns=[
        *plain_columns("id", "label", "label_fr", "definition", "definition_fr"),
        *plain_columns("scope_note", "scope_note_fr"),
        Column("alt_labels", "alt_labels[]"),
        Column("alt_labels_fr", "alt_labels_fr[]"),
        Column("broader", "broader.label"),
        Column("broader_id", "broader.id"),
        Column("narrower_ids", "narrower[].id"),
        *count_columns("claims", "recommendations", "articles"),
        SELF,
        *MATCH,
    ],
    search_fields={"label": 4, "definition": 1},
    face=jsonld.THEME,
)


class ThemeFilters(Filters):
    """The filters of themes."""

    broader: FilterParameter = Field(
        default=(), description="Themes directly below these, by id, label or synonym"
    )


class ThemeQuery(ThemeFilters, ListParameters):
    """The parameters of `GET /themes`."""

    sort: str | None = sort_field(THEMES.sorts, "label")


class ThemeStatsQuery(ThemeFilters, StatsParameters):
    """The parameters of `GET /themes/stats`."""


@router.get("", response_model=schemas.Page[schemas.Theme], responses=LIST_RESPONSES)
def list_themes(request: Request, query: Annotated[ThemeQuery, Query()]) -> Response:
    """List the themes, with labels and definitions in English and French, hierarchy and counts.

    The default order is that of the codebook: narrower themes follow their theme. `counts` include
    everything narrower, they are the totals of the lists in `links`. `q` searches labels, synonyms
    and definitions in both languages.
    """
    return collection_response(request, THEMES, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_themes(request: Request, query: Annotated[ThemeStatsQuery, Query()]) -> Response:
    """Count themes by the theme directly above them.

    `/claims/stats?by=theme` and `/recommendations/stats?by=theme` count how often themes are used.
    """
    return stats_response(request, THEMES, query)


@router.get("/{id}", response_model=schemas.Theme, responses=ITEM_RESPONSES)
def get_theme(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[ItemParameters, Query()],
) -> Response:
    """Return one theme, with the same fields as in the list."""
    return item_response(request, THEMES, id, query)
