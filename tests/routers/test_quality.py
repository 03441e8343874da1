"""`/dataset/quality` describes the stored data."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from seed.publishing.quality import assess


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
            counts = Counter(
                item[code] for item in everything[name] if item["article"]["id"] == slug
            )
            assert {kind: count for kind, count in row[name].items() if count} == counts
        paragraphs = client.get(f"/articles/{slug}/text").json()["paragraphs"]
        assert row["paragraphs"] == sum(paragraph["kind"] != "heading" for paragraph in paragraphs)
        annotated_paragraphs = sum(bool(paragraph["spans"]) for paragraph in paragraphs)
        assert row["annotated_paragraphs"] == annotated_paragraphs
        assert row["unannotated"] == [
            paragraph["number"]
            for paragraph in paragraphs
            if paragraph["kind"] != "heading" and not paragraph["spans"]
        ]
        assert 0 < row["annotated_share"] <= 1
    coded_twice = quality["agreement"]["articles"]
    assert set(coded_twice) <= {article["id"] for article in everything["articles"]}
    assert all(0 <= row["value"] <= 1 for row in quality["agreement"]["measures"])
    for parameter in ("theme", "actor"):
        for entry in quality[f"{parameter}s_without_items"]:
            for name in ("claims", "recommendations"):
                page = client.get(f"/{name}?{parameter}={entry['id']}").json()
                assert page["meta"]["total"] == 0


def test_a_changed_text_is_reported(published_copy: Path) -> None:
    """One letter of a stored text changes: the quotes in that place no longer hold."""
    engine = create_engine(f"sqlite:///{published_copy}")
    with engine.begin() as connection:
        assert assess(connection, "x").quotes.failing == []
        change = (
            "UPDATE article_text SET body ="
            " replace(body, 'Mali now requires', 'Mali now requirez')"
            " WHERE key = (SELECT key FROM article WHERE id = 'year-of-coups-mali')"
        )
        connection.execute(text(change))
        failing = assess(connection, "x").quotes.failing
    engine.dispose()
    assert len(failing) == 1
    assert failing[0].startswith("year-of-coups-mali.r")
