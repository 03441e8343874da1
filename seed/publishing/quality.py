"""How well a filled database holds: worked out from what is stored in it, not from what was meant to be stored."""

import json
from collections import Counter, defaultdict
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import SQLModel

from app import schemas
from seed.publishing.rows import sha256
from seed.reading.body import QUOTABLE

TABLES = ("claim", "recommendation")
MAX_LISTED = 1000
"""Articles, and annotations coded with little confidence, that are listed; of more it is said how many."""


def check_quotes(connection: Connection) -> schemas.QuoteCheck:
    """Compare every stored quote, its offsets and digest with the stored body.

    Args:
        connection: to a filled database.
    """
    article = SQLModel.metadata.tables["article_text"].c
    checked, failing = 0, []
    for name in TABLES:
        item, text = SQLModel.metadata.tables[name], SQLModel.metadata.tables[f"{name}_text"]
        columns = (
            item.c.id,
            item.c.article_key,
            text.c.quote,
            text.c.quote_start,
            text.c.quote_end,
            text.c.quote_sha256,
        )
        statement = (
            select(*columns).join_from(item, text, text.c.key == item.c.key).order_by(item.c.key)
        )
        rows = connection.execute(statement, execution_options={"yield_per": 1000})
        # In the order of keys all of an article stand together: one text at a time is held.
        for key, quotes in groupby(rows, key=lambda row: row.article_key):
            body = connection.execute(select(article.body).where(article.key == key)).scalar_one()
            for slug, _, quote, start, end, digest in quotes:
                checked += 1
                if body[start:end] != quote or sha256(quote) != digest:
                    failing.append(slug)
    return schemas.QuoteCheck(checked=checked, hold=checked - len(failing), failing=failing)


def assess(connection: Connection, version: str) -> schemas.Quality:
    """Return the quality of a filled database.

    Args:
        connection: to the database.
        version: of the data set that it holds.
    """
    tables = SQLModel.metadata.tables
    kinds: dict[str, dict[int, Counter[str]]] = {name: defaultdict(Counter) for name in TABLES}
    annotated: dict[int, set[int]] = defaultdict(set)
    confidence: Counter[str] = Counter()
    low: list[schemas.AnnotationRef] = []
    article = tables["article_text"]
    listed = list(
        connection.execute(select(article.c.key).order_by("key").limit(MAX_LISTED)).scalars()
    )
    number = connection.execute(select(func.count()).select_from(tables["article"])).scalar_one()
    for name, code in (("claim", "kind"), ("recommendation", "strength")):
        stored, text = tables[name], tables[f"{name}_text"]
        coded = select(stored.c.article_key, text.c.paragraph, stored.c[code]).join_from(
            stored, text, text.c.key == stored.c.key
        )
        for key, paragraph, value in connection.execute(
            coded.where(stored.c.article_key.in_(listed))
        ):
            kinds[name][key][value] += 1
            annotated[key].add(paragraph)
        confidence += Counter(
            dict(
                map(
                    tuple,
                    connection.execute(
                        select(stored.c.confidence, func.count()).group_by("confidence")
                    ),
                )
            )
        )
        unsure = select(stored.c.id, text.c.statement).join_from(
            stored, text, text.c.key == stored.c.key
        )
        unsure = (
            unsure.where(stored.c.confidence == "low")
            .order_by(stored.c.key)
            .limit(MAX_LISTED - len(low))
        )
        low += [
            schemas.AnnotationRef(id=slug, statement=said)
            for slug, said in connection.execute(unsure)
        ]
    articles = []
    for key in listed:
        document = json.loads(
            connection.execute(
                select(article.c.text_document).where(article.c.key == key)
            ).scalar_one()
        )
        quotable = [
            paragraph for paragraph in document["paragraphs"] if paragraph["kind"] in QUOTABLE
        ]
        articles.append(
            schemas.ArticleQuality(
                article=document["article"],
                claims={kind: kinds["claim"][key][kind] for kind in schemas.ClaimKind},
                recommendations={
                    strength: kinds["recommendation"][key][strength]
                    for strength in schemas.Strength
                },
                paragraphs=len(quotable),
                annotated_paragraphs=len(annotated[key]),
                annotated_share=round(len(annotated[key]) / len(quotable), 4) if quotable else 0.0,
            ),
        )
    return schemas.Quality(
        dataset=version,
        quotes=check_quotes(connection),
        articles=articles,
        articles_omitted=number - len(articles),
        confidence={sure: confidence[sure] for sure in schemas.Confidence},
        low_confidence=low,
        low_confidence_omitted=confidence["low"] - len(low),
        themes_without_items=[
            schemas.ThemeRef(**_only(document, schemas.ThemeRef))
            for document in _documents(connection, "theme")
            if not document["counts"]["claims"] and not document["counts"]["recommendations"]
        ],
        actors_without_items=[
            schemas.ActorRef(**_only(document, schemas.ActorRef))
            for document in _documents(connection, "actor")
            if not any(count for role, count in document["counts"].items() if role != "articles")
        ],
    )


def _documents(connection: Connection, name: str) -> list[dict[str, Any]]:
    stored = SQLModel.metadata.tables[f"{name}_text"].c
    return [
        json.loads(document)
        for document in connection.execute(select(stored.document).order_by(stored.key)).scalars()
    ]


def _only(document: dict[str, Any], shape: type[schemas.Shape]) -> dict[str, Any]:
    return {name: document[name] for name in shape.model_fields}
