"""The OpenAPI document: every response has a schema and an example, and the API conforms to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from app.settings import Settings
from tests.conftest import publish, serving
from tests.http.contract import hold

Document = dict[str, Any]

OPERATIONS = {
    "list_recommendations",
    "get_recommendation",
    "list_claims",
    "get_claim",
    "list_articles",
    "get_article",
    "get_article_text",
    "list_actors",
    "get_actor",
    "list_themes",
    "get_theme",
    "list_places",
    "get_place",
    "get_dataset",
    "get_dataset_quality",
    "get_index",
    "get_health",
    "get_ready",
    "get_problem_type",
    "get_guide",
    "search_everything",
    "count_recommendations",
    "count_claims",
    "count_articles",
    "count_actors",
    "count_themes",
    "count_places",
    "get_codebook",
    "download_dataset",
    "download_sqlite",
}
"""Generated clients use these names, so they do not change."""

EXAMPLES = 5
"""Random requests for each operation."""

OPTIONAL = {"/dataset/codebook", "/dataset/sqlite"}


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Document:
    found: Document = client.get("/openapi.json").json()
    return found


def operations(document: Document) -> list[tuple[str, Document]]:
    return [(path, item["get"]) for path, item in document["paths"].items()]


def test_only_get(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    assert all(set(item) == {"get"} for item in document["paths"].values())


def test_operation_ids_are_stable(document: Document) -> None:
    assert {operation["operationId"] for _, operation in operations(document)} == OPERATIONS


def test_every_operation_is_described(document: Document) -> None:
    for path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["in"] == "path", (
                path,
                parameter["name"],
            )


def test_every_response_has_a_schema_and_a_valid_example(document: Document) -> None:
    for path, operation in operations(document):
        responses = operation["responses"]
        assert {"200", "400", "405", "422", "500", "503"} <= set(responses), path
        assert ("404" in responses) == ("{" in path or path in OPTIONAL), path
        for status, response in responses.items():
            assert response["description"], (path, status)
            for media_type, content in response["content"].items():
                assert content["schema"], (path, status, media_type)
                if "contentMediaType" in content["schema"]:
                    continue  # a binary file
                assert "example" in content, (path, status, media_type)
                schema = {**content["schema"], "components": document["components"]}
                jsonschema_rs.validate(schema, content["example"])
                if status != "200":
                    assert media_type == "application/problem+json"


def test_fields_that_are_always_present_are_required(document: Document) -> None:
    items = ("Recommendation", "Claim", "Article", "Actor", "Theme", "Place")
    for name in (*items, "Quote", "Meta", "Problem", "PageLinks"):
        schema = document["components"]["schemas"][name]
        assert set(schema["required"]) == set(schema["properties"]), name


def test_every_item_is_valid(document: Document, everything: dict[str, list[Any]]) -> None:
    for name, items in everything.items():
        reference = {
            "$ref": f"#/components/schemas/{name.removesuffix('s').title()}",
            "components": document["components"],
        }
        validator = jsonschema_rs.validator_for(reference)
        for item in items:
            validator.validate(item)


def test_a_small_corpus(new_database_url: Callable[[], str], small_corpus: Path) -> None:
    """Without places, recommendations, authors, date and address, all lists still work."""
    url = new_database_url()
    publish(url, "--corpus", str(small_corpus))
    with serving(Settings(database_url=url)) as address, httpx.Client(base_url=address) as opened:
        document = opened.get("/openapi.json")
        assert document.status_code == 200
        assert document.json()["info"]["description"].startswith("D\n")
        totals = {
            "articles": 1,
            "claims": 1,
            "recommendations": 0,
            "actors": 1,
            "themes": 1,
            "places": 0,
        }
        for name, total in totals.items():
            assert opened.get(f"/{name}").json()["meta"]["total"] == total
        assert opened.get("/dataset/quality").json()["quotes"]["hold"] == 1
        undated = opened.get("/articles?published_to=2030").json()
        assert undated["meta"]["total"] == 0
        assert opened.get("/claims?sort=-published").json()["data"][0]["quote"]["link"] is None


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_conforms_to_its_document(server: str, mode: GenerationMode) -> None:
    """The document announces the responses to random requests, valid and invalid ones.

    `make faults` sends many more (fault_contract.py).
    """
    api = schemathesis.openapi.from_url(f"{server}/openapi.json")
    for operation in (result.ok() for result in api.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and not operation.query:
            continue  # any text may be an id, so this operation forbids nothing

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def request(case: schemathesis.Case) -> None:
            hold(case)

        request()
