"""`/articles/{id}/text`: the clean body, with what is annotated in it."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
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
                assert body.count(quote["prefix"] + quote["exact"] + quote["suffix"]) == 1, item[
                    "id"
                ]


def test_paragraphs_make_up_the_body(client: httpx.Client, everything: Everything) -> None:
    annotated = {item["id"]: item for item in everything["claims"] + everything["recommendations"]}
    for article in everything["articles"]:
        text = client.get(article["links"]["text"]).json()
        body = client.get(article["links"]["text"] + "?format=text").text
        assert "\n\n".join(paragraph["text"] for paragraph in text["paragraphs"]) == body
        assert (text["length"], text["sha256"]) == (
            len(body),
            hashlib.sha256(body.encode()).hexdigest(),
        )
        assert article["counts"]["paragraphs"] == len(text["paragraphs"])
        found = []
        for number, paragraph in enumerate(text["paragraphs"], 1):
            assert paragraph["number"] == number
            assert body[paragraph["start"] : paragraph["end"]] == paragraph["text"]
            for span in paragraph["spans"]:
                quote = annotated[span["id"]]["quote"]
                assert (span["start"], span["end"], number) == (
                    quote["start"],
                    quote["end"],
                    quote["paragraph"],
                )
                assert paragraph["start"] <= span["start"] < span["end"] <= paragraph["end"]
                found.append(span["id"])
        assert sorted(found) == sorted(
            slug for slug, item in annotated.items() if item["article"]["id"] == article["id"]
        )


def test_quotes_stand_in_the_source_as_it_was_collected(everything: Everything) -> None:
    for item in everything["claims"] + everything["recommendations"]:
        source = (
            (ROOT / "seed/corpus/sources" / f"{item['article']['id']}.txt").read_bytes().decode()
        )
        assert item["quote"]["exact"] in source, item["id"]


def test_what_is_not_the_body_is_not_in_it(client: httpx.Client) -> None:
    dialogues = client.get("/articles/mali-local-jihadist-dialogues/text?format=text").text
    for foreign in (
        "DAWNS Digest",
        "Mamadou Tapily/TNH",
        "Related stories",
        "Edited by",
        "Share this article",
    ):
        assert foreign not in dialogues
    coups = client.get("/articles/year-of-coups-mali/text?format=text").text
    assert "Axis of Authoritarianism" not in coups
    assert coups.startswith("In a year replete with military coups")
    assert coups.endswith("how security assistance should be provided.")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/*;q=0.5, application/json;q=0.4", "text/plain; charset=utf-8"),
        ("text/plain;q=0, */*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_accept(client: httpx.Client, accept: str, form: str) -> None:
    answer = client.get("/articles/year-of-coups-mali/text", headers={"Accept": accept})
    assert answer.headers["content-type"] == form
    assert "Accept" in answer.headers["vary"]


def test_an_impossible_accept(client: httpx.Client) -> None:
    answer = client.get("/articles/year-of-coups-mali/text", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/json" in answer.json()["detail"]
    assert client.get("/articles/nope/text", headers={"Accept": "text/plain"}).status_code == 404
