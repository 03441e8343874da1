"""Headers: security, request ids, and request headers that must change nothing."""

import re
from collections.abc import Iterator

import httpx
import pytest

from app.settings import Settings
from tests.conftest import ROOT, serving
from tests.http.raw_http import answers, connect, read_all, sent

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
"""Headers are put to answers where no database is known any more."""

PATHS = (
    "/",
    "/claims",
    "/claims?theme=nope",
    "/themes/inclusion",
    "/nope",
    "/health",
    "/openapi.json",
    "/static/docs.js",
    "/docs",
)
SAME = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.fixture(scope="module")
def cached(database_url: str) -> Iterator[httpx.Client]:
    with (
        serving(Settings(database_url=database_url)) as address,
        httpx.Client(base_url=address, timeout=30) as opened,
    ):
        yield opened


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = (
        part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";")
    )
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_tells_browsers_what_they_may(
    cached: httpx.Client, path: str, method: str
) -> None:
    whole = cached.request(method, path)
    not_modified = cached.request(method, path, headers={"If-None-Match": "*"})
    for answer in (whole, not_modified):
        assert {name: answer.headers.get(name) for name in SAME} == SAME
        if answer.status_code == 304:
            # A browser puts the headers of a 304 in the place of those of the page.
            for name in ("content-security-policy", "cross-origin-resource-policy"):
                assert answer.headers.get(name) in {None, whole.headers[name]}
            continue
        assert len(answer.headers.get_list("content-security-policy")) == 1
        directives = policy(answer)
        assert (
            directives["default-src"]
            == directives["frame-ancestors"]
            == directives["base-uri"]
            == "'none'"
        )
        page = answer.headers.get("content-type", "").startswith("text/html")
        assert answer.headers["cross-origin-resource-policy"] == (
            "same-origin" if page else "cross-origin"
        )
        assert ("script-src" in directives) == page
        if page:
            assert {
                directives[name] for name in ("script-src", "style-src", "connect-src", "font-src")
            } == {"'self'"}
            assert "unsafe" not in str(directives)


@pytest.mark.usefixtures("backend")
def test_pages_hold_nothing_that_their_policy_forbids() -> None:
    """A browser would not run it; `/docs` was tried in one."""
    pages = list((ROOT / "app" / "static").glob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text()
        assert not re.search(
            r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text
        ), page


# --- request ids ---


def test_every_answer_has_an_id_of_its_own(cached: httpx.Client) -> None:
    found = [cached.get(path).headers["x-request-id"] for path in PATHS * 2]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch("[A-Za-z0-9._-]{1,64}", one) for one in found)


@pytest.mark.parametrize("path", PATHS)
def test_a_clients_own_id_is_taken(cached: httpx.Client, path: str) -> None:
    for _ in range(2):
        assert (
            cached.get(path, headers={"X-Request-ID": "My.own_id-7"}).headers["x-request-id"]
            == "My.own_id-7"
        )
    assert cached.get(path).headers["x-request-id"] != "My.own_id-7"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b", "<script>", "a\tb", "é", "a,b", '"'])
def test_what_is_no_id_is_not_taken(cached: httpx.Client, given: str) -> None:
    said = cached.get("/themes", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert said != given
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", said)


# --- strangers ---

ODD = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Scheme": "evil",
    "X-Forwarded-Server": "evil.example",
    "Forwarded": "for=203.0.113.7;host=evil.example;proto=https",
    "X-Host": "evil.example",
    "X-Real-IP": "203.0.113.7",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Original-Host": "evil.example",
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "PUT",
    "X-Method-Override": "POST",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "Cookie": "session=evil",
    "Authorization": "Bearer evil",
    "Accept-Language": "fr",
    "Accept-Charset": "utf-16",
    "User-Agent": "<script>alert(1)</script>",
    "Range": "bytes=0-3",
    "If-Range": '"evil"',
    "If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT",
    "If-Unmodified-Since": "Mon, 01 Jan 1990 00:00:00 GMT",
    "If-Match": '"evil"',
    "Cache-Control": "only-if-cached",
    "Pragma": "no-cache",
    "TE": "trailers",
    "Via": "1.1 evil.example",
    "Prefer": "return=minimal",
    "Script-Name": "/evil",
    "Proxy": "http://evil.example",
    "X-Request-ID": "evil-id",
    "Sec-Fetch-Mode": "navigate",
    "DNT": "1",
}
QUESTIONS = (
    "/claims?theme=inclusion&limit=2",
    "/themes?limit=3",
    "/recommendations?q=women&limit=1",
    "/articles/year-of-coups-mali",
    "/actors?format=csv",
    "/claims?format=jsonld&limit=2",
    "/search?q=mali&limit=2",
    "/claims/stats?by=kind",
    "/dataset",
    "/openapi.json",
    "/llms.txt",
    "/docs",
    "/nope",
    "/claims?theme=nope",
)


