"""What the briefs say should be done: `/recommendations`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import case
from sqlmodel import col

from app import schemas
from app.database.database import DatabaseDep
from app.models import (
    Recommendation,
    RecommendationActor,
    RecommendationAddressee,
    RecommendationBeneficiary,
    RecommendationPlace,
    RecommendationSource,
    RecommendationText,
    RecommendationTheme,
)
from app.query.collection import Collection, Column, Dimension
from app.query.parameters import (
    AnnotationFilters,
    CitableParameters,
    FilterParameter,
    ListParameters,
    StatsParameters,
)
from app.responses import jsonld
from app.responses.openapi import (
    CITABLE_RESPONSES,
    COMMON_RESPONSES,
    LIST_RESPONSES,
    STATS_RESPONSES,
)
from app.responses.responses import collection_response, item_response, stats_response
from app.responses.tables import (
    ARTICLE,
    CODING,
    MATCH,
    QUOTE,
    SELF,
    SUBJECTS,
    plain_columns,
    reference_columns,
)
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/recommendations",
    tags=["recommendations"],
    responses=COMMON_RESPONSES,
    route_class=ReadRoute,
)


def by_actor(role: Any) -> Dimension:
    """Return the dimension of the actors in a role, given its link table."""
    return Dimension("actors", col(role.actor_key), col(role.recommendation_key), hide_empty=True)


RECOMMENDATIONS = Collection(
    name="recommendations",
    table=Recommendation,
    texts=RecommendationText,
    shape=schemas.Recommendation,
    sorts={
        "id": col(Recommendation.key),
        "published": col(Recommendation.published_first),
        "strength": case({"must": 3, "should": 2, "could": 1}, value=col(Recommendation.strength)),
    },
    dimensions={
        "theme": Dimension(
            "themes",
            col(RecommendationTheme.theme_key),
            col(RecommendationTheme.recommendation_key),
            coded_directly=col(RecommendationTheme.direct),
            counted_with_themes=True,
        ),
        "place": Dimension(
            "places",
            col(RecommendationPlace.place_key),
            col(RecommendationPlace.recommendation_key),
            coded_directly=col(RecommendationPlace.direct),
        ),
        "article": Dimension("articles", col(Recommendation.article_key)),
        "publisher": Dimension("publishers", col(Recommendation.publisher_key)),
        "year": Dimension("years", col(Recommendation.year)),
        "source": by_actor(RecommendationSource),
        "addressee": by_actor(RecommendationAddressee),
        "beneficiary": by_actor(RecommendationBeneficiary),
        "actor": by_actor(RecommendationActor),
        "strength": Dimension(
            {value.value: value.value for value in schemas.Strength}, col(Recommendation.strength)
        ),
        "action": Dimension(
            {value.value: value.value for value in schemas.Action}, col(Recommendation.action)
        ),
        "explicit": Dimension({"true": True, "false": False}, col(Recommendation.explicit)),
    },
    columns=[
        *plain_columns("id", "statement"),
        *QUOTE,
        Column("strength", "strength"),
        Column("explicit", "explicit", "boolean"),
        Column("action", "action"),
        *ARTICLE,
        *reference_columns("sources", "source", "name"),
        *reference_columns("addressees", "addressee", "name"),
        *reference_columns("beneficiaries", "beneficiary", "name"),
        *SUBJECTS,
        Column("based_on_ids", "based_on[].id"),
        *CODING,
        SELF,
        *MATCH,
    ],
    search_fields={"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    face=jsonld.ANNOTATION,
    is_citable=True,
)


class RecommendationFilters(AnnotationFilters):
    """The filters of recommendations."""

    addressee: FilterParameter = Field(
        default=(), description="Who is to act: actors by id, name or alias"
    )
    beneficiary: FilterParameter = Field(
        default=(), description="Whom it is to help: actors by id, name or alias"
    )
    strength: FilterParameter = Field(
        default=(), description="`must`, `should` or `could`", examples=[["must,should"]]
    )
    action: FilterParameter = Field(
        default=(), description="`specific`, `general`, `considering` or `continuing`"
    )
    explicit: FilterParameter = Field(
        default=(), description="`true`: the sentence itself prescribes; `false`: it is implied"
    )


class RecommendationQuery(RecommendationFilters, ListParameters):
    """The parameters of `GET /recommendations`."""

    sort: str | None = Field(
        default=None,
        max_length=100,
        description="`id` (if not given), `published`, `strength`; several with commas, `-` for descending. With `q` also "
        "`relevance`, which is then the order if none is given",
        examples=["-strength,published"],
    )


class RecommendationStatsQuery(RecommendationFilters, StatsParameters):
    """The parameters of `GET /recommendations/stats`."""


@router.get("", response_model=schemas.Page[schemas.Recommendation], responses=LIST_RESPONSES)
def list_recommendations(
    request: Request, database: DatabaseDep, query: Annotated[RecommendationQuery, Query()]
) -> Response:
    """List what the briefs recommend.

    `theme=inclusion` gives every recommendation on inclusion or anything narrower (women, youth, local ownership, …);
    `addressee=france&strength=must` what France must do; `actor` finds an actor in any role; `q` searches the words.
    """
    return collection_response(request, database, RECOMMENDATIONS, query)


@router.get("/stats", response_model=schemas.Stats, responses=STATS_RESPONSES)
def count_recommendations(
    request: Request, database: DatabaseDep, query: Annotated[RecommendationStatsQuery, Query()]
) -> Response:
    """Count recommendations by one or two filters, under the same filters as the list, zeros included.

    `by=theme,addressee` shows who is asked to do something about what, and where nobody is.
    """
    return stats_response(request, database, RECOMMENDATIONS, query)


@router.get("/{id}", response_model=schemas.Recommendation, responses=CITABLE_RESPONSES)
def get_recommendation(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    database: DatabaseDep,
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Give one recommendation, in the same shape as in the list; or its citation, with paragraph and quote."""
    return item_response(request, database, RECOMMENDATIONS, id, query)
