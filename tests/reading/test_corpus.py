"""The corpus reader: our own corpus, what faults do to one another, and what is in memory."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.settings import Settings
from seed.publishing.aggregates import Aggregates
from seed.publishing.publish import publish
from seed.reading.corpus import Corpus
from seed.reading.faults import CorpusError, Fault
from seed.reading.reader import read_corpus
from seed.reading.yaml_file import read_yaml
from tests.benchmarks.synthetic import make_corpus, write_corpus
from tests.conftest import ROOT

OWN_CORPUS = ROOT / "seed/corpus"
COUPS = "annotations/year-of-coups-mali.yaml"
QUOTE = "Mali now requires urgent action."


def faults_of(folder: Path) -> list[Fault]:
    try:
        read_corpus(folder)
    except CorpusError as error:
        return error.faults
    return []


def has_fault(folder: Path, message: str) -> bool:
    return any(message in fault.message for fault in faults_of(folder))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a corpus file."""
    path = folder / name
    content = path.read_text()
    assert old in content, old
    path.write_text(content.replace(old, new, 1))


@pytest.fixture(scope="module")
def own() -> Corpus:
    return read_corpus(OWN_CORPUS)


# --- our own corpus ---


def test_sources_are_byte_for_byte_as_collected() -> None:
    folder = OWN_CORPUS / "sources"
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    digests = dict(reversed(line.split()) for line in lines)
    assert len(digests) >= 5
    for name, digest in digests.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_quote_is_in_its_body(own: Corpus) -> None:
    for article in own.articles:
        for item in article.annotations():
            span = article.quote_spans[item.id]
            assert article.body.text[span.start : span.end] == item.quote
            assert span.paragraph.start <= span.start < span.end <= span.paragraph.end
            assert span.paragraph.kind in {"standfirst", "body"}


def test_all_themes_of_the_codebook_exist(own: Corpus) -> None:
    """These ids are public; each top-level theme is followed by its narrower ones."""
    tree: dict[str, list[str]] = {theme.id: [] for theme in own.themes if theme.broader is None}
    for theme in own.themes:
        if theme.broader is not None:
            tree[theme.broader].append(theme.id)
    assert {name: len(children) for name, children in tree.items()} == {
        "inclusion": 5,
        "security-governance": 4,
        "governance": 6,
        "conflict-resolution": 4,
        "violent-extremism": 3,
        "international-engagement": 3,
        "humanitarian-needs": 2,
        "evidence-and-research": 0,
    }


def test_pseudonyms_are_marked(own: Corpus) -> None:
    marked = {actor.name for actor in own.actors if actor.pseudonym}
    assert marked >= {"Moussa Kodio", "Allaye Bah", "Benjamin Konaré", "Amadou Sagara"}


def test_places_are_no_finer_than_a_district(own: Corpus) -> None:
    assert {place.id for place in own.places if place.kind == "city"} == {"bamako"}


def test_unknown_facts_stay_unknown(own: Corpus) -> None:
    records = {article.slug: article.record for article in own.articles}
    assert records["mali-local-jihadist-dialogues"].authors is None
    assert records["mali-local-jihadist-dialogues"].url is None
    assert records["year-of-coups-mali"].published == "2021-10"


def test_a_reprint_is_named_as_one(client: httpx.Client) -> None:
    article = client.get("/articles/mali-local-jihadist-dialogues").json()
    assert article["url"] is None
    assert article["reprints"] == [
        {
            "publisher": "allAfrica",
            "url": "https://allafrica.com/stories/202208050081.html",
            "published": "2022-08-05",
        }
    ]
    assert client.get("/articles/year-of-coups-mali").json()["reprints"] == []


def test_the_annotations_are_as_deep_as_promised(own: Corpus) -> None:
    stated = [
        relation
        for relation in own.relations
        if relation.type in {"supports", "contradicts", "qualifies"}
    ]
    pairs = {(relation.claim, relation.other) for relation in stated}
    assert len(pairs) >= 40
    assert sum(claim.split(".")[0] != other.split(".")[0] for claim, other in pairs) >= 20
    assert all(len(relation.note.split()) >= 5 for relation in stated)
    assert all(actor.description for actor in own.actors)
    for theme in own.themes:
        assert theme.scope_note
        assert theme.scope_note_fr
        assert theme.alt_labels
        assert theme.alt_labels_fr
    for article in own.articles:
        for item in article.annotations():
            assert item.statement.endswith((".", ")", "”")), item.id
            assert len(item.statement) <= 400, item.id
    recommendations = [item for article in own.articles for item in article.recommendations]
    assert sum(bool(item.based_on) for item in recommendations) >= 50


# --- faults and one another; test_corpus_faults has each by itself ---


