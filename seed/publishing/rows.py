"""From checked records to the rows of the database, in the order in which they can be inserted."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel

from app import models, schemas
from app.database.names import fold
from app.database.vocabulary import Aliases
from app.query.parameters import date_range
from app.query.search.fields import SEARCH_FIELDS, index_entry, searchable_text
from seed.publishing.aggregates import actors_in
from seed.publishing.documents import Annotated, Documents, ordered
from seed.reading.corpus import Article, Corpus, names_of, number
from seed.reading.records import (
    ActorRecord,
    ClaimRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)

Row = tuple[type[SQLModel], dict[str, Any]]
Keys = Mapping[str, int]
Link = tuple[type[SQLModel], Sequence[str], Keys, str]


def sha256(content: str) -> str:
    """Return the hexadecimal SHA-256 of a text's UTF-8 bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


class Rows:
    """Every row but the data set's own.

    Keys are given in the order of publication: vocabularies in theirs, articles by slug, annotations by article and number.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.documents = Documents(corpus)
        self.themes = {theme.id: key for key, theme in enumerate(corpus.themes, 1)}
        self.places = {place.id: key for key, place in enumerate(corpus.places, 1)}
        self.actors = {actor.id: key for key, actor in enumerate(corpus.actors, 1)}
        self.spellings = Aliases(
            {
                "theme": {theme.id: _spelled(theme)[1:] for theme in corpus.themes},
                "place": {place.id: _spelled(place)[1:] for place in corpus.places},
                "actor": {actor.id: _spelled(actor)[1:] for actor in corpus.actors},
            },
        )

    def __iter__(self) -> Iterator[Row]:
        """Give the rows, each after those it refers to."""
        for theme in self.corpus.themes:
            yield from self._theme(theme)
        for place in self.corpus.places:
            yield from self._place(place)
        # A body that others belong to is inserted before them.
        for actor in sorted(
            self.corpus.actors, key=lambda actor: _depth(actor.id, self.documents.actor_records)
        ):
            yield from self._actor(actor)
        yield from self._actor_subjects()
        related = {relation.claim for relation in self.corpus.relations}
        claim_keys: dict[str, int] = {}
        claim_key = recommendation_key = 0
        for article_key, article in enumerate(self.corpus.articles, 1):
            yield from self._article(article_key, article)
            local: dict[str, int] = {}
            for claim in ordered(article.claims):
                claim_key += 1
                local[claim.id] = claim_key
                slug = f"{article.slug}.{claim.id}"
                if slug in related:
                    claim_keys[slug] = claim_key
                yield from self._claim(claim_key, article_key, article, claim)
            for item in ordered(article.recommendations):
                recommendation_key += 1
                yield from self._recommendation(
                    recommendation_key, article_key, article, item, local
                )
        for relation in self.corpus.relations:
            linked = {
                "claim_key": claim_keys[relation.claim],
                "other_key": claim_keys[relation.other],
            }
            yield models.ClaimRelation, {"type": relation.type, **linked, "note": relation.note}

    def _words(
        self, kind: str, key: int, document: schemas.Shape, body: str = ""
    ) -> dict[str, Any]:
        """Return what is shown of an item, and what full text finds it by."""
        content = document.model_dump()
        stems, lexemes = index_entry(
            searchable_text(kind, field, content, self.spellings, body)
            for field in SEARCH_FIELDS[kind]
        )
        return {
            "key": key,
            "stems": stems,
            "lexemes": lexemes,
            "document": document.model_dump_json(),
        }

    def _theme(self, theme: ThemeRecord) -> Iterator[Row]:
        document = self.documents.theme(theme)
        yield (
            models.Theme,
            {
                "key": self.themes[theme.id],
                **theme.model_dump(exclude={"broader", "alt_labels", "alt_labels_fr"}),
                "label_sort": fold(theme.label),
                "broader_key": self.themes[theme.broader] if theme.broader else None,
            },
        )
        yield models.ThemeText, self._words("theme", self.themes[theme.id], document)
        yield from _names(theme, models.ThemeName, "theme_key", self.themes[theme.id])

    def _place(self, place: PlaceRecord) -> Iterator[Row]:
        document = self.documents.place(place)
        yield (
            models.Place,
            {
                "key": self.places[place.id],
                **place.model_dump(exclude={"part_of", "aliases"}, mode="json"),
                "name_sort": fold(place.name),
                "part_of_key": self.places[place.part_of] if place.part_of else None,
            },
        )
        yield models.PlaceText, self._words("place", self.places[place.id], document)
        yield from _names(place, models.PlaceName, "place_key", self.places[place.id])

    def _actor(self, actor: ActorRecord) -> Iterator[Row]:
        document = self.documents.actor(actor)
        yield (
            models.Actor,
            {
                "key": self.actors[actor.id],
                **actor.model_dump(exclude={"part_of", "aliases"}, mode="json"),
                "name_sort": fold(actor.name),
                "part_of_key": self.actors[actor.part_of] if actor.part_of else None,
            },
        )
        yield models.ActorText, self._words("actor", self.actors[actor.id], document)
        yield from _names(actor, models.ActorName, "actor_key", self.actors[actor.id])

    def _article(self, key: int, article: Article) -> Iterator[Row]:
        record, body_sha256 = article.record, sha256(article.body.text)
        document = self.documents.article(article)
        yield (
            models.Article,
            {
                "key": key,
                "id": article.slug,
                "title": record.title,
                "title_sort": fold(record.title),
                "publisher_key": self.actors[record.publisher],
                "published": record.published,
                **_published(article),
                "kind": record.kind.value,
                "language": record.language,
                "url": record.url,
                "source_sha256": article.source_sha256,
                "body_sha256": body_sha256,
            },
        )
        text_document = self.documents.text(article, body_sha256).model_dump_json()
        texts = {"body": article.body.text, "text_document": text_document}
        yield models.ArticleText, self._words("article", key, document, article.body.text) | texts
        for name in sorted({fold(article.slug), fold(record.title)}):
            yield models.ArticleName, {"folded": name, "article_key": key}
        for position, author in enumerate(record.authors or (), 1):
            yield (
                models.ArticleAuthor,
                {"actor_key": self.actors[author], "article_key": key, "position": position},
            )
        items = list(article.annotations())
        themes = sorted({theme for item in items for theme in item.themes})
        places = sorted({place for item in items for place in item.places})
        yield from _links(
            "article_key",
            key,
            [(models.ArticleActor, sorted(actors_in(article)), self.actors, "actor_key")],
        )
        yield from self._subjects(
            "article_key", key, themes, models.ArticleTheme, places, models.ArticlePlace
        )

    def _actor_subjects(self) -> Iterator[Row]:
        """Give the themes and places of what each actor has a role in."""
        aggregates = self.documents.aggregates
        for slug, key in self.actors.items():
            themes, places = (
                sorted(aggregates.actor_themes.get(slug, ())),
                sorted(aggregates.actor_places.get(slug, ())),
            )
            yield from self._subjects(
                "actor_key", key, themes, models.ActorTheme, places, models.ActorPlace
            )

    def _subjects(  # noqa: PLR0913, PLR0917 - two tables with their values
        self,
        item_column: str,
        key: int,
        themes: Sequence[str],
        theme_table: type[SQLModel],
        places: Sequence[str],
        place_table: type[SQLModel],
        published_first: str | None = None,
    ) -> Iterator[Row]:
        """Give the links to themes and places, and to everything broader than these."""
        for table, slugs, keys, column, upwards in (
            (
                theme_table,
                themes,
                self.themes,
                "theme_key",
                self.documents.aggregates.broader_themes,
            ),
            (place_table, places, self.places, "place_key", self.documents.aggregates.wider_places),
        ):
            dated = (
                {}
                if published_first is None or table is place_table
                else {"published_first": published_first}
            )
            for linked in dict.fromkeys(above for slug in slugs for above in upwards[slug]):
                yield (
                    table,
                    {column: keys[linked], item_column: key, "direct": linked in slugs, **dated},
                )

    def _claim(
        self, key: int, article_key: int, article: Article, claim: ClaimRecord
    ) -> Iterator[Row]:
        document = self.documents.claim(article, claim)
        yield (
            models.Claim,
            {**self._annotation(key, article_key, article, claim, document), "kind": document.kind},
        )
        yield models.ClaimText, self._words("claim", key, document) | _statement(document)
        links: tuple[Link, ...] = (
            (models.ClaimSource, claim.sources, self.actors, "actor_key"),
            (models.ClaimAbout, claim.about, self.actors, "actor_key"),
            (models.ClaimActor, sorted({*claim.sources, *claim.about}), self.actors, "actor_key"),
        )
        yield from _links("claim_key", key, links)
        first = _published(article)["published_first"]
        yield from self._subjects(
            "claim_key",
            key,
            claim.themes,
            models.ClaimTheme,
            claim.places,
            models.ClaimPlace,
            first,
        )

    def _recommendation(
        self,
        key: int,
        article_key: int,
        article: Article,
        item: RecommendationRecord,
        claims: Keys,
    ) -> Iterator[Row]:
        document = self.documents.recommendation(article, item)
        coded = {
            "strength": document.strength,
            "explicit": item.explicit,
            "action": document.action,
        }
        yield (
            models.Recommendation,
            {**self._annotation(key, article_key, article, item, document), **coded},
        )
        yield (
            models.RecommendationText,
            self._words("recommendation", key, document) | _statement(document),
        )
        everybody = sorted({*item.sources, *item.addressees, *item.beneficiaries})
        links: tuple[Link, ...] = (
            (models.RecommendationSource, item.sources, self.actors, "actor_key"),
            (models.RecommendationAddressee, item.addressees, self.actors, "actor_key"),
            (models.RecommendationBeneficiary, item.beneficiaries, self.actors, "actor_key"),
            (models.RecommendationActor, everybody, self.actors, "actor_key"),
            (models.RecommendationClaim, item.based_on, claims, "claim_key"),
        )
        yield from _links("recommendation_key", key, links)
        yield from self._subjects(
            "recommendation_key",
            key,
            item.themes,
            models.RecommendationTheme,
            item.places,
            models.RecommendationPlace,
            _published(article)["published_first"],
        )

    def _annotation(
        self,
        key: int,
        article_key: int,
        article: Article,
        item: Annotated,
        document: schemas.Claim | schemas.Recommendation,
    ) -> dict[str, Any]:
        return {
            "key": key,
            "id": document.id,
            "article_key": article_key,
            "publisher_key": self.actors[article.record.publisher],
            "number": number(item.id),
            **_published(article),
            "confidence": document.coding.confidence,
        }


def _statement(document: schemas.Claim | schemas.Recommendation) -> dict[str, Any]:
    """Return what an annotation says, and the words it stands on."""
    quote = document.quote
    return {
        "statement": document.statement,
        "quote": quote.exact,
        "quote_start": quote.start,
        "quote_end": quote.end,
        "paragraph": quote.paragraph,
        "quote_sha256": sha256(quote.exact),
        "coder": document.coding.coder,
        "coded_on": document.coding.coded_on,
        "note": document.note,
    }


def _links(item_column: str, key: int, links: Iterable[Link]) -> Iterator[Row]:
    for table, slugs, keys, column in links:
        yield from ((table, {column: keys[slug], item_column: key}) for slug in slugs)


def _depth(slug: str, records: Mapping[str, ActorRecord]) -> int:
    depth = 0
    above = records[slug].part_of
    while above is not None:
        depth, above = depth + 1, records[above].part_of
    return depth


def _spelled(entry: ThemeRecord | PlaceRecord | ActorRecord) -> list[str]:
    """Return what an entry may be called, its id first; of spellings that are equal when folded, one, rather a name than the id.

    A name that is the very id is left out, since nobody could tell the two apart in the database.
    """
    slug, *names = names_of(entry)
    spellings = {fold(name): name for name in reversed(names)}
    return [slug, *dict.fromkeys(spellings[fold(name)] for name in names if name != slug)]


def _names(
    entry: ThemeRecord | PlaceRecord | ActorRecord, table: type[SQLModel], column: str, key: int
) -> Iterator[Row]:
    slug, *names = _spelled(entry)
    spellings = {fold(slug): slug} | {fold(name): name for name in names}
    for folded, name in spellings.items():
        yield table, {"folded": folded, "name": name, column: key}


def _published(article: Article) -> dict[str, str]:
    published = article.record.published
    first, last = date_range(published) if published else ("", "")
    return {"published_first": first, "published_last": last, "year": first[:4]}
