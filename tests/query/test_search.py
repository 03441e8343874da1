"""Full text: the same matches on both databases, safe highlights, and no input is an error."""

import html
import itertools
import json
import random
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.database.database import Database
from app.database.names import strip_accents
from app.query.search.fields import index_entry, searchable_text
from app.query.search.highlight import Match, highlight
from app.query.search.matching import Term, TextQuery, parse_query
from app.query.search.words import APOSTROPHES, ELIDED, MAX_WORD_LENGTH, words
from app.routers import COLLECTIONS
from app.settings import Settings
from tests.conftest import walk
from tests.faults.hostile import encode, expected_status, hostile_query

Item = dict[str, Any]
PATHS = ("/search", "/recommendations", "/claims", "/articles", "/actors", "/themes", "/places")
FOUND = pytest.StashKey[dict[str, Any]]()


def ids(client: httpx.Client, path: str, **parameters: str) -> list[str]:
    answer = client.get(path, params={"limit": "100", **parameters})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    found = [item["id"] for item in page["data"]]
    while page["links"]["next"]:
        page = client.get(page["links"]["next"]).json()
        found += [item["id"] for item in page["data"]]
    assert len(found) == page["meta"]["total"]
    return found


# --- the grammar ---


@pytest.mark.parametrize(
    ("query", "all_of", "none_of"),
    [
        ("women security", [["women"], ["secur"]], []),
        ("women OR youth peace", [["women", "youth"], ["peac"]], []),
        ("women AND youth", [["women"], ["youth"]], []),
        ('"human security" -army', [["human secur"]], ["armi"]),
        ("“human security” «armée»", [["human secur"], ["arme"]], []),
        ('-"human security"', [], ["human secur"]),
        ("women-led l'État l’État women's", [["women led"], ["etat"], ["etat"], ["women"]], []),
        ("l' 's d'Ivoire qu'il rock'n'roll", [["l"], ["s"], ["ivoir"], ["il"], ["rock roll"]], []),
        ("OR women OR", [["women"]], []),
        ("women OR OR youth", [["women", "youth"]], []),
        ("women OR -youth", [["women"]], ["youth"]),
        ('"OR"', [["or"]], []),
        ('"women', [["women"]], []),
        ("!!! * - -- \" '' ( ) :", [], []),
        (
            "NEAR(women) stems:women ^women {a b}",
            [["near women"], ["stem women"], ["women"], ["a"], ["b"]],
            [],
        ),
    ],
)
def test_grammar(query: str, all_of: list[list[str]], none_of: list[str]) -> None:
    parsed = parse_query(query)
    assert [[term.stems for term in alternatives] for alternatives in parsed.all_of] == all_of
    assert [term.stems for term in parsed.none_of] == none_of


def highlight_texts(query: TextQuery, texts: Mapping[str, Sequence[str]]) -> Match:
    """Return where a query matches, as if the texts were published."""
    return highlight(query, texts, index_entry(texts.values())[0], texts.__getitem__)


def test_beginnings_of_words() -> None:
    assert parse_query("securit* G5-sah*").all_of == [[Term("", "securit")], [Term("g5", "sah")]]


@given(st.text(max_size=200))
@example("İstanbul ﬁn ½ ß Ǆ ΐ \ud800 \0")
@example("l'Etat, women's 0's 's s' d’Ivoire rock'n'roll jusqu'ici 'l' l'")
def test_words_have_the_right_positions(text: str) -> None:
    for word in words(text):
        assert word.folded == re.sub(r"[\W_]", "", strip_accents(text[word.start : word.end]))[
            :MAX_WORD_LENGTH
        ] or len(word.folded) < len(
            strip_accents(text[word.start : word.end]),
        )
        assert re.fullmatch(r"[^\W_]+", word.folded)
    found = [word.folded for word in words(text)]
    elided = 0
    for run in re.findall(r"[^\W_]+", strip_accents(text)):
        if found[:1] == [run[:MAX_WORD_LENGTH]]:
            found.pop(0)
        else:
            assert run in ELIDED  # only a part next to an apostrophe is no word
            elided += 1
    assert not found
    assert elided <= sum(strip_accents(text).count(apostrophe) for apostrophe in APOSTROPHES)


