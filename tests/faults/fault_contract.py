"""Requests generated from the OpenAPI document: it must announce every response."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from tests.faults.conftest import Figures
from tests.faults.processes import server_process
from tests.http.contract import hold

CASES = {"sqlite": 13_000, "postgresql": 2_600}
"""In total. Some operations have fewer possible cases than their share."""


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"]
)
def test_contract(
    database_url: str, backend: str, mode: GenerationMode, figures: Figures, part: float
) -> None:
    """Requests that the document allows, and requests that it forbids."""
    figures.notes.append(mode.value)
    with server_process(database_url, cache_megabytes="0", statement_seconds="30") as server:
        api = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
        operations = [result.ok() for result in api.get_all_operations()]
        if mode is GenerationMode.NEGATIVE:
            # Any text may be an id, so an operation without query parameters forbids nothing.
            operations = [operation for operation in operations if operation.query]
        for operation in operations:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=round(CASES[backend] * part / 2 / len(operations)) + 1,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            )
            def request(case: schemathesis.Case) -> None:
                try:
                    hold(case)
                except FailureGroup as error:
                    url = f"{case.method} {case.formatted_path} {case.query}"
                    figures.count(f"{url}: {error.exceptions}"[:500])
                else:
                    figures.count()

            request()
        assert server.process.poll() is None
