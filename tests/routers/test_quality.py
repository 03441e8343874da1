"""`/dataset/quality` is worked out from what is stored."""

from collections import Counter
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from seed.publishing.quality import assess
from tests.conftest import run_seed


def test_it_agrees_with_the_lists(
    client: httpx.Client, everything: dict[str, list[dict[str, Any]]]
) -> None:
    quality = client.get("/dataset/quality").json()
    annotated = everything["claims"] + everything["recommendations"]
    assert quality["quotes"] == {"checked": len(annotated), "hold": len(annotated), "failing": []}
    assert quality["confidence"] == {
        level: sum(item["coding"]["confidence"] == level for item in annotated)
        for level in ("high", "medium", "low")
    }
    assert [item["id"] for item in quality["low_confidence"]] == [
        item["id"] for item in annotated if item["coding"]["confidence"] == "low"
    ]
    assert [row["article"]["id"] for row in quality["articles"]] == [
        article["id"] for article in everything["articles"]
    ]
    assert quality["articles_omitted"] == quality["low_confidence_omitted"] == 0
    for row in quality["articles"]:
        slug = row["article"]["id"]
        for name, code in (("claims", "kind"), ("recommendations", "strength")):
            counted = Counter(
                item[code] for item in everything[name] if item["article"]["id"] == slug
            )
            assert {kind: count for kind, count in row[name].items() if count} == counted
        paragraphs = client.get(f"/articles/{slug}/text").json()["paragraphs"]
        assert row["paragraphs"] == sum(paragraph["kind"] != "heading" for paragraph in paragraphs)
        assert row["annotated_paragraphs"] == sum(
            bool(paragraph["spans"]) for paragraph in paragraphs
        )
        assert 0 < row["annotated_share"] <= 1
    for theme in quality["themes_without_items"]:
        assert client.get(f"/claims?theme={theme['id']}").json()["meta"]["total"] == 0
        assert client.get(f"/recommendations?theme={theme['id']}").json()["meta"]["total"] == 0
    for actor in quality["actors_without_items"]:
        assert client.get(f"/claims?actor={actor['id']}").json()["meta"]["total"] == 0
        assert client.get(f"/recommendations?actor={actor['id']}").json()["meta"]["total"] == 0


def test_a_spoilt_text_shows(tmp_path: Any) -> None:
    """One letter of a stored text is changed: the quotes that stand on it no longer hold."""
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    assert run_seed(url).returncode == 0
    engine = create_engine(url)
    with engine.begin() as connection:
        assert assess(connection, "x").quotes.failing == []
        spoil = (
            "UPDATE article_text SET body = replace(body, 'Mali now requires', 'Mali now requirez') "
            "WHERE key = (SELECT key FROM article WHERE id = 'year-of-coups-mali')"
        )
        connection.execute(text(spoil))
        failing = assess(connection, "x").quotes.failing
    engine.dispose()
    assert len(failing) == 1
    assert failing[0].startswith("year-of-coups-mali.r")
