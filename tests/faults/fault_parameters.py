"""Hostile values in every parameter, hostile searches, and cursors that the API never issued."""

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
from tests.faults.hostile import encode, expected_status, hostile_query
from tests.faults.processes import ServerProcess, server_process
from tests.http.raw_http import send_raw

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
    "combining marks": quote("a" + "\u0301" * 500),
    "a ligature that grows": quote("\ufdfa" * 60),
    "right to left": quote("\u202eabc\u2066\u0085\ufeff"),
    "above 16 bits": quote("\U0001f9ff\U0010ffff" * 20),
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
REPETITIONS = (11, 700, 10_000)
SEARCHES = {"sqlite": 20_000, "postgresql": 10_000}
SEARCH_PATHS = (
    "/search",
    "/claims",
    "/recommendations",
    "/articles",
    "/actors",
    "/themes",
    "/places",
    "/claims/stats",
)
MAX_HTTPX_URL = 60_000
MAX_MS = 100
MAX_TRIES = 10
"""A slow request is repeated up to this often: the machine may have had other work."""
LEAKS = ("Traceback", "sqlalchemy", "sqlite3", "psycopg", "FROM claim", "/app/")
"""Words that would show internals in the text of a problem."""


def problem_with(response: httpx.Response) -> str | None:
    """Return what is wrong with a response to a hostile request, if anything is."""
    url = f"{response.request.url!s:.200}"
    if response.status_code < 300:
        return None
    if not 400 <= response.status_code < 500:
        return f"{response.status_code}: {url}"
    if response.headers["content-type"] != "application/problem+json":
        return f"no problem document: {url}"
    for word in LEAKS:
        if word in response.json()["detail"]:
            return f"{word} in the detail: {url}"
    return None


def get_long(client: httpx.Client, path: str) -> httpx.Response:
    """Send a GET request whose URL is too long for httpx."""
    request_text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = send_raw(str(client.base_url), request_text.encode())
    request = httpx.Request("GET", client.base_url, extensions={"target": path[:200].encode()})
    return httpx.Response(
        answer.status or 599, headers=answer.headers, content=answer.body, request=request
    )


class TimedClient:
    """Sends requests and measures them; each must be answered in time at least once.

    Args:
        client: sends the requests.
        figures: count those that are too slow.
    """

    def __init__(self, client: httpx.Client, figures: Figures) -> None:
        self._client = client
        self._figures = figures
        self._slowest = (0.0, "")
        self._repeated = 0

    def _measure(self, path: str) -> tuple[float, httpx.Response]:
        began = time.perf_counter()
        long = len(path) >= MAX_HTTPX_URL
        response = get_long(self._client, path) if long else self._client.get(path)
        return (time.perf_counter() - began) * 1000, response

    def get(self, path: str) -> httpx.Response:
        taken, response = self._measure(path)
        self._repeated += taken >= MAX_MS
        tries = 1
        while taken >= MAX_MS and tries < MAX_TRIES:
            taken = min(taken, self._measure(path)[0])
            tries += 1
        if taken >= MAX_MS:
            self._figures.count(f"{taken:.0f} ms every time: {path[:200]}")
        self._slowest = max(self._slowest, (taken, path[:80]))
        return response

    def report(self) -> None:
        """Note the slowest request, each at its best."""
        taken, path = self._slowest
        self._figures.notes.append(f"slowest {taken:.0f} ms: {path}")
        self._figures.notes.append(f"{self._repeated} sent more than once")


