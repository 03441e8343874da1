"""The formats of a response: each has a media type, and writes a page, an item or a stream.

All are made from the documents that the seed rendered, so their rows cannot differ. To add one, write a
class like those below, add it to ``LIST_FORMATS`` or ``CITATION_FORMATS``, and its name to the parameter
`format` (``app/query/parameters.py``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

from app.query.collection import Column
from app.responses.citations import Citation
from app.responses.jsonld import Face, LinkedData
from app.responses.tables import csv_table
from app.schemas import Meta, PageLinks


@dataclass(frozen=True)
class Target:
    """What every format is told of a response.

    Args:
        name: of the collection, as in the path.
        columns: of its CSV file.
        face: its linked data; None if it has none.
        base: the address of the API.
        fields: the top-level fields to keep; None for all.
    """

    name: str
    columns: Sequence[Column]
    face: Face | None
    base: str
    fields: Sequence[str] | None = None


class Page(NamedTuple):
    """A page of a list: rendered documents, and what JSON says beside them."""

    documents: Sequence[bytes]
    meta: Meta
    links: PageLinks
    facets: Mapping[str, bytes]


class Item(NamedTuple):
    """An item: its rendered document, that of its article, and the version of the data."""

    document: bytes
    article: bytes
    version: str


class Format:
    """A format of lists, items or both."""

    name: ClassVar[str]
    media_type: ClassVar[str]
    selects_fields: ClassVar[bool] = False
    """Whether the parameter `fields` applies."""
    has_meta: ClassVar[bool] = True
    """Whether a list says its `meta` in the body; otherwise in headers, and gives all matches unless `limit` is set."""

    def page(self, target: Target, page: Page) -> bytes:
        raise NotImplementedError

    def item(self, target: Target, item: Item) -> bytes:
        raise NotImplementedError


class Json(Format):
    name, media_type = "json", "application/json"
    selects_fields = True

    def page(self, target: Target, page: Page) -> bytes:
        documents = b",".join(select_fields(each, target.fields) for each in page.documents)
        facets = b",".join(b'"%b":%b' % (k.encode(), values) for k, values in page.facets.items())
        meta, links = page.meta.model_dump_json(), page.links.model_dump_json()
        parts = (documents, meta.encode(), links.encode(), facets)
        return b'{"data":[%b],"meta":%b,"links":%b,"facets":{%b}}' % parts

    def item(self, target: Target, item: Item) -> bytes:
        return select_fields(item.document, target.fields)


class JsonLd(Format):
    name, media_type = "jsonld", "application/ld+json"

    def page(self, target: Target, page: Page) -> bytes:
        assert target.face is not None  # noqa: S101 - a list without linked data does not offer the format
        documents = [json.loads(document) for document in page.documents]
        linked = LinkedData(target.base)
        node = linked.page(
            target.name, target.face, documents, page.meta.model_dump(), page.links.model_dump()
        )
        return json.dumps(node, ensure_ascii=False).encode()

    def item(self, target: Target, item: Item) -> bytes:
        assert target.face is not None  # noqa: S101
        node = LinkedData(target.base).item(target.face, json.loads(item.document))
        return json.dumps(node, ensure_ascii=False).encode()


class Stream(Format):
    """A format without `meta`, written document by document."""

    selects_fields = True
    has_meta = False

    def stream(self, target: Target, batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
        raise NotImplementedError

    def page(self, target: Target, page: Page) -> bytes:
        return b"".join(self.stream(target, [page.documents]))

    def item(self, target: Target, item: Item) -> bytes:
        return b"".join(self.stream(target, [[item.document]]))


class NdJson(Stream):
    """One JSON object per line."""

    name, media_type = "ndjson", "application/x-ndjson"

    def stream(self, target: Target, batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
        for documents in batches:
            yield b"".join(select_fields(each, target.fields) + b"\n" for each in documents)


class Csv(Stream):
    name, media_type = "csv", "text/csv"

    def stream(self, target: Target, batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
        fields = target.fields
        columns = [each for each in target.columns if fields is None or each.field in fields]
        yield from csv_table(columns, batches)


@dataclass(frozen=True)
class CitationFormat(Format):
    """A citation of an item, for a reference manager."""

    name: Literal["bibtex", "ris", "csl"]  # type: ignore[misc] # of each object
    media_type: str  # type: ignore[misc]

    def item(self, target: Target, item: Item) -> bytes:  # noqa: ARG002 - as every format
        citation = Citation.of(json.loads(item.document), json.loads(item.article), item.version)
        return citation.render(self.name).encode()


LIST_FORMATS: Sequence[Format] = (Json(), NdJson(), Csv(), JsonLd())
TABLE_FORMATS: Sequence[Format] = LIST_FORMATS[:3]
"""For what has no linked data: hits and counts."""
CITATION_FORMATS: Sequence[Format] = (
    CitationFormat("bibtex", "application/x-bibtex"),
    CitationFormat("ris", "application/x-research-info-systems"),
    CitationFormat("csl", "application/vnd.citationstyles.csl+json"),
)
MEDIA_TYPES: Mapping[str, str] = {
    **{each.name: each.media_type for each in (*LIST_FORMATS, *CITATION_FORMATS)},
    "text": "text/plain",
    "html": "text/html",
}
"""By the name of a format."""


def select_fields(document: bytes, fields: Sequence[str] | None) -> bytes:
    """Return a document with some of its top-level fields, in its own order."""
    if fields is None:
        return document
    content: dict[str, Any] = json.loads(document)
    selected = {name: value for name, value in content.items() if name in fields}
    return json.dumps(selected, ensure_ascii=False, separators=(",", ":")).encode()
