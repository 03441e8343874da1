"""One slow request must not make the others wait."""

import threading

import httpx
import pytest

from app.query.listing import Listing
from tests.conftest import counting, serving

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


def test_a_slow_statement_of_one_request_blocks_no_other(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A total that takes long beside another total: the second is answered meanwhile.

    Python 3.11's `functools.cached_property` fails this: it has one lock for all objects.
    """
    compute = Listing.__dict__["total"]._compute
    began, answered = threading.Event(), threading.Event()

    def slow_for_youth(listing: Listing) -> int:
        if listing.applied.get("q") == ["youth"]:
            began.set()
            assert answered.wait(30)
        return compute(listing)

    monkeypatch.setattr(Listing.__dict__["total"], "_compute", slow_for_youth)
    slow_for_youth.__name__ = "total"
    with serving(counting(database_url)) as address:
        slow = threading.Thread(
            target=httpx.get, args=(f"{address}/claims?q=youth",), kwargs={"timeout": 60}
        )
        slow.start()
        assert began.wait(10)
        try:
            assert httpx.get(f"{address}/claims?q=women", timeout=20).status_code == 200
        finally:
            answered.set()
            slow.join()
