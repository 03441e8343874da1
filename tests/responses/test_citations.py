"""Citations, read with the libraries that others use: bibtexparser, rispy, citeproc-py."""

import json
from typing import Any

import bibtexparser
import httpx
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc import Citation as CiteprocCitation
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import example, given
from hypothesis import strategies as st

from app.responses.citations import Citation

Item = dict[str, Any]


@pytest.fixture(scope="module")
def cited(everything: dict[str, list[Item]]) -> list[tuple[Item, Item]]:
    """Every article, claim and recommendation, with its article."""
    articles = {article["id"]: article for article in everything["articles"]}
    annotations = everything["claims"] + everything["recommendations"]
    return [(article, article) for article in articles.values()] + [
        (item, articles[item["article"]["id"]]) for item in annotations
    ]


def parse(text: str) -> tuple[str, str, dict[str, str]]:
    library = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert not library.failed_blocks, text
    (entry,) = library.entries
    return entry.entry_type, entry.key, {field.key: field.value for field in entry.fields}


def one_line(text: str) -> str:
    """Return a text with single spaces: a citation has no line breaks or fixed spaces."""
    return " ".join(text.split())


def link_of(item: Item) -> str | None:
    """Return the address that a citation names."""
    link: str | None = item["quote"]["link"] if "quote" in item else item["url"]
    return link


def test_bibtex(client: httpx.Client, cited: list[tuple[Item, Item]]) -> None:
    for item, article in cited[:5] + cited[5::12]:
        response = client.get(item["links"]["self"], headers={"Accept": "application/x-bibtex"})
        assert response.headers["content-type"].startswith("application/x-bibtex")
        kind, key, fields = parse(response.text)
        assert key == item["id"]
        is_report = article["kind"] in {"report", "peace-brief", "policy-brief"}
        assert (kind == "techreport") == is_report
        assert fields["title"].strip("{}") == article["title"]
        assert fields["year"] == article["published"][:4]
        # A URL is verbatim, so nothing in it is decoded as LaTeX.
        url = bibtexparser.parse_string(response.text).entries[0].get("url")
        assert (url.value if url else None) == link_of(item)
        authors = [name.strip("{}") for name in fields.get("author", "").split(" and ") if name]
        assert authors == [author["name"] for author in article["authors"] or ()]
        if "quote" in item:
            quote = f"Paragraph {item['quote']['paragraph']}: “{item['quote']['exact']}”"
            assert one_line(quote) in one_line(fields["note"])


def test_ris(client: httpx.Client, cited: list[tuple[Item, Item]]) -> None:
    for item, article in cited[:5] + cited[5::12]:
        (entry,) = rispy.loads(client.get(f"{item['links']['self']}?format=ris").text)
        assert entry["title"] == article["title"]
        assert entry["year"] == article["published"][:4]
        assert entry["publisher"] == article["publisher"]
        assert entry.get("urls", [None])[0] == link_of(item)
        assert len(entry.get("authors", [])) == len(article["authors"] or ())
        if "quote" in item:
            assert entry["abstract"] == item["statement"]
            assert one_line(item["quote"]["exact"]) in entry["notes"][0]
            assert entry["start_page"] == f"para. {item['quote']['paragraph']}"


def test_csl(client: httpx.Client, cited: list[tuple[Item, Item]]) -> None:
    """citeproc-py formats each citation in a style, with its author, year and title."""
    entries = []
    for item, _ in cited[:5] + cited[5::24]:
        found = client.get(f"{item['links']['self']}?format=csl").json()
        assert [entry["id"] for entry in found] == [item["id"]]
        entries += found
    source = CiteProcJSON(
        [{name: value for name, value in entry.items() if name != "custom"} for entry in entries]
    )
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    for entry in entries:
        bibliography.register(CiteprocCitation([CitationItem(entry["id"].lower())]))
    lines = list(map(str, bibliography.bibliography()))
    assert lines
    for line in lines:
        assert "202" in line or "2013" in line
    whole = " ".join(lines)
    assert "Lierde" in whole
    assert "Year of Coups" in whole


def test_small_words_belong_to_the_family_name(client: httpx.Client) -> None:
    article = "/articles/inclusive-security-mali"
    (entry,) = client.get(f"{article}?format=csl").json()
    assert {"family": "van Lierde", "given": "Frank"} in entry["author"]
    assert "AU  - van Lierde, Frank" in client.get(f"{article}?format=ris").text


def test_unknown_authors_are_omitted(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    unnamed = next(article for article in everything["articles"] if article["authors"] is None)
    assert "author" not in client.get(f"/articles/{unnamed['id']}?format=bibtex").text
    assert "AU  -" not in client.get(f"/articles/{unnamed['id']}?format=ris").text
    assert "author" not in client.get(f"/articles/{unnamed['id']}?format=csl").json()[0]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=80))
@example(r"100% of \textbf{R&D} cost $5_000 #1 ~home^2 {unbalanced")
@example('quote " in } title')
def test_no_title_breaks_a_citation(title: str) -> None:
    article = {
        "id": "a-brief",
        "title": title,
        "kind": "report",
        "authors": None,
        "publisher": title,
        "published": "2021-10",
    }
    citation = Citation(
        article | {"url": None},
        article | {"language": "en", "url": "https://x.example/{a}%20b"},
        "1-abc",
    )
    library = bibtexparser.parse_string(citation.bibtex())
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == ["a-brief"]
    (entry,) = rispy.loads(citation.ris())
    assert one_line(entry.get("title", "")) == one_line(title)
    assert json.loads(citation.csl())[0]["title"] == title
