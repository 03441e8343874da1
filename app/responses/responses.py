"""From a question to a response: a list, an item or counts, in the form that was asked for."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NamedTuple, Protocol

from fastapi import Request, Response
from pydantic import TypeAdapter

from app.database.database import Database
from app.database.snapshot import Snapshot
from app.http.cache import ClosingStream, etag_of
from app.http.problems import Problem, invalid_param
from app.models import Article, ArticleText
from app.query import items, stats
from app.query.collection import Collection
from app.query.counting import FilteredItems
from app.query.facets import Facets, parse_dimensions
from app.query.links import base_url, page_links
from app.query.listing import DEFAULT_LIMIT, Listing, ListPage
from app.query.parameters import CitableParameters, ItemParameters, ListParameters, StatsParameters
from app.responses import tables as formats
from app.responses.citations import Citation
from app.responses.jsonld import LinkedData
from app.responses.negotiation import negotiate_format
from app.schemas import Meta, Shape, StatsDimension

STREAM_ABOVE = 1000
"""Larger answers are streamed: memory does not grow with them."""
CODE = version("policy-briefs-api")
CITED = frozenset({"articles", "claims", "recommendations"})
DIMENSIONS = TypeAdapter(list[StatsDimension])


def encoded_response(name: str, body: str | bytes, **headers: str) -> Response:
    """Return an answer in a form, named as in ``formats.MEDIA_TYPES``, that `Accept` had a say in."""
    return Response(
        body, headers={"Vary": "Accept", **headers}, media_type=formats.MEDIA_TYPES[name]
    )


class ResultSet(Protocol):
    """What a question found on one published version."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def applied(self) -> dict[str, list[str]]: ...
    @property
    def total(self) -> int: ...
    @property
    def ranked(self) -> bool | None: ...
    def page(self, limit: int, cursor: str | None) -> ListPage: ...
    def stream(self) -> Iterator[list[bytes]]: ...
    def facets(self, request: Request, names: Sequence[str]) -> Facets: ...


@dataclass(frozen=True)
class ListRequest:
    """A list that somebody asks for.

    Args:
        name: what is listed, as in the path.
        shape: what an item looks like.
        facets: what can be counted.
        forms: in which forms there is an answer.
        parameters: how it is asked for.
        ask: finds it.
    """

    name: str
    shape: type[Shape]
    facets: Sequence[str]
    forms: Sequence[str]
    parameters: ListParameters
    ask: Callable[[Snapshot], ResultSet]


def list_response(
    request: Request, database: Database, collection: Collection, query: Any
) -> Response:
    """Answer a collection's list.

    Args:
        request: for links and `Accept`.
        database: the data.
        collection: what is listed.
        query: the checked parameters: ``Filters`` and ``ListParameters``.

    Raises:
        Problem: whatever is wrong with the question.
    """
    return answer(request, database, _question(request, collection, query))


def _question(request: Request, collection: Collection, query: Any) -> ListRequest:
    return ListRequest(
        collection.name,
        collection.shape,
        list(collection.dimensions),
        formats.LIST_FORMATS,
        query,
        lambda snapshot: Listing.from_query(request, snapshot, collection, query),
    )


def answer(request: Request, database: Database, question: ListRequest) -> Response:
    """Answer a list: a page of it, or all of it where NDJSON or CSV is asked for without a limit.

    Raises:
        Problem: whatever is wrong with the question.
    """
    parameters = question.parameters
    asked_for = _asked(request, question)
    name, fields, _ = asked_for
    with database.read() as snapshot:
        found = question.ask(snapshot)
        if (
            name in {"json", "jsonld"}
            or parameters.limit is not None
            or parameters.cursor is not None
        ):
            return _page(request, question, found, asked_for)
        if found.total <= STREAM_ABOVE:
            body = b"".join(_chunks(name, question.name, found.stream(), fields))
            return encoded_response(name, body, **_about(question.name, found, name))
    with ExitStack() as opened:  # too long to be held in memory: from a reading of its own
        found = question.ask(opened.enter_context(database.export()))
        about = {
            "Vary": "Accept",
            **_about(question.name, found, name),
        }  # counts, so that errors come before the first byte
        asked = sorted(
            f"{parameter}={value}" for parameter, value in request.query_params.multi_items()
        )
        about["ETag"] = etag_of(CODE, found.snapshot.version, request.scope["path"], name, *asked)
        chunks = _chunks(name, question.name, found.stream(), fields)
        return ClosingStream(chunks, opened.pop_all().close, about, formats.MEDIA_TYPES[name])