def test_a_quote_over_two_paragraphs(corpus: Path) -> None:
    end = "perceived short-term counter-terrorism gains."
    edit(corpus, COUPS, QUOTE, f"{end} French Foreign Legion")
    assert not has_fault(corpus, "crosses the end")  # a caption is between the two
    edit(corpus, COUPS, f"{end} French Foreign Legion", f"{end} Africa’s Sahel region")
    assert has_fault(corpus, "crosses the end of a paragraph")


def test_faults_do_not_hide_one_another(corpus: Path) -> None:
    """A quote is checked even if its item, the parts or the article have faults too."""
    edit(corpus, COUPS, QUOTE, "Mali now requires urgent acton.")
    edit(corpus, COUPS, "  - {lines: 41, is: biography}\n", "")
    edit(corpus, COUPS, "kind: analysis", "kind: analysys")
    content = (corpus / COUPS).read_text()
    at = content.index("urgent acton")
    item = content[at:].replace("strength: must", "strength: shall", 1)
    (corpus / COUPS).write_text(content[:at] + item)
    messages = " ".join(fault.message for fault in faults_of(corpus))
    for part in ("is not in the text", "belongs to no part", "'story'", "'must'"):
        assert part in messages
    assert "nothing refers to" not in messages


def test_all_faults_of_all_files_in_one_run(corpus: Path) -> None:
    edit(corpus, COUPS, QUOTE, "Mali now requires urgent acton.")
    edit(corpus, COUPS, "strength: must", "strength: shall")
    edit(corpus, COUPS, 'published: "2021-10"', "published: 2021-10-26")
    edit(corpus, "annotations/peace-talks-sahelian-jihadists.yaml", "kind: opinion", "kind: opinon")
    edit(corpus, "vocabulary/places.yaml", "latitude: 17.31", "latitude: 97.31")
    edit(corpus, "vocabulary/themes.yaml", "broader: inclusion", "broader: inclussion")
    faults = faults_of(corpus)
    assert len(faults) == 6, faults  # and none that only follows from these
    assert len({fault.file for fault in faults}) == 4


def relation(claim: str, kind: str = "supports") -> str:
    return f"    relations:\n      - type: {kind}\n        claim: {claim}\n        note: Because.\n"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (relation("c1"), "is the claim itself"),
        (relation("c999"), "there is no claim 'year-of-coups-mali.c999'"),
        (
            relation("crisis-in-mali-root-causes.c99"),
            "did you mean 'crisis-in-mali-root-causes.c",
        ),
        (relation("nowhere.c1"), "there is no claim 'nowhere.c1' (did you mean '"),
        (relation("c3") + relation("c3").partition("\n")[2], "is stated twice: keep one"),
    ],
    ids=["itself", "unknown", "similar", "another article", "twice"],
)
def test_relations(corpus: Path, lines: str, message: str) -> None:
    edit(corpus, COUPS, "  - id: c2\n", f"{lines}  - id: c2\n")
    assert has_fault(corpus, message), faults_of(corpus)


def test_a_contradiction_is_stated_from_one_side(corpus: Path) -> None:
    name = "annotations/crisis-in-mali-root-causes.yaml"
    edit(corpus, name, "  - id: c2\n", relation("c2", "contradicts") + "  - id: c2\n")
    edit(corpus, name, "  - id: c3\n", relation("c1", "contradicts") + "  - id: c3\n")
    assert has_fault(corpus, "is stated twice"), faults_of(corpus)


def test_relations_may_refer_to_articles_before_and_after(corpus: Path) -> None:
    last, first = "peace-talks-sahelian-jihadists", "crisis-in-mali-root-causes"
    pairs = [(f"{first}.c1", f"{last}.c1"), (f"{last}.c1", f"{first}.c1")]
    for claim, other in pairs:
        name = f"annotations/{claim.partition('.')[0]}.yaml"
        edit(corpus, name, "  - id: c2\n", relation(other, "qualifies") + "  - id: c2\n")
    relations = {entry[:3] for entry in read_corpus(corpus).relations}
    for claim, other in pairs:
        assert (claim, "qualifies", other) in relations
        assert (other, "qualified-by", claim) in relations


def test_a_named_actor_that_is_not_addressed_is_a_warning(corpus: Path) -> None:
    path = corpus / COUPS
    pattern = r" +addressees: \[united-states, france.*\n"
    content, count = re.subn(pattern, "", path.read_text(), count=1)
    assert count == 1
    path.write_text(re.sub(r"(?m)^    note: >-\n      .*\n", "", content))  # a note would do
    warnings = [warning.message for warning in read_corpus(corpus).warnings]
    assert any("the quote names" in text and "france" in text for text in warnings), warnings


