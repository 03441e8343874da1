"""One ranked list over everything: `/search`."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field
from sqlalchemy import Select, column, func, literal, null, select, union_all

from app import schemas
from app.database.database import DatabaseDep
from app.database.names import fold
from app.database.snapshot import Snapshot
from app.query import paging
from app.query.collection import Column, Dimension
from app.query.facets import FACET_VALUES, Facets
from app.query.filters import MAX_CONDITIONS, Resolver
from app.query.links import LinkBuilder, base_url, with_value
from app.query.listing import BATCH_SIZE, ListPage
from app.query.paging import Cursor, OrderKey
from app.query.parameters import MAX_QUERY_LENGTH, FilterParameter, ListParameters, reject_blank
from app.query.search import highlight, matching, ranking
from app.query.search.fields import searchable_text
from app.responses.openapi import COMMON_RESPONSES, STATS_RESPONSES
from app.responses.responses import ListRequest, list_response
from app.responses.tables import ARTICLE, MATCH, SELF, plain_columns
from app.routers import KINDS
from app.routers.read_route import ReadRoute

router = APIRouter(
    prefix="/search", tags=["search"], responses=COMMON_RESPONSES, route_class=ReadRoute
)

COLUMNS = [
    *plain_columns("type", "id", "title"),
    *ARTICLE,
    Column("score", "score", "number"),
    *MATCH,
    SELF,
]
TYPES = Dimension({kind: kind for kind in KINDS}, column("kind"))
NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


class SearchQuery(ListParameters):
    """The parameters of `GET /search`."""

    q: Annotated[
        str, Field(min_length=1, max_length=MAX_QUERY_LENGTH), AfterValidator(reject_blank)
    ] = Field(
        description='Words that must all occur, `"a phrase"`, `OR`, `-word`, `begin*`; stemmed, accents folded',
        examples=["women OR youth", '"human security" -army'],
    )
    type: FilterParameter = Field(
        default=(), description="What to look for: " + ", ".join(f"`{kind}`" for kind in KINDS)
    )
    facets: Literal["type"] | None = Field(default=None, description="`type`: how many of each")
    format: Literal["json", "ndjson", "csv"] | None = Field(
        default=None, description="Overrides `Accept`"
    )


@dataclass(frozen=True)
class Hits:
    """What a search over everything found on one published version.

    Args:
        snapshot: the version, and the connection to read it with.
        words: the parsed query.
        kinds: the tables that are searched.
        applied: what each parameter was taken to mean.
        identity: a digest of the question, for cursors.
    """

    snapshot: Snapshot
    words: matching.TextQuery
    kinds: Sequence[str]
    applied: dict[str, list[str]]
    identity: str

    @classmethod
    def from_query(cls, request: Request, snapshot: Snapshot, query: SearchQuery) -> "Hits":
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
        identity = paging.query_digest(request.url.path, request.query_params.multi_items())
        return cls(snapshot, matching.parse_query(query.q), kinds, applied, identity)

    def _every(self) -> Any:
        """Return a subquery of everything that matches: number of the kind, and key."""
        statements = []
        for kind in self.kinds:
            source = matching.item_source(
                self.words, KINDS[kind].table, KINDS[kind].texts, self.snapshot.dialect
            )
            found = select(
                literal(NUMBERS[kind]).label("kind"), source.key.label("key")
            ).select_from(source.table)
            statements.append(found.where(source.condition))
        return union_all(*statements).subquery()

    @cached_property
    def ranking(self) -> list[tuple[float, ranking.Candidate]] | None:
        """Everything found, the best first; None where too much matches."""
        if not self.kinds:
            return []
        every, most = select(self._every()), ranking.MAX_RANKED + 1
        # Counted by the database: thousands of rows, each of which hands Python's lock over, would keep others waiting.
        limited = select(func.count()).select_from(every.limit(most).subquery())
        if self.snapshot.connection.execute(limited).scalar_one() == most:
            return None
        rows = self.snapshot.connection.execute(every).all()
        names = list(KINDS)
        stems = self._read([(number, key) for number, key in rows], "stems")
        found = [
            ranking.Candidate(names[number], key, stems[number, key][0])
            for number, key in sorted(map(tuple, rows))
        ]
        search_fields = {kind: KINDS[kind].search_fields for kind in self.kinds}
        return ranking.rank(self.words, found, search_fields)

    def _read(
        self, places: Iterable[tuple[int, int]], *columns: str
    ) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Return columns of the texts of some items, by number of the kind and key; None for a column that a kind has not."""
        keys = defaultdict(list)
        for number, key in places:
            keys[number].append(key)
        statements = []
        for number, wanted in keys.items():
            texts = KINDS[list(KINDS)[number]].texts
            found = select(
                literal(number), texts.key, *(getattr(texts, name, null()) for name in columns)
            )
            statements.append(found.where(texts.key.in_(wanted)))
        if not statements:
            return {}
        return {
            (row[0], row[1]): tuple(row[2:])
            for row in self.snapshot.connection.execute(union_all(*statements))
        }

    @property
    def ranked(self) -> bool:
        return self.ranking is not None

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many of each kind were found."""
        if self.ranking is not None:
            found = [match.kind for _, match in self.ranking]
            return {kind: found.count(kind) for kind in self.kinds if kind in found}
        every = self._every()
        rows = self.snapshot.connection.execute(
            select(every.c.kind, func.count()).group_by(every.c.kind)
        )
        counted = {number: count for number, count in rows}  # noqa: C416 - rows are no pairs
        return {kind: counted[NUMBERS[kind]] for kind in self.kinds if NUMBERS[kind] in counted}

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def page(self, limit: int, cursor: str | None) -> ListPage:
        """Return a page, and how to go on.

        Raises:
            Problem: a cursor that is damaged, or of another query or data version.
        """
        decoded = (
            None
            if cursor is None
            else Cursor.decode(cursor, self.snapshot.version, self.identity, [int, int])
        )
        backwards = decoded is not None and decoded.direction == "prev"
        places, more_after, more_before = (
            self._ranked(limit, decoded)
            if self.ranking is not None
            else self._unranked(limit, decoded)
        )
        found = [(number, key) for number, key, _ in places]

        def turn(direction: Any, place: tuple[int, int]) -> str:
            return Cursor(self.snapshot.version, self.identity, direction, list(place)).encode()

        return ListPage(
            self._hits(places),
            turn("next", found[-1]) if found and (more_after or backwards) else None,
            turn("prev", found[0])
            if found and (more_before or (decoded is not None and not backwards))
            else None,
        )

    def _ranked(
        self, limit: int, cursor: Cursor | None
    ) -> tuple[list[tuple[int, int, float | None]], bool, bool]:
        ranking = [(NUMBERS[match.kind], match.key, score) for score, match in self.ranking or ()]
        start, stop = 0, limit
        if cursor is not None:
            at = next(
                (
                    n
                    for n, (kind, key, _) in enumerate(ranking)
                    if [kind, key] == list(cursor.values)
                ),
                len(ranking),
            )
            start, stop = (
                (max(0, at - limit), at) if cursor.direction == "prev" else (at + 1, at + 1 + limit)
            )
        return list(ranking[start:stop]), stop < len(ranking), start > 0

    def _unranked(
        self, limit: int, cursor: Cursor | None
    ) -> tuple[list[tuple[int, int, float | None]], bool, bool]:
        backwards = cursor is not None and cursor.direction == "prev"
        statement = self._in_order(cursor, reverse=backwards).limit(limit + 1)
        rows = [(number, key, None) for number, key in self.snapshot.connection.execute(statement)]
        more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        return list(rows), more and not backwards, more and backwards

    def _in_order(self, cursor: Cursor | None = None, *, reverse: bool = False) -> Select[Any]:
        every = self._every()
        keys = [OrderKey(every.c.kind, descending=False), OrderKey(every.c.key, descending=False)]
        statement = select(every).order_by(*(key.order_by(reverse=reverse) for key in keys))
        return (
            statement
            if cursor is None
            else statement.where(paging.after(keys, cursor.values, reverse=reverse))
        )

    def stream(self) -> Iterator[list[bytes]]:
        """Give all hits in order, some hundred at a time."""
        if self.ranking is not None:
            places = [(NUMBERS[match.kind], match.key, score) for score, match in self.ranking]
            for start in range(0, len(places), BATCH_SIZE):
                yield self._hits(places[start : start + BATCH_SIZE])
            return
        with self.snapshot.connection.execute(
            self._in_order(), execution_options={"yield_per": BATCH_SIZE}
        ) as result:
            for rows in result.partitions():
                yield self._hits([(number, key, None) for number, key in rows])

    def _hits(self, places: Sequence[tuple[int, int, float | None]]) -> list[bytes]:
        """Return the hits at some places, one statement for all of them."""
        names = list(KINDS)
        rows = self._read([(number, key) for number, key, _ in places], "document", "stems", "body")
        return [
            self._hit(names[number], score, *rows[number, key]) for number, key, score in places
        ]

    def _hit(
        self, kind: str, score: float | None, document: str, stems: str, body: str | None
    ) -> bytes:
        content = json.loads(document)
        spellings = self.snapshot.vocabulary.aliases
        shown = highlight.highlight(
            self.words,
            KINDS[kind].search_fields,
            stems,
            lambda field: searchable_text(kind, field, content, spellings, body or ""),
        )
        title = next(
            content[name] for name in ("statement", "title", "name", "label") if name in content
        )
        return (
            schemas.Hit(
                type=kind,
                id=content["id"],
                title=title,
                article=content.get("article"),
                score=score,
                highlight=shown.highlight,
                matched_in=shown.matched_in,
                links=schemas.ItemLinks(self=content["links"]["self"]),
            )
            .model_dump_json()
            .encode()
        )

    def facets(self, request: Request, names: Sequence[str]) -> Facets:
        """Count what is found by kind."""
        if not names:
            return Facets({}, {})
        asked = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        linker = LinkBuilder(
            f"{base_url(request)}/search",
            asked,
            lambda _, value: fold(value),
            MAX_CONDITIONS,
            len(KINDS),
        )
        prefix = linker.prefix("type")
        values = []
        for kind, number in sorted(self.counts.items(), key=lambda pair: -pair[1]):
            taken_away = linker.without_value("type", fold(kind))
            link = taken_away or (None if prefix is None else prefix + with_value("type", kind))
            values.append(
                schemas.FacetValue(
                    value=kind, label=kind, count=number, selected=taken_away is not None, link=link
                )
            )
        return Facets({"type": FACET_VALUES.dump_json(values)}, {})


@router.get("", response_model=schemas.Page[schemas.Hit], responses=STATS_RESPONSES)
def search_everything(
    request: Request, database: DatabaseDep, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Search recommendations, claims, articles, actors, themes and places at once, the best first.

    Statements, quotes, titles, texts, names and aliases, theme labels and synonyms in English and French are searched. `highlight`
    shows where, safe to put into HTML; `matched_in` names the fields. To filter as well, use `q` on a collection:
    `/recommendations?q=…&theme=…`.
    """
    listed = ListRequest(
        "search",
        schemas.Hit,
        COLUMNS,
        None,
        ["type"],
        lambda snapshot: Hits.from_query(request, snapshot, query),
    )
    return list_response(request, database, listed, query)
