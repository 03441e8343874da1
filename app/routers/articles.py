"""The briefs and their texts: `/articles`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import col

from app import schemas
from app.database.database import DatabaseDep
from app.models import Article, ArticleActor, ArticlePlace, ArticleText, ArticleTheme
from app.query import items
from app.query.collection import Collection, Dimension
from app.query.parameters import (
    CitableParameters,
    DatedFilters,
    FilterParameter,
    ListParameters,
    StatsParameters,
)
from app.responses import jsonld
from app.responses.formats import MEDIA_TYPES
from app.responses.negotiation import preferred_type
from app.responses.openapi import (
    CITABLE_RESPONSES,
    COMMON_RESPONSES,
    LIST_RESPONSES,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    STATS_RESPONSES,
)
from app.responses.responses import (
    collection_response,
    encoded_response,
    item_response,
    stats_response,
)
from app.responses.tables import (
    MATCH,
    SELF,
    SUBJECTS,
    count_columns,
    plain_columns,
    reference_columns,
)
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/articles", tags=["articles"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

ARTICLES = Collection(
    name="articles",
    table=Article,
    texts=ArticleText,
    shape=schemas.Article,
    sorts={
        "id": col(Article.key),
        "published": col(Article.published_first),
        "title": col(Article.title_sort),
    },
    dimensions={
        "theme": Dimension(
            "themes",
            col(ArticleTheme.theme_key),
            col(ArticleTheme.article_key),
            coded_directly=col(ArticleTheme.direct),
            counted_with_themes=True,
        ),
        "place": Dimension(
            "places",
            col(ArticlePlace.place_key),
            col(ArticlePlace.article_key),
            coded_directly=col(ArticlePlace.direct),
        ),
        "publisher": Dimension("publishers", col(Article.publisher_key)),
        "year": Dimension("years", col(Article.year)),
        "actor": Dimension(
            "actors", col(ArticleActor.actor_key), col(ArticleActor.article_key), hide_empty=True
        ),
        "kind": Dimension(
            {value.value: value.value for value in schemas.ArticleKind}, col(Article.kind)
        ),
    },
    columns=[
        *plain_columns("id", "title", "publisher", "publisher_id"),
        *reference_columns("authors", "author", "name"),
        *plain_columns("published", "kind", "language", "url", "rights", "note"),
        *SUBJECTS,
        *count_columns("claims", "recommendations", "actors", "paragraphs"),
        SELF,
        *MATCH,
    ],
    search_fields={"title": 4, "body": 1, "actors": 2},
    face=jsonld.ARTICLE,
    is_citable=True,
    body=col(ArticleText.body),
)


class ArticleFilters(DatedFilters):
    """The filters of articles."""

    kind: FilterParameter = Field(
        default=(),
        description="Kinds of article: " + ", ".join(f"`{k}`" for k in schemas.ArticleKind),
    )


class ArticleQuery(ArticleFilters, ListParameters):
    """The parameters of `GET /articles`."""

    sort: str | None = Field(
        default=None,
        max_length=100,
        description="`id` (if not given), `published`, `title`; several with commas, `-` for descending. With `q` also "
        "`relevance`, which is then the order if none is given",
        examples=["-published"],
    )


class ArticleStatsQuery(ArticleFilters, StatsParameters):
    """The parameters of `GET /articles/stats`."""


@router.get("", response_model=schemas.Page[schemas.Article], responses=LIST_RESPONSES)
def list_articles(
    request: Request, database: DatabaseDep, query: Annotated[ArticleQuery, Query()]
) -> Response:
    """List the briefs.

    `theme`, `place` and `actor` give the briefs with a claim or recommendation on them; `actor` also finds authors and publishers;
    `q` searches titles, texts, authors and publishers.
    """
    return collection_response(request, database, ARTICLES, query)


@router.get("/stats", response_model=schemas.Stats, responses=STATS_RESPONSES)
def count_articles(
    request: Request, database: DatabaseDep, query: Annotated[ArticleStatsQuery, Query()]
) -> Response:
    """Count briefs by one or two filters, under the same filters as the list, zeros included.

    `by=year` shows when they appeared, `by=theme,publisher` who wrote on what.
    """
    return stats_response(request, database, ARTICLES, query)


@router.get("/{id}", response_model=schemas.Article, responses=CITABLE_RESPONSES)
def get_article(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    database: DatabaseDep,
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Give one brief, in the same shape as in the list; or its citation."""
    return item_response(request, database, ARTICLES, id, query)


class TextQuery(BaseModel):
    """The parameters of `GET /articles/{id}/text`."""

    format: Literal["json", "text"] | None = Field(
        default=None, description="`json` or `text`; overrides `Accept`"
    )


@router.get(
    "/{id}/text",
    response_model=schemas.ArticleText,
    responses=NOT_FOUND
    | NOT_ACCEPTABLE
    | {
        200: {
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": "In a year replete with military coups …",
                }
            }
        }
    },
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
    media_type = preferred_type(request, query.format, ("json", "text"))
    column = "text_document" if media_type == MEDIA_TYPES["json"] else "body"
    with database.read() as snapshot:
        document = items.get_document(snapshot, Article, ArticleText, id, column)
    return encoded_response(media_type, document)
