"""Synthetic corpora of any size, always the same, in the records that the loader publishes.

An article is made when it is needed and not stored, so a corpus of two million annotations needs no
more memory than one of two hundred. Themes, places, actors and words have the frequencies of texts:
the n-th most frequent one occurs about 1/n as often as the first (Zipf).

`python -m tests.benchmarks.synthetic ARTICLES` publishes one to BRIEFS_DATABASE_URL;
`python -m tests.benchmarks.synthetic --files DIR ARTICLES` writes it as a folder, for
`python -m seed --corpus DIR`.
"""

import argparse
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, overload

import yaml
from pydantic import BaseModel

from app.settings import Settings
from seed.publishing.aggregates import actors_in
from seed.publishing.publish import publish
from seed.reading.body import Body, Paragraph, QuoteSpan
from seed.reading.corpus import Article, Corpus, Relation
from seed.reading.records import (
    ActorRecord,
    ArticleRecord,
    ClaimRecord,
    CodingRecord,
    DatasetRecord,
    PlaceRecord,
    RecommendationRecord,
    RelationRecord,
    ThemeRecord,
)

CLAIMS, RECOMMENDATIONS = 15, 5
THEMES, PLACES, ACTORS, WORDS = 40, 60, 2000, 8000
TOP_THEMES, TOP_PLACES = 8, 5
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def _word(number: int) -> str:
    """Return the word of a number; all are different."""
    parts = []
    number += len(SYLLABLES)
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts)


class Zipf:
    """Draws from 0 to ``size - 1``; small numbers are more frequent."""

    def __init__(self, size: int, exponent: float = 1.0) -> None:
        self.numbers = range(size)
        self.weights = list(accumulate(1 / (number + 1) ** exponent for number in self.numbers))

    def draw(self, chance: random.Random, most: int, least: int = 1) -> list[int]:
        """Return some different numbers, at least one unless `least` is 0."""
        return sorted(
            set(
                chance.choices(
                    self.numbers, cum_weights=self.weights, k=chance.randint(least, most)
                )
            )
        )


THEME, PLACE, ACTOR, WORD = Zipf(THEMES), Zipf(PLACES), Zipf(ACTORS), Zipf(WORDS)
VOCABULARY = [_word(number) for number in range(WORDS)]


def _theme(number: int) -> str:
    return f"theme-{number}"


