"""Make the published documents, as ``app/schemas.py`` defines them, from checked records."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from app import schemas
from seed.publishing.aggregates import Aggregates, actors_in
from seed.publishing.text_fragment import fold_page, text_fragment
from seed.reading.body import QuoteSpan
from seed.reading.corpus import Article, Corpus, local_number
from seed.reading.records import (
    ActorRecord,
    ClaimRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)

CONTEXT_LENGTH = 32
"""Code points before and after a quote that tell it apart, as the Web Annotation model suggests."""

Annotation = ClaimRecord | RecommendationRecord
AnyAnnotation = TypeVar("AnyAnnotation", ClaimRecord, RecommendationRecord)


class Documents:
    """Makes the documents of one corpus.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.aggregates = Aggregates(corpus)
        self.actor_records = {actor.id: actor for actor in corpus.actors}
        self.theme_records = {theme.id: theme for theme in corpus.themes}
        self.place_records = {place.id: place for place in corpus.places}
        # The last article whose page was folded: id, page, folded page.
        self._page: tuple[str, str, str] = ("", "", "")

    # --- references ---

    def actor_ref(self, slug: str) -> schemas.ActorRef:
        actor = self.actor_records[slug]
        return schemas.ActorRef(
            id=actor.id, name=actor.name, kind=actor.kind, pseudonym=actor.pseudonym
        )

    def theme_ref(self, slug: str) -> schemas.ThemeRef:
        theme = self.theme_records[slug]
        return schemas.ThemeRef(id=theme.id, label=theme.label, label_fr=theme.label_fr)

    def place_ref(self, slug: str) -> schemas.PlaceRef:
        place = self.place_records[slug]
        return schemas.PlaceRef(id=place.id, name=place.name, iso=place.iso)

    def article_ref(self, article: Article) -> schemas.ArticleRef:
        record = article.record
        return schemas.ArticleRef(
            id=article.slug,
            title=record.title,
            publisher=self.actor_records[record.publisher].name,
            publisher_id=record.publisher,
            published=record.published,
        )

    def actor_refs(self, slugs: Iterable[str]) -> list[schemas.ActorRef]:
        return [self.actor_ref(slug) for slug in slugs]

    def theme_refs(self, slugs: Iterable[str]) -> list[schemas.ThemeRef]:
        return [self.theme_ref(slug) for slug in slugs]

    def place_refs(self, slugs: Iterable[str]) -> list[schemas.PlaceRef]:
        return [self.place_ref(slug) for slug in slugs]

    @cached_property
    def relations(self) -> Mapping[str, list[schemas.Relation]]:
        relations = defaultdict(list)
        for relation in self.corpus.relations:
            document = schemas.Relation(
                type=relation.type,
                claim=self.aggregates.related_claims[relation.other],
                note=relation.note,
            )
            relations[relation.claim].append(document)
        return relations

    # --- items ---

    def theme(self, theme: ThemeRecord) -> schemas.Theme:
        return schemas.Theme(
            id=theme.id,
            label=theme.label,
            label_fr=theme.label_fr,
            definition=theme.definition,
            definition_fr=theme.definition_fr,
            scope_note=theme.scope_note,
            scope_note_fr=theme.scope_note_fr,
            alt_labels=theme.alt_labels,
            alt_labels_fr=theme.alt_labels_fr,
            broader=self.theme_ref(theme.broader) if theme.broader else None,
            narrower=self.theme_refs(
                other.id for other in self.corpus.themes if other.broader == theme.id
            ),
            counts=_vocabulary_counts(self.aggregates.theme_counts[theme.id]),
            links=schemas.ThemeLinks(
                self=f"/themes/{theme.id}",
                claims=f"/claims?theme={theme.id}",
                recommendations=f"/recommendations?theme={theme.id}",
            ),
            highlight=None,
            matched_in=None,
        )

    def place(self, place: PlaceRecord) -> schemas.Place:
        return schemas.Place(
            id=place.id,
            name=place.name,
            name_fr=place.name_fr,
            kind=place.kind,
            iso=place.iso,
            aliases=place.aliases,
            part_of=self.place_ref(place.part_of) if place.part_of else None,
            parts=self.place_refs(
                other.id for other in self.corpus.places if other.part_of == place.id
            ),
            latitude=place.latitude,
            longitude=place.longitude,
            counts=_vocabulary_counts(self.aggregates.place_counts[place.id]),
            links=schemas.PlaceLinks(
                self=f"/places/{place.id}",
                claims=f"/claims?place={place.id}",
                recommendations=f"/recommendations?place={place.id}",
            ),
            highlight=None,
            matched_in=None,
        )

    def actor(self, actor: ActorRecord) -> schemas.Actor:
        articles = [
            self.article_ref(article)
            for article in self.aggregates.actor_articles.get(actor.id, ())
        ]
        counts = self.aggregates.role_counts.get(actor.id, Counter[str]())
        return schemas.Actor(
            id=actor.id,
            name=actor.name,
            kind=actor.kind,
            pseudonym=actor.pseudonym,
            part_of=self.actor_ref(actor.part_of) if actor.part_of else None,
            aliases=actor.aliases,
            description=actor.description,
            articles=articles,
            counts=schemas.ActorCounts(
                **{role: counts[role] for role in schemas.ActorCounts.model_fields}
            ),
            links=schemas.ActorLinks(
                self=f"/actors/{actor.id}",
                claims=f"/claims?source={actor.id}",
                recommendations=f"/recommendations?source={actor.id}",
                asked=f"/recommendations?addressee={actor.id}",
                articles=f"/articles?actor={actor.id}",
            ),
            highlight=None,
            matched_in=None,
        )

    def article(self, article: Article) -> schemas.Article:
        record, slug = article.record, article.slug
        items = list(article.annotations())
        actors = actors_in(article)
        themes = {theme for item in items for theme in item.themes}
        places = {place for item in items for place in item.places}
        return schemas.Article(
            id=slug,
            title=record.title,
            publisher=self.actor_records[record.publisher].name,
            publisher_id=record.publisher,
            authors=None if record.authors is None else self.actor_refs(record.authors),
            published=record.published,
            kind=record.kind,
            language=record.language,
            url=record.url,
            reprints=[schemas.Reprint(**reprint.model_dump()) for reprint in record.reprints],
            rights=record.rights,
            note=record.note,
            themes=self.theme_refs(theme.id for theme in self.corpus.themes if theme.id in themes),
            places=self.place_refs(place.id for place in self.corpus.places if place.id in places),
            counts=schemas.ArticleCounts(
                claims=len(article.claims),
                recommendations=len(article.recommendations),
                actors=len(actors),
                paragraphs=len(article.body.paragraphs),
            ),
            links=schemas.ArticleLinks(
                self=f"/articles/{slug}",
                text=f"/articles/{slug}/text",
                claims=f"/claims?article={slug}",
                recommendations=f"/recommendations?article={slug}",
                actors=f"/actors?article={slug}",
            ),
            highlight=None,
            matched_in=None,
        )

    def text(self, article: Article, body_sha256: str) -> schemas.ArticleText:
        spans: dict[int, list[schemas.Span]] = defaultdict(list)
        for item in article.annotations():
            quote = article.quote_spans[item.id]
            kind = "claim" if isinstance(item, ClaimRecord) else "recommendation"
            span = schemas.Span(
                id=f"{article.slug}.{item.id}", type=kind, start=quote.start, end=quote.end
            )
            spans[quote.paragraph.number].append(span)
        paragraphs = [
            schemas.Paragraph(
                number=paragraph.number,
                kind=paragraph.kind,
                start=paragraph.start,
                end=paragraph.end,
                text=paragraph.text,
                spans=sorted(spans[paragraph.number], key=lambda span: (span.start, span.end)),
            )
            for paragraph in article.body.paragraphs
        ]
        return schemas.ArticleText(
            article=self.article_ref(article),
            sha256=body_sha256,
            length=len(article.body.text),
            paragraphs=paragraphs,
        )

    def _quote(self, article: Article, span: QuoteSpan) -> schemas.Quote:
        body, url = article.body.text, article.record.url
        link = None
        if url:
            title = f"{article.record.title}\n"
            # The page begins with the title, which not every source contains.
            if self._page[0] != article.slug:
                page = title + article.source
                self._page = (article.slug, page, fold_page(page))
            _, page, folded = self._page
            start = len(title) + span.paragraph.source_start + span.start - span.paragraph.start
            link = url + text_fragment(page, start, start + span.end - span.start, folded)
        return schemas.Quote(
            exact=body[span.start : span.end],
            prefix=body[max(0, span.start - CONTEXT_LENGTH) : span.start],
            suffix=body[span.end : span.end + CONTEXT_LENGTH],
            start=span.start,
            end=span.end,
            paragraph=span.paragraph.number,
            link=link,
        )

    def coding(self, article: Article, item: Annotation) -> schemas.Coding:
        """Return who coded an item, when and how certain: its own values, else its file's."""
        default = article.record.coding
        return schemas.Coding(
            coder=item.coding.coder or default.coder,
            coded_on=item.coding.coded_on or default.coded_on,
            confidence=item.coding.confidence or default.confidence,
        )

    def claim(self, article: Article, claim: ClaimRecord) -> schemas.Claim:
        slug = f"{article.slug}.{claim.id}"
        return schemas.Claim(
            id=slug,
            statement=claim.statement,
            quote=self._quote(article, article.quote_spans[claim.id]),
            kind=claim.kind,
            article=self.article_ref(article),
            sources=self.actor_refs(claim.sources),
            about=self.actor_refs(claim.about),
            places=self.place_refs(claim.places),
            themes=self.theme_refs(claim.themes),
            relations=self.relations.get(slug, []),
            basis_of=[
                schemas.AnnotationRef(id=f"{article.slug}.{item.id}", statement=item.statement)
                for item in sort_by_number(article.recommendations)
                if claim.id in item.based_on
            ],
            coding=self.coding(article, claim),
            note=claim.note,
            links=schemas.AnnotationLinks(
                self=f"/claims/{slug}", article=f"/articles/{article.slug}"
            ),
            highlight=None,
            matched_in=None,
        )

    def recommendation(
        self, article: Article, item: RecommendationRecord
    ) -> schemas.Recommendation:
        slug = f"{article.slug}.{item.id}"
        return schemas.Recommendation(
            id=slug,
            statement=item.statement,
            quote=self._quote(article, article.quote_spans[item.id]),
            strength=item.strength,
            explicit=item.explicit,
            action=item.action,
            article=self.article_ref(article),
            sources=self.actor_refs(item.sources),
            addressees=self.actor_refs(item.addressees),
            beneficiaries=self.actor_refs(item.beneficiaries),
            places=self.place_refs(item.places),
            themes=self.theme_refs(item.themes),
            based_on=[
                schemas.AnnotationRef(
                    id=f"{article.slug}.{claim}", statement=article.claim(claim).statement
                )
                for claim in item.based_on
            ],
            coding=self.coding(article, item),
            note=item.note,
            links=schemas.AnnotationLinks(
                self=f"/recommendations/{slug}", article=f"/articles/{article.slug}"
            ),
            highlight=None,
            matched_in=None,
        )


def _vocabulary_counts(counts: Counter[str]) -> schemas.VocabularyCounts:
    return schemas.VocabularyCounts(
        **{kind: counts[kind] for kind in schemas.VocabularyCounts.model_fields}
    )


def sort_by_number(items: Iterable[AnyAnnotation]) -> list[AnyAnnotation]:
    """Return claims or recommendations of an article in the order of their keys."""
    return sorted(items, key=lambda item: local_number(item.id))