@given(st.text(max_size=300), st.text(max_size=60))
@example("a <b>bold</b> & “quoted” 'claim'", "bold quoted")
@example("<script>alert(1)</script> <mark>", "script mark")
def test_highlights_are_safe(text: str, query: str) -> None:
    """A highlight without its marks is the escaped text; marks are balanced and not nested."""
    shown = highlight_texts(parse_query(query), {"statement": [text]}).highlight
    if shown is None:
        return
    assert re.fullmatch(r"(?:(?!</?mark>)[^<>])*(?:<mark>[^<>]+</mark>[^<>]*)+", shown, re.DOTALL)
    assert html.unescape(re.sub("</?mark>", "", shown)) == html.unescape(html.escape(text))


def test_a_long_text_is_cut_around_the_match() -> None:
    text = "before " * 200 + "needle " + "after " * 200
    shown = highlight_texts(parse_query("needles"), {"body": [text]})
    assert shown.matched_in == ["body"]
    assert shown.highlight is not None
    assert "<mark>needle</mark>" in shown.highlight
    assert shown.highlight.startswith("…before")
    assert shown.highlight.endswith("…")
    assert len(shown.highlight) < 300


# --- what is found ---


@pytest.mark.parametrize(
    ("path", "query", "other"),
    [
        ("/actors", "Bagayoko Niagale", "bagayoko NIAGALÉ"),
        ("/actors", "Maïga", "maiga"),
        ("/claims", "Djenné", "djenne"),
        ("/claims", "jihadists", "jihadist"),
        ("/claims", "negotiations", "negotiate"),
        ("/recommendations", "CEDEAO", "ecowas"),
        ("/themes", "participation des femmes", "femme participation"),
        ("/themes", "l'ordre", "l’ordre"),
        ("/themes", "l'inclusion", "inclusion"),
        ("/claims", "Mali's", "Mali"),
        ("/search", "gouvernance de la sécurité", "gouvernance de la securite"),
    ],
)
def test_spellings_find_the_same_items(
    client: httpx.Client, path: str, query: str, other: str
) -> None:
    found = set(ids(client, path, q=query))
    assert found
    assert found == set(ids(client, path, q=other))


@pytest.mark.parametrize(
    ("path", "query", "expected", "field"),
    [
        ("/recommendations", '"turn things around"', "inclusive-security-mali.r4", "quote"),
        ("/claims", '"decentralisation is the key"', "crisis-in-mali-root-causes.c3", "statement"),
        ("/articles", '"Year of Coups"', "year-of-coups-mali", "title"),
        ("/articles", '"civic space in Mali is shrinking"', "inclusive-security-mali", "body"),
        ("/actors", "CEDEAO", "ecowas", "name"),
        ("/themes", "genre", "women-participation", "label"),
        ("/recommendations", "genre", "inclusive-security-mali.r12", "themes"),
        ("/places", "gao", "gao", "name"),
    ],
)
def test_every_field_is_searched(
    client: httpx.Client, path: str, query: str, expected: str, field: str
) -> None:
    found = client.get(path, params={"q": query}).json()["data"]
    item = next(item for item in found if item["id"] == expected)
    assert field in item["matched_in"]
    assert "<mark>" in item["highlight"]


def test_search_covers_all_kinds_best_first(client: httpx.Client) -> None:
    page = client.get("/search", params={"q": "dialogue", "facets": "type", "limit": "100"}).json()
    assert {hit["type"] for hit in page["data"]} >= {"recommendation", "claim", "article", "theme"}
    scores = [hit["score"] for hit in page["data"]]
    assert scores == sorted(scores, reverse=True)
    assert page["meta"]["ranked"] is True
    assert sum(value["count"] for value in page["facets"]["type"]) == page["meta"]["total"]
    for value in page["facets"]["type"]:
        narrowed = client.get(value["link"]).json()
        assert narrowed["meta"]["total"] == value["count"]
        assert {hit["type"] for hit in narrowed["data"]} == {value["value"]}
        listed = client.get(f"/{value['value']}s", params={"q": "dialogue"}).json()
        assert listed["meta"]["total"] == value["count"]
    for hit in page["data"]:
        assert client.get(hit["links"]["self"]).json()["id"] == hit["id"]


