"""One ranked list of all kinds of items: `/search`."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field
from sqlalchemy import Select, column, func, literal, null, select, union_all

from app import schemas
from app.database.lazy import lazy_property
from app.database.snapshot import Snapshot
from app.query import paging
from app.query.collection import Column, Dimension, Resource, closed_list
from app.query.facets import Facets, render_facet
from app.query.filters import MAX_CONDITIONS, Resolver
from app.query.links import LinkBuilder, base_url
from app.query.listing import BATCH_SIZE, ListPage
from app.query.paging import Cursor, OrderKey
from app.query.parameters import (
    MAX_QUERY_LENGTH,
    FilterParameter,
    ListParameters,
    choice_filter,
    reject_blank,
)
from app.query.search import highlight, matching, ranking
from app.query.search.fields import searchable_text
from app.responses.openapi import TABLE_RESPONSES
from app.responses.responses import list_response
from app.responses.tables import ARTICLE, MATCH, SELF, plain_columns
from app.routers import KINDS
from app.routers.read_route import ReadRoute

router = APIRouter(prefix="/search", tags=["search"], route_class=ReadRoute)

TYPES = Dimension(closed_list(schemas.ItemKind), column("kind"))
SEARCH = Resource(
    name="search",
    shape=schemas.Hit,
    dimensions={"type": TYPES},
    columns=[
        *plain_columns("type", "id", "title"),
        *ARTICLE,
        Column("score", "score", "number"),
        *MATCH,
        SELF,
    ],
    face=None,
)
KIND_NAMES = list(KINDS)
NUMBERS = {kind: number for number, kind in enumerate(KIND_NAMES)}
"""The numbers of the kinds in statements and cursors."""
Position = tuple[int, int, float | None]
"""A hit: the number of its kind, its key and its score."""


class SearchQuery(ListParameters):
    """The parameters of `GET /search`."""

    q: Annotated[
        str, Field(min_length=1, max_length=MAX_QUERY_LENGTH), AfterValidator(reject_blank)
    ] = Field(
        description='Full-text search. All words must occur; also `"a phrase"`, `OR`, `-word`, '
        "`begin*`. Words match by their stem, with or without accents",
        examples=["women OR youth", '"human security" -army'],
    )
    type: FilterParameter = choice_filter("Kinds of items", schemas.ItemKind)
    facets: Literal["type"] | None = Field(
        default=None, description="`type`: the number of hits of each kind"
    )
    format: Literal["json", "ndjson", "csv"] | None = Field(
        default=None, description="Overrides `Accept`"
    )


@dataclass(frozen=True)
class Hits:
    """The items of all kinds that match a search.

    Args:
        snapshot: the data version, with a connection.
        text_query: the parsed query.
        kinds: the kinds of items that are searched.
        applied: what each parameter means, for `meta.applied`.
        digest: the ``query_digest`` of the request.
    """

    snapshot: Snapshot
    text_query: matching.TextQuery
    kinds: Sequence[str]
    applied: dict[str, list[str]]
    digest: str

    @classmethod
    def from_query(cls, request: Request, snapshot: Snapshot, query: SearchQuery) -> Self:
        """Resolve the parameters of a request.

        Raises:
            Problem: an unknown kind of items.
        """
        resolver = Resolver(snapshot)
        kinds = list(KINDS)
        for keys in resolver.resolve("type", TYPES, query.type, narrower=False):
            kinds = [
                kind
                for kind in kinds
                if (not keys.any_of or kind in keys.any_of) and kind not in keys.none_of
            ]
        resolver.check()
        applied = {"q": [query.q], **resolver.applied}
        digest = paging.query_digest(request.url.path, request.query_params.multi_items())
        return cls(snapshot, matching.parse_query(query.q), kinds, applied, digest)

    def _matches(self) -> Any:
        """Return a subquery of all matching items: number of the kind and key."""
        statements = []
        for kind in self.kinds:
            source = matching.item_source(
                self.text_query, KINDS[kind].table, KINDS[kind].texts, self.snapshot.dialect
            )
            found = select(
                literal(NUMBERS[kind]).label("kind"), source.key.label("key")
            ).select_from(source.table)
            statements.append(found.where(source.condition))
        return union_all(*statements).subquery()

    @lazy_property
    def ranked_matches(self) -> list[tuple[float, ranking.Candidate]] | None:
        """All matching items, the best first. None if there are too many to rank."""
        if not self.kinds:
            return []
        matches, limit = select(self._matches()), ranking.MAX_RANKED + 1
        # The database counts first: reading thousands of rows for nothing would block other
        # threads, as the driver takes Python's lock for each row.
        limited = select(func.count()).select_from(matches.limit(limit).subquery())
        if self.snapshot.connection.execute(limited).scalar_one() == limit:
            return None
        rows = self.snapshot.connection.execute(matches).all()
        stems = self._read([(number, key) for number, key in rows], "stems")
        candidates = [
            ranking.Candidate(KIND_NAMES[number], key, stems[number, key][0])
            for number, key in sorted(map(tuple, rows))
        ]
        search_fields = {kind: KINDS[kind].search_fields for kind in self.kinds}
        return ranking.rank(self.text_query, candidates, search_fields)

    @property
    def _ranked_positions(self) -> list[Position]:
        return [
            (NUMBERS[match.kind], match.key, score) for score, match in self.ranked_matches or ()
        ]

    def _read(
        self, items: Iterable[tuple[int, int]], *columns: str
    ) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Return columns of the text tables, by number of the kind and key.

        A column that the table of a kind does not have is None.
        """
        keys_by_kind = defaultdict(list)
        for number, key in items:
            keys_by_kind[number].append(key)
        statements = []
        for number, keys in keys_by_kind.items():
            texts = KINDS[KIND_NAMES[number]].texts
            found = select(
                literal(number), texts.key, *(getattr(texts, name, null()) for name in columns)
            )
            statements.append(found.where(texts.key.in_(keys)))
        if not statements:
            return {}
        return {
            (row[0], row[1]): tuple(row[2:])
            for row in self.snapshot.connection.execute(union_all(*statements))
        }

    @property
    def ranked(self) -> bool:
        """Whether the best matches come first."""
        return self.ranked_matches is not None

    @lazy_property
    def counts(self) -> dict[str, int]:
        """The number of hits of each kind."""
        if self.ranked_matches is not None:
            counts = Counter(match.kind for _, match in self.ranked_matches)
        else:
            matches = self._matches()
            statement = select(matches.c.kind, func.count()).group_by(matches.c.kind)
            rows = self.snapshot.connection.execute(statement)
            counts = Counter({KIND_NAMES[number]: count for number, count in rows})
        return {kind: counts[kind] for kind in self.kinds if counts[kind]}

    @property
    def total(self) -> int:
        """The number of hits."""
        return sum(self.counts.values())

    def page(self, limit: int, cursor: str | None) -> ListPage:
        """Return a page.

        Raises:
            Problem: the cursor is damaged, or of another query or data version.
        """
        decoded = None
        if cursor is not None:
            decoded = Cursor.decode(cursor, self.snapshot.version, self.digest, [int, int])
        read_page = self._ordered_page if self.ranked_matches is None else self._ranked_page
        hits, has_next, has_prev = read_page(limit, decoded)
        return ListPage(
            self._hits(hits),
            self._encode("next", hits[-1]) if hits and has_next else None,
            self._encode("prev", hits[0]) if hits and has_prev else None,
        )

    def _encode(self, direction: Literal["next", "prev"], hit: Position) -> str:
        return Cursor(self.snapshot.version, self.digest, direction, hit[:2]).encode()

    def _ranked_page(self, limit: int, cursor: Cursor | None) -> tuple[list[Position], bool, bool]:
        """Return the hits of a page, and whether there are more after and before it."""
        hits = self._ranked_positions
        start, stop = 0, limit
        if cursor is not None:
            keys = [(number, key) for number, key, _ in hits]
            last = tuple(cursor.values)
            position = keys.index(last) if last in keys else len(keys)
            if cursor.direction == "prev":
                start, stop = max(0, position - limit), position
            else:
                start, stop = position + 1, position + 1 + limit
        return hits[start:stop], stop < len(hits), start > 0

    def _ordered_page(self, limit: int, cursor: Cursor | None) -> tuple[list[Position], bool, bool]:
        """Return the hits of a page, and whether there are more after and before it."""
        backwards = cursor is not None and cursor.direction == "prev"
        statement = self._in_order(cursor, reverse=backwards).limit(limit + 1)
        rows = self.snapshot.connection.execute(statement).all()
        is_last = len(rows) <= limit
        hits: list[Position] = [(number, key, None) for number, key in rows[:limit]]
        if backwards:
            return hits[::-1], True, not is_last
        return hits, not is_last, cursor is not None

    def _in_order(self, cursor: Cursor | None = None, *, reverse: bool = False) -> Select[Any]:
        matches = self._matches()
        keys = [OrderKey(each, descending=False) for each in (matches.c.kind, matches.c.key)]
        statement = select(matches).order_by(*(key.order_by(reverse=reverse) for key in keys))
        if cursor is None:
            return statement
        return statement.where(paging.after(keys, cursor.values, reverse=reverse))

    def stream(self) -> Iterator[list[bytes]]:
        """Give all hits in order, in batches."""
        if self.ranked_matches is not None:
            hits = self._ranked_positions
            for start in range(0, len(hits), BATCH_SIZE):
                yield self._hits(hits[start : start + BATCH_SIZE])
            return
        with self.snapshot.connection.execute(
            self._in_order(), execution_options={"yield_per": BATCH_SIZE}
        ) as result:
            for rows in result.partitions():
                yield self._hits([(number, key, None) for number, key in rows])

    def _hits(self, hits: Sequence[Position]) -> list[bytes]:
        """Return the JSON of some hits. It takes one statement."""
        rows = self._read([(number, key) for number, key, _ in hits], "document", "stems", "body")
        return [
            self._hit(KIND_NAMES[number], score, *rows[number, key]) for number, key, score in hits
        ]

    def _hit(
        self, kind: str, score: float | None, document: str, stems: str, body: str | None
    ) -> bytes:
        content = json.loads(document)
        aliases = self.snapshot.vocabulary.aliases
        match = highlight.highlight(
            self.text_query,
            KINDS[kind].search_fields,
            stems,
            lambda field: searchable_text(kind, field, content, aliases, body or ""),
        )
        names = ("statement", "title", "name", "label")
        hit = schemas.Hit(
            type=kind,
            id=content["id"],
            title=next(content[name] for name in names if name in content),
            article=content.get("article"),
            score=score,
            highlight=match.highlight,
            matched_in=match.matched_in,
            links=schemas.ItemLinks(self=content["links"]["self"]),
        )
        return hit.model_dump_json().encode()

    def facets(self, request: Request, names: Sequence[str]) -> Facets:
        """Count the hits by kind."""
        if not names:
            return Facets({}, {})
        parameters = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        kinds = TYPES.names(self.snapshot)
        links = LinkBuilder(
            f"{base_url(request)}/search",
            parameters,
            lambda _, value: kinds.find(value),
            MAX_CONDITIONS,
            len(KINDS),
        )
        counts = sorted(self.counts.items(), key=lambda pair: -pair[1])
        values = render_facet("type", kinds, counts, links.prefix("type"), links)
        return Facets({"type": values}, {})


@router.get("", response_model=schemas.Page[schemas.Hit], responses=TABLE_RESPONSES)
def search_everything(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """Search all kinds of items at once, the best matches first.

    The search covers statements, quotes, titles, texts, names, aliases, and theme labels and
    synonyms in English and French. `highlight` is safe HTML with the matching words marked,
    `matched_in` names the matching fields. To filter as well, use `q` on a list:
    `/recommendations?q=…&theme=…`.
    """
    return list_response(
        request, SEARCH, query, lambda snapshot: Hits.from_query(request, snapshot, query)
    )
