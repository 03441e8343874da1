"""The two files of an article, its annotations and its text, read together."""

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from pydantic import ValidationError

from seed.reading.body import QUOTABLE, Body, QuoteSpan, body_of, coverage, cuts_a_word
from seed.reading.corpus import Article
from seed.reading.faults import CorpusError, Fault
from seed.reading.records import (
    ArticleRecord,
    ClaimRecord,
    PartRecord,
    QuoteRecord,
    RecommendationRecord,
)
from seed.reading.validation import parse, parse_each
from seed.reading.yaml_file import Location, YamlFile, read_text, read_yaml


@dataclass(frozen=True)
class ParsedArticle:
    """An article as far as its files are valid.

    Args:
        slug: the article's public id.
        file: the annotation file; its faults are those of the text too.
        digest: of both files' bytes.
        record: what the annotation file says of the article; None if that is faulty.
        claims: the valid claims, by position in the file.
        recommendations: the valid recommendations, by position in the file.
        source: the text; empty if it cannot be used.
        body: the article's own paragraphs; None if they are not known.
        places: where the quotes of valid claims and recommendations stand, by local id.
    """

    slug: str
    file: YamlFile
    digest: bytes
    record: ArticleRecord | None
    claims: Mapping[int, ClaimRecord]
    recommendations: Mapping[int, RecommendationRecord]
    source: str
    body: Body | None
    places: Mapping[str, QuoteSpan]

    def items(self) -> Iterator[tuple[Location, ClaimRecord | RecommendationRecord]]:
        """Give every valid claim and recommendation with its location."""
        for position, claim in self.claims.items():
            yield ("claims", position), claim
        for position, recommendation in self.recommendations.items():
            yield ("recommendations", position), recommendation

    def article(self) -> Article | None:
        """Return the article; None if too much of it is faulty."""
        if self.record is None or self.body is None:
            return None
        claims, recommendations = list(self.claims.values()), list(self.recommendations.values())
        return Article(
            self.slug, self.record, self.source, self.body, self.places, claims, recommendations
        )


class ArticleFiles(Sequence[Article]):
    """The articles of a folder that was checked, each read anew whenever it is asked for: so they are never all in memory.

    Args:
        folder: the corpus folder.
        digests: of each article's files when they were checked, by slug in the order of publication.

    Raises:
        CorpusError: when an article is read whose files are no longer those that were checked.
    """

    def __init__(self, folder: Path, digests: Mapping[str, bytes]) -> None:
        self.folder = folder
        self.digests = digests
        self.slugs = list(digests)

    def __len__(self) -> int:
        return len(self.slugs)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Article]: ...
    def __getitem__(self, index: int | slice) -> Article | Sequence[Article]:
        if isinstance(index, slice):
            return ArticleFiles(
                self.folder, {slug: self.digests[slug] for slug in self.slugs[index]}
            )
        return self._read(self.slugs[index])

    def __iter__(self) -> Iterator[Article]:
        return map(self._read, self.slugs)

    def _read(self, slug: str) -> Article:
        draft = parse_article(self.folder, slug)
        article = draft.article()
        if article is None or draft.digest != self.digests[slug]:
            message = "or its text changed after it was checked: run the seed again when nobody writes to the corpus."
            raise CorpusError([Fault(draft.file.path, 1, "", message)])
        return article


