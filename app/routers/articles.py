"""The briefs and their texts: `/articles`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import col

from app import schemas
from app.database.database import get_database
from app.models import Article, ArticleActor, ArticlePlace, ArticleText, ArticleTheme
from app.query import items
from app.query.collection import Collection, Dimension, closed_list
from app.query.parameters import (
    CitableParameters,
    DatedFilters,
    FilterParameter,
    ListParameters,
    StatsParameters,
    choice_filter,
    sort_field,
)
from app.responses import jsonld
from app.responses.formats import MEDIA_TYPES
from app.responses.negotiation import preferred_type
from app.responses.openapi import (
    CITABLE_RESPONSES,
    LIST_RESPONSES,
    NOT_FOUND,
    TABLE_RESPONSES,
    format_responses,
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

router = APIRouter(prefix="/articles", tags=["articles"], route_class=ReadRoute)

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
        "theme": Dimension.by_link("themes", ArticleTheme, counted_with_themes=True),
        "place": Dimension.by_link("places", ArticlePlace),
        "publisher": Dimension("publishers", col(Article.publisher_key)),
        "year": Dimension("years", col(Article.year)),
        "actor": Dimension.by_link("actors", ArticleActor, hide_empty=True),
        "kind": Dimension(closed_list(schemas.ArticleKind), col(Article.kind)),
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

    kind: FilterParameter = choice_filter("Kinds of article", schemas.ArticleKind)


class ArticleQuery(ArticleFilters, ListParameters):
    """The parameters of `GET /articles`."""

    sort: str | None = sort_field(ARTICLES.sorts, "-published")


class ArticleStatsQuery(ArticleFilters, StatsParameters):
    """The parameters of `GET /articles/stats`."""


@router.get("", response_model=schemas.Page[schemas.Article], responses=LIST_RESPONSES)
def list_articles(request: Request, query: Annotated[ArticleQuery, Query()]) -> Response:
    """List the briefs.

    `theme`, `place` and `actor` find briefs with a claim or recommendation about them. `actor` also
    finds authors and publishers. `q` searches titles, texts, authors and publishers.
    """
    return collection_response(request, ARTICLES, query)


@router.get("/stats", response_model=schemas.Stats, responses=TABLE_RESPONSES)
def count_articles(request: Request, query: Annotated[ArticleStatsQuery, Query()]) -> Response:
    """Count briefs by one or two filters, zeros included. All filters of the list apply.

    `by=year` shows when they were published, `by=theme,publisher` who wrote about what.
    """
    return stats_response(request, ARTICLES, query)


@router.get("/{id}", response_model=schemas.Article, responses=CITABLE_RESPONSES)
def get_article(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[CitableParameters, Query()],
) -> Response:
    """Return one brief, with the same fields as in the list, or its citation."""
    return item_response(request, ARTICLES, id, query)


class ArticleTextParameters(BaseModel):
    """The parameters of `GET /articles/{id}/text`."""

    format: Literal["json", "text"] | None = Field(
        default=None, description="`json` or `text`. Overrides `Accept`"
    )


@router.get(
    "/{id}/text",
    response_model=schemas.ArticleText,
    responses=format_responses("text") | NOT_FOUND,
)
def get_article_text(
    request: Request,
    id: str,  # noqa: A002 - the contract's name
    query: Annotated[ArticleTextParameters, Query()],
) -> Response:
    """Return the body of a brief as numbered paragraphs, each with its annotated spans.

    `Accept: text/plain` or `format=text` gives the body alone. `quote.start` and `quote.end` are
    offsets in that text.
    """
    media_type = preferred_type(request, query.format, ("json", "text"))
    column = "text_document" if media_type == MEDIA_TYPES["json"] else "body"
    with get_database(request).read() as snapshot:
        document = items.get_document(snapshot, Article, ArticleText, id, column)
    return encoded_response(media_type, document)
