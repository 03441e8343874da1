"""Every parameter with what nobody should put there, and every cursor that was never given out."""

import base64
import json
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from app.query.paging import Cursor
from tests.conftest import walk
from tests.faults.conftest import Figures
from tests.faults.processes import server_process
from tests.http.raw_http import asked

VALUES = {
    "NUL": "%00",
    "NUL inside": "a%00b",
    "control characters": "".join(f"%{number:02x}" for number in (*range(1, 32), 127, 0xC2, 0x85)),
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%ff%fe%c0%af",
    "10**30": str(10**30),
    "-10**30": str(-(10**30)),
    "-1": "-1",
    "0": "0",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "1e999": "1e999",
    "nothing": "",
    "blanks": "%20%09%0b%e3%80%80",
    "marks alone": quote("a" + "\u0301" * 500),
    "a ligature that grows": quote("\ufdfa" * 60),
    "right to left": quote("\u202eabc\u2066\u0085\ufeff"),
    "beyond 16 bits": quote("\U0001f9ff\U0010ffff" * 20),
    "10 kB": "x" * 10_000,
    "100 kB": "x" * 100_000,
    "commas": "," * 5000,
    "exclamation marks": "!" * 60,
    "quotation marks": "%22" * 61,
    "FTS": quote('NEAR("a" "b", 5) OR column:* ^a {x y}: -- NOT ) ('),
    "tsquery": quote("a & !b <-> c:*A | (d"),
    "SQL": quote("' OR 1=1; DROP TABLE claim; --"),
    "SQL in quotation marks": quote("\"'; SELECT pg_sleep(10); --"),
    "LIKE": quote("%_%\\"),
    "a template": quote("${7*7}{{7*7}}#{7*7}%s%n"),
    "a path": quote("../../../../etc/passwd"),
    "HTML": quote("<script>alert(1)</script>"),
    "header": "%0d%0aX-Evil:%20yes",
    "stars": "*" * 100,
    "brackets": "(" * 199,
    "ORs": quote("a OR " * 39 + "a"),
    "minuses": "-" * 199,
}
LONGEST_URL = 60_000
SLOWEST_MS = 100
MOST_TRIES = 10
"""A question that took longer is asked again, up to so often: the machine may have had other work."""


def wrong_with(answer: httpx.Response) -> str | None:
    """Return what is wrong with an answer to a hostile question, if anything is."""
    if answer.status_code < 300:
        return None
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code}: {answer.request.url!s:.200}"
    if answer.headers["content-type"] != "application/problem+json":
        return f"no problem: {answer.request.url!s:.200}"
    for word in ("Traceback", "sqlalchemy", "sqlite3", "psycopg", "FROM claim", "/app/"):
        if word in answer.json()["detail"]:
            return f"{word} shows: {answer.request.url!s:.200}"
    return None


def by_hand(client: httpx.Client, path: str) -> httpx.Response:
    """Ask for what is too long an address for httpx."""
    answer = asked(
        str(client.base_url),
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(),
    )
    request = httpx.Request("GET", client.base_url, extensions={"target": path[:200].encode()})
    return httpx.Response(
        answer.status or 599, headers=answer.headers, content=answer.body, request=request
    )


