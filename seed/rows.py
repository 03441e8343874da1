"""From checked records to the rows of the database, in the order in which they can be inserted."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel

from app import models, schemas
from app.names import fold
from app.query import days
from seed.corpus import Article, Corpus, names_of, number
from seed.documents import Annotated, Documents, ordered
from seed.records import ActorRecord, PlaceRecord, ThemeRecord

Row = tuple[type[SQLModel], dict[str, Any]]
Keys = Mapping[str, int]
Link = tuple[type[SQLModel], Sequence[str], Keys, str]


def sha256(content: str) -> str:
    """Return the hexadecimal SHA-256 of a text's UTF-8 bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def rows(corpus: Corpus) -> Iterator[Row]:
    """Give every row but the data set's own, each after the rows it refers to.

    Keys are given in the order of publication: vocabularies in theirs, articles by slug, annotations by article and number.
    """
    documents = Documents(corpus)
    themes = {theme.id: key for key, theme in enumerate(corpus.themes, 1)}
    places = {place.id: key for key, place in enumerate(corpus.places, 1)}
    actors = {actor.id: key for key, actor in enumerate(corpus.actors, 1)}
    for theme in corpus.themes:
        yield from _theme(theme, themes, documents)
    for place in corpus.places:
        yield from _place(place, places, documents)
    # A body that others belong to is inserted before them.
    for actor in sorted(corpus.actors, key=lambda actor: _depth(actor.id, documents.actor_records)):
        yield from _actor(actor, actors, documents)
    for key, article in enumerate(corpus.articles, 1):
        yield from _article(key, article, actors, documents)
    claims: dict[str, int] = {}
    for article_key, article in enumerate(corpus.articles, 1):
        for claim in ordered(article.claims):
            key = claims[f"{article.slug}.{claim.id}"] = len(claims) + 1
            document = documents.claim(article, claim)
            shared = _annotation(key, article_key, article, claim, document)
            yield models.Claim, {**shared, "kind": document.kind}
            links: tuple[Link, ...] = (
                (models.ClaimSource, claim.sources, actors, "actor_key"),
                (models.ClaimAbout, claim.about, actors, "actor_key"),
                (models.ClaimTheme, claim.themes, themes, "theme_key"),
                (models.ClaimPlace, claim.places, places, "place_key"),
            )
            yield from _links("claim_key", key, links)
    for relation in corpus.relations:
        linked = {"claim_key": claims[relation.claim], "other_key": claims[relation.other]}
        yield models.ClaimRelation, {"type": relation.type, **linked, "note": relation.note}
    key = 0
    for article_key, article in enumerate(corpus.articles, 1):
        local = {claim.id: claims[f"{article.slug}.{claim.id}"] for claim in article.claims}
        for item in ordered(article.recommendations):
            key += 1
            recommendation = documents.recommendation(article, item)
            coded = {"strength": recommendation.strength, "explicit": item.explicit, "action": recommendation.action}
            yield models.Recommendation, {**_annotation(key, article_key, article, item, recommendation), **coded}
            links = (
                (models.RecommendationSource, item.sources, actors, "actor_key"),
                (models.RecommendationAddressee, item.addressees, actors, "actor_key"),
                (models.RecommendationBeneficiary, item.beneficiaries, actors, "actor_key"),
                (models.RecommendationTheme, item.themes, themes, "theme_key"),
                (models.RecommendationPlace, item.places, places, "place_key"),
                (models.RecommendationClaim, item.based_on, local, "claim_key"),
            )
            yield from _links("recommendation_key", key, links)


def _links(item_column: str, key: int, links: Iterable[Link]) -> Iterator[Row]:
    for table, slugs, keys, column in links:
        yield from ((table, {column: keys[slug], item_column: key}) for slug in slugs)


def _depth(slug: str, records: Mapping[str, ActorRecord]) -> int:
    depth = 0
    above = records[slug].part_of
    while above is not None:
        depth, above = depth + 1, records[above].part_of
    return depth


def _names(entry: ThemeRecord | PlaceRecord | ActorRecord, table: type[SQLModel], column: str, key: int) -> Iterator[Row]:
    spellings: dict[str, str] = {}
    for name in names_of(entry):
        spellings.setdefault(fold(name), name)
    for folded, name in spellings.items():
        yield table, {"folded": folded, "name": name, column: key}


def _theme(theme: ThemeRecord, keys: Keys, documents: Documents) -> Iterator[Row]:
    yield (
        models.Theme,
        {
            "key": keys[theme.id],
            **theme.model_dump(exclude={"broader", "alt_labels", "alt_labels_fr"}),
            "label_sort": fold(theme.label),
            "broader_key": keys[theme.broader] if theme.broader else None,
            "document": documents.theme(theme).model_dump_json(),
        },
    )
    yield from _names(theme, models.ThemeName, "theme_key", keys[theme.id])


def _place(place: PlaceRecord, keys: Keys, documents: Documents) -> Iterator[Row]:
    yield (
        models.Place,
        {
            "key": keys[place.id],
            **place.model_dump(exclude={"part_of", "aliases"}, mode="json"),
            "name_sort": fold(place.name),
            "part_of_key": keys[place.part_of] if place.part_of else None,
            "document": documents.place(place).model_dump_json(),
        },
    )
    yield from _names(place, models.PlaceName, "place_key", keys[place.id])


def _actor(actor: ActorRecord, keys: Keys, documents: Documents) -> Iterator[Row]:
    yield (
        models.Actor,
        {
            "key": keys[actor.id],
            **actor.model_dump(exclude={"part_of", "aliases"}, mode="json"),
            "name_sort": fold(actor.name),
            "part_of_key": keys[actor.part_of] if actor.part_of else None,
            "document": documents.actor(actor).model_dump_json(),
        },
    )
    yield from _names(actor, models.ActorName, "actor_key", keys[actor.id])


def _published(article: Article) -> dict[str, str]:
    first, last = days(article.record.published) if article.record.published else ("", "")
    return {"published_first": first, "published_last": last}


def _article(key: int, article: Article, actors: Keys, documents: Documents) -> Iterator[Row]:
    record, body_sha256 = article.record, sha256(article.body.text)
    yield (
        models.Article,
        {
            "key": key,
            "id": article.slug,
            "title": record.title,
            "title_sort": fold(record.title),
            "publisher_key": actors[record.publisher],
            "published": record.published,
            **_published(article),
            "kind": record.kind.value,
            "language": record.language,
            "url": record.url,
            "source_sha256": article.source_sha256,
            "body": article.body.text,
            "body_sha256": body_sha256,
            "document": documents.article(article).model_dump_json(),
            "text_document": documents.text(article, body_sha256).model_dump_json(),
        },
    )
    for position, author in enumerate(record.authors or (), 1):
        yield models.ArticleAuthor, {"actor_key": actors[author], "article_key": key, "position": position}


def _annotation(
    key: int,
    article_key: int,
    article: Article,
    item: Annotated,
    document: schemas.Claim | schemas.Recommendation,
) -> dict[str, Any]:
    quote, coding = document.quote, document.coding
    return {
        "key": key,
        "id": document.id,
        "article_key": article_key,
        "number": number(item.id),
        **_published(article),
        "statement": document.statement,
        "quote": quote.exact,
        "quote_start": quote.start,
        "quote_end": quote.end,
        "paragraph": quote.paragraph,
        "quote_sha256": sha256(quote.exact),
        "confidence": coding.confidence,
        "coder": coding.coder,
        "coded_on": coding.coded_on,
        "note": document.note,
        "document": document.model_dump_json(),
    }
