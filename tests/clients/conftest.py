"""One database for all clients: both give the same answers, as other tests show."""

import pytest


@pytest.fixture(scope="session")
def backend() -> str:
    return "sqlite"
