"""One slow request must not make the others wait."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from app.database.snapshot import Snapshot
from tests.conftest import counting, serving

PATHS = (
    "/claims?q={}",
    "/claims?q={}&sort=-published",
    "/claims?q={}&facets=kind",
    "/claims/stats?by=kind&q={}",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_a_slow_statement_of_one_request_blocks_no_other(
    database_url: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one statement of a request waits, the same request with another word is answered.

    Each statement of the request in turn. Python 3.11's `functools.cached_property` fails this: it
    has one lock for all objects.
    """
    run = Snapshot.rows
    seen: list[Any] = []
    waiting = -1
    began, answered = threading.Event(), threading.Event()

    def wait_for_youth(
        snapshot: Snapshot, key: Any, build: Callable[[], Any], values: Mapping[str, Any]
    ) -> Sequence[Any]:
        if "youth" in str(values):
            seen.append(key)
            if len(seen) - 1 == waiting:
                began.set()
                assert answered.wait(60)
        return run(snapshot, key, build, values)

    monkeypatch.setattr(Snapshot, "rows", wait_for_youth)
    with serving(counting(database_url)) as address:
        assert httpx.get(address + path.format("youth")).status_code == 200
    number = len(seen)
    assert number > 1
    for waiting in range(number):  # noqa: B007 - the function above reads it
        seen.clear()
        began.clear()
        answered.clear()
        with serving(counting(database_url)) as address:
            slow = threading.Thread(
                target=httpx.get, args=(address + path.format("youth"),), kwargs={"timeout": 90}
            )
            slow.start()
            try:
                assert began.wait(10)
                quick = httpx.get(address + path.format("women"), timeout=20)
                assert quick.status_code == 200
            finally:
                answered.set()
                slow.join()
