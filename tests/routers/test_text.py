"""`/articles/{id}/text`: the clean body, with its annotated passages."""

import hashlib
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

Everything = dict[str, list[dict[str, Any]]]


def test_offsets_count_in_the_plain_text(client: httpx.Client, everything: Everything) -> None:
    for article in everything["articles"]:
        plain = client.get(article["links"]["text"], headers={"Accept": "text/plain"})
        assert plain.headers["content-type"] == "text/plain; charset=utf-8"
        body = plain.text
        for item in everything["claims"] + everything["recommendations"]:
            if item["article"]["id"] == article["id"]:
                quote = item["quote"]
                assert body[quote["start"] : quote["end"]] == quote["exact"], item["id"]
                assert body[: quote["start"]].endswith(quote["prefix"])
                assert body[quote["end"] :].startswith(quote["suffix"])
                in_context = quote["prefix"] + quote["exact"] + quote["suffix"]
                assert body.count(in_context) == 1, item["id"]


def test_paragraphs_make_up_the_body(client: httpx.Client, everything: Everything) -> None:
    annotated = {item["id"]: item for item in everything["claims"] + everything["recommendations"]}
    for article in everything["articles"]:
        text = client.get(article["links"]["text"]).json()
        body = client.get(article["links"]["text"] + "?format=text").text
        assert "\n\n".join(paragraph["text"] for paragraph in text["paragraphs"]) == body
        assert text["length"] == len(body)
        assert text["sha256"] == hashlib.sha256(body.encode()).hexdigest()
        assert article["counts"]["paragraphs"] == len(text["paragraphs"])
        spans = []
        for number, paragraph in enumerate(text["paragraphs"], 1):
            assert paragraph["number"] == number
            assert body[paragraph["start"] : paragraph["end"]] == paragraph["text"]
            for span in paragraph["spans"]:
                quote = annotated[span["id"]]["quote"]
                assert (span["start"], span["end"]) == (quote["start"], quote["end"])
                assert number == quote["paragraph"]
                assert paragraph["start"] <= span["start"] < span["end"] <= paragraph["end"]
                spans.append(span["id"])
        assert sorted(spans) == sorted(
            slug for slug, item in annotated.items() if item["article"]["id"] == article["id"]
        )


def test_quotes_are_in_the_collected_source(everything: Everything) -> None:
    for item in everything["claims"] + everything["recommendations"]:
        source = ROOT / f"seed/corpus/sources/{item['article']['id']}.txt"
        assert item["quote"]["exact"] in source.read_bytes().decode(), item["id"]


def test_the_body_has_only_the_text_of_the_article(client: httpx.Client) -> None:
    dialogues = client.get("/articles/mali-local-jihadist-dialogues/text?format=text").text
    for other in ("DAWNS Digest", "Mamadou Tapily/TNH", "Related stories", "Share this article"):
        assert other not in dialogues
    assert "Edited by" not in dialogues
    coups = client.get("/articles/year-of-coups-mali/text?format=text").text
    assert "Axis of Authoritarianism" not in coups
    assert coups.startswith("In a year replete with military coups")
    assert coups.endswith("how security assistance should be provided.")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/*;q=0.5, application/json;q=0.4", "text/plain; charset=utf-8"),
        ("text/plain;q=0, */*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_accept(client: httpx.Client, accept: str, media_type: str) -> None:
    response = client.get("/articles/year-of-coups-mali/text", headers={"Accept": accept})
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"]


def test_an_impossible_accept(client: httpx.Client) -> None:
    response = client.get("/articles/year-of-coups-mali/text", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "application/json" in response.json()["detail"]
    assert client.get("/articles/nope/text", headers={"Accept": "text/plain"}).status_code == 404
