"""What the briefs assert: `/claims`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import schemas
from app.models import (
    Claim,
    ClaimAbout,
    ClaimActor,
    ClaimPlace,
    ClaimRelation,
    ClaimSource,
    ClaimText,
    ClaimTheme,
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

router = APIRouter(prefix="/claims", tags=["claims"], route_class=ReadRoute)

CLAIMS = Collection(
    name="claims",
    table=Claim,
    texts=ClaimText,
    shape=schemas.Claim,
    sorts={"id": col(Claim.key), "published": col(Claim.published_first), "kind": col(Claim.kind)},
    dimensions={
        "theme": Dimension.by_link("themes", ClaimTheme, counted_with_themes=True),
        "place": Dimension.by_link("places", ClaimPlace),
        "article": Dimension("articles", col(Claim.article_key)),
        "publisher": Dimension("publishers", col(Claim.publisher_key)),
        "year": Dimension("years", col(Claim.year)),
        "source": Dimension.by_link("actors", ClaimSource, hide_empty=True),
        "about": Dimension.by_link("actors", ClaimAbout, hide_empty=True),
        "actor": Dimension.by_link("actors", ClaimActor, hide_empty=True),
        "kind": Dimension(closed_list(schemas.ClaimKind), col(Claim.kind)),
        "relation": Dimension(
            closed_list(schemas.RelationType),
            col(ClaimRelation.type),
            col(ClaimRelation.claim_key),
            multi=True,
        ),
    },
    columns=[
        *plain_columns("id", "statement"),
        *QUOTE,
        Column("kind", "kind"),
        *ARTICLE,
        *reference_columns("sources", "source", "name"),
        *reference_columns("about", "about", "name"),
        *SUBJECTS,
        Column("relation_types", "relations[].type"),
        Column("relation_ids", "relations[].claim.id"),
        Column("basis_of_ids", "basis_of[].id"),
        *CODING,
        SELF,
        *MATCH,
    ],
    search_fields={"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    face=jsonld.ANNOTATION,
    is_citable=True,
)


class ClaimFilters(AnnotationFilters):
    """The filters of claims."""

    about: FilterParameter = Field(
        default=(), description="Who the claim is about: actors by id, name or alias"
    )
    kind: FilterParameter = choice_filter("Kinds of claim", schemas.ClaimKind)
    relation: FilterParameter = choice_filter("Relations to other claims", schemas.RelationType)


class ClaimQuery(ClaimFilters, ListParameters):
    """The parameters of `GET /claims`."""

    sort: str | None = sort_field(CLAIMS.sorts, "-published,kind")


class ClaimStatsQuery(ClaimFilters, StatsParameters):
    """The parameters of `GET /claims/stats`."""


@router.get("", response_model=schemas.Page[schemas.Claim], responses=LIST_RESPONSES)
def list_claims(request: Request, query: Annotated[ClaimQuery, Query()]) -> Response:
    """List what the briefs assert.

    `about=france&kind=causal` finds claims about the effects of what France did.
    `relation=qualifies` finds claims that limit another claim, often of another brief. `q` searches
    statements, quotes and names.
    """
    return collection_response(request, CLAIMS, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_claims(request: Request, query: Annotated[ClaimStatsQuery, Query()]) -> Response:
    """Count claims by one or two filters, zeros included. All filters of the list apply.

    `by=theme,kind` shows on which themes the briefs state facts and on which they judge.
    `by=source` shows who speaks how often.
    """
    return stats_response(request, CLAIMS, query)


@router.get("/{id}", response_model=schemas.Claim, responses=CITABLE_RESPONSES)
def get_claim(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Return one claim, with the same fields as in the list, or its citation with the quote."""
    return item_response(request, CLAIMS, id, query)