def parse_article(folder: Path, slug: str) -> ParsedArticle:
    """Read the files of an article.

    Args:
        folder: the corpus folder.
        slug: the name of both files.

    Returns:
        What is valid of it, with every fault that the two files show by themselves.
    """
    file = read_yaml(folder, Path("annotations", f"{slug}.yaml"))
    if not isinstance(file.value, dict):
        if file.value is not None:
            file.add_fault((), "must begin with fields such as “title:”.")
        return ParsedArticle(slug, file, file.sha256, None, {}, {}, "", None, {})
    value = dict(file.value)
    raw = {kind: value.pop(kind, []) for kind in ("parts", "claims", "recommendations")}
    parts = parse_each(file, PartRecord, raw["parts"], ("parts",))
    claims = parse_each(file, ClaimRecord, raw["claims"], ("claims",))
    recommendations = parse_each(
        file, RecommendationRecord, raw["recommendations"], ("recommendations",)
    )
    record = parse(file, ArticleRecord, value)
    source = Path("sources", f"{slug}.txt")
    text = read_text(folder, source) or Fault(
        source, 1, "", "is empty: put the text there, as it was collected."
    )
    if isinstance(text, Fault):
        file.faults.append(text)
        text = ""
    digest = hashlib.sha256(file.sha256 + hashlib.sha256(text.encode()).digest()).digest()
    known = isinstance(raw["parts"], list) and len(parts) == len(raw["parts"])
    body = _body(text, list(parts.values()), file) if text and known else None
    places: dict[str, QuoteSpan] = {}
    # As long as the parts are faulty, any line may be the body.
    quotable = body or body_of(text, dict.fromkeys(range(1, text.count("\n") + 2), "body"))
    for location, item in _quotes(raw, claims, recommendations) if text else ():
        if body is None and quotable.find(item.quote):
            continue
        place = _place(item, text, quotable)
        if isinstance(place, str):
            file.add_fault((*location, "quote"), place)
        elif isinstance(item, ClaimRecord | RecommendationRecord):
            places[item.id] = place
    return ParsedArticle(slug, file, digest, record, claims, recommendations, text, body, places)


def _body(source: str, parts: Sequence[PartRecord], file: YamlFile) -> Body | None:
    kinds = coverage(source, parts)
    if isinstance(kinds, Mapping):
        return body_of(source, kinds)
    for position, message in kinds:
        file.add_fault(("parts",) if position is None else ("parts", position), message)
    return None


def _quotes(
    raw: Mapping[str, Any],
    claims: Mapping[int, ClaimRecord],
    recommendations: Mapping[int, RecommendationRecord],
) -> Iterator[tuple[Location, QuoteRecord]]:
    """Give the quotes of all items, also of those that are not valid otherwise."""
    valid: Mapping[str, Mapping[int, QuoteRecord]] = {
        "claims": claims,
        "recommendations": recommendations,
    }
    for kind, records in valid.items():
        for position, item in enumerate(raw[kind] if isinstance(raw[kind], list) else []):
            if position in records:
                yield (kind, position), records[position]
            elif isinstance(item, dict):
                words = {name: item[name] for name in QuoteRecord.model_fields if name in item}
                try:
                    yield (kind, position), QuoteRecord.model_validate(words)
                except ValidationError:
                    continue  # said already


def _place(item: QuoteRecord, source: str, body: Body) -> QuoteSpan | str:
    """Return where a quote stands, or what is wrong with it."""
    places = body.find(item.quote, item.prefix or "", item.suffix or "")
    if len(places) == 1:
        return (
            "begins or ends within a word: quote whole words."
            if cuts_a_word(places[0])
            else places[0]
        )
    if len(places) > 1:
        return f"stands {len(places)} times in the body: add a prefix or suffix, the words just before or after."
    if body.find(item.quote):
        return "is in the body, but not with this prefix and suffix: they are the words just before and after."
    if item.quote in source:
        allowed = " and ".join(QUOTABLE)
        return f"is in the text, but not within one paragraph of its {allowed}: quote the body, or mend `parts`."
    if " ".join(item.quote.split()) in " ".join(body.text.split()):
        return "goes over the end of a paragraph, or has other white space than the text: quote within one paragraph."
    if unicodedata.normalize("NFC", item.quote) in unicodedata.normalize("NFC", source):
        return "writes accents in another Unicode form than the text: copy the words from the text."
    nearest = body.nearest(item.quote)
    return "is not in the text, character for character" + (
        f"; the nearest passage is “{nearest}”: quote it as it stands."
        if nearest
        else ": copy the words from the text."
    )