class ResponseOptions(NamedTuple):
    """How a list is to be shown: in which form, with which fields of its items, with which facets."""

    form: str
    fields: list[str] | None
    facets: list[str]


def _asked(request: Request, question: ListRequest) -> ResponseOptions:
    """Return how a list is to be shown.

    Raises:
        Problem: in a way that there is not.
    """
    parameters = question.parameters
    name = negotiate_format(request, parameters.format, question.forms)
    fields = fields_of(name, parameters, question.shape)
    counted: list[str] = []
    if parameters.facets is not None:
        counted = parse_dimensions(
            "facets", parameters.facets, question.facets, len(question.facets)
        )
    if counted and name != "json":
        raise unsupported("facets", parameters.facets, "JSON alone has facets.")
    return ResponseOptions(name, fields, counted)


def _page(
    request: Request, question: ListRequest, found: ResultSet, asked: ResponseOptions
) -> Response:
    name, fields, counted = asked
    rows = found.page(question.parameters.limit or DEFAULT_LIMIT, question.parameters.cursor)
    links = page_links(request, rows.next, rows.prev)
    relations = [
        f'<{url}>; rel="{rel}"' for rel, url in (("next", links.next), ("prev", links.prev)) if url
    ]
    headers = {"Link": ", ".join(relations)} if relations else {}
    if name in {"ndjson", "csv"}:
        body = b"".join(_chunks(name, question.name, [rows.documents], fields))
        return encoded_response(name, body, **headers, **_about(question.name, found, name))
    facet = found.facets(request, counted)
    meta = Meta(
        total=found.total,
        dataset=found.snapshot.version,
        applied=found.applied,
        ranked=found.ranked,
        facets_omitted=facet.omitted,
    )
    if name == "jsonld":
        documents = [json.loads(document) for document in rows.documents]
        node = LinkedData(base_url(request)).page(
            question.name, documents, meta.model_dump(), links.model_dump()
        )
        return encoded_response(name, json.dumps(node, ensure_ascii=False), **headers)
    joined = b",".join(
        rows.documents
        if fields is None
        else [formats.select_fields(document, fields) for document in rows.documents]
    )
    counts = b",".join(
        b'"%b":%b' % (dimension.encode(), values) for dimension, values in facet.values.items()
    )
    about = (meta.model_dump_json().encode(), links.model_dump_json().encode(), counts)
    return encoded_response(
        name, b'{"data":[%b],"meta":%b,"links":%b,"facets":{%b}}' % (joined, *about), **headers
    )


def _chunks(
    name: str, listed: str, batches: Iterable[Sequence[bytes]], fields: Sequence[str] | None
) -> Iterator[bytes]:
    if name == "ndjson":
        yield from formats.ndjson(batches, fields)
    else:
        yield from formats.table(formats.select_columns(listed, fields), batches)


def _about(listed: str, found: ResultSet, name: str) -> dict[str, str]:
    """Return what JSON says in `meta` and other forms have no place for."""
    return {
        "X-Total-Count": str(found.total),
        "X-Dataset-Version": found.snapshot.version,
        "Content-Disposition": f'attachment; filename="{listed}-{found.snapshot.version}.{name}"',
    }


