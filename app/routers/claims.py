"""What the briefs assert: `/claims`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app import schemas
from app.database.database import DatabaseDep
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
    prefix="/claims", tags=["claims"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

CLAIMS = Collection(
    name="claims",
    table=Claim,
    texts=ClaimText,
    shape=schemas.Claim,
    sorts={"id": col(Claim.key), "published": col(Claim.published_first), "kind": col(Claim.kind)},
    dimensions={
        "theme": Dimension(
            "themes",
            col(ClaimTheme.theme_key),
            col(ClaimTheme.claim_key),
            coded_directly=col(ClaimTheme.direct),
            counted_with_themes=True,
        ),
        "place": Dimension(
            "places",
            col(ClaimPlace.place_key),
            col(ClaimPlace.claim_key),
            coded_directly=col(ClaimPlace.direct),
        ),
        "article": Dimension("articles", col(Claim.article_key)),
        "publisher": Dimension("publishers", col(Claim.publisher_key)),
        "year": Dimension("years", col(Claim.year)),
        "source": Dimension(
            "actors", col(ClaimSource.actor_key), col(ClaimSource.claim_key), hide_empty=True
        ),
        "about": Dimension(
            "actors", col(ClaimAbout.actor_key), col(ClaimAbout.claim_key), hide_empty=True
        ),
        "actor": Dimension(
            "actors", col(ClaimActor.actor_key), col(ClaimActor.claim_key), hide_empty=True
        ),
        "kind": Dimension(
            {value.value: value.value for value in schemas.ClaimKind}, col(Claim.kind)
        ),
        "relation": Dimension(
            {value.value: value.value for value in schemas.RelationType},
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
        default=(), description="Whom the claim speaks of: actors by id, name or alias"
    )
    kind: FilterParameter = Field(
        default=(), description="`factual`, `causal`, `evaluative` or `predictive`"
    )
    relation: FilterParameter = Field(
        default=(),
        description="Which relations it has to other claims: `supports`, `supported-by`, `contradicts`, `qualifies`, "
        "`qualified-by`",
    )


class ClaimQuery(ClaimFilters, ListParameters):
    """The parameters of `GET /claims`."""

    sort: str | None = Field(
        default=None,
        max_length=100,
        description="`id` (if not given), `published`, `kind`; several with commas, `-` for descending. With `q` also "
        "`relevance`, which is then the order if none is given",
        examples=["-published,kind"],
    )


class ClaimStatsQuery(ClaimFilters, StatsParameters):
    """The parameters of `GET /claims/stats`."""


@router.get("", response_model=schemas.Page[schemas.Claim], responses=LIST_RESPONSES)
def list_claims(
    request: Request, database: DatabaseDep, query: Annotated[ClaimQuery, Query()]
) -> Response:
    """List what the briefs assert.

    `about=france&kind=causal` gives what France's acts are said to have led to; `relation=qualifies` the claims that limit how
    far another one, often of another brief, holds; `q` searches the words.
    """
    return collection_response(request, database, CLAIMS, query)


@router.get("/stats", response_model=schemas.Stats, responses=STATS_RESPONSES)
def count_claims(
    request: Request, database: DatabaseDep, query: Annotated[ClaimStatsQuery, Query()]
) -> Response:
    """Count claims by one or two filters, under the same filters as the list, zeros included.

    `by=theme,kind` shows on what the briefs state facts and on what they judge; `by=source` who speaks how often.
    """
    return stats_response(request, database, CLAIMS, query)


@router.get("/{id}", response_model=schemas.Claim, responses=CITABLE_RESPONSES)
def get_claim(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    database: DatabaseDep,
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Give one claim, in the same shape as in the list; or its citation, with paragraph and quote."""
    return item_response(request, database, CLAIMS, id, query)
