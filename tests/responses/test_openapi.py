"""The OpenAPI document is complete and true: every answer has a schema and an example, and the API keeps to it."""

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
from tests.conftest import run_seed, serving
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
"""Clients are generated from these names: they do not change."""

MAY_BE_MISSING = {"/dataset/codebook", "/dataset/sqlite"}


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


def test_every_answer_has_a_schema_and_an_example_that_fits(document: Document) -> None:
    for path, operation in operations(document):
        responses = operation["responses"]
        assert {"200", "400", "405", "422", "500", "503"} <= set(responses), path
        assert ("404" in responses) == ("{" in path or path in MAY_BE_MISSING), path
        for status, response in responses.items():
            assert response["description"], (path, status)
            for media_type, content in response["content"].items():
                assert content["schema"], (path, status, media_type)
                if "contentMediaType" in content["schema"]:
                    continue  # a file of bytes
                assert "example" in content, (path, status, media_type)
                schema = {**content["schema"], "components": document["components"]}
                jsonschema_rs.validate(schema, content["example"])
                if status != "200":
                    assert media_type == "application/problem+json"


def test_what_is_always_there_is_required(document: Document) -> None:
    for name in (
        "Recommendation",
        "Claim",
        "Article",
        "Actor",
        "Theme",
        "Place",
        "Quote",
        "Meta",
        "Problem",
        "PageLinks",
    ):
        schema = document["components"]["schemas"][name]
        assert set(schema["required"]) == set(schema["properties"]), name


def test_every_item_fits_its_schema(document: Document, everything: dict[str, list[Any]]) -> None:
    for name, items in everything.items():
        reference = {
            "$ref": f"#/components/schemas/{name.removesuffix('s').title()}",
            "components": document["components"],
        }
        validator = jsonschema_rs.validator_for(reference)
        for item in items:
            validator.validate(item)


def test_a_small_corpus_of_ones_own(
    new_database_url: Callable[[], str], small_corpus: Path
) -> None:
    """One brief without places, recommendations, authors, date or address: every list and the document still answer."""
    url = new_database_url()
    result = run_seed(url, "--corpus", str(small_corpus))
    assert result.returncode == 0, result.stderr
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
        assert (
            opened.get("/articles?published_to=2030").json()["meta"]["total"] == 0
        )  # the date is not known
        assert opened.get("/claims?sort=-published").json()["data"][0]["quote"]["link"] is None


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_keeps_to_its_document(server: str, mode: GenerationMode) -> None:
    """Random requests, valid and invalid by the document: no answer that the document does not announce."""
    api = schemathesis.openapi.from_url(f"{server}/openapi.json")
    for operation in (result.ok() for result in api.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and not operation.query:
            continue  # any text will do for an id: there is no request that the document forbids

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        def ask(case: schemathesis.Case) -> None:
            hold(case)

        ask()
