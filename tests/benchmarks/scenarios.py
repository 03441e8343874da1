"""The requests of each scenario: the same questions to every server, in its own parameters.

A first request must be new to this API, which caches totals and counts, and must cost as much as
any other. So it varies what changes nothing: case and accents of an id, explicit defaults
(`sort=id`, `narrower=true`), and 18 to 22 items. The competitors cache nothing; their requests vary
only the number of items. The n-th request means the same to every server.
"""

import json
import random
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode

REQUESTS = 20_000
LIMITS = range(18, 23)
PAGE, DEEP_PAGE, DEEP_PAGES = 20, 5000, 20
"""Deep pages are the last ones up to page 5,000, or up to the last full page of a small corpus."""
THEMES, PLACES, ADDRESSEES = 8, 20, 50
SAMPLE = 20_000
SELECTIVE = (0.0005, 0.005)
"""The share of recommendations that contain a selective word, at least and at most."""
ACCENTS = ("", "\u0300", "\u0301", "\u0302", "\u0308")


@dataclass(frozen=True)
class Facts:
    """The values to request from a corpus, read from the competitors' database.

    ``themes`` are the broadest ones that have narrower ones, ``theme_numbers`` the competitors'
    keys of all themes. The most frequent themes, places and addressees come first.
    """

    themes: Sequence[str]
    theme_numbers: Mapping[str, int]
    places: Sequence[str]
    addressees: Sequence[str]
    ids: Sequence[str]
    claims: int
    annotations: int
    broadest: str
    selective: Sequence[str]

    @property
    def deep_page(self) -> int:
        """The number of the deep page: 5,000 if there are so many."""
        return min(DEEP_PAGE, self.claims // PAGE)


def facts_of(database: Path) -> Facts:
    """Return the facts of a competitors' database; always the same."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:

        def column(statement: str, *values: object) -> list[str]:
            return [str(value) for (value,) in connection.execute(statement, values)]

        def most_frequent(
            table: str, link: str, key: str, most: int, condition: str = "true"
        ) -> list[str]:
            return column(
                f"SELECT slug FROM {table} JOIN {link} ON {key} = {table}.id WHERE {condition}"
                f" GROUP BY {table}.id ORDER BY count(*) DESC, {table}.id LIMIT ?",
                most,
            )

        top = "parent_id IS NULL AND id IN (SELECT parent_id FROM theme)"
        total, claims = (
            int(column(f"SELECT count(*) FROM {name}")[0]) for name in ("recommendation", "claim")
        )
        step = max(1, total // SAMPLE)
        sampled = column(
            "SELECT statement || ' ' || quote FROM recommendation WHERE id % ? = 0", step
        )
        words = Counter(
            word
            for text in sampled
            for word in {match.lower() for match in re.findall(r"\b[A-Za-z]{4,}\b", text)}
        )
        least, most = (part * len(sampled) for part in SELECTIVE)
        return Facts(
            themes=most_frequent("theme", "recommendation_theme", "theme_id", THEMES, top),
            theme_numbers=dict(connection.execute("SELECT slug, id FROM theme")),
            places=most_frequent("place", "recommendation_place", "place_id", PLACES),
            addressees=most_frequent("actor", "recommendation_addressee", "actor_id", ADDRESSEES),
            ids=_shuffled(column("SELECT slug FROM recommendation WHERE id % ? = 0", step)),
            claims=claims,
            annotations=total + claims,
            broadest=min(words, key=lambda word: (-words[word], word)),
            selective=_shuffled(
                sorted(word for word, rows in words.items() if least <= rows <= max(most, 1))
            ),
        )


@dataclass(frozen=True)
class Scenario:
    """One kind of request: the paths of each side, one or many.

    A side is a server, or a server and, after a comma, a variant of its requests. ``same_ids`` is
    false where servers may rank differently; then only their totals are compared. One more client
    requests the paths of ``beside`` at the same time.
    """

    name: str
    sides: Mapping[str, Sequence[str]]
    same_ids: bool = True
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def with_side(self, side: str, like: str) -> "Scenario":
        """Return the same scenario with one more side, with the requests of another one."""

        def add(paths: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
            return {**paths, side: paths[like]} if like in paths else paths

        return replace(self, sides=add(self.sides), beside=add(self.beside))


def spelling(slug: str, number: int) -> str:
    """Return one of the spellings of an id that this API accepts: by case, then by accents."""
    result = ""
    for char in slug:
        if char.isalpha():
            number, upper = divmod(number, 2)
            result += char.upper() if upper else char.lower()
        else:
            result += char
    accented = ""
    for char in result:
        accent = 0
        if char.lower() in "aeiou":
            number, accent = divmod(number, len(ACCENTS))
        accented += char + ACCENTS[accent]
    return unicodedata.normalize("NFC", accented)


def first_asks(facts: Facts, cursors: Sequence[str]) -> list[Scenario]:
    """Return the scenarios whose requests are new to this API.

    Args:
        facts: of the corpus.
        cursors: of this API, to the deep pages of its claims; see ``deep_positions``.
    """
    themes = theme_list(facts)
    broadest = _broadest(facts)
    deep = f"claims, page {facts.deep_page}"
    return [
        Scenario("theme list", themes),
        Scenario("item", _items(facts)),
        Scenario("claims, page 1", _claims([0], [None])),
        Scenario(deep, _claims(deep_positions(facts), cursors)),
        Scenario("facets by theme", _facets()),
        *(_facets_with(name, values) for name, values in _second_filters(facts).items()),
        *(_two_filters(facts, name, values) for name, values in _second_filters(facts).items()),
        Scenario("full text, selective", _searches(facts), same_ids=False),
        Scenario("full text, broadest word", broadest, same_ids=False),
        Scenario(
            "theme list beside the broadest word",
            {side: themes[side] for side in ("briefs", "datasette", "textbook")},
            beside=broadest,
        ),
    ]


def repeated(facts: Facts) -> Scenario:
    """Return the scenario with one repeated request, which this API answers from its cache."""
    query = {"theme": facts.themes[0], "limit": PAGE}
    path = _path("/recommendations", query)
    sides = {
        "cached": [path],
        "bare": ["/"],
        "datasette": [_path("/textbook/theme.json", query)],
        "textbook": [path],
    }
    return Scenario("theme list, repeated", sides)


def not_modified(facts: Facts, tag: str) -> Scenario:
    """Return the repeated request with its ETag, compared with bare uvicorn sending the body."""
    path = _path("/recommendations", {"theme": facts.themes[0], "limit": PAGE})
    return Scenario(
        "theme list, not modified",
        {"cached": [path], "bare": ["/"]},
        headers={"cached": {"If-None-Match": tag}},
    )


def deep_positions(facts: Facts) -> list[int]:
    """Return the number of claims before each of the deep pages."""
    return [PAGE * page for page in range(max(1, facts.deep_page - DEEP_PAGES), facts.deep_page)]


Side = tuple[str, Mapping[str, object]]
"""A path and its parameters."""


def _path(path: str, query: Mapping[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _shuffled(values: list[str]) -> list[str]:
    random.Random(0).shuffle(values)
    return values


def _numbered(number: int) -> Iterable[tuple[int, int]]:
    """Yield the numbers of requests, each with a number of items."""
    return ((at, LIMITS[at % len(LIMITS)]) for at in range(number))


def _defaults(number: int) -> tuple[int, dict[str, object]]:
    """Return one of four sets of explicit defaults, and the rest of the number."""
    number, way = divmod(number, 4)
    defaults: dict[str, object] = {"sort": "id"} if way % 2 else {}
    return number, {**defaults, "narrower": "true"} if way >= 2 else defaults


def _paths(requests: Iterable[Mapping[str, Side]]) -> dict[str, list[str]]:
    """Return the paths of each side, all in the same random order."""
    shuffled = list(requests)
    random.Random(0).shuffle(shuffled)
    return {side: [_path(*request[side]) for request in shuffled] for side in shuffled[0]}


def theme_list(facts: Facts) -> dict[str, list[str]]:
    """Return the paths of all sides for lists by theme."""

    def requests() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(REQUESTS):
            variant, at = divmod(number, len(facts.themes))
            theme = facts.themes[at]
            variant, defaults = _defaults(variant)
            plain = {"theme": theme, "limit": limit}
            of_theme = {
                "table": "recommendation_theme",
                "column": "theme_id",
                "value": facts.theme_numbers[theme],
            }
            yield {
                "briefs": (
                    "/recommendations",
                    {"theme": spelling(theme, variant), "limit": limit, **defaults},
                ),
                "datasette": ("/textbook/theme.json", plain),
                "datasette, whole items": ("/textbook/theme_whole.json", plain),
                "datasette, no total": ("/textbook/theme_rows.json", plain),
                "datasette, table page": (
                    "/textbook/recommendation.json",
                    {"_through": json.dumps(of_theme), "_size": limit},
                ),
                "textbook": ("/recommendations", plain),
            }

    return _paths(requests())


def _items(facts: Facts) -> dict[str, list[str]]:
    return {
        "briefs": [f"/recommendations/{slug}" for slug in facts.ids],
        "datasette": [f"/textbook/item.json?id={slug}" for slug in facts.ids],
        "datasette, whole items": [f"/textbook/item_whole.json?id={slug}" for slug in facts.ids],
        "textbook": [f"/recommendations/{slug}" for slug in facts.ids],
    }


def _claims(positions: Sequence[int], cursors: Sequence[str | None]) -> dict[str, list[str]]:
    """Return pages of claims; this API caches only their total, which is the same for all."""
    return _paths(
        {
            "briefs": ("/claims", {"limit": limit, **({"cursor": cursor} if cursor else {})}),
            "datasette": ("/textbook/claims.json", {"after": position, "limit": limit}),
            "textbook": ("/claims", {"offset": position, "limit": limit}),
        }
        for position, cursor in zip(positions, cursors, strict=True)
        for limit in LIMITS
    )


def _facets() -> dict[str, list[str]]:
    """Return requests for counts; this API returns a page of items as well."""
    return _paths(
        {
            "briefs": (
                "/recommendations",
                {"facets": "theme", "limit": limit, **_defaults(way)[1]},
            ),
            "datasette": ("/textbook/themes.json", {}),
            "textbook": ("/recommendations/themes", {}),
        }
        for way in range(4)
        for limit in LIMITS
    )


Filter = Callable[[int], tuple[str, str]]
"""Returns the value of the n-th request: for this API, and for the competitors."""


def _second_filters(facts: Facts) -> dict[str, Filter]:
    def spellings_of(slugs: Sequence[str]) -> Filter:
        def value(number: int) -> tuple[str, str]:
            variant, at = divmod(number, len(slugs))
            return spelling(slugs[at], variant), slugs[at]

        return value

    def strength(number: int) -> tuple[str, str]:
        # Two values, because one word has too few spellings.
        return f"{spelling('must', number % 16)},{spelling('must', number // 16)}", "must"

    return {
        "strength": strength,
        "place": spellings_of(facts.places),
        "addressee": spellings_of(facts.addressees),
    }


def _two_filters(facts: Facts, name: str, value: Filter) -> Scenario:
    def requests() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(REQUESTS):
            variant, at = divmod(number, len(facts.themes))
            theme = facts.themes[at]
            ours, theirs = value(variant)
            plain = {"theme": theme, name: theirs, "limit": limit}
            yield {
                "briefs": (
                    "/recommendations",
                    {"theme": spelling(theme, variant), name: ours, "limit": limit},
                ),
                "datasette": (f"/textbook/theme_and_{name}.json", plain),
                "textbook": ("/recommendations", plain),
            }

    return Scenario(f"theme and {name}", _paths(requests()))


def _facets_with(name: str, value: Filter) -> Scenario:
    def requests() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(REQUESTS):
            variant, defaults = _defaults(number)
            ours, theirs = value(variant)
            yield {
                "briefs": (
                    "/recommendations",
                    {name: ours, "facets": "theme", "limit": limit, **defaults},
                ),
                "datasette": (f"/textbook/themes_by_{name}.json", {name: theirs}),
                "textbook": ("/recommendations/themes", {name: theirs}),
            }

    return Scenario(f"facets by theme, {name}", _paths(requests()))


def _searches(facts: Facts) -> dict[str, list[str]]:
    def requests() -> Iterable[Mapping[str, Side]]:
        for limit in LIMITS:
            for word in facts.selective:
                query = {"q": word, "limit": limit}
                yield {
                    "briefs": ("/recommendations", query),
                    "datasette": ("/textbook/search.json", query),
                    "datasette, no total": ("/textbook/search_rows.json", query),
                    "textbook": ("/recommendations", query),
                }

    return _paths(requests())


def _broadest(facts: Facts) -> dict[str, list[str]]:
    def requests() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(REQUESTS):
            query = {"q": facts.broadest, "limit": limit}
            yield {
                "briefs": (
                    "/recommendations",
                    {"q": spelling(facts.broadest, number), "limit": limit},
                ),
                "datasette": ("/textbook/search.json", query),
                "textbook": ("/recommendations", query),
            }

    return _paths(requests())