def item_response(
    request: Request, database: Database, collection: Collection, slug: str, query: ItemParameters
) -> Response:
    """Answer one item.

    Raises:
        Problem: 404, or whatever is wrong with the question.
    """
    citable = isinstance(query, CitableParameters)
    name = negotiate_format(
        request, query.format, formats.LIST_FORMATS + (formats.CITATION_FORMATS if citable else ())
    )
    fields = fields_of(name, query, collection.shape)
    with database.read() as snapshot:
        document = items.get_document(snapshot, collection.table, collection.texts, slug)
        if name in formats.CITATION_FORMATS:
            return encoded_response(name, _citation(snapshot, collection, document).render(name))
    if name == "jsonld":
        node = LinkedData(base_url(request)).item(collection.name, json.loads(document))
        return encoded_response(name, json.dumps(node, ensure_ascii=False))
    if name == "json":
        return encoded_response(name, formats.select_fields(document.encode(), fields))
    return encoded_response(
        name, b"".join(_chunks(name, collection.name, [[document.encode()]], fields))
    )


def _citation(snapshot: Snapshot, collection: Collection, document: str) -> Citation:
    cited = json.loads(document)
    article = cited
    if collection.table is not Article:
        article = json.loads(
            items.get_document(snapshot, Article, ArticleText, cited["article"]["id"])
        )
    return Citation.of(cited, article, snapshot.version)


def stats_response(
    request: Request, database: Database, collection: Collection, query: Any
) -> Response:
    """Answer counts.

    Args:
        request: for links and `Accept`.
        database: the data.
        collection: what is counted.
        query: the checked parameters: ``Filters`` and ``StatsParameters``.

    Raises:
        Problem: whatever is wrong with the question.
    """
    parameters: StatsParameters = query
    name = negotiate_format(request, parameters.format, formats.STATS_FORMATS)
    names = parse_dimensions("by", parameters.by, list(collection.dimensions), 2)
    with database.read() as snapshot:
        table = stats.count_table(
            request, FilteredItems.from_query(request, snapshot, collection, query), names
        )
    if name == "json":
        dimensions = DIMENSIONS.dump_json(table.dimensions).decode()
        meta, links = table.meta.model_dump_json(), table.links.model_dump_json()
        cells = ",".join(_cell(names, cell) for cell in table.cells)
        return encoded_response(
            name, f'{{"data":[{cells}],"dimensions":{dimensions},"meta":{meta},"links":{links}}}'
        )
    about = {"X-Total-Count": str(table.meta.total), "X-Dataset-Version": table.meta.dataset}
    if name == "ndjson":
        return encoded_response(
            name, "".join(f"{_cell(names, cell)}\n" for cell in table.cells), **about
        )
    about["Content-Disposition"] = (
        f'attachment; filename="{collection.name}-by-{"-".join(names)}-{table.meta.dataset}.csv"'
    )
    rows = ((list(zip(cell.values, cell.labels, strict=True)), cell.number) for cell in table.cells)
    return encoded_response(name, formats.stats_csv(names, rows), **about)


def _cell(names: Sequence[str], cell: stats.Cell) -> str:
    """Return a cell as JSON: ``schemas.StatsCell``."""
    values = dict(zip(names, cell.values, strict=True))
    return json.dumps(
        {"values": values, "count": cell.number, "link": cell.link}, separators=(",", ":")
    )


def fields_of(
    name: str, query: ItemParameters | ListParameters, shape: type[Shape]
) -> list[str] | None:
    """Return the fields that are asked for; None for all.

    Raises:
        Problem: an unknown field, or a form whose fields cannot be chosen.
    """
    fields = formats.parse_fields(query.fields, list(shape.model_fields))
    if fields is not None and name not in {"json", "ndjson", "csv"}:
        raise unsupported("fields", query.fields, "the fields of this form cannot be chosen.")
    return fields


def unsupported(parameter: str, value: str | None, message: str) -> Problem:
    """Return the problem of a parameter that the form of the answer has no use for."""
    return Problem(
        "invalid-value", f"{parameter}: {message}", [invalid_param(parameter, value, message)]
    )