def test_pages_of_a_search_are_the_whole_list(client: httpx.Client) -> None:
    whole = ids(client, "/search", q="mali")
    assert len(whole) > 100
    assert [item["id"] for item in walk(client, "/search?q=mali&limit=37")] == whole
    last: Any = client.get("/search?q=mali&limit=100").json()
    while last["links"]["next"]:
        last = client.get(last["links"]["next"]).json()
    backwards = [last["data"]]
    while last["links"]["prev"]:
        last = client.get(last["links"]["prev"]).json()
        backwards.append(last["data"])
    assert [item["id"] for page in reversed(backwards) for item in page] == whole


def test_too_many_matches_are_not_ranked(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come in the order of the data set, complete, and the response says so."""
    ranked = {
        path: {item["links"]["self"] for item in walk(client, f"{path}?q=mali&limit=100")}
        for path in ("/search", "/claims")
    }
    monkeypatch.setattr("app.query.search.ranking.MAX_RANKED", 20)
    for path, expected in ranked.items():
        page = client.get(path, params={"q": "mali"}).json()
        assert page["meta"]["ranked"] is False
        assert page["meta"]["total"] == len(expected)
        found = walk(client, f"{path}?q=mali&limit=7")
        links = [item["links"]["self"] for item in found]
        assert len(links) == len(set(links))
        assert set(links) == expected
        rows = client.get(path, params={"q": "mali", "format": "ndjson", "fields": "id"})
        assert rows.text == "".join(f'{{"id":"{item["id"]}"}}\n' for item in found)
    listed = ids(client, "/claims", q="mali")
    assert listed == [
        slug for slug in ids(client, "/claims") if f"/claims/{slug}" in ranked["/claims"]
    ]


def test_a_search_can_be_sorted(client: httpx.Client) -> None:
    by_date = client.get(
        "/claims", params={"q": "mali", "sort": "-published", "limit": "100"}
    ).json()
    dates = [item["article"]["published"] for item in by_date["data"]]
    assert dates == sorted(dates, reverse=True)
    assert by_date["meta"]["ranked"] is False
    assert all(item["highlight"] for item in by_date["data"])
    best = client.get("/claims", params={"q": "mali", "sort": "relevance"}).json()
    assert best["data"] == client.get("/claims", params={"q": "mali"}).json()["data"]
    refused = client.get("/claims", params={"sort": "relevance"})
    assert refused.status_code == 422
    assert client.get("/claims").json()["meta"]["ranked"] is None


def test_search_and_filters_combine(client: httpx.Client) -> None:
    both = set(
        ids(
            client,
            "/recommendations",
            q="women OR youth",
            theme="inclusion",
            strength="must,should",
        )
    )
    filtered = set(ids(client, "/recommendations", theme="inclusion", strength="must,should"))
    assert both == filtered & set(ids(client, "/recommendations", q="women OR youth"))
    assert both


@pytest.mark.parametrize("path", ["/search", "/claims"])
def test_a_search_costs_few_statements(
    client: httpx.Client, backend: str, statements: list[str], path: str
) -> None:
    client.get(path, params={"q": "mali"})
    statements.clear()
    assert client.get(path, params={"q": "mali women"}).status_code == 200
    # The number of matches, the matches, their stems, the page; on PostgreSQL the version.
    assert len(statements) == 3 + (path == "/search") + (backend == "postgresql"), statements


@pytest.mark.parametrize("query", ["", " ", "\t", "x" * 201])
@pytest.mark.parametrize("path", ["/search", "/claims"])
def test_only_blank_and_too_long_queries_are_errors(
    client: httpx.Client, path: str, query: str
) -> None:
    answer = client.get(path, params={"q": query})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "q"


# --- the same on both databases ---

VOCABULARY = (
    *(
        "women",
        "youth",
        "security",
        "mali",
        "jihadist",
        "dialogue",
        "peace",
        "the",
        "of",
        "army",
        "bamako",
        "civilians",
    ),
    *(
        "Goïta",
        "CEDEAO",
        "l'inclusion",
        "women-led",
        "securit*",
        "jihad*",
        "m*",
        "femmes",
        "G5",
        "2012",
        "xyzzy",
    ),
    *('"human security"', '"of the"', '"peace talks"', '"women and"', "«société civile»"),
)


def test_both_databases_find_and_rank_the_same(
    client: httpx.Client, request: pytest.FixtureRequest
) -> None:
    """Compare 500 random queries on PostgreSQL with their results on SQLite, including order."""
    chance = random.Random(20261122)
    found = {}
    for _ in range(500):
        parts = [
            chance.choice(["", "", "", "-", "OR "]) + word
            for word in chance.choices(VOCABULARY, k=chance.randint(1, 4))
        ]
        query, path = " ".join(parts), chance.choice(PATHS)
        answer = client.get(path, params={"q": query, "limit": "30"}).json()
        found[f"{path} {query}"] = (
            answer["meta"]["total"],
            [(item["id"], item["highlight"]) for item in answer["data"]],
        )
    assert sum(total > 0 for total, _ in found.values()) > 150
    assert found == request.config.stash.setdefault(FOUND, found)


def matches(term: Term, texts: list[str]) -> bool:
    """Return whether a term matches texts, comparing word by word."""
    wanted = term.stems.split()
    lines = [[(word.stem, word.folded) for word in words(text)] for text in texts]
    side_by_side = not wanted or any(
        [stem for stem, _ in line[at : at + len(wanted)]] == wanted
        for line in lines
        for at in range(len(line))
    )
    return side_by_side and (
        not term.prefix
        or any(folded.startswith(term.prefix) for line in lines for _, folded in line)
    )


@given(
    query=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4),
    joints=st.lists(st.sampled_from([" ", " OR ", " -"])),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_matches_are_what_a_reader_finds(
    client: httpx.Client,
    everything: dict[str, list[Item]],
    query: list[str],
    joints: list[str],
) -> None:
    """Compare with a search that reads every theme's texts in both languages."""
    text = "".join(
        itertools.chain(
            *itertools.zip_longest(
                query, joints[: len(query) - 1] + [" "] * len(query), fillvalue=""
            )
        )
    )
    parsed = parse_query(text)
    expected = []
    for theme in everything["themes"]:
        names = [theme["label"], theme["label_fr"], *theme["alt_labels"], *theme["alt_labels_fr"]]
        explained = [
            theme[name] or ""
            for name in ("definition", "definition_fr", "scope_note", "scope_note_fr")
        ]
        texts = names + explained
        wanted = all(
            any(matches(term, texts) for term in alternatives) for alternatives in parsed.all_of
        )
        if wanted and not any(matches(term, texts) for term in parsed.none_of):
            expected.append(theme["id"])
    assert sorted(ids(client, "/themes", q=text)) == sorted(expected)


def test_hostile_searches_are_answered(client: httpx.Client) -> None:
    """1,000 random texts on each database: never a 5xx. The fault tests send many more."""
    chance = random.Random(6)
    for _ in range(1_000):
        query, path = hostile_query(chance), chance.choice(PATHS)
        answer = client.get(f"{path}?q={encode(query)}&limit=1")
        assert answer.status_code == expected_status(query), (path, query, answer.text)


def test_stored_stems_are_those_of_the_documents(database_url: str) -> None:
    """Highlights find a text by its position among the stems, so the texts must be the same."""
    with (
        closing(Database(Settings(database_url=database_url))) as database,
        database.read() as snapshot,
    ):
        for collection in COLLECTIONS.values():
            body = [] if collection.body is None else [collection.body]
            statement = select(collection.texts.document, collection.texts.stems, *body)
            for document, stems, *bodies in snapshot.connection.execute(statement):
                content, aliases = json.loads(document), snapshot.vocabulary.aliases
                texts = (
                    searchable_text(collection.kind, field, content, aliases, *bodies)
                    for field in collection.search_fields
                )
                assert index_entry(texts)[0] == stems
