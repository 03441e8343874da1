"""What the briefs say should be done: `/recommendations`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, case, or_
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import (
    Recommendation,
    RecommendationAddressee,
    RecommendationBeneficiary,
    RecommendationPlace,
    RecommendationSource,
    RecommendationTheme,
)
from app.openapi import ALWAYS, NOT_FOUND
from app.paging import page
from app.query import AnnotationQuery, Resolver, Values, linked, where_any
from app.routers.articles import published_by

router = APIRouter(prefix="/recommendations", tags=["recommendations"], responses=ALWAYS)

SORTS = {
    "id": col(Recommendation.key),
    "published": col(Recommendation.published_first),
    "strength": case({"must": 3, "should": 2, "could": 1}, value=col(Recommendation.strength)),
}

SOURCE = (col(RecommendationSource.recommendation_key), col(RecommendationSource.actor_key))
ADDRESSEE = (col(RecommendationAddressee.recommendation_key), col(RecommendationAddressee.actor_key))
BENEFICIARY = (col(RecommendationBeneficiary.recommendation_key), col(RecommendationBeneficiary.actor_key))
THEME = (col(RecommendationTheme.recommendation_key), col(RecommendationTheme.theme_key))
PLACE = (col(RecommendationPlace.recommendation_key), col(RecommendationPlace.place_key))


class RecommendationQuery(AnnotationQuery):
    """The parameters of `GET /recommendations`."""

    addressee: Values = Field(default=[], description="Who is to act: actors by id, name or alias")
    beneficiary: Values = Field(default=[], description="Whom it is to help: actors by id, name or alias")
    strength: Values = Field(default=[], description="`must`, `should` or `could`", examples=[["must,should"]])
    action: Values = Field(default=[], description="`specific`, `general`, `considering` or `continuing`")
    explicit: Values = Field(default=[], description="`true`: the sentence itself prescribes; `false`: it is implied")
    sort: str = Field(
        default="id",
        max_length=100,
        description="`id`, `published`, `strength`; several with commas, `-` for descending",
        examples=["-strength,published"],
    )


def filters(query: RecommendationQuery, resolver: Resolver) -> Sequence[ColumnElement[bool]]:
    """Return the query's filters as SQL conditions on the recommendation table."""
    key = col(Recommendation.key)
    explicit = resolver.choices("explicit", query.explicit, ["true", "false"])

    def any_role(actors: list[int]) -> ColumnElement[bool]:
        return or_(*(linked(key, *role, actors) for role in (SOURCE, ADDRESSEE, BENEFICIARY)))

    return [
        *where_any(resolver.ids(Recommendation, query.id), col(Recommendation.key).in_),
        *where_any(resolver.themes(query), lambda themes: linked(key, *THEME, themes)),
        *where_any(resolver.places(query), lambda places: linked(key, *PLACE, places)),
        *where_any(resolver.articles(query.article), col(Recommendation.article_key).in_),
        *where_any(resolver.publishers(query.publisher), published_by(col(Recommendation.article_key))),
        *where_any(resolver.actors("actor", query.actor), any_role),
        *where_any(resolver.actors("source", query.source), lambda actors: linked(key, *SOURCE, actors)),
        *where_any(resolver.actors("addressee", query.addressee), lambda actors: linked(key, *ADDRESSEE, actors)),
        *where_any(resolver.actors("beneficiary", query.beneficiary), lambda actors: linked(key, *BENEFICIARY, actors)),
        *where_any(resolver.choices("strength", query.strength, list(schemas.Strength)), col(Recommendation.strength).in_),
        *where_any(resolver.choices("action", query.action, list(schemas.Action)), col(Recommendation.action).in_),
        *where_any(explicit, lambda values: col(Recommendation.explicit).in_([value == "true" for value in values])),
        *resolver.published(query, Recommendation),
    ]


@router.get("", response_model=schemas.Page[schemas.Recommendation])
def list_recommendations(
    request: Request,
    database: DatabaseDep,
    query: Annotated[RecommendationQuery, Query()],
) -> Response:
    """List what the briefs recommend.

    `theme=inclusion` gives every recommendation on inclusion or anything narrower (women, youth, local ownership, …);
    `addressee=france&strength=must` what France must do; `actor` finds an actor in any role.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Recommendation, filters(query, resolver), SORTS)


@router.get("/{id}", response_model=schemas.Recommendation, responses=NOT_FOUND)
def get_recommendation(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one recommendation, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Recommendation, id)