class Timed:
    """How long questions take: each must have been answered within the bound once.

    Args:
        client: asks them.
        figures: told of those that were not.
    """

    def __init__(self, client: httpx.Client, figures: Figures) -> None:
        self._client = client
        self._figures = figures
        self._slowest = (0.0, "")
        self._again = 0

    def _ask(self, path: str) -> tuple[float, httpx.Response]:
        began = time.perf_counter()
        answer = self._client.get(path) if len(path) < LONGEST_URL else by_hand(self._client, path)
        return (time.perf_counter() - began) * 1000, answer

    def get(self, path: str) -> httpx.Response:
        taken, answer = self._ask(path)
        self._again += taken >= SLOWEST_MS
        tries = 1
        while taken >= SLOWEST_MS and tries < MOST_TRIES:
            taken = min(taken, self._ask(path)[0])
            tries += 1
        if taken >= SLOWEST_MS:
            self._figures.survived(f"{taken:.0f} ms again and again: {path[:200]}")
        self._slowest = max(self._slowest, (taken, path[:80]))
        return answer

    def tell(self) -> None:
        """Note the slowest of all, each at its best."""
        taken, path = self._slowest
        self._figures.notes.append(
            f"slowest {taken:.0f} ms: {path}; {self._again} were asked more than once"
        )


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give each parameter of each call: the path, its name, where it stands."""
    for path, operation in document["paths"].items():
        for parameter in operation["get"].get("parameters", []):
            yield path, parameter["name"], parameter["in"]


def test_parameters(database_url: str, figures: Figures, part: float) -> None:
    """Every parameter of every call with hostile values, alone and ten thousand times."""
    chance = random.Random(6)
    with (
        server_process(database_url, cache_megabytes="0") as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        timed = Timed(client, figures)
        slots = list(parameters(client.get("/openapi.json").json()))
        client.get("/search?q=first")
        for path, name, place in slots:
            for value in VALUES.values() if part == 1 else chance.sample(list(VALUES.values()), 6):
                if place == "path":
                    address = path.replace(f"{{{name}}}", value)
                else:
                    address = f"{path.replace('{id}', 'year-of-coups-mali').replace('{type}', 'not-found')}?{name}={value}"
                figures.survived(wrong_with(timed.get(address)))
            if place == "query":
                for number in (11, 700, 10_000):
                    address = (
                        f"{path.replace('{id}', 'year-of-coups-mali')}?" + f"{name}=1&" * number
                    )
                    figures.survived(wrong_with(timed.get(address)))
        timed.tell()
        figures.survived(
            None
            if not any(line.startswith("{") for line in server.said)
            else f"it complained: {server.said[5:6]}"
        )


PIECES = (
    *(
        "women",
        "mali",
        "secur",
        "a",
        "l'état",
        "Goïta",
        "\u0301",
        "\u200d",
        "ﷺ",
        "ß",
        "İ",
        "ﬁ",
        "\U0001f9ff",
        "中文",
        "\ufeff",
        "٣",
    ),
    *(
        " ",
        "  ",
        "\t",
        '"',
        '""',
        "'",
        "(",
        ")",
        "*",
        "**",
        "-",
        "--",
        "!",
        ",",
        ":",
        "^",
        "{",
        "}",
        "&",
        "|",
        "<->",
        "\\",
        "%",
        "_",
    ),
    *(
        " OR ",
        " AND ",
        " NOT ",
        " NEAR/3 ",
        "OR",
        "NEAR(",
        "statement:",
        "-women",
        "wom*",
        '"women and',
        "ts_rank",
        ";--",
        "0",
        "1e9",
    ),
)


def hostile(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.choice((1, 2, 3, 5, 8, 13, 40))))[
        : chance.choice((200, 200, 200, 300))
    ]


def test_searches(database_url: str, backend: str, figures: Figures, part: float) -> None:
    """Random hostile searches."""
    chance = random.Random(66)
    paths = (
        "/search",
        "/claims",
        "/recommendations",
        "/articles",
        "/actors",
        "/themes",
        "/places",
        "/claims/stats",
    )
    with (
        server_process(database_url, cache_megabytes="0") as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        timed = Timed(client, figures)
        client.get("/search?q=first")
        for _ in range(int((20_000 if backend == "sqlite" else 5_000) * part)):
            path = chance.choice(paths)
            by = "&by=kind" if path.endswith("stats") else f"&limit={chance.randint(1, 30)}"
            figures.survived(wrong_with(timed.get(f"{path}?q={quote(hostile(chance))}{by}")))
        timed.tell()
        figures.survived(
            None
            if not any(line.startswith("{") for line in server.said)
            else f"it complained: {server.said[5:6]}"
        )


def test_cursors(database_url: str, figures: Figures, part: float) -> None:
    """Forged cursors: refused, or, where one is made by our own code, never a row outside the filter."""
    chance = random.Random(7)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.%+ é\0"
    with (
        server_process(database_url) as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        query = "theme=inclusion&sort=-published"
        allowed = {item["id"] for item in walk(client, f"/recommendations?{query}&limit=100")}
        given = client.get(f"/recommendations?{query}&limit=2").json()["links"]["next"]
        good = parse_qs(urlsplit(given).query)["cursor"][0]
        raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
        version, digest, _, *values = json.loads(raw[8:])
        for turn in range(int(5_000 * part)):
            if turn % 2:
                forged = [*good]
                for _ in range(chance.randint(1, 4)):
                    forged[chance.randrange(len(forged))] = chance.choice(alphabet)
                cursor = "".join(forged)[
                    : chance.choice((len(good), chance.randrange(1, len(good))))
                ]
            else:
                tried = [chance.choice((value, chance.choice(WORTH))) for value in values]
                if chance.random() < 0.1:
                    tried = chance.choice(([], tried * 2, tried[:1]))
                cursor = Cursor(version, digest, chance.choice(("next", "prev")), tried).encode()
            if cursor == good:
                continue
            answer = client.get(
                "/recommendations?" + query,
                params={"limit": "5", "cursor": cursor, "theme": "inclusion", "sort": "-published"},
            )
            if answer.status_code == 200 and turn % 2 == 0:
                outside = {item["id"] for item in answer.json()["data"]} - allowed
                figures.survived(f"outside the filter: {outside}" if outside else None)
            else:
                figures.survived(
                    None if answer.status_code == 422 else f"{answer.status_code} for {cursor}"
                )


WORTH: tuple[Any, ...] = (
    *(
        0,
        1,
        2**31 - 1,
        2**31,
        -1,
        10**30,
        1.5,
        True,
        None,
        "",
        "x",
        "2021-10",
        "9999-12-31",
        "\0",
        "' OR 1=1 --",
        "\uffff" * 50,
    ),
    *([1], {"a": 1}, "2021-10-26", 7, 42, 300),
)


def test_paging_law(database_url: str, figures: Figures, part: float) -> None:
    """Walks under random filters, orders and page sizes give the one-shot list."""
    chance = random.Random(77)
    lists = {
        "recommendations": (
            ("theme", "place", "addressee", "source", "article"),
            ("id", "published", "strength", "article"),
        ),
        "claims": (
            ("theme", "place", "about", "source", "article"),
            ("id", "published", "kind", "article"),
        ),
        "actors": (("theme", "place"), ("id", "name", "kind")),
        "articles": (("theme", "place"), ("id", "published", "title")),
    }
    with (
        server_process(database_url) as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        items = {
            name: walk(client, f"/{name}?limit=100")
            for name in ("themes", "places", "actors", "articles", *lists)
        }
        known = {"theme": "themes", "place": "places", "article": "articles"}
        keys = {
            name: [key for key in orders if client.get(f"/{name}?sort={key}").status_code == 200]
            for name, (_, orders) in lists.items()
        }
        for _ in range(int(600 * part)):
            name = chance.choice(list(lists))
            filters = []
            for field in chance.sample(lists[name][0], chance.randint(0, 2)):
                ids = [
                    item["id"]
                    for item in chance.choices(
                        items[known.get(field, "actors")], k=chance.randint(1, 6)
                    )
                ]
                filters.append(
                    f"{field}={','.join(chance.choice(('', '', '!')) + one for one in ids)}"
                )
            order = chance.sample(keys[name], chance.randint(1, len(keys[name])))
            filters.append("sort=" + ",".join(chance.choice(("", "-")) + key for key in order))
            query = f"/{name}?{'&'.join(filters)}"
            whole = [item["id"] for item in walk(client, f"{query}&limit=100")]
            limit = chance.randint(max(1, len(whole) // 12), 40)
            pages = [item["id"] for item in walk(client, f"{query}&limit={limit}")]
            total = client.get(f"{query}&limit=1").json()["meta"]["total"]
            figures.survived(
                None if pages == whole and len(set(pages)) == total else f"{query}&limit={limit}"
            )
