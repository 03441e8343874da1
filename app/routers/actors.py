"""Who speaks, acts, is asked to act or is to benefit: `/actors`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import schemas
from app.database.database import DatabaseDep
from app.models import Actor, ActorPlace, ActorText, ActorTheme, ArticleActor
from app.query.collection import Collection, Column, Dimension
from app.query.parameters import (
    FilterParameter,
    ItemParameters,
    ListParameters,
    StatsParameters,
    ThemedFilters,
)
from app.responses import jsonld
from app.responses.openapi import COMMON_RESPONSES, ITEM_RESPONSES, LIST_RESPONSES, STATS_RESPONSES
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import MATCH, SELF, count_columns, plain_columns, reference_columns
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/actors", tags=["actors"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

ACTORS = Collection(
    name="actors",
    table=Actor,
    texts=ActorText,
    shape=schemas.Actor,
    sorts={"id": col(Actor.key), "name": col(Actor.name_sort), "kind": col(Actor.kind)},
    dimensions={
        "theme": Dimension(
            "themes",
            col(ActorTheme.theme_key),
            col(ActorTheme.actor_key),
            coded_directly=col(ActorTheme.direct),
        ),
        "place": Dimension(
            "places",
            col(ActorPlace.place_key),
            col(ActorPlace.actor_key),
            coded_directly=col(ActorPlace.direct),
        ),
        "article": Dimension(
            "articles", col(ArticleActor.article_key), col(ArticleActor.actor_key)
        ),
        "kind": Dimension(
            {value.value: value.value for value in schemas.ActorKind}, col(Actor.kind)
        ),
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

    kind: FilterParameter = Field(
        default=(), description="Kinds of actor: " + ", ".join(f"`{k}`" for k in schemas.ActorKind)
    )
    article: FilterParameter = Field(
        default=(), description="Articles in which the actor has any role, by id or title"
    )


class ActorQuery(ActorFilters, ListParameters):
    """The parameters of `GET /actors`."""

    sort: str | None = Field(
        default=None,
        max_length=100,
        description="`id` (if not given), `name`, `kind`; several with commas, `-` for descending. With `q` also "
        "`relevance`, which is then the order if none is given",
        examples=["kind,name"],
    )


class ActorStatsQuery(ActorFilters, StatsParameters):
    """The parameters of `GET /actors/stats`."""


@router.get("", response_model=schemas.Page[schemas.Actor], responses=LIST_RESPONSES)
def list_actors(
    request: Request, database: DatabaseDep, query: Annotated[ActorQuery, Query()]
) -> Response:
    """List who speaks, acts, is asked to act or is to benefit.

    `theme` and `place` give the actors with any role in a claim or recommendation on them. Names marked `pseudonym` protect
    real people. `q` searches names, aliases and descriptions.
    """
    return collection_response(request, database, ACTORS, query)


@router.get("/stats", response_model=schemas.Stats, responses=STATS_RESPONSES)
def count_actors(
    request: Request, database: DatabaseDep, query: Annotated[ActorStatsQuery, Query()]
) -> Response:
    """Count actors by one or two filters, under the same filters as the list, zeros included.

    `by=kind,article` shows what kinds of actor appear in which brief.
    """
    return stats_response(request, database, ACTORS, query)


@router.get("/{id}", response_model=schemas.Actor, responses=ITEM_RESPONSES)
def get_actor(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    database: DatabaseDep,
    query: Annotated[ItemParameters, Query()],
) -> Response:
    """Give one actor, in the same shape as in the list."""
    return item_response(request, database, ACTORS, id, query)
