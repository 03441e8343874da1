"""A corpus without faults: what the seed publishes. ``reader.py`` makes it from files."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """One brief: its record, its source, and where each quote stands.

    Args:
        slug: its public id, the name of its two files.
        record: what the annotation file holds.
        source: the text as collected.
        body: the article's own paragraphs.
        places: where the quote of each claim and recommendation stands, by local id.
        claims: what the annotation file lists.
        recommendations: what it lists.
    """

    slug: str
    record: ArticleRecord
    source: str
    body: Body
    places: Mapping[str, QuoteSpan]
    claims: Sequence[ClaimRecord]
    recommendations: Sequence[RecommendationRecord]

    @property
    def source_sha256(self) -> str:
        """Digest of the source file."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def claim(self, local_id: str) -> ClaimRecord:
        """Return the claim with a local id; KeyError if there is none."""
        return self._claims[local_id]

    @cached_property
    def _claims(self) -> Mapping[str, ClaimRecord]:
        return {claim.id: claim for claim in self.claims}

    def annotations(self) -> Iterator[ClaimRecord | RecommendationRecord]:
        """Give the claims, then the recommendations."""
        yield from self.claims
        yield from self.recommendations


class Relation(NamedTuple):
    """A relation between two claims, by public id."""

    claim: str
    type: str
    other: str
    note: str


@dataclass(frozen=True)
class Corpus:
    """A corpus without faults, in the order in which it is published.

    Args:
        dataset: what it is as a whole.
        themes: each before those narrower than it.
        places: each before those within it.
        actors: by their ids.
        articles: by their slugs; they may be read anew whenever they are gone through, so a CorpusError can come up then.
        relations: each as seen from both claims.
        claims: how many there are in all articles.
        recommendations: how many there are.
        codebook: the rules it was annotated by, if it holds them.
        warnings: what may be right, but should be looked at.
    """

    dataset: DatasetRecord
    themes: Sequence[ThemeRecord]
    places: Sequence[PlaceRecord]
    actors: Sequence[ActorRecord]
    articles: Sequence[Article]
    relations: Sequence[Relation]
    claims: int
    recommendations: int
    codebook: str | None = None
    warnings: Sequence[Fault] = field(default=())


def number(local_id: str) -> int:
    """Return the number of a local id: 12 of `c12`."""
    return int(local_id[1:])


def names_of(entry: ThemeRecord | PlaceRecord | ActorRecord) -> Iterable[str]:
    """Return everything an entry of a vocabulary may be called."""
    match entry:
        case ThemeRecord():
            return [entry.id, entry.label, entry.label_fr, *entry.alt_labels, *entry.alt_labels_fr]
        case PlaceRecord():
            return [
                entry.id,
                entry.name,
                entry.name_fr,
                *([entry.iso] if entry.iso else []),
                *entry.aliases,
            ]
        case ActorRecord():
            return [entry.id, entry.name, *entry.aliases]