def plain(
    server: str, path: str, more: str = "", host: str = "localhost:1234", target: str = ""
) -> tuple[int, str, bytes]:
    """Ask by hand; return all of the answer but what every answer has of its own."""
    request = f"GET {target}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
    (answer,) = answers(sent(server, request.encode()))
    own = {"date", "x-request-id", "cache-status"}
    return (
        answer.status,
        repr({name: value for name, value in answer.headers.items() if name not in own}),
        answer.body,
    )


@pytest.mark.parametrize("path", QUESTIONS)
def test_no_stranger_decides_what_others_get(database_url: str, path: str) -> None:
    """First with odd headers, then without: the same bytes as from a server that never saw them."""
    with serving(Settings(database_url=database_url)) as fresh:
        expected = plain(fresh, path)
    with serving(Settings(database_url=database_url)) as address:
        ranges = (
            {"Range", "If-Range", "If-Match", "If-Unmodified-Since"} if path == "/docs" else set()
        )
        for name, value in ODD.items():
            if name not in ranges:  # files answer these, and do not keep the answer
                assert plain(address, path, f"{name}: {value}\r\n") == expected, name
        plain(address, path, "".join(f"{name}: {value}\r\n" for name, value in ODD.items()))
        for host in (
            "evil.example",
            "evil.example:80",
            "localhost.evil.example",
            "93.184.216.34",
            "",
            "a b",
            "<script>",
            "x" * 5000,
        ):
            plain(address, path, host=host)
        plain(address, path, target="http://evil.example")
        plain(address, path, "Accept: image/png\r\n")
        plain(address, path, "Accept: text/csv\r\n")
        plain(address, path, "Accept-Encoding: zstd\r\n")
        assert plain(address, path) == expected
        assert plain(address, path, target="http://evil.example") == expected
        for host in ("evil.example", "localhost.evil.example", "<script>", "93.184.216.34"):
            assert b"evil" not in plain(address, path, host=host)[2], host


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /claims?theme=a%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET /claims?limit=1&q=a%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET /claims?limit=1&fields=id%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET /claims/a%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET /%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET //evil.example/%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: localhost",
        "GET /claims/ HTTP/1.1\r\nHost: evil.example%0d%0aX-Evil: yes",
        "GET /claims?limit=1 HTTP/1.1\r\nHost: localhost:80%0d%0aX-Evil: yes",
        "GET /claims HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv%0d%0aX-Evil: yes",
        "GET /claims HTTP/1.1\r\nHost: localhost\r\nAccept: \u560d\u560aX-Evil: yes",
        'GET /claims HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "a%0d%0aX-Evil: yes"',
        "GET /claims HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a%0d%0aX-Evil: yes",
        "GET /claims HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip%0d%0aX-Evil: yes",
        (
            "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: x%0d%0aX-Evil: yes\r\n"
            "Access-Control-Request-Method: x%0d%0aX-Evil: yes"
        ),
    ],
)
def test_no_input_becomes_a_header(server: str, request_text: str) -> None:
    with connect(server) as opened:
        opened.sendall(f"{request_text}\r\nConnection: close\r\n\r\n".encode())
        received = read_all(opened)
    head = received.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 ")
    for line in head.split(b"\r\n")[1:]:
        assert re.match(rb"[a-z-]+: [^\r\n\0]*\Z", line), line
        assert not line.startswith((b"x-evil", b"location"))


def test_a_page_that_is_still_valid_keeps_the_policy_it_came_with(client: httpx.Client) -> None:
    """A browser takes over the headers of a 304: the policy of data would block the page."""
    for path in ("/", "/docs", "/static/explorer.html"):
        first = client.get(path, headers={"Accept": "text/html"})
        assert "script-src" in policy(first)
        again = client.get(
            path, headers={"Accept": "text/html", "If-None-Match": first.headers["etag"]}
        )
        assert again.status_code == 304
        sent = again.headers.get("content-security-policy")
        assert sent in {None, first.headers["content-security-policy"]}
        assert again.headers["x-content-type-options"] == "nosniff"
