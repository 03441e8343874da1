"""Who speaks, acts, should act or should benefit: `/actors`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import schemas
from app.models import Actor, ActorPlace, ActorText, ActorTheme, ArticleActor
from app.query.collection import Collection, Column, Dimension, closed_list
from app.query.parameters import (
    FilterParameter,
    ItemParameters,
    ListParameters,
    StatsParameters,
    ThemedFilters,
    choice_filter,
    sort_field,
)
from app.responses import jsonld
from app.responses.openapi import ITEM_RESPONSES, LIST_RESPONSES, TABLE_RESPONSES
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import MATCH, SELF, count_columns, plain_columns, reference_columns
from app.routers.read_route import ReadRoute

router = APIRouter(prefix="/actors", tags=["actors"], route_class=ReadRoute)

ACTORS = Collection(
    name="actors",
    table=Actor,
    texts=ActorText,
    shape=schemas.Actor,
    sorts={"id": col(Actor.key), "name": col(Actor.name_sort), "kind": col(Actor.kind)},
    dimensions={
        "theme": Dimension.by_link("themes", ActorTheme),
        "place": Dimension.by_link("places", ActorPlace),
        "article": Dimension(
            "articles", col(ArticleActor.article_key), col(ArticleActor.actor_key)
        ),
        "kind": Dimension(closed_list(schemas.ActorKind), col(Actor.kind)),
    },
    columns=[
        *plain_columns("id", "name", "kind"),
        Column("pseudonym", "pseudonym", "boolean"),
        Column("part_of", "part_of.name"),
        Column("part_of_id", "part_of.id"),
        Column("aliases", "aliases[]"),
        Column("description", "description"),
        *reference_columns("articles", "article", "title"),
        *count_columns(
            "claims", "about", "recommendations", "addressee", "beneficiary", "articles"
        ),
        SELF,
        *MATCH,
    ],
    search_fields={"name": 4, "description": 1},
    face=jsonld.ACTOR,
)


class ActorFilters(ThemedFilters):
    """The filters of actors."""

    kind: FilterParameter = choice_filter("Kinds of actor", schemas.ActorKind)
    article: FilterParameter = Field(
        default=(), description="Articles in which the actor has any role, by id or title"
    )


class ActorQuery(ActorFilters, ListParameters):
    """The parameters of `GET /actors`."""

    sort: str | None = sort_field(ACTORS.sorts, "kind,name")


class ActorStatsQuery(ActorFilters, StatsParameters):
    """The parameters of `GET /actors/stats`."""


@router.get("", response_model=schemas.Page[schemas.Actor], responses=LIST_RESPONSES)
def list_actors(request: Request, query: Annotated[ActorQuery, Query()]) -> Response:
    """List the people, organisations and groups that speak, act, should act or should benefit.

    `theme` and `place` find actors with any role in a claim or recommendation about them. A name
    marked `pseudonym` protects a real person. `q` searches names, aliases and descriptions.
    """
    return collection_response(request, ACTORS, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_actors(request: Request, query: Annotated[ActorStatsQuery, Query()]) -> Response:
    """Count actors by one or two filters, zeros included. All filters of the list apply.

    `by=kind,article` shows which kinds of actor appear in which brief.
    """
    return stats_response(request, ACTORS, query)


@router.get("/{id}", response_model=schemas.Actor, responses=ITEM_RESPONSES)
def get_actor(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[ItemParameters, Query()],
) -> Response:
    """Return one actor, with the same fields as in the list."""
    return item_response(request, ACTORS, id, query)
