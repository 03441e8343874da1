"""The briefs and their texts: `/articles`."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from app import items, schemas
from app.db import DatabaseDep
from app.models import (
    Article,
    ArticleAuthor,
    Claim,
    ClaimAbout,
    ClaimPlace,
    ClaimSource,
    ClaimTheme,
    Recommendation,
    RecommendationAddressee,
    RecommendationBeneficiary,
    RecommendationPlace,
    RecommendationSource,
    RecommendationTheme,
)
from app.negotiation import accepted
from app.openapi import ALWAYS, NOT_ACCEPTABLE, NOT_FOUND
from app.paging import page
from app.query import Column, DatedQuery, Resolver, Values, linked, where_any

router = APIRouter(prefix="/articles", tags=["articles"], responses=ALWAYS)

SORTS = {"id": col(Article.key), "published": col(Article.published_first), "title": col(Article.title_sort)}

CLAIM_ROLES: tuple[Any, ...] = (ClaimSource, ClaimAbout)
RECOMMENDATION_ROLES: tuple[Any, ...] = (RecommendationSource, RecommendationAddressee, RecommendationBeneficiary)


class ArticleQuery(DatedQuery):
    """The parameters of `GET /articles`."""

    kind: Values = Field(default=[], description="Kinds of article: " + ", ".join(f"`{k}`" for k in schemas.ArticleKind))
    sort: str = Field(
        default="id",
        max_length=100,
        description="`id`, `published`, `title`; several with commas, `-` for descending",
        examples=["-published"],
    )


def published_by(article_key: Column) -> Callable[[list[int]], ColumnElement[bool]]:
    """Return what it means that the article with this key was published by any of some actors."""
    return lambda actors: article_key.in_(select(col(Article.key)).where(col(Article.publisher_key).in_(actors)))


def with_annotation(claim_link: Any, recommendation_link: Any, value: str) -> Callable[[list[int]], ColumnElement[bool]]:
    """Return what it means that an article has a claim or a recommendation linked to any of some keys.

    Args:
        claim_link: a link table of claims.
        recommendation_link: the same for recommendations.
        value: the column, of the same name in both, that holds the keys.
    """
    key = col(Article.key)

    def matches(keys: list[int]) -> ColumnElement[bool]:
        claims = select(col(claim_link.claim_key)).where(getattr(claim_link, value).in_(keys))
        recommendations = select(col(recommendation_link.recommendation_key)).where(
            getattr(recommendation_link, value).in_(keys),
        )
        return or_(
            key.in_(select(col(Claim.article_key)).where(col(Claim.key).in_(claims))),
            key.in_(select(col(Recommendation.article_key)).where(col(Recommendation.key).in_(recommendations))),
        )

    return matches


def filters(query: ArticleQuery, resolver: Resolver) -> Sequence[ColumnElement[bool]]:
    """Return the query's filters as SQL conditions on the article table."""
    key = col(Article.key)

    def any_role(actors: list[int]) -> ColumnElement[bool]:
        return or_(
            col(Article.publisher_key).in_(actors),
            linked(key, col(ArticleAuthor.article_key), col(ArticleAuthor.actor_key), actors),
            *(with_annotation(role, RecommendationSource, "actor_key")(actors) for role in CLAIM_ROLES),
            *(with_annotation(ClaimSource, role, "actor_key")(actors) for role in RECOMMENDATION_ROLES),
        )

    return [
        *where_any(resolver.ids(Article, query.id), col(Article.key).in_),
        *where_any(resolver.themes(query), with_annotation(ClaimTheme, RecommendationTheme, "theme_key")),
        *where_any(resolver.places(query), with_annotation(ClaimPlace, RecommendationPlace, "place_key")),
        *where_any(resolver.publishers(query.publisher), col(Article.publisher_key).in_),
        *where_any(resolver.actors("actor", query.actor), any_role),
        *where_any(resolver.choices("kind", query.kind, list(schemas.ArticleKind)), col(Article.kind).in_),
        *resolver.published(query, Article),
    ]


@router.get("", response_model=schemas.Page[schemas.Article])
def list_articles(request: Request, database: DatabaseDep, query: Annotated[ArticleQuery, Query()]) -> Response:
    """List the briefs.

    `theme`, `place` and `actor` give the briefs with a claim or recommendation on them; `actor` also finds authors and publishers.
    """
    with database.read() as reading:
        resolver = Resolver(reading)
        return page(request, resolver, query, Article, filters(query, resolver), SORTS)


@router.get("/{id}", response_model=schemas.Article, responses=NOT_FOUND)
def get_article(id: str, database: DatabaseDep) -> Response:  # noqa: A002 - the contract's name
    """Give one brief, in the same shape as in the list."""
    with database.read() as reading:
        return items.document(reading, Article, id)


class TextQuery(BaseModel):
    """The parameters of `GET /articles/{id}/text`."""

    format: Literal["json", "text"] | None = Field(default=None, description="`json` or `text`; overrides `Accept`")


@router.get(
    "/{id}/text",
    response_model=schemas.ArticleText,
    responses=NOT_FOUND
    | NOT_ACCEPTABLE
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "In a year replete with military coups …"}}}},
)
def get_article_text(
    id: str,  # noqa: A002 - the contract's name
    request: Request,
    database: DatabaseDep,
    query: Annotated[TextQuery, Query()],
) -> Response:
    """Give a brief's clean body as numbered paragraphs, each with the spans annotated in it.

    With `Accept: text/plain` (or `format=text`) the body alone: the text that `quote.start` and `quote.end` count in.
    """
    form = query.format or accepted(request, {"application/json": "json", "text/plain": "text"})
    with database.read() as reading:
        if form == "text":
            answer = items.document(reading, Article, id, column="body", media_type="text/plain")
        else:
            answer = items.document(reading, Article, id, column="text_document")
    answer.headers["Vary"] = "Accept"
    return answer
