"""Make the rows of the database from checked records, in an order that foreign keys allow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel

from app import models, schemas
from app.database.names import fold
from app.database.vocabulary import Aliases
from app.query.parameters import date_range
from app.query.search.fields import index_entry, searchable_text
from app.routers import KINDS
from seed.publishing.aggregates import actors_in
from seed.publishing.digest import sha256
from seed.publishing.documents import Annotation, Documents, sort_by_number
from seed.reading.corpus import Article, Corpus, entry_names, local_number
from seed.reading.records import (
    ActorRecord,
    ClaimRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)

Row = tuple[type[SQLModel], dict[str, Any]]

ENTRY_TABLES: Mapping[str, tuple[type[SQLModel], type[SQLModel], type[SQLModel]]] = {
    "theme": (models.Theme, models.ThemeText, models.ThemeName),
    "place": (models.Place, models.PlaceText, models.PlaceName),
    "actor": (models.Actor, models.ActorText, models.ActorName),
}
"""The tables of each vocabulary: entries, their texts, and the names that lead to them."""

NOT_STORED = {"broader", "part_of", "aliases", "alt_labels", "alt_labels_fr"}
"""Fields of vocabulary records that have other columns or tables."""

SUBJECT_TABLES: Mapping[str, tuple[type[SQLModel], type[SQLModel]]] = {
    "actor": (models.ActorTheme, models.ActorPlace),
    "article": (models.ArticleTheme, models.ArticlePlace),
    "claim": (models.ClaimTheme, models.ClaimPlace),
    "recommendation": (models.RecommendationTheme, models.RecommendationPlace),
}
"""The tables that link items of each kind to themes and to places."""


class Rows:
    """Iterates over every row but that of the data set.

    Keys follow the published order: that of the vocabularies, articles by id, annotations by
    article and number.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.documents = Documents(corpus)
        self.themes = {theme.id: key for key, theme in enumerate(corpus.themes, 1)}
        self.places = {place.id: key for key, place in enumerate(corpus.places, 1)}
        self.actors = {actor.id: key for key, actor in enumerate(corpus.actors, 1)}
        self.aliases = Aliases(
            {
                "theme": {theme.id: _distinct_names(theme) for theme in corpus.themes},
                "place": {place.id: _distinct_names(place) for place in corpus.places},
                "actor": {actor.id: _distinct_names(actor) for actor in corpus.actors},
            },
        )

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows, each after the rows that it refers to."""
        for theme in self.corpus.themes:
            yield from self._theme(theme)
        for place in self.corpus.places:
            yield from self._place(place)
        records = self.documents.actor_records
        # An actor is inserted after the actor that it is part of.
        for actor in sorted(self.corpus.actors, key=lambda actor: _depth(actor.id, records)):
            yield from self._actor(actor)
        related = {relation.claim for relation in self.corpus.relations}
        related_keys: dict[str, int] = {}
        claim_key = recommendation_key = 0
        for article_key, article in enumerate(self.corpus.articles, 1):
            yield from self._article(article_key, article)
            claim_keys: dict[str, int] = {}
            for claim in sort_by_number(article.claims):
                claim_key += 1
                claim_keys[claim.id] = claim_key
                slug = f"{article.slug}.{claim.id}"
                if slug in related:
                    related_keys[slug] = claim_key
                yield from self._claim(claim_key, article_key, article, claim)
            for item in sort_by_number(article.recommendations):
                recommendation_key += 1
                yield from self._recommendation(recommendation_key, article_key, article, item)
                for claim_id in item.based_on:
                    keys = {
                        "recommendation_key": recommendation_key,
                        "claim_key": claim_keys[claim_id],
                    }
                    yield models.RecommendationClaim, keys
        for relation in self.corpus.relations:
            keys = {
                "claim_key": related_keys[relation.claim],
                "other_key": related_keys[relation.other],
            }
            yield models.ClaimRelation, {**keys, "type": relation.type, "note": relation.note}

    def _text_row(
        self, kind: str, key: int, document: schemas.Shape, body: str = ""
    ) -> dict[str, Any]:
        """Return the row of an item in its text table: the document and the search index."""
        content = document.model_dump()
        stems, lexemes = index_entry(
            searchable_text(kind, field, content, self.aliases, body)
            for field in KINDS[kind].search_fields
        )
        return {
            "key": key,
            "stems": stems,
            "lexemes": lexemes,
            "document": document.model_dump_json(),
        }

    def _entry(
        self,
        kind: str,
        key: int,
        entry: ThemeRecord | PlaceRecord | ActorRecord,
        document: schemas.Shape,
        columns: Mapping[str, Any],
    ) -> Iterator[Row]:
        """Iterate over the rows of an entry of a vocabulary: its own, its text and its names.

        Args:
            kind: theme, place or actor.
            key: of the entry.
            entry: the record.
            document: the document of the entry.
            columns: that differ from the fields of the record.
        """
        table, text_table, name_table = ENTRY_TABLES[kind]
        fields = entry.model_dump(exclude=NOT_STORED, mode="json")
        yield table, {"key": key, **fields, **columns}
        yield text_table, self._text_row(kind, key, document)
        # A name replaces an id that is equal when folded.
        names = {fold(entry.id): entry.id} | {fold(name): name for name in _distinct_names(entry)}
        for folded, name in names.items():
            yield name_table, {"folded": folded, "name": name, f"{kind}_key": key}

    def _theme(self, theme: ThemeRecord) -> Iterator[Row]:
        broader = self.themes[theme.broader] if theme.broader else None
        columns = {"label_sort": fold(theme.label), "broader_key": broader}
        document = self.documents.theme(theme)
        yield from self._entry("theme", self.themes[theme.id], theme, document, columns)

    def _place(self, place: PlaceRecord) -> Iterator[Row]:
        part_of = self.places[place.part_of] if place.part_of else None
        columns = {"name_sort": fold(place.name), "part_of_key": part_of}
        document = self.documents.place(place)
        yield from self._entry("place", self.places[place.id], place, document, columns)

    def _actor(self, actor: ActorRecord) -> Iterator[Row]:
        key = self.actors[actor.id]
        part_of = self.actors[actor.part_of] if actor.part_of else None
        columns = {"name_sort": fold(actor.name), "part_of_key": part_of}
        yield from self._entry("actor", key, actor, self.documents.actor(actor), columns)
        aggregates = self.documents.aggregates
        themes = sorted(aggregates.actor_themes.get(actor.id, ()))
        places = sorted(aggregates.actor_places.get(actor.id, ()))
        yield from self._subject_links("actor", key, themes, places)

    def _article(self, key: int, article: Article) -> Iterator[Row]:
        record, body = article.record, article.body.text
        body_sha256 = sha256(body)
        row = {
            "key": key,
            "id": article.slug,
            "title": record.title,
            "title_sort": fold(record.title),
            "publisher_key": self.actors[record.publisher],
            "published": record.published,
            **_publication_dates(article),
            "kind": record.kind,
            "language": record.language,
            "url": record.url,
            "source_sha256": article.source_sha256,
            "body_sha256": body_sha256,
        }
        yield models.Article, row
        text = self._text_row("article", key, self.documents.article(article), body)
        text_document = self.documents.text(article, body_sha256).model_dump_json()
        yield models.ArticleText, {**text, "body": body, "text_document": text_document}
        for name in sorted({fold(article.slug), fold(record.title)}):
            yield models.ArticleName, {"folded": name, "article_key": key}
        for position, author in enumerate(record.authors or (), 1):
            link = {"actor_key": self.actors[author], "article_key": key, "position": position}
            yield models.ArticleAuthor, link
        yield from self._actor_links(
            "article", key, {models.ArticleActor: sorted(actors_in(article))}
        )
        items = list(article.annotations())
        themes = sorted({theme for item in items for theme in item.themes})
        places = sorted({place for item in items for place in item.places})
        yield from self._subject_links("article", key, themes, places)

    def _claim(
        self, key: int, article_key: int, article: Article, claim: ClaimRecord
    ) -> Iterator[Row]:
        document = self.documents.claim(article, claim)
        row = self._annotation_row(key, article_key, article, claim, document)
        yield models.Claim, {**row, "kind": document.kind}
        yield models.ClaimText, self._text_row("claim", key, document) | _quote_row(document)
        actors = {
            models.ClaimSource: claim.sources,
            models.ClaimAbout: claim.about,
            models.ClaimActor: sorted({*claim.sources, *claim.about}),
        }
        yield from self._actor_links("claim", key, actors)
        dates = _publication_dates(article)
        yield from self._subject_links("claim", key, claim.themes, claim.places, dates)

    def _recommendation(
        self, key: int, article_key: int, article: Article, item: RecommendationRecord
    ) -> Iterator[Row]:
        document = self.documents.recommendation(article, item)
        row = self._annotation_row(key, article_key, article, item, document)
        codes = {
            "strength": document.strength,
            "explicit": item.explicit,
            "action": document.action,
        }
        yield models.Recommendation, {**row, **codes}
        text = self._text_row("recommendation", key, document)
        yield models.RecommendationText, text | _quote_row(document)
        actors = {
            models.RecommendationSource: item.sources,
            models.RecommendationAddressee: item.addressees,
            models.RecommendationBeneficiary: item.beneficiaries,
            models.RecommendationActor: sorted(
                {*item.sources, *item.addressees, *item.beneficiaries}
            ),
        }
        yield from self._actor_links("recommendation", key, actors)
        dates = _publication_dates(article)
        yield from self._subject_links("recommendation", key, item.themes, item.places, dates)

    def _annotation_row(
        self,
        key: int,
        article_key: int,
        article: Article,
        item: Annotation,
        document: schemas.Claim | schemas.Recommendation,
    ) -> dict[str, Any]:
        """Return the columns that the tables of claims and of recommendations share."""
        return {
            "key": key,
            "id": document.id,
            "article_key": article_key,
            "publisher_key": self.actors[article.record.publisher],
            "number": local_number(item.id),
            **_publication_dates(article),
            "confidence": document.coding.confidence,
        }

    def _actor_links(
        self, kind: str, key: int, actors: Mapping[Any, Iterable[str]]
    ) -> Iterator[Row]:
        """Iterate over the links of an item to actors, by link table."""
        for table, slugs in actors.items():
            for slug in slugs:
                yield table, {"actor_key": self.actors[slug], f"{kind}_key": key}

    def _subject_links(
        self,
        kind: str,
        key: int,
        themes: Sequence[str],
        places: Sequence[str],
        dates: Mapping[str, str] | None = None,
    ) -> Iterator[Row]:
        """Iterate over the links of an item to themes and places, and to all broader ones.

        Args:
            kind: of the item.
            key: of the item.
            themes: that the item is coded with.
            places: that the item is coded with.
            dates: of publication, if links to themes of this kind have them.
        """
        theme_table, place_table = SUBJECT_TABLES[kind]
        aggregates = self.documents.aggregates
        dated = {} if dates is None else {"published_first": dates["published_first"]}
        for theme in _with_broader(themes, aggregates.broader_themes):
            link = {"theme_key": self.themes[theme], f"{kind}_key": key, "direct": theme in themes}
            yield theme_table, {**link, **dated}
        for place in _with_broader(places, aggregates.wider_places):
            link = {"place_key": self.places[place], f"{kind}_key": key, "direct": place in places}
            yield place_table, link


def _with_broader(slugs: Iterable[str], chains: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Return entries of a hierarchy with everything broader, each once."""
    return dict.fromkeys(broader for slug in slugs for broader in chains[slug])


def _quote_row(document: schemas.Claim | schemas.Recommendation) -> dict[str, Any]:
    """Return the columns that only the text tables of annotations have."""
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


def _depth(slug: str, records: Mapping[str, ActorRecord]) -> int:
    """Return the number of actors that an actor is part of, directly or not."""
    depth = 0
    parent = records[slug].part_of
    while parent is not None:
        depth, parent = depth + 1, records[parent].part_of
    return depth


def _distinct_names(entry: ThemeRecord | PlaceRecord | ActorRecord) -> list[str]:
    """Return the names of an entry; of those that are equal when folded, only the first.

    A name that equals the id is left out: the database could not tell the two apart.
    """
    slug, *names = entry_names(entry)
    first = {fold(name): name for name in reversed(names)}
    return list(dict.fromkeys(first[fold(name)] for name in names if name != slug))


def _publication_dates(article: Article) -> dict[str, str]:
    """Return the first and last day on which an article may have been published, and the year."""
    published = article.record.published
    first, last = date_range(published) if published else ("", "")
    return {"published_first": first, "published_last": last, "year": first[:4]}
