"""Rows to responses: a list, an item or counts in the format that the client asks for."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any, Protocol

from fastapi import Request, Response
from pydantic import TypeAdapter

from app.database.database import get_database
from app.database.snapshot import Snapshot
from app.http.cache import ClosingStream, etag_of
from app.http.problems import invalid_value
from app.models import Article, ArticleText
from app.query import items, stats
from app.query.collection import Collection, Resource
from app.query.counting import FilteredItems
from app.query.facets import Facets, parse_dimensions
from app.query.links import base_url, page_links
from app.query.listing import DEFAULT_LIMIT, Listing, ListPage
from app.query.parameters import (
    ItemParameters,
    ListParameters,
    StatsParameters,
    parse_names,
)
from app.responses.formats import (
    CITATION_FORMATS,
    LIST_FORMATS,
    TABLE_FORMATS,
    Format,
    ItemContent,
    ListFormat,
    PageContent,
    Stream,
    Target,
)
from app.responses.negotiation import negotiate_format
from app.responses.tables import stats_csv
from app.schemas import Meta, StatsDimension

STREAM_ABOVE = 1000
"""Longer lists are streamed, so they take constant memory."""
CODE_VERSION = version("policy-briefs-api")
DIMENSIONS = TypeAdapter(list[StatsDimension])


class ResultSet(Protocol):
    """The items of one data version that match a request."""

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


def encoded_response(
    media_type: str, body: str | bytes, headers: dict[str, str] | None = None
) -> Response:
    """Return a response in a format that depends on `Accept`."""
    return Response(body, headers={"Vary": "Accept", **(headers or {})}, media_type=media_type)


def collection_response(request: Request, collection: Collection, query: Any) -> Response:
    """Return the list of a collection.

    Args:
        request: for links and `Accept`.
        collection: the collection.
        query: the validated parameters: ``Filters`` and ``ListParameters``.

    Raises:
        Problem: an unknown value, or a parameter that the format does not have.
    """

    def find(snapshot: Snapshot) -> Listing:
        return Listing.from_query(request, snapshot, collection, query)

    return list_response(request, collection, query, find)


def list_response(
    request: Request,
    resource: Resource,
    parameters: ListParameters,
    find: Callable[[Snapshot], ResultSet],
) -> Response:
    """Return a page of a list. NDJSON and CSV without `limit` have the whole list.

    Args:
        request: for links and `Accept`.
        resource: the list.
        parameters: the validated parameters.
        find: returns the matching items of a data version.

    Raises:
        Problem: an unknown value, or a parameter that the format does not have.
    """
    offered = LIST_FORMATS if resource.face is not None else TABLE_FORMATS
    format_ = negotiate_format(request, parameters.format, offered)
    fields = _parse_fields(parameters.fields, resource, format_)
    target = Target(resource, base_url(request), fields)
    facets: list[str] = []
    if parameters.facets is not None:
        names = list(resource.dimensions)
        facets = parse_dimensions("facets", parameters.facets, names, len(names))
        if format_.name != "json":
            raise invalid_value("facets", parameters.facets, "only JSON has facets.")
    database = get_database(request)
    with database.read() as snapshot:
        results = find(snapshot)
        is_page = parameters.limit is not None or parameters.cursor is not None
        if is_page or not isinstance(format_, Stream):
            return _page_response(request, results, format_, target, parameters, facets)
        if results.total <= STREAM_ABOVE:
            body = b"".join(format_.stream(target, results.stream()))
            headers = _meta_headers(results, format_, target)
            return encoded_response(format_.media_type, body, headers)
    with ExitStack() as opened:  # a connection of its own: the client may be slow
        results = find(opened.enter_context(database.export()))
        # The total is counted here, so that an error comes before the first byte.
        headers = {"Vary": "Accept", **_meta_headers(results, format_, target)}
        parts = sorted(f"{name}={value}" for name, value in request.query_params.multi_items())
        headers["ETag"] = etag_of(
            CODE_VERSION, results.snapshot.version, request.scope["path"], format_.name, *parts
        )
        chunks = format_.stream(target, results.stream())
        return ClosingStream(chunks, opened.pop_all().close, headers, format_.media_type)


def _page_response(  # noqa: PLR0913, PLR0917 - all parts of one request
    request: Request,
    results: ResultSet,
    format_: ListFormat,
    target: Target,
    parameters: ListParameters,
    facet_names: Sequence[str],
) -> Response:
    rows = results.page(parameters.limit or DEFAULT_LIMIT, parameters.cursor)
    links = page_links(request, rows.next, rows.prev)
    relations = [
        f'<{url}>; rel="{rel}"' for rel, url in (("next", links.next), ("prev", links.prev)) if url
    ]
    headers = {"Link": ", ".join(relations)} if relations else {}
    facets = results.facets(request, facet_names)
    meta = Meta(
        total=results.total,
        dataset=results.snapshot.version,
        applied=results.applied,
        ranked=results.ranked,
        facets_omitted=facets.omitted,
    )
    if isinstance(format_, Stream):
        headers |= _meta_headers(results, format_, target)
    body = format_.page(target, PageContent(rows.documents, meta, links, facets.values))
    return encoded_response(format_.media_type, body, headers)


def _meta_headers(results: ResultSet, format_: Format, target: Target) -> dict[str, str]:
    """Return the headers for formats without `meta`."""
    file_name = f"{target.resource.name}-{results.snapshot.version}.{format_.name}"
    return {
        "X-Total-Count": str(results.total),
        "X-Dataset-Version": results.snapshot.version,
        "Content-Disposition": f'attachment; filename="{file_name}"',
    }


def item_response(
    request: Request, collection: Collection, slug: str, query: ItemParameters
) -> Response:
    """Return one item, or its citation.

    Raises:
        Problem: there is no such item, or the format does not have a parameter.
    """
    offered = (*LIST_FORMATS, *(CITATION_FORMATS if collection.is_citable else ()))
    format_ = negotiate_format(request, query.format, offered)
    fields = _parse_fields(query.fields, collection, format_)
    target = Target(collection, base_url(request), fields)
    with get_database(request).read() as snapshot:
        document = items.get_document(snapshot, collection.table, collection.texts, slug)
        article = document
        if format_ in CITATION_FORMATS and collection.table is not Article:
            article_id = json.loads(document)["article"]["id"]
            article = items.get_document(snapshot, Article, ArticleText, article_id)
    item = ItemContent(document.encode(), article.encode(), snapshot.version)
    return encoded_response(format_.media_type, format_.item(target, item))


def stats_response(request: Request, collection: Collection, query: Any) -> Response:
    """Return counts of the items of a collection.

    Args:
        request: for links and `Accept`.
        collection: the collection.
        query: the validated parameters: ``Filters`` and ``StatsParameters``.

    Raises:
        Problem: see ``collection_response``.
    """
    parameters: StatsParameters = query
    format_ = negotiate_format(request, parameters.format, TABLE_FORMATS)
    names = parse_dimensions("by", parameters.by, list(collection.dimensions), 2)
    with get_database(request).read() as snapshot:
        filtered = FilteredItems.from_query(request, snapshot, collection, query)
        table = stats.count_table(request, filtered, names)
    meta = table.meta
    headers = {"X-Total-Count": str(meta.total), "X-Dataset-Version": meta.dataset}
    if format_.name == "csv":
        file_name = f"{collection.name}-by-{'-'.join(names)}-{meta.dataset}.csv"
        headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        rows = stats_csv(table.dimensions, table.cells)
        return encoded_response(format_.media_type, rows, headers)
    cells = (cell.model_dump_json() for cell in table.cells)
    if format_.name == "ndjson":
        return encoded_response(format_.media_type, "".join(f"{cell}\n" for cell in cells), headers)
    dimensions = DIMENSIONS.dump_json(table.dimensions).decode()
    end = f'"meta":{meta.model_dump_json()},"links":{table.links.model_dump_json()}'
    body = f'{{"data":[{",".join(cells)}],"dimensions":{dimensions},{end}}}'
    return encoded_response(format_.media_type, body)


def _parse_fields(fields: str | None, resource: Resource, format_: Format) -> list[str] | None:
    """Return the selected fields, or None for all.

    Raises:
        Problem: an unknown field, or a format whose fields cannot be selected.
    """
    if fields is None:
        return None
    names = parse_names("fields", fields, resource.shape.model_fields, "is not a field.")
    if not format_.selects_fields:
        raise invalid_value("fields", fields, "this format always has all fields.")
    return names
