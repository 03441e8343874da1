"""Who speaks, acts, is asked to act or is to benefit: `/actors`."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import (
    Actor,
    Article,
    ArticleAuthor,
    Claim,
    ClaimPlace,
    ClaimTheme,
    Recommendation,
    RecommendationPlace,
    RecommendationTheme,
)
from app.openapi import ALWAYS, NOT_FOUND
from app.paging import page
from app.query import Resolver, ThemedQuery, Values, where_any
from app.routers.articles import CLAIM_ROLES, RECOMMENDATION_ROLES

router = APIRouter(prefix="/actors", tags=["actors"], responses=ALWAYS)

SORTS = {"id": col(Actor.key), "name": col(Actor.name_sort), "kind": col(Actor.kind)}


class ActorQuery(ThemedQuery):
    """The parameters of `GET /actors`."""

    kind: Values = Field(default=[], description="Kinds of actor: " + ", ".join(f"`{k}`" for k in schemas.ActorKind))
    article: Values = Field(default=[], description="Articles in which the actor has any role, by id or title")
    sort: str = Field(
        default="id",
        max_length=100,
        description="`id`, `name`, `kind`; several with commas, `-` for descending",
        examples=["kind,name"],
    )


def with_role(claims: Callable[[list[int]], Any], recommendations: Callable[[list[int]], Any]) -> Callable[[list[int]], Any]:
    """Return what it means that an actor has a role in some claims or recommendations.

    Args:
        claims: from the filter's keys to the statement that selects the keys of the claims.
        recommendations: the same for recommendations.
    """
    key = col(Actor.key)
    return lambda keys: or_(
        *(key.in_(select(col(role.actor_key)).where(role.claim_key.in_(claims(keys)))) for role in CLAIM_ROLES),
        *(
            key.in_(select(col(role.actor_key)).where(role.recommendation_key.in_(recommendations(keys))))
            for role in RECOMMENDATION_ROLES
        ),
    )


on_theme = with_role(
    lambda keys: select(col(ClaimTheme.claim_key)).where(col(ClaimTheme.theme_key).in_(keys)),
    lambda keys: select(col(RecommendationTheme.recommendation_key)).where(col(RecommendationTheme.theme_key).in_(keys)),
)
on_place = with_role(
    lambda keys: select(col(ClaimPlace.claim_key)).where(col(ClaimPlace.place_key).in_(keys)),
    lambda keys: select(col(RecommendationPlace.recommendation_key)).where(col(RecommendationPlace.place_key).in_(keys)),
)
annotated_in = with_role(
    lambda keys: select(col(Claim.key)).where(col(Claim.article_key).in_(keys)),
    lambda keys: select(col(Recommendation.key)).where(col(Recommendation.article_key).in_(keys)),
)


def in_article(articles: list[int]) -> ColumnElement[bool]:
    """Return the condition that an actor speaks in, is spoken of in, wrote or published any of some articles."""
    key = col(Actor.key)
    return or_(
        annotated_in(articles),
        key.in_(select(col(ArticleAuthor.actor_key)).where(col(ArticleAuthor.article_key).in_(articles))),
        key.in_(select(col(Article.publisher_key)).where(col(Article.key).in_(articles))),
    )


def filters(query: ActorQuery, resolver: Resolver) -> Sequence[ColumnElement[bool]]:
    """Return the query's filters as SQL conditions on the actor table."""
    return [
        *where_any(resolver.ids(Actor, query.id), col(Actor.key).in_),
        *where_any(resolver.themes(query), on_theme),
        *where_any(resolver.places(query), on_place),
        *where_any(resolver.articles(query.article), in_article),
        *where_any(resolver.choices("kind", query.kind, list(schemas.ActorKind)), col(Actor.kind).in_),
    ]


@router.get("", response_model=schemas.Page[schemas.Actor])
def list_actors(request: Request, database: DatabaseDep, query: Annotated[ActorQuery, Query()]) -> Response:
    """List who speaks, acts, is asked to act or is to benefit.

    `theme` and `place` give the actors with any role in a claim or recommendation on them. Names marked `pseudonym` protect
    real people.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Actor, filters(query, resolver), SORTS)


@router.get("/{id}", response_model=schemas.Actor, responses=NOT_FOUND)
def get_actor(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one actor, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Actor, id)
