"""What is asked: for each kind of work the same questions to every server, each in its own words.

A first ask must be new to this API, which remembers totals and counts, and must cost what any other would. So it is varied in
what changes nothing: the case and accents of an id, defaults that are spelled out (`sort=id`, `narrower=true`), and 18 to 22 items.
The peers remember nothing; their questions vary in the number of items alone. The n-th question means the same to every server.
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

QUESTIONS = 20_000
LIMITS = range(18, 23)
PAGE, DEEP_PAGE, DEEP_PAGES = 20, 5000, 20
"""Deep pages are the last so many up to page 5,000, or to the last full page of a small corpus."""
THEMES, PLACES, ADDRESSEES = 8, 20, 50
SAMPLE = 20_000
SELECTIVE = (0.0005, 0.005)
"""The part of all recommendations that a selective word occurs in."""
ACCENTS = ("", "\u0300", "\u0301", "\u0302", "\u0308")


@dataclass(frozen=True)
class Facts:
    """What there is to ask for in a corpus, read from the peers' database.

    ``themes`` are the broadest ones with narrower ones below them, ``theme_numbers`` the peers' numbers of all; the most frequent
    themes, places and addressees come first.
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
        """The number of the deep page: 5,000 where there are as many."""
        return min(DEEP_PAGE, self.claims // PAGE)


def facts_of(database: Path) -> Facts:
    """Return what a peers' database has to ask for; always the same."""
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
            for word in {found.lower() for found in re.findall(r"\b[A-Za-z]{4,}\b", text)}
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
class Work:
    """One kind of work: the paths of each side, one or many.

    A side is a server, or a server and after a comma how it is asked otherwise. ``same_ids`` is false where servers may rank
    differently; then only their totals are compared. ``beside`` are the paths that one more client asks for meanwhile.
    """

    name: str
    sides: Mapping[str, Sequence[str]]
    same_ids: bool = True
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def also(self, side: str, like: str) -> "Work":
        """Return the same work with one more side that is asked like another one, if that takes part."""

        def added(paths: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
            return {**paths, side: paths[like]} if like in paths else paths

        return replace(self, sides=added(self.sides), beside=added(self.beside))


def spelled(slug: str, number: int) -> str:
    """Return an id in one of the spellings that mean the same to this API: first other cases, then accents too."""
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


def first_asks(facts: Facts, cursors: Sequence[str]) -> list[Work]:
    """Return every kind of work whose questions are new to this API.

    Args:
        facts: of the corpus.
        cursors: this API's, to the deep pages of its claims; see ``deep_positions``.
    """
    themes = theme_list(facts)
    broadest = _broadest(facts)
    deep = f"claims, page {facts.deep_page}"
    return [
        Work("theme list", themes),
        Work("item", _items(facts)),
        Work("claims, page 1", _claims([0], [None])),
        Work(deep, _claims(deep_positions(facts), cursors)),
        Work("facets by theme", _facets()),
        *(_facets_with(name, values) for name, values in _second_filters(facts).items()),
        *(_two_filters(facts, name, values) for name, values in _second_filters(facts).items()),
        Work("full text, selective", _searches(facts), same_ids=False),
        Work("full text, broadest word", broadest, same_ids=False),
        Work(
            "theme list beside the broadest word",
            {side: themes[side] for side in ("briefs", "datasette", "textbook")},
            beside=broadest,
        ),
    ]


def repeated(facts: Facts) -> list[Work]:
    """Return the work whose one question everybody has answered before."""
    query = {"theme": facts.themes[0], "limit": PAGE}
    path = _path("/recommendations", query)
    return [
        Work(
            "theme list, repeated",
            {
                "cached": [path],
                "bare": ["/"],
                "datasette": [_path("/textbook/theme.json", query)],
                "textbook": [path],
            },
        ),
    ]


def not_modified(facts: Facts, tag: str) -> Work:
    """Return the repeated question from a client that holds the answer already, beside bare uvicorn sending it whole."""
    path = _path("/recommendations", {"theme": facts.themes[0], "limit": PAGE})
    return Work(
        "theme list, not modified",
        {"cached": [path], "bare": ["/"]},
        headers={"cached": {"If-None-Match": tag}},
    )


def deep_positions(facts: Facts) -> list[int]:
    """Return how many claims stand before each of the deep pages."""
    return [PAGE * page for page in range(max(1, facts.deep_page - DEEP_PAGES), facts.deep_page)]


Side = tuple[str, Mapping[str, object]]
"""A path and its parameters."""


def _path(path: str, query: Mapping[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _shuffled(found: list[str]) -> list[str]:
    random.Random(0).shuffle(found)
    return found


def _numbered(questions: int) -> Iterable[tuple[int, int]]:
    """Give the numbers of questions, each with a number of items."""
    return ((number, LIMITS[number % len(LIMITS)]) for number in range(questions))


def _defaults(number: int) -> tuple[int, dict[str, object]]:
    """Return parameters that say what holds anyway, one of four ways, and what is left of the number."""
    number, way = divmod(number, 4)
    said = {"sort": "id"} if way % 2 else {}
    return number, {**said, "narrower": "true"} if way >= 2 else {**said}


def _asked(questions: Iterable[Mapping[str, Side]]) -> dict[str, list[str]]:
    """Return each side's paths, in an order that mixes them alike for all."""
    listed = list(questions)
    random.Random(0).shuffle(listed)
    return {side: [_path(*question[side]) for question in listed] for side in listed[0]}


def theme_list(facts: Facts) -> dict[str, list[str]]:
    """Return the paths of every side for lists by theme."""

    def questions() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(QUESTIONS):
            variant, at = divmod(number, len(facts.themes))
            theme = facts.themes[at]
            variant, said = _defaults(variant)
            plain = {"theme": theme, "limit": limit}
            of_theme = {
                "table": "recommendation_theme",
                "column": "theme_id",
                "value": facts.theme_numbers[theme],
            }
            yield {
                "briefs": (
                    "/recommendations",
                    {"theme": spelled(theme, variant), "limit": limit, **said},
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

    return _asked(questions())


def _items(facts: Facts) -> dict[str, list[str]]:
    return {
        "briefs": [f"/recommendations/{slug}" for slug in facts.ids],
        "datasette": [f"/textbook/item.json?id={slug}" for slug in facts.ids],
        "datasette, whole items": [f"/textbook/item_whole.json?id={slug}" for slug in facts.ids],
        "textbook": [f"/recommendations/{slug}" for slug in facts.ids],
    }


def _claims(positions: Sequence[int], cursors: Sequence[str | None]) -> dict[str, list[str]]:
    """Return pages of claims; of the questions only the total is remembered, which is the same for all pages."""
    return _asked(
        {
            "briefs": ("/claims", {"limit": limit, **({"cursor": cursor} if cursor else {})}),
            "datasette": ("/textbook/claims.json", {"after": position, "limit": limit}),
            "textbook": ("/claims", {"offset": position, "limit": limit}),
        }
        for position, cursor in zip(positions, cursors, strict=True)
        for limit in LIMITS
    )


def _facets() -> dict[str, list[str]]:
    """Return questions for counts alone to the peers, for counts beside a page to this API."""
    return _asked(
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
"""Gives the n-th question's value: as this API is asked, and as the peers are."""


def _second_filters(facts: Facts) -> dict[str, Filter]:
    def spelled_of(slugs: Sequence[str]) -> Filter:
        def value(number: int) -> tuple[str, str]:
            variant, at = divmod(number, len(slugs))
            return spelled(slugs[at], variant), slugs[at]

        return value

    def strength(number: int) -> tuple[str, str]:
        # Said twice, since one word has too few spellings.
        return f"{spelled('must', number % 16)},{spelled('must', number // 16)}", "must"

    return {
        "strength": strength,
        "place": spelled_of(facts.places),
        "addressee": spelled_of(facts.addressees),
    }


def _two_filters(facts: Facts, name: str, value: Filter) -> Work:
    def questions() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(QUESTIONS):
            variant, at = divmod(number, len(facts.themes))
            theme = facts.themes[at]
            ours, theirs = value(variant)
            plain = {"theme": theme, name: theirs, "limit": limit}
            yield {
                "briefs": (
                    "/recommendations",
                    {"theme": spelled(theme, variant), name: ours, "limit": limit},
                ),
                "datasette": (f"/textbook/theme_and_{name}.json", plain),
                "textbook": ("/recommendations", plain),
            }

    return Work(f"theme and {name}", _asked(questions()))


def _facets_with(name: str, value: Filter) -> Work:
    def questions() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(QUESTIONS):
            variant, said = _defaults(number)
            ours, theirs = value(variant)
            yield {
                "briefs": (
                    "/recommendations",
                    {name: ours, "facets": "theme", "limit": limit, **said},
                ),
                "datasette": (f"/textbook/themes_by_{name}.json", {name: theirs}),
                "textbook": ("/recommendations/themes", {name: theirs}),
            }

    return Work(f"facets by theme, {name}", _asked(questions()))


def _searches(facts: Facts) -> dict[str, list[str]]:
    def questions() -> Iterable[Mapping[str, Side]]:
        for limit in LIMITS:
            for word in facts.selective:
                query = {"q": word, "limit": limit}
                yield {
                    "briefs": ("/recommendations", query),
                    "datasette": ("/textbook/search.json", query),
                    "datasette, no total": ("/textbook/search_rows.json", query),
                    "textbook": ("/recommendations", query),
                }

    return _asked(questions())


def _broadest(facts: Facts) -> dict[str, list[str]]:
    def questions() -> Iterable[Mapping[str, Side]]:
        for number, limit in _numbered(QUESTIONS):
            query = {"q": facts.broadest, "limit": limit}
            yield {
                "briefs": (
                    "/recommendations",
                    {"q": spelled(facts.broadest, number), "limit": limit},
                ),
                "datasette": ("/textbook/search.json", query),
                "textbook": ("/recommendations", query),
            }

    return _asked(questions())