class Articles(Sequence[Article]):
    """The articles of a corpus, each made when it is needed.

    Args:
        size: the number of articles.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Article]: ...
    def __getitem__(self, index: int | slice) -> Article | Sequence[Article]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self.size))]
        if not 0 <= index < self.size:
            raise IndexError
        return make_article(index)

    def __iter__(self) -> Iterator[Article]:
        return map(make_article, range(self.size))


def make_article(number: int) -> Article:
    """Return one article: five paragraphs of four sentences, each sentence quoted once."""
    chance = random.Random(number)
    slug = f"article-{number:07}"
    paragraphs: list[Paragraph] = []
    places: dict[str, QuoteSpan] = {}
    local_ids = [f"c{n}" for n in range(1, CLAIMS + 1)] + [
        f"r{n}" for n in range(1, RECOMMENDATIONS + 1)
    ]
    quotes: dict[str, str] = {}
    start = 0
    for at in range(0, len(local_ids), 4):
        sentences = [_sentence(chance, f"{slug} {local_id}") for local_id in local_ids[at : at + 4]]
        paragraph = Paragraph(at // 4 + 1, "body", " ".join(sentences), start, start)
        paragraphs.append(paragraph)
        begin = start
        for local_id, sentence in zip(local_ids[at : at + 4], sentences, strict=True):
            quotes[local_id] = sentence
            places[local_id] = QuoteSpan(paragraph, begin, begin + len(sentence))
            begin += len(sentence) + 1
        start = paragraph.end + 2
    body = Body(paragraphs)
    year = chance.randint(2000, 2026)
    record = ArticleRecord.model_construct(
        title=f"{_sentence(chance, '', 6)[:-1]} ({number})",
        publisher=f"actor-{chance.randrange(20)}",
        published=chance.choice(
            [
                f"{year}",
                f"{year}-{chance.randint(1, 12):02}",
                f"{year}-{chance.randint(1, 12):02}-15",
            ]
        ),
        authors=None if chance.random() < 0.2 else [f"actor-{n}" for n in ACTOR.draw(chance, 3)],
        kind=chance.choice(["report", "analysis", "story"]),
        language="en",
        url=f"https://publisher.example/{slug}",
        note=None,
        coding=CodingRecord(coder="synthetic", coded_on="2026-11-22", confidence="high"),
    )
    claims = [
        ClaimRecord.model_construct(
            **_shared(chance, local_id, quotes[local_id]),
            kind=chance.choices(
                ["factual", "causal", "evaluative", "predictive"], weights=[4, 3, 2, 1]
            )[0],
            about=[f"actor-{n}" for n in ACTOR.draw(chance, 3, 0)],
            relations=_relations(number) if local_id == "c1" else [],
        )
        for local_id in local_ids[:CLAIMS]
    ]
    recommendations = [
        RecommendationRecord.model_construct(
            **_shared(chance, local_id, quotes[local_id]),
            strength=chance.choices(["must", "should", "could"], weights=[3, 5, 2])[0],
            explicit=chance.random() < 0.8,
            action=chance.choice(["specific", "general", "considering", "continuing"]),
            addressees=[f"actor-{n}" for n in ACTOR.draw(chance, 3, 0)],
            beneficiaries=[f"actor-{n}" for n in ACTOR.draw(chance, 2, 0)],
            based_on=[f"c{n}" for n in sorted(chance.sample(range(1, CLAIMS + 1), 2))],
        )
        for local_id in local_ids[CLAIMS:]
    ]
    return Article(slug, record, body.text, body, places, claims, recommendations)


SENTENCES = 20_000


@cache
def _sentences(length: int) -> list[str]:
    """Return sentences to choose from: drawing all words would take longer than publishing."""
    chance = random.Random(length)
    drawn = (
        chance.choices(WORD.numbers, cum_weights=WORD.weights, k=length) for _ in range(SENTENCES)
    )
    return [" ".join(VOCABULARY[n] for n in numbers).capitalize() for numbers in drawn]


def _relations(number: int) -> list[RelationRecord]:
    """Return the relations of an article's first claim.

    In every tenth article it supports the first claim of the article before.
    """
    if number == 0 or number % 10:
        return []
    return [RelationRecord(type="supports", claim=f"article-{number - 1:07}.c1", note="Made up.")]


def _sentence(chance: random.Random, mark: str, length: int = 18) -> str:
    return f"{chance.choice(_sentences(length))} {mark}".strip() + "."


def _shared(chance: random.Random, local_id: str, quote: str) -> dict[str, object]:
    return {
        "id": local_id,
        "statement": _sentence(chance, "", 15),
        "quote": quote,
        "prefix": None,
        "suffix": None,
        "sources": [f"actor-{n}" for n in ACTOR.draw(chance, 2)],
        "themes": [_theme(n) for n in _narrowest(THEME.draw(chance, 3))],
        "places": [f"place-{n}" for n in PLACE.draw(chance, 2, 0)],
        "coding": CODING,
        "note": None,
    }


def _narrowest(themes: Sequence[int]) -> list[int]:
    """Return the themes without those of which a narrower one is in the list."""
    return [
        theme for theme in themes if not any(_above(other, TOP_THEMES) == theme for other in themes)
    ]


def _above(number: int, tops: int) -> int | None:
    return number % tops if number >= tops else None


def _downwards(size: int, tops: int) -> Iterator[int]:
    """Yield a hierarchy in the order of publication: each entry, then those below it."""
    for top in range(tops):
        yield top
        yield from range(top + tops, size, tops)


CODING = ClaimRecord.model_fields["coding"].default


def make_corpus(articles: int) -> Corpus:
    """Return a corpus with some articles of twenty annotations, and a few relations."""
    kinds = ["person", "state", "community", "civil-society"]
    # Only actors that occur in an article; all occur in the first three thousand.
    named = {actor for article in islice(Articles(articles), 3000) for actor in actors_in(article)}
    return Corpus(
        dataset=DatasetRecord(
            title="Synthetic briefs",
            description="Made up for measuring.",
            edition="0",
            citation="Nobody. Version {version}.",
            rights_annotations="None.",
            rights_texts="None.",
        ),
        themes=[
            ThemeRecord(
                id=_theme(n),
                label=f"Theme {n}",
                label_fr=f"Thème {n}",
                broader=None if (above := _above(n, TOP_THEMES)) is None else _theme(above),
                definition=f"About {VOCABULARY[n]}.",
                definition_fr=f"De {VOCABULARY[n]}.",
                scope_note=None,
                scope_note_fr=None,
                alt_labels=[],
                alt_labels_fr=[],
            )
            for n in _downwards(THEMES, TOP_THEMES)
        ],
        places=[
            PlaceRecord(
                id=f"place-{n}",
                name=f"Place {n}",
                name_fr=f"Lieu {n}",
                kind="region",
                iso=None,
                part_of=None if (above := _above(n, TOP_PLACES)) is None else f"place-{above}",
                latitude=None,
                longitude=None,
                aliases=[],
            )
            for n in _downwards(PLACES, TOP_PLACES)
        ],
        actors=sorted(
            (
                ActorRecord(id=f"actor-{n}", name=f"Actor {n}", kind=kinds[n % 4])
                for n in range(ACTORS)
                if f"actor-{n}" in named
            ),
            key=lambda actor: actor.id,
        ),
        articles=Articles(articles),
        relations=[
            relation
            for n in range(articles)
            for stated in _relations(n)
            for relation in (
                Relation(f"article-{n:07}.c1", stated.type, stated.claim, stated.note),
                Relation(stated.claim, "supported-by", f"article-{n:07}.c1", stated.note),
            )
        ],
        claims=articles * CLAIMS,
        recommendations=articles * RECOMMENDATIONS,
    )


def write_corpus(corpus: Corpus, folder: Path) -> None:
    """Write a corpus as the files that the seed reads.

    Args:
        corpus: without a codebook.
        folder: does not exist yet.
    """
    for part in ("vocabulary", "sources", "annotations"):
        (folder / part).mkdir(parents=True)
    _write(folder / "dataset.yaml", _fields(corpus.dataset))
    for name, entries in (
        ("themes", corpus.themes),
        ("places", corpus.places),
        ("actors", corpus.actors),
    ):
        _write(folder / f"vocabulary/{name}.yaml", [_fields(entry) for entry in entries])
    for article in corpus.articles:
        (folder / f"sources/{article.slug}.txt").write_text(article.source, encoding="utf-8")
        content = {
            **_fields(article.record),
            "parts": [{"lines": f"1-{article.source.count(chr(10)) + 1}", "is": "body"}],
            "claims": [_fields(claim) for claim in article.claims],
            "recommendations": [_fields(item) for item in article.recommendations],
        }
        _write(folder / f"annotations/{article.slug}.yaml", content)


def _fields(record: BaseModel) -> Mapping[str, Any]:
    # Unchecked records have strings instead of enums, which causes warnings.
    return record.model_dump(mode="json", exclude_defaults=True, warnings=False)


def _write(path: Path, content: Mapping[str, Any] | Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file, DUMPER, allow_unicode=True, sort_keys=False, width=120)


DUMPER = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("articles", type=int)
    parser.add_argument(
        "--files", type=Path, metavar="DIR", help="write the corpus there; publish nothing"
    )
    options = parser.parse_args()
    if options.files:
        write_corpus(make_corpus(options.articles), options.files)
    else:
        print(publish(make_corpus(options.articles), Settings()).version)
