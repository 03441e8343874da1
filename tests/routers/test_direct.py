"""The short way gives the answers of the usual way, and takes what it should."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Receive, Scope, Send

from app import main
from app.http.direct import Direct
from tests.conftest import counting, serving
from tests.test_caching import HEADERS, QUESTIONS

LISTS = (
    *(
        "/recommendations?limit=3&sort=-id",
        "/claims?theme=inclusion&facets=theme",
        "/claims?facets=theme,kind,year",
        "/claims?relation=supports",
    ),
    *(
        "/recommendations?theme=!inclusion",
        "/recommendations?addressee=ecowas&strength=must&facets=theme,article",
        "/claims?q=women&place=mali",
    ),
    *(
        "/recommendations?theme=inclusion,mediation&narrower=false",
        "/actors?sort=-name&kind=person&limit=7",
        "/themes?broader=inclusion",
    ),
    *(
        "/recommendations?id=year-of-coups-mali.r1,year-of-coups-mali.r3",
        "/recommendations?fields=id,quote&year=2021",
        "/places?format=ndjson",
    ),
    *(
        "/articles?published_from=2021&format=csv",
        "/claims?format=jsonld&kind=causal",
        "/recommendations?strength=must",
        "/claims?q=-women",
    ),
    *(
        "/recommendations/year-of-coups-mali.r3",
        "/themes/inclusion?format=csv",
        "/actors/ecowas?fields=id,name",
        "/claims?article=year-of-coups-mali",
    ),
)
REFUSED = (
    *(
        "/recommendations?thme=inclusion",
        "/recommendations?theme=inclsion",
        "/recommendations?limit=0",
        "/claims?limit=1&limit=2",
    ),
    *(
        "/recommendations?sort=nonsense",
        "/recommendations?cursor=x",
        "/recommendations?facets=nonsense",
        "/recommendations?fields=nonsense",
    ),
    *(
        "/claims/year-of-coups-mali.r3",
        "/claims/nope",
        "/claims/",
        "/claims//",
        "/claims?published_from=2021-13",
        "/claims?format=bibtex",
    ),
)
AT_ONCE = (
    *(
        "/recommendations",
        "/recommendations?theme=inclusion",
        "/claims?kind=causal&limit=5",
        "/claims?facets=theme",
        "/recommendations?sort=-id",
    ),
    *(
        "/articles/year-of-coups-mali",
        "/recommendations/year-of-coups-mali.r3",
        "/actors?theme=inclusion",
        "/claims?article=year-of-coups-mali",
    ),
)


class Usual:
    """Stands where the short way stands, and notes what comes by."""

    came_by: list[str]

    def __init__(self, app: ASGIApp, *_: object) -> None:
        self.app = app
        Usual.came_by = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            Usual.came_by.append(scope["path"])
        await self.app(scope, receive, send)


@contextmanager
def asking(database_url: str, between: type | None) -> Iterator[httpx.Client]:
    """Serve under a public address, with something else in the place of the short way, or behind it."""
    patch = pytest.MonkeyPatch()
    if between is Usual:
        patch.setattr(main, "Direct", Usual)
    elif between is Direct:
        patch.setattr(main, "Direct", lambda app, *others: Direct(Usual(app), *others))
    with serving(counting(database_url, public_url="https://briefs.example.org")) as address:
        patch.undo()
        with httpx.Client(base_url=address, timeout=30) as client:
            yield client


def test_the_answers_are_the_same(database_url: str) -> None:
    kept = (
        "content-type",
        "etag",
        "link",
        "vary",
        "x-total-count",
        "x-dataset-version",
        "content-disposition",
        "cache-control",
    )
    with asking(database_url, None) as direct, asking(database_url, Usual) as usual:
        usual.get("/themes")
        direct.get("/themes")
        for path in (*LISTS, *REFUSED, *AT_ONCE, *QUESTIONS):
            for headers in HEADERS[:5]:
                one, other = direct.get(path, headers=headers), usual.get(path, headers=headers)
                assert one.status_code == other.status_code, path
                assert one.content == other.content, path
                assert [one.headers.get(name) for name in kept] == [
                    other.headers.get(name) for name in kept
                ], path


def test_lists_and_items_take_the_short_way(database_url: str) -> None:
    """What is wrong with a question is said by the usual one."""
    with asking(database_url, Direct) as client:
        client.get("/themes")
        Usual.came_by.clear()
        for path in (
            *AT_ONCE,
            *(path for path in LISTS if "?format" not in path and "fields=id,name" not in path),
        ):
            assert client.get(path).status_code == 200
        assert Usual.came_by == []
        for path in REFUSED:
            assert client.get(path).status_code in {404, 422}
        assert len(Usual.came_by) == len(REFUSED)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_what_an_index_leads_to_needs_no_thread(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_threads: list[object] = []

    async def noting(
        what: Callable[..., object], *asked: object, limiter: CapacityLimiter
    ) -> object:
        in_threads.append(what)
        return await run_sync(what, *asked, limiter=limiter)

    monkeypatch.setattr("app.http.direct.run_sync", noting)
    with serving(counting(database_url)) as address, httpx.Client(base_url=address) as client:
        client.get("/themes?q=women")
        in_threads.clear()
        for path in AT_ONCE:
            assert client.get(path).status_code == 200
        assert in_threads == []
        client.get("/recommendations?theme=inclusion&strength=must")
        assert len(in_threads) == 1
