"""Rendering: from checked records to the documents that are published, made from ``app/schemas.py`` and validated once."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TypeVar
from urllib.parse import quote as percent_encode

from app import schemas
from seed.publishing.aggregates import Aggregates, actors_in
from seed.reading.body import QuoteSpan
from seed.reading.corpus import Article, Corpus, number
from seed.reading.records import (
    ActorRecord,
    ClaimRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)

CONTEXT = 32
"""Code points of context before and after a quote: enough to tell it apart, as the Web Annotation model suggests."""

Annotated = ClaimRecord | RecommendationRecord
AnyAnnotated = TypeVar("AnyAnnotated", ClaimRecord, RecommendationRecord)


def folded_page(page: str) -> str:
    """Return a page as browsers compare it, one character for one: a few letters fold into two, and are left as they are."""
    if page.isascii():
        return page.lower()
    return "".join(map(_folded_char, page))


@lru_cache(maxsize=4096)
def _folded_char(char: str) -> str:
    folded = char.casefold()
    return folded if len(folded) == 1 else char


def text_fragment(page: str, start: int, end: int, folded: str | None = None) -> str:
    """Return the URL text fragment that leads a browser to a quote (WICG Scroll to Text Fragment).

    Browsers go to the first match in the page, whatever its case, so headlines, captions and pull quotes count too.

    Args:
        page: the page's text, one block a line.
        start: offset of the quote's first character in it.
        end: offset just after its last.
        folded: the page as ``folded_page`` gives it, where it is known.

    Returns:
        ``#:~:text=first%20words,last%20words`` with as few words as lead to this passage and no other before it; with the words
        just before it (``prefix-,``) where the passage as a whole stands earlier in the page too.
    """
    folded = folded_page(page) if folded is None else folded
    passage = page[start:end]
    words = list(re.finditer(r"\S+", passage))
    for count in range(3, len(words) // 2 + 1):
        first, last = words[count - 1].end(), words[-count].start()
        begins = folded.find(folded[start : start + first]) == start
        ends = folded.find(folded[start + last : end], start + first) == start + last
        if begins and ends:
            return f"#:~:text={_encode(passage[:first])},{_encode(passage[last:])}"
    if folded.find(folded[start:end]) != start:
        before = page[max(0, start - 200) : start].split()[
            -4:
        ]  # they may stand in the block before
        if before and page[start - 1].isspace():
            return f"#:~:text={_encode(' '.join(before))}-,{_encode(passage)}"
    return f"#:~:text={_encode(passage)}"


def _encode(words: str) -> str:
    # The hyphen has a meaning of its own in a text directive, so it is encoded too.
    return percent_encode(words, safe="").replace("-", "%2D")


class Documents:
    """Every document of one corpus, by public id.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.aggregates = Aggregates(corpus)
        self.actor_records = {actor.id: actor for actor in corpus.actors}
        self.theme_records = {theme.id: theme for theme in corpus.themes}
        self.place_records = {place.id: place for place in corpus.places}
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
        found = defaultdict(list)
        for relation in self.corpus.relations:
            shown = schemas.Relation(
                type=schemas.RelationType(relation.type),
                claim=self.aggregates.related[relation.other],
                note=relation.note,
            )
            found[relation.claim].append(shown)
        return found

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
            self.article_ref(article) for article in self.aggregates.articles_of.get(actor.id, ())
        ]
        counted = self.aggregates.roles.get(actor.id, Counter[str]())
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
                **{role: counted[role] for role in schemas.ActorCounts.model_fields}
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
            rights=self.corpus.dataset.rights_texts,
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
            place = article.places[item.id]
            kind = "claim" if isinstance(item, ClaimRecord) else "recommendation"
            span = schemas.Span(
                id=f"{article.slug}.{item.id}", type=kind, start=place.start, end=place.end
            )
            spans[place.paragraph.number].append(span)
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

    def _quote(self, article: Article, place: QuoteSpan) -> schemas.Quote:
        body, url = article.body.text, article.record.url
        # The title stands at the head of the page, and not in every source.
        if self._page[0] != article.slug:
            whole = f"{article.record.title}\n{article.source}"
            self._page = (article.slug, whole, folded_page(whole))
        _, page, folded = self._page
        at = (
            len(article.record.title)
            + 1
            + place.paragraph.source_start
            + place.start
            - place.paragraph.start
        )
        return schemas.Quote(
            exact=body[place.start : place.end],
            prefix=body[max(0, place.start - CONTEXT) : place.start],
            suffix=body[place.end : place.end + CONTEXT],
            start=place.start,
            end=place.end,
            paragraph=place.paragraph.number,
            link=url + text_fragment(page, at, at + place.end - place.start, folded)
            if url
            else None,
        )

    def coding(self, article: Article, item: Annotated) -> schemas.Coding:
        """Return how an item was coded: as its file says, but for what the item itself says."""
        usual = article.record.coding
        return schemas.Coding(
            coder=item.coding.coder or usual.coder,
            coded_on=item.coding.coded_on or usual.coded_on,
            confidence=item.coding.confidence or usual.confidence,
        )

    def claim(self, article: Article, claim: ClaimRecord) -> schemas.Claim:
        slug = f"{article.slug}.{claim.id}"
        return schemas.Claim(
            id=slug,
            statement=claim.statement,
            quote=self._quote(article, article.places[claim.id]),
            kind=claim.kind,
            article=self.article_ref(article),
            sources=self.actor_refs(claim.sources),
            about=self.actor_refs(claim.about),
            places=self.place_refs(claim.places),
            themes=self.theme_refs(claim.themes),
            relations=self.relations.get(slug, []),
            basis_of=[
                schemas.AnnotationRef(id=f"{article.slug}.{item.id}", statement=item.statement)
                for item in ordered(article.recommendations)
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
            quote=self._quote(article, article.places[item.id]),
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


def _vocabulary_counts(counted: Counter[str]) -> schemas.VocabularyCounts:
    return schemas.VocabularyCounts(
        **{of: counted[of] for of in schemas.VocabularyCounts.model_fields}
    )


def ordered(items: Iterable[AnyAnnotated]) -> list[AnyAnnotated]:
    """Return an article's claims or recommendations in the order of their numbers, the order of their keys."""
    return sorted(items, key=lambda item: number(item.id))
