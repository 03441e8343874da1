"""Work out the quality report of a data set from the rows of a filled database."""

import json
from collections import Counter, defaultdict
from itertools import groupby
from typing import Any, get_args

from sqlalchemy import Connection, Select, func, select
from sqlmodel import SQLModel

from app import schemas
from seed.publishing.digest import sha256
from seed.reading.body import QUOTABLE_KINDS

CODE_COLUMNS = {"claim": "kind", "recommendation": "strength"}
"""The tables of annotations, and the column by which the report counts each."""
MAX_LISTED = 1000
"""Articles and annotations of low confidence that the report lists; the rest is a number."""


def _select(kind: str, *columns: str) -> Select[Any]:
    """Return the statement that reads columns of both tables of a kind, in the order of keys."""
    item, text = SQLModel.metadata.tables[kind], SQLModel.metadata.tables[f"{kind}_text"]
    selected = (item.c[name] if name in item.c else text.c[name] for name in columns)
    return select(*selected).join_from(item, text, text.c.key == item.c.key).order_by(item.c.key)


def check_quotes(connection: Connection) -> schemas.QuoteCheck:
    """Compare every stored quote, its offsets and its digest with the stored body.

    Args:
        connection: to a filled database.
    """
    bodies = SQLModel.metadata.tables["article_text"].c
    checked, failing = 0, []
    for kind in CODE_COLUMNS:
        statement = _select(
            kind, "article_key", "id", "quote", "quote_start", "quote_end", "quote_sha256"
        )
        rows = connection.execute(statement, execution_options={"yield_per": 1000})
        # In the order of keys, the rows of an article follow one another: one body is in memory.
        for key, quotes in groupby(rows, key=lambda row: row.article_key):
            body = connection.execute(select(bodies.body).where(bodies.key == key)).scalar_one()
            for _, slug, quote, start, end, digest in quotes:
                checked += 1
                if body[start:end] != quote or sha256(quote) != digest:
                    failing.append(slug)
    return schemas.QuoteCheck(checked=checked, hold=checked - len(failing), failing=failing)


def assess(
    connection: Connection, version: str, agreement: schemas.Agreement | None = None
) -> schemas.Quality:
    """Return the quality report of a filled database.

    Args:
        connection: to the database.
        version: of its data set.
        agreement: of two separate codings, as the corpus states it.
    """
    confidence: Counter[str] = Counter()
    low: list[schemas.AnnotationRef] = []
    for kind in CODE_COLUMNS:
        item = SQLModel.metadata.tables[kind].c
        numbers = select(item.confidence, func.count()).group_by(item.confidence)
        for level, count in connection.execute(numbers):
            confidence[level] += count
        statement = _select(kind, "id", "statement").where(item.confidence == "low")
        for slug, sentence in connection.execute(statement.limit(MAX_LISTED - len(low))):
            low.append(schemas.AnnotationRef(id=slug, statement=sentence))
    articles = _article_qualities(connection)
    count = select(func.count()).select_from(SQLModel.metadata.tables["article"])
    return schemas.Quality(
        dataset=version,
        quotes=check_quotes(connection),
        agreement=agreement,
        articles=articles,
        articles_omitted=connection.execute(count).scalar_one() - len(articles),
        confidence={level: confidence[level] for level in get_args(schemas.Confidence)},
        low_confidence=low,
        low_confidence_omitted=confidence["low"] - len(low),
        themes_without_items=[
            schemas.ThemeRef(**_select_fields(document, schemas.ThemeRef))
            for document in _documents(connection, "theme")
            if not document["counts"]["claims"] and not document["counts"]["recommendations"]
        ],
        actors_without_items=[
            schemas.ActorRef(**_select_fields(document, schemas.ActorRef))
            for document in _documents(connection, "actor")
            if not any(count for role, count in document["counts"].items() if role != "articles")
        ],
    )


def _article_qualities(connection: Connection) -> list[schemas.ArticleQuality]:
    """Return how densely the first articles are annotated, and with which codes."""
    text = SQLModel.metadata.tables["article_text"].c
    first = select(text.key).order_by(text.key).limit(MAX_LISTED)
    codes: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    annotated: dict[int, set[int]] = defaultdict(set)
    for kind, column in CODE_COLUMNS.items():
        statement = _select(kind, "article_key", "paragraph", column)
        article_key = SQLModel.metadata.tables[kind].c.article_key
        for key, paragraph, code in connection.execute(statement.where(article_key.in_(first))):
            codes[kind, key][code] += 1
            annotated[key].add(paragraph)
    articles = []
    documents = select(text.key, text.text_document).where(text.key.in_(first)).order_by(text.key)
    for key, text_document in connection.execute(documents, execution_options={"yield_per": 100}):
        document = json.loads(text_document)
        quotable = [
            part["number"] for part in document["paragraphs"] if part["kind"] in QUOTABLE_KINDS
        ]
        articles.append(
            schemas.ArticleQuality(
                article=document["article"],
                claims={code: codes["claim", key][code] for code in get_args(schemas.ClaimKind)},
                recommendations={
                    code: codes["recommendation", key][code] for code in get_args(schemas.Strength)
                },
                paragraphs=len(quotable),
                annotated_paragraphs=len(annotated[key]),
                unannotated=[number for number in quotable if number not in annotated[key]],
                annotated_share=round(len(annotated[key]) / max(len(quotable), 1), 4),
            ),
        )
    return articles


def _documents(connection: Connection, kind: str) -> list[dict[str, Any]]:
    table = SQLModel.metadata.tables[f"{kind}_text"].c
    documents = connection.execute(select(table.document).order_by(table.key)).scalars()
    return [json.loads(document) for document in documents]


def _select_fields(document: dict[str, Any], shape: type[schemas.Shape]) -> dict[str, Any]:
    return {name: document[name] for name in shape.model_fields}
