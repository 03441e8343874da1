"""What every answer to a generated request must keep to, in the short fuzz and in the long one."""

import schemathesis
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.checks import response_schema_conformance


def hold(case: schemathesis.Case) -> None:
    """Send a request and compare the answer with what the OpenAPI document announces.

    Raises:
        schemathesis.core.failures.FailureGroup: it is another one.
    """
    # Which names exist is data, not schema: a value that fits the schema may be unknown, a 422.
    excluded = [positive_data_acceptance]
    if "fields" in (case.query or {}):
        excluded.append(response_schema_conformance)  # an item is then only a part of its schema
    answer = case.call()
    if answer.status_code == 431:
        excluded.append(
            negative_data_rejection
        )  # it is rejected, by a status that the check does not know
    case.validate_response(answer, excluded_checks=excluded)
