"""What the briefs say should be done: `/recommendations`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import case
from sqlmodel import col

from app import schemas
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
from app.query.collection import Collection, Column, Dimension, closed_list
from app.query.parameters import (
    AnnotationFilters,
    CitableParameters,
    FilterParameter,
    ListParameters,
    StatsParameters,
    choice_filter,
    sort_field,
)
from app.responses import jsonld
from app.responses.openapi import CITABLE_RESPONSES, LIST_RESPONSES, TABLE_RESPONSES
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

router = APIRouter(prefix="/recommendations", tags=["recommendations"], route_class=ReadRoute)

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
        "theme": Dimension.by_link("themes", RecommendationTheme, counted_with_themes=True),
        "place": Dimension.by_link("places", RecommendationPlace),
        "article": Dimension("articles", col(Recommendation.article_key)),
        "publisher": Dimension("publishers", col(Recommendation.publisher_key)),
        "year": Dimension("years", col(Recommendation.year)),
        "source": Dimension.by_link("actors", RecommendationSource, hide_empty=True),
        "addressee": Dimension.by_link("actors", RecommendationAddressee, hide_empty=True),
        "beneficiary": Dimension.by_link("actors", RecommendationBeneficiary, hide_empty=True),
        "actor": Dimension.by_link("actors", RecommendationActor, hide_empty=True),
        "strength": Dimension(closed_list(schemas.Strength), col(Recommendation.strength)),
        "action": Dimension(closed_list(schemas.Action), col(Recommendation.action)),
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
        default=(), description="Who should act: actors by id, name or alias"
    )
    beneficiary: FilterParameter = Field(
        default=(), description="Who should benefit: actors by id, name or alias"
    )
    strength: FilterParameter = choice_filter("Strengths", schemas.Strength)
    action: FilterParameter = choice_filter("How definite the action is", schemas.Action)
    explicit: FilterParameter = Field(
        default=(),
        description="`true`: the sentence itself recommends; `false`: only its context does",
    )


class RecommendationQuery(RecommendationFilters, ListParameters):
    """The parameters of `GET /recommendations`."""

    sort: str | None = sort_field(RECOMMENDATIONS.sorts, "-strength,published")


class RecommendationStatsQuery(RecommendationFilters, StatsParameters):
    """The parameters of `GET /recommendations/stats`."""


@router.get("", response_model=schemas.Page[schemas.Recommendation], responses=LIST_RESPONSES)
def list_recommendations(
    request: Request, query: Annotated[RecommendationQuery, Query()]
) -> Response:
    """List what the briefs recommend.

    `theme=inclusion` finds recommendations on inclusion and all narrower themes (women, youth,
    local ownership, …). `addressee=france&strength=must` finds what France must do. `actor` finds
    an actor in any role. `q` searches statements, quotes and names.
    """
    return collection_response(request, RECOMMENDATIONS, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_recommendations(
    request: Request, query: Annotated[RecommendationStatsQuery, Query()]
) -> Response:
    """Count recommendations by one or two filters, zeros included. All filters of the list apply.

    `by=theme,addressee` shows who should act on which theme. A theme without addressees has zeros.
    """
    return stats_response(request, RECOMMENDATIONS, query)


@router.get("/{id}", response_model=schemas.Recommendation, responses=CITABLE_RESPONSES)
def get_recommendation(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Return one recommendation, with the fields of the list, or its citation with the quote."""
    return item_response(request, RECOMMENDATIONS, id, query)
