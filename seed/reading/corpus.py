"""A checked corpus, as the reader returns it and as it is published."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from seed.reading.body import Body, QuoteSpan
from seed.reading.faults import Fault
from seed.reading.records import (
    ActorRecord,
    ArticleRecord,
    ClaimRecord,
    DatasetRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)


@dataclass(frozen=True)
class Article:
    """One brief with its annotations.

    Args:
        slug: its public id, the name of its two files.
        record: its title, publisher, date and so on.
        source: the text as collected.
        body: the article's own paragraphs.
        quote_spans: of each claim and recommendation, by local id.
        claims: in the order of the annotation file.
        recommendations: in the order of the annotation file.
    """

    slug: str
    record: ArticleRecord
    source: str
    body: Body
    quote_spans: Mapping[str, QuoteSpan]
    claims: Sequence[ClaimRecord]
    recommendations: Sequence[RecommendationRecord]

    @property
    def source_sha256(self) -> str:
        """Digest of the source file, hexadecimal."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def claim(self, local_id: str) -> ClaimRecord:
        """Return the claim with a local id; raise KeyError if there is none."""
        return self._claims[local_id]

    @cached_property
    def _claims(self) -> Mapping[str, ClaimRecord]:
        return {claim.id: claim for claim in self.claims}

    def annotations(self) -> Iterator[ClaimRecord | RecommendationRecord]:
        """Iterate over the claims, then the recommendations."""
        yield from self.claims
        yield from self.recommendations


class Relation(NamedTuple):
    """A relation from one claim to another, by public ids."""

    claim: str
    type: str
    other: str
    note: str


@dataclass(frozen=True)
class Corpus:
    """A corpus without faults, in the order in which it is published.

    Args:
        dataset: title, edition, rights and so on.
        themes: each before its narrower themes.
        places: each before the places in it.
        actors: by id.
        articles: by slug; iterating may read the files again and raise CorpusError.
        relations: each from both of its claims.
        claims: number of claims in all articles.
        recommendations: number of recommendations in all articles.
        codebook: the rules of annotation, if the corpus contains them.
        warnings: what may be correct, but should be looked at.
    """

    dataset: DatasetRecord
    themes: Sequence[ThemeRecord]
    places: Sequence[PlaceRecord]
    actors: Sequence[ActorRecord]
    articles: Collection[Article]
    relations: Sequence[Relation]
    claims: int
    recommendations: int
    codebook: str | None = None
    warnings: Sequence[Fault] = field(default=())


def local_number(local_id: str) -> int:
    """Return the number of a local id: 12 of `c12`."""
    return int(local_id[1:])


def entry_names(entry: ThemeRecord | PlaceRecord | ActorRecord) -> list[str]:
    """Return everything that an entry of a vocabulary may be called, its id first."""
    match entry:
        case ThemeRecord():
            return [entry.id, entry.label, entry.label_fr, *entry.alt_labels, *entry.alt_labels_fr]
        case PlaceRecord():
            iso = [entry.iso] if entry.iso else []
            return [entry.id, entry.name, entry.name_fr, *iso, *entry.aliases]
        case ActorRecord():
            return [entry.id, entry.name, *entry.aliases]