def test_a_folder_without_corpus(tmp_path: Path) -> None:
    assert has_fault(tmp_path / "nowhere", "is not a folder")
    assert has_fault(tmp_path, "contains no article")


# --- articles are read again instead of held in memory ---


def test_articles_can_be_read_again(corpus: Path) -> None:
    articles = read_corpus(corpus).articles
    slugs = sorted(path.stem for path in (corpus / "annotations").glob("*.yaml"))
    assert len(articles) == len(slugs)
    assert [article.slug for article in articles] == slugs
    assert list(articles) == list(articles)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: edit(folder, COUPS, "strength: must", "strength: should"),
        lambda folder: edit(folder, COUPS, "strength: must", "strength: shall"),
        lambda folder: (folder / COUPS).write_text("title: [\n"),
        lambda folder: (folder / COUPS).unlink(),
        lambda folder: edit(folder, "sources/year-of-coups-mali.txt", "\n\n", "\n \n"),
        lambda folder: (folder / "sources/year-of-coups-mali.txt").unlink(),
    ],
    ids=["valid", "not valid", "not YAML", "gone", "text", "no text"],
)
def test_a_change_after_the_check_is_not_published(
    corpus: Path, published_copy: Path, change: Callable[[Path], object]
) -> None:
    checked = read_corpus(corpus)
    os.utime(corpus / COUPS)  # another time, the same content
    before = published_copy.read_bytes()
    change(corpus)
    with pytest.raises(CorpusError) as raised:
        publish(checked, Settings(database_url=f"sqlite:///{published_copy}"))
    (fault,) = raised.value.faults
    assert fault.file == Path(COUPS)
    assert "changed after it was checked" in fault.message
    assert published_copy.read_bytes() == before


def test_a_touched_file_is_published(corpus: Path, tmp_path: Path) -> None:
    checked = read_corpus(corpus)
    os.utime(corpus / COUPS)
    dataset = publish(checked, Settings(database_url=f"sqlite:///{tmp_path / 'briefs.db'}"))
    with closing(sqlite3.connect(tmp_path / "briefs.db")) as connection:
        rows = connection.execute("SELECT version FROM dataset").fetchall()
    assert rows == [(dataset.version,)]


def test_memory_per_article_is_less_than_its_annotation_file(tmp_path: Path) -> None:
    write_corpus(make_corpus(5), tmp_path / "corpus")
    annotations, text = (
        tmp_path / f"corpus/{name}"
        for name in ("annotations/article-0000001.yaml", "sources/article-0000001.txt")
    )

    def peak() -> int:
        tracemalloc.start()
        Aggregates(read_corpus(tmp_path / "corpus"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak()  # imports and compiled patterns do not count
    few = peak()
    for number in range(40):
        content = re.sub("^title: .*", f"title: Title {number}", annotations.read_text())
        annotations.with_stem(f"copy-{number}").write_text(content)
        shutil.copy(text, text.with_stem(f"copy-{number}"))
    assert (peak() - few) / 40 < annotations.stat().st_size


# --- random content ---


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_file_breaks_the_yaml_reader(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "any.yaml").write_bytes(content)
    result = read_yaml(tmp_path, Path("any.yaml"))
    assert result.faults or not result.misread
    for fault in result.faults:
        assert fault.line >= 1
        assert fault.message


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=6), children, max_size=3)
    ),
    max_leaves=8,
)


@given(
    field=st.sampled_from(
        ["claims", "recommendations", "parts", "authors", "coding", "title", "published"]
    ),
    value=values,
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_value_breaks_the_corpus_reader(tmp_path: Path, field: str, value: object) -> None:
    """Whatever the value of a field, the result is a corpus or faults with lines."""
    folder = tmp_path / "corpus"
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("annotations", "sources", "vocabulary"):
        (folder / part).mkdir(parents=True)
    (folder / "dataset.yaml").write_text((OWN_CORPUS / "dataset.yaml").read_text())
    for name in ("themes", "places"):
        (folder / f"vocabulary/{name}.yaml").write_text(
            (OWN_CORPUS / f"vocabulary/{name}.yaml").read_text()
        )
    (folder / "vocabulary/actors.yaml").write_text(
        "- {id: somebody, name: Somebody, kind: research}\n"
    )
    (folder / "sources/a.txt").write_text("One sentence.\n")
    article = {
        "title": "A",
        "publisher": "somebody",
        "published": None,
        "authors": None,
        "kind": "report",
        "language": "en",
        "url": None,
        "coding": {"coder": "x", "coded_on": "2026-01-01", "confidence": "high"},
        "parts": [{"lines": 1, "is": "body"}],
    }
    (folder / "annotations/a.yaml").write_text(json.dumps({**article, field: value}))
    for fault in faults_of(folder):
        assert fault.line >= 1
