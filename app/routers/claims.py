"""What the briefs assert: `/claims`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import Claim, ClaimAbout, ClaimPlace, ClaimRelation, ClaimSource, ClaimTheme
from app.openapi import ALWAYS, NOT_FOUND
from app.paging import page
from app.query import AnnotationQuery, Resolver, Values, linked, where_any
from app.routers.articles import published_by

router = APIRouter(prefix="/claims", tags=["claims"], responses=ALWAYS)

SORTS = {"id": col(Claim.key), "published": col(Claim.published_first), "kind": col(Claim.kind)}

SOURCE = (col(ClaimSource.claim_key), col(ClaimSource.actor_key))
ABOUT = (col(ClaimAbout.claim_key), col(ClaimAbout.actor_key))
THEME = (col(ClaimTheme.claim_key), col(ClaimTheme.theme_key))
PLACE = (col(ClaimPlace.claim_key), col(ClaimPlace.place_key))
RELATION = (col(ClaimRelation.claim_key), col(ClaimRelation.type))


class ClaimQuery(AnnotationQuery):
    """The parameters of `GET /claims`."""

    about: Values = Field(default=[], description="Whom the claim speaks of: actors by id, name or alias")
    kind: Values = Field(default=[], description="`factual`, `causal`, `evaluative` or `predictive`")
    relation: Values = Field(
        default=[],
        description="Which relations it has to other claims: `supports`, `supported-by`, `contradicts`, `qualifies`, "
        "`qualified-by`",
    )
    sort: str = Field(
        default="id",
        max_length=100,
        description="`id`, `published`, `kind`; several with commas, `-` for descending",
        examples=["-published,kind"],
    )


def filters(query: ClaimQuery, resolver: Resolver) -> Sequence[ColumnElement[bool]]:
    """Return the query's filters as SQL conditions on the claim table."""
    key = col(Claim.key)
    relations = resolver.choices("relation", query.relation, list(schemas.RelationType))

    def any_role(actors: list[int]) -> ColumnElement[bool]:
        return or_(*(linked(key, *role, actors) for role in (SOURCE, ABOUT)))

    return [
        *where_any(resolver.ids(Claim, query.id), col(Claim.key).in_),
        *where_any(resolver.themes(query), lambda themes: linked(key, *THEME, themes)),
        *where_any(resolver.places(query), lambda places: linked(key, *PLACE, places)),
        *where_any(resolver.articles(query.article), col(Claim.article_key).in_),
        *where_any(resolver.publishers(query.publisher), published_by(col(Claim.article_key))),
        *where_any(resolver.actors("actor", query.actor), any_role),
        *where_any(resolver.actors("source", query.source), lambda actors: linked(key, *SOURCE, actors)),
        *where_any(resolver.actors("about", query.about), lambda actors: linked(key, *ABOUT, actors)),
        *where_any(resolver.choices("kind", query.kind, list(schemas.ClaimKind)), col(Claim.kind).in_),
        *where_any(relations, lambda types: linked(key, *RELATION, types)),
        *resolver.published(query, Claim),
    ]


@router.get("", response_model=schemas.Page[schemas.Claim])
def list_claims(request: Request, database: DatabaseDep, query: Annotated[ClaimQuery, Query()]) -> Response:
    """List what the briefs assert.

    `about=france&kind=causal` gives what France's acts are said to have led to; `relation=qualifies` the claims that limit how
    far another one, often of another brief, holds.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Claim, filters(query, resolver), SORTS)


@router.get("/{id}", response_model=schemas.Claim, responses=NOT_FOUND)
def get_claim(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one claim, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Claim, id)
