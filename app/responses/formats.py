"""The formats of a response: each has a media type and writes a page, an item or a stream.

All formats start from the documents that the seed rendered, so their rows cannot differ. To add a
format, write a class like those below, add it to ``LIST_FORMATS`` or ``CITATION_FORMATS``, and its
name to the parameter `format` (``app/query/parameters.py``).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from app.query.collection import Resource
from app.responses.citations import Citation
from app.responses.jsonld import LinkedData
from app.responses.tables import csv_table
from app.schemas import Meta, PageLinks


@dataclass(frozen=True)
class Target:
    """What a format knows about the response that it writes.

    Args:
        resource: the list that the items are from.
        base: the address of the API.
        fields: the selected top-level fields. None for all.
    """

    resource: Resource
    base: str
    fields: Sequence[str] | None = None


class PageContent(NamedTuple):
    """A page of a list: rendered documents, and the other parts of the JSON response."""

    documents: Sequence[bytes]
    meta: Meta
    links: PageLinks
    facets: Mapping[str, bytes]


class ItemContent(NamedTuple):
    """An item: its rendered document, that of its article, and the data version."""

    document: bytes
    article: bytes
    version: str


class Format(ABC):
    """A format of items."""

    name: str
    media_type: str
    selects_fields: ClassVar[bool] = False
    """Whether the parameter `fields` applies."""

    @abstractmethod
    def item(self, target: Target, item: ItemContent) -> bytes:
        """Return an item."""


class ListFormat(Format):
    """A format of lists and items."""

    @abstractmethod
    def page(self, target: Target, page: PageContent) -> bytes:
        """Return a page of a list."""


class Json(ListFormat):
    name, media_type = "json", "application/json"
    selects_fields = True

    def page(self, target: Target, page: PageContent) -> bytes:
        documents = b",".join(select_fields(each, target.fields) for each in page.documents)
        facets = b",".join(b'"%b":%b' % (k.encode(), values) for k, values in page.facets.items())
        meta, links = page.meta.model_dump_json(), page.links.model_dump_json()
        parts = (documents, meta.encode(), links.encode(), facets)
        return b'{"data":[%b],"meta":%b,"links":%b,"facets":{%b}}' % parts

    def item(self, target: Target, item: ItemContent) -> bytes:
        return select_fields(item.document, target.fields)


class JsonLd(ListFormat):
    name, media_type = "jsonld", "application/ld+json"

    def page(self, target: Target, page: PageContent) -> bytes:
        documents = [json.loads(document) for document in page.documents]
        node = LinkedData(target.base).page(target.resource, documents, page.meta, page.links)
        return json.dumps(node, ensure_ascii=False).encode()

    def item(self, target: Target, item: ItemContent) -> bytes:
        node = LinkedData(target.base).item(target.resource, json.loads(item.document))
        return json.dumps(node, ensure_ascii=False).encode()


class Stream(ListFormat):
    """A format that is written document by document, with `meta` in the headers."""

    selects_fields = True

    @abstractmethod
    def stream(self, target: Target, batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
        """Yield the documents of a list."""

    def page(self, target: Target, page: PageContent) -> bytes:
        return b"".join(self.stream(target, [page.documents]))

    def item(self, target: Target, item: ItemContent) -> bytes:
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
        columns = target.resource.columns
        selected = [each for each in columns if fields is None or each.field in fields]
        yield from csv_table(selected, batches)


@dataclass(frozen=True)
class CitationFormat(Format):
    """A citation of an item, for a reference manager."""

    name: str
    media_type: str
    write: Callable[[Citation], str]

    def item(self, target: Target, item: ItemContent) -> bytes:  # noqa: ARG002 - as all formats
        citation = Citation(json.loads(item.document), json.loads(item.article), item.version)
        return self.write(citation).encode()


TABLE_FORMATS: Sequence[ListFormat] = (Json(), NdJson(), Csv())
"""The formats of search results and counts, which have no linked data."""
LIST_FORMATS: Sequence[ListFormat] = (*TABLE_FORMATS, JsonLd())
"""The formats of lists and of their items."""
CITATION_FORMATS: Sequence[Format] = (
    CitationFormat("bibtex", "application/x-bibtex", Citation.bibtex),
    CitationFormat("ris", "application/x-research-info-systems", Citation.ris),
    CitationFormat("csl", "application/vnd.citationstyles.csl+json", Citation.csl),
)
MEDIA_TYPES: Mapping[str, str] = {
    **{each.name: each.media_type for each in (*LIST_FORMATS, *CITATION_FORMATS)},
    "text": "text/plain",
    "html": "text/html",
}
"""Media types by the name of the format."""


def select_fields(document: bytes, fields: Sequence[str] | None) -> bytes:
    """Return a document with the selected top-level fields only, in their order."""
    if fields is None:
        return document
    content: dict[str, Any] = json.loads(document)
    selected = {name: value for name, value in content.items() if name in fields}
    return json.dumps(selected, ensure_ascii=False, separators=(",", ":")).encode()
