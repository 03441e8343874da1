"""Read the two files of an article, its annotations and its text."""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seed.reading.body import Body, QuoteSpan, line_kinds, locate_quote, make_body
from seed.reading.corpus import Article
from seed.reading.faults import CorpusError, Fault
from seed.reading.records import (
    ArticleRecord,
    ClaimRecord,
    PartRecord,
    QuoteRecord,
    RecommendationRecord,
)
from seed.reading.text_file import read_text
from seed.reading.validation import parse, parse_each
from seed.reading.yaml_file import Location, YamlFile, read_yaml


@dataclass(frozen=True)
class ParsedArticle:
    """The valid content of the two files of an article.

    Args:
        slug: the public id of the article.
        file: the annotation file; its faults include those of the text.
        digest: of the bytes of both files.
        record: title, publisher, date and so on; None if a field is not valid.
        claims: the valid claims, by position in the file.
        recommendations: the valid recommendations, by position in the file.
        source: the text; empty if it cannot be used.
        body: the article's own paragraphs; None if the parts are not valid.
        quote_spans: of the valid claims and recommendations, by local id.
    """

    slug: str
    file: YamlFile
    digest: bytes
    record: ArticleRecord | None = None
    claims: Mapping[int, ClaimRecord] = field(default_factory=dict)
    recommendations: Mapping[int, RecommendationRecord] = field(default_factory=dict)
    source: str = ""
    body: Body | None = None
    quote_spans: Mapping[str, QuoteSpan] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[Location, ClaimRecord | RecommendationRecord]]:
        """Iterate over the valid claims and recommendations with their locations."""
        for position, claim in self.claims.items():
            yield ("claims", position), claim
        for position, recommendation in self.recommendations.items():
            yield ("recommendations", position), recommendation

    def raw_items(self, kind: str) -> list[dict[str, Any]]:
        """Return the claims or recommendations as they were read, valid or not."""
        raw = self.file.value.get(kind)
        return [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []

    @cached_property
    def claim_ids(self) -> Sequence[str]:
        """The local ids of the claims, valid or not."""
        # All articles number their claims alike, so they share the texts.
        return tuple(sys.intern(str(item.get("id"))) for item in self.raw_items("claims"))

    def article(self) -> Article | None:
        """Return the article; None if its record or its body is not valid."""
        if self.record is None or self.body is None:
            return None
        return Article(
            self.slug,
            self.record,
            self.source,
            self.body,
            self.quote_spans,
            list(self.claims.values()),
            list(self.recommendations.values()),
        )


class ArticleFiles(Mapping[str, Article]):
    """The articles of a checked folder by slug, each read again on access: few are in memory.

    Args:
        folder: the corpus folder.
        digests: of each article's files when they were checked, by slug, in published order.

    Raises:
        CorpusError: on access to an article whose files have changed since.
    """

    def __init__(self, folder: Path, digests: Mapping[str, bytes]) -> None:
        self.folder = folder
        self.digests = digests

    def __len__(self) -> int:
        return len(self.digests)

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __getitem__(self, slug: str) -> Article:
        parsed = parse_article(self.folder, slug)
        article = parsed.article()
        if article is None or parsed.digest != self.digests[slug]:
            message = (
                "changed after it was checked, or its text did: "
                "run the seed again while nobody edits the corpus."
            )
            raise CorpusError([Fault(parsed.file.path, 1, "", message)])
        return article


def parse_article(folder: Path, slug: str) -> ParsedArticle:
    """Read the files of an article.

    Args:
        folder: the corpus folder.
        slug: the name of both files.

    Returns:
        The valid content, with every fault that the two files show by themselves.
    """
    file = read_yaml(folder, Path("annotations", f"{slug}.yaml"))
    if not isinstance(file.value, dict):
        if file.value is not None:
            file.add_fault((), "must contain fields such as “title:”.")
        return ParsedArticle(slug, file, file.sha256)
    fields = dict(file.value)
    raw = {kind: fields.pop(kind, []) for kind in ("parts", "claims", "recommendations")}
    parts = parse_each(file, PartRecord, raw["parts"], ("parts",))
    claims = parse_each(file, ClaimRecord, raw["claims"], ("claims",))
    recommendations = parse_each(
        file, RecommendationRecord, raw["recommendations"], ("recommendations",)
    )
    record = parse(file, ArticleRecord, fields)
    source = _read_source(folder, slug, file)
    parts_are_valid = isinstance(raw["parts"], list) and len(parts) == len(raw["parts"])
    body = _make_body(source, list(parts.values()), file) if source and parts_are_valid else None
    quote_spans: dict[str, QuoteSpan] = {}
    if source:
        # While the parts are not valid, any line may belong to the body.
        searched = body or make_body(source, defaultdict(lambda: "body"))
        for location, item in _quotes(raw, {"claims": claims, "recommendations": recommendations}):
            if body is None and searched.find(item.quote):
                continue
            span = locate_quote(item, source, searched)
            if isinstance(span, str):
                file.add_fault((*location, "quote"), span)
            elif isinstance(item, ClaimRecord | RecommendationRecord):
                quote_spans[item.id] = span
    digest = hashlib.sha256(file.sha256 + hashlib.sha256(source.encode()).digest()).digest()
    return ParsedArticle(
        slug, file, digest, record, claims, recommendations, source, body, quote_spans
    )


def _read_source(folder: Path, slug: str, file: YamlFile) -> str:
    """Return the text of an article; if it cannot be used, add the fault and return no text."""
    path = Path("sources", f"{slug}.txt")
    text = read_text(folder, path)
    if text == "":
        text = Fault(path, 1, "", "is empty: add the text as it was collected.")
    if isinstance(text, Fault):
        file.faults.append(text)
        return ""
    return text


def _make_body(source: str, parts: Sequence[PartRecord], file: YamlFile) -> Body | None:
    """Return the body; if the parts do not cover the text, add the faults and return None."""
    kinds = line_kinds(source, parts)
    if isinstance(kinds, Mapping):
        return make_body(source, kinds)
    for position, message in kinds:
        file.add_fault(("parts",) if position is None else ("parts", position), message)
    return None


def _quotes(
    raw: Mapping[str, Any], valid: Mapping[str, Mapping[int, QuoteRecord]]
) -> Iterator[tuple[Location, QuoteRecord]]:
    """Iterate over the quotes of all items, also of items that are not valid otherwise.

    Args:
        raw: the lists as they were read, by kind.
        valid: the valid items by kind and position.
    """
    for kind, records in valid.items():
        for position, item in enumerate(raw[kind] if isinstance(raw[kind], list) else []):
            if position in records:
                yield (kind, position), records[position]
            elif isinstance(item, dict):
                fields = {name: item[name] for name in QuoteRecord.model_fields if name in item}
                try:
                    yield (kind, position), QuoteRecord.model_validate(fields)
                except ValidationError:
                    continue  # parse_each has added this fault