def check_log(server: ServerProcess, figures: Figures) -> None:
    """Count a failure if the server has logged an error."""
    errors = [line for line in server.output if line.startswith("{")]
    figures.check(not errors, f"it logged errors: {errors[:2]}")


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each parameter of each operation: the path, its name, where it stands."""
    for path, operation in document["paths"].items():
        for parameter in operation["get"].get("parameters", []):
            yield path, parameter["name"], parameter["in"]


def test_parameters(database_url: str, figures: Figures, part: float) -> None:
    """Every parameter of every operation with hostile values, once and ten thousand times."""
    chance = random.Random(6)
    all_values = list(VALUES.values())
    with (
        server_process(database_url, cache_megabytes="0") as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        timed = TimedClient(client, figures)
        document = client.get("/openapi.json").json()
        client.get("/search?q=first")
        for path, name, place in parameters(document):
            valid = path.replace("{id}", "year-of-coups-mali").replace("{type}", "not-found")
            for value in all_values if part == 1 else chance.sample(all_values, 6):
                in_path = path.replace(f"{{{name}}}", value)
                url = in_path if place == "path" else f"{valid}?{name}={value}"
                figures.count(problem_with(timed.get(url)))
            if place == "query":
                for number in REPETITIONS:
                    url = f"{valid}?" + f"{name}=1&" * number
                    figures.count(problem_with(timed.get(url)))
        timed.report()
        check_log(server, figures)


def test_searches(database_url: str, backend: str, figures: Figures, part: float) -> None:
    """Random hostile searches: found, not found or refused."""
    chance = random.Random(66)
    with (
        server_process(database_url, cache_megabytes="0") as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        timed = TimedClient(client, figures)
        client.get("/search?q=first")
        for _ in range(int(SEARCHES[backend] * part)):
            path, query = chance.choice(SEARCH_PATHS), hostile_query(chance)
            rest = "by=kind" if path.endswith("stats") else f"limit={chance.randint(1, 30)}"
            response = timed.get(f"{path}?q={encode(query)}&{rest}")
            unexpected = response.status_code != expected_status(query)
            wrong = f"{response.status_code}: {path} {query!r}" if unexpected else None
            figures.count(problem_with(response) or wrong)
        timed.report()
        check_log(server, figures)


CURSOR_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.%+ é\0"
CURSOR_VALUES: tuple[Any, ...] = (
    *(0, 1, 7, 42, 300, 2**31 - 1, 2**31, -1, 10**30, 1.5, True, None, "", "x", "\0", [1]),
    *("2021-10", "2021-10-26", "9999-12-31", "' OR 1=1 --", "\uffff" * 50, {"a": 1}),
)
"""Values for cursors that our own code encodes."""


def test_cursors(database_url: str, figures: Figures, part: float) -> None:
    """Forged cursors: refused, or, if our own code encoded them, never a row outside the filter."""
    chance = random.Random(7)
    parameters = {"theme": "inclusion", "sort": "-published"}
    with (
        server_process(database_url) as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        query = "theme=inclusion&sort=-published"
        allowed = {item["id"] for item in walk(client, f"/recommendations?{query}&limit=100")}
        following = client.get(f"/recommendations?{query}&limit=2").json()["links"]["next"]
        valid = parse_qs(urlsplit(following).query)["cursor"][0]
        decoded = base64.urlsafe_b64decode(valid + "=" * (-len(valid) % 4))
        version, digest, _, *values = json.loads(decoded[8:])
        for turn in range(int(5_000 * part)):
            mutated = turn % 2 == 1
            if mutated:
                characters = [*valid]
                for _ in range(chance.randint(1, 4)):
                    place = chance.randrange(len(characters))
                    characters[place] = chance.choice(CURSOR_CHARACTERS)
                end = chance.choice((len(valid), chance.randrange(1, len(valid))))
                cursor = "".join(characters)[:end]
            else:
                forged = [chance.choice((value, chance.choice(CURSOR_VALUES))) for value in values]
                if chance.random() < 0.1:
                    forged = chance.choice(([], forged * 2, forged[:1]))
                cursor = Cursor(version, digest, chance.choice(("next", "prev")), forged).encode()
            if cursor == valid:
                continue
            response = client.get(
                "/recommendations", params={**parameters, "limit": "5", "cursor": cursor}
            )
            if response.status_code == 200 and not mutated:
                outside = {item["id"] for item in response.json()["data"]} - allowed
                figures.check(not outside, f"outside the filter: {outside}")
            else:
                status = response.status_code
                figures.check(status == 422, f"{status} for {cursor}")


WALKED = {
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
"""Lists with some of their filters and orders."""
LIST_OF = {"theme": "themes", "place": "places", "article": "articles"}
"""The list that has a filter's values; the others are actors."""


def test_pages(database_url: str, figures: Figures, part: float) -> None:
    """Pages under random filters, orders and page sizes add up to the whole list."""
    chance = random.Random(77)
    with (
        server_process(database_url) as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        ids = {
            name: [item["id"] for item in walk(client, f"/{name}?limit=100")]
            for name in ("themes", "places", "actors", "articles")
        }
        sorts = {
            name: [key for key in keys if client.get(f"/{name}?sort={key}").status_code == 200]
            for name, (_, keys) in WALKED.items()
        }
        for _ in range(int(600 * part)):
            name = chance.choice(list(WALKED))
            filters = []
            for parameter in chance.sample(WALKED[name][0], chance.randint(0, 2)):
                values = chance.choices(
                    ids[LIST_OF.get(parameter, "actors")], k=chance.randint(1, 6)
                )
                listed = ",".join(chance.choice(("", "", "!")) + value for value in values)
                filters.append(f"{parameter}={listed}")
            order = chance.sample(sorts[name], chance.randint(1, len(sorts[name])))
            filters.append("sort=" + ",".join(chance.choice(("", "-")) + key for key in order))
            query = f"/{name}?{'&'.join(filters)}"
            whole = [item["id"] for item in walk(client, f"{query}&limit=100")]
            limit = chance.randint(max(1, len(whole) // 12), 40)
            pages = [item["id"] for item in walk(client, f"{query}&limit={limit}")]
            total = client.get(f"{query}&limit=1").json()["meta"]["total"]
            complete = pages == whole and len(set(pages)) == total
            figures.check(complete, f"{query}&limit={limit}")
