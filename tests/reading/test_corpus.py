"""The loader as the gate: every fault is reported with file, line, field and what to do, all of them in one run."""

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

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seed.reading.checks import read_corpus

from app.settings import Settings
from seed.publishing.aggregates import Aggregates
from seed.publishing.publish import publish
from seed.reading.corpus import Corpus
from seed.reading.faults import CorpusError, Fault
from seed.reading.yaml_file import read_yaml
from tests.benchmarks.synthetic import make_corpus, write_corpus
from tests.conftest import ROOT, run_seed

COUPS = "annotations/year-of-coups-mali.yaml"


def faults_of(folder: Path) -> list[Fault]:
    try:
        read_corpus(folder)
    except CorpusError as error:
        return error.faults
    return []


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence of a text in a corpus file; return its line."""
    path = folder / name
    content = path.read_text()
    assert old in content, old
    path.write_text(content.replace(old, new, 1))
    return content[: content.index(old)].count("\n") + 1


@pytest.fixture(scope="module")
def own() -> Corpus:
    return read_corpus(ROOT / "seed/corpus")


def test_sources_are_byte_for_byte_as_collected() -> None:
    folder = ROOT / "seed/corpus/sources"
    manifest = dict(
        reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines()
    )
    assert len(manifest) >= 5
    for name, digest in manifest.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_quote_stands_in_its_body_once(own: Corpus) -> None:
    for article in own.articles:
        for item in article.annotations():
            place = article.places[item.id]
            assert article.body.text[place.start : place.end] == item.quote
            assert place.paragraph.start <= place.start < place.end <= place.paragraph.end
            assert place.paragraph.kind in {"standfirst", "body"}


def test_the_codebooks_themes_are_all_there(own: Corpus) -> None:
    """The public vocabulary of slugs, each top-level theme followed by its narrower ones."""
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
    assert {place.id for place in own.places if place.kind.value == "city"} == {"bamako"}


def test_unknown_facts_stay_unknown(own: Corpus) -> None:
    records = {article.slug: article.record for article in own.articles}
    assert records["mali-local-jihadist-dialogues"].authors is None
    assert records["mali-local-jihadist-dialogues"].url is None
    assert records["peace-talks-sahelian-jihadists"].authors is None
    assert records["year-of-coups-mali"].published == "2021-10"


# --- every kind of fault: what is spoilt, where it is reported, what is said ---

FAULTS: list[tuple[str, str, str, str, str]] = [
    (COUPS, "Supporting democracy amid", "Supporting democrcy amid", "quote", "nearest passage is “Supporting democracy amid"),
    (COUPS, "Mali now requires urgent action.", "The Urgent Case of Mali", "quote", "not within one paragraph of its"),
    (COUPS, "Mali now requires urgent action.", "Mali", "quote", "times in the body: add a prefix or suffix"),
    (COUPS, "Mali now requires urgent action.", "Colonel Assimi Goïta seized power.", "quote", "another Unicode form"),
    (COUPS, "themes: [democracy", "themes: [democrcy", "themes[0]", "did you mean 'democracy'"),
    (COUPS, "sources: [kadiatou-keita]", "sources: [kadiatou-keit]", "sources[0]", "did you mean 'kadiatou-keita'"),
    (COUPS, "places: [mali]", "places: [malli]", "places[0]", "did you mean 'mali'"),
    (COUPS, "  - id: c2\n", "  - id: c1\n", "id", "stands twice"),
    (COUPS, "language: en", "language: en\nlanguage: fr", "language", "stands twice"),
    (COUPS, "language: en", "language: no", "language", "YAML reads no as bool"),
    (COUPS, 'published: "2021-10"', "published: 2021-10-26", "published", "YAML reads 2021-10-26 as timestamp"),
    (COUPS, 'published: "2021-10"', "published: 012", "published", "YAML reads 012 as int"),
    (COUPS, 'published: "2021-10"', "published: 2021", "published", "must be text"),
    (COUPS, 'published: "2021-10"', 'published: "2021-13"', "published", "no day of the calendar"),
    (COUPS, 'published: "2021-10"\n', "", "published", "is missing"),
    (COUPS, "kind: analysis", "kind: analysys", "kind", "must be one of 'story'"),
    (COUPS, "kind: analysis", "kind: analysis\ncolour: red", "colour", "there are title, publisher"),
    (COUPS, "strength: must", "strength: shall", "strength", "must be one of 'must'"),
    (COUPS, "explicit: true", "explicit: yes", "explicit", "YAML reads yes as bool"),
    (COUPS, "explicit: true", 'explicit: "true"', "explicit", "must be true or false"),
    (COUPS, "themes: [democracy", "themes: [governance, democracy", "themes[1]", "beside its own broader theme 'governance'"),
    (COUPS, "based_on: [c", "based_on: [crisis-in-mali-root-causes.c1, c", "based_on[0]", "claims of its own article"),
    (COUPS, "based_on: [c", "based_on: [c999, c", "based_on[0]", "there is no claim 'c999'"),
    (COUPS, "url: https://www", "url: www", "url", "must be the page's address"),
    (COUPS, "lines: 1,", "lines: 1-3,", "parts[1]", "belongs to another part already"),
    (COUPS, "lines: 44-106", "lines: 44-999", "]", "the text has only 106 lines"),
    (COUPS, "  - {lines: 41, is: biography}\n", "", "parts", "line 41 of the text belongs to no part"),
    (COUPS, "is: biography", "is: biografy", "is", "must be one of 'title'"),
    (COUPS, "publisher: usip", "publisher: &p usip", "", "anchor, alias or tag"),
    (COUPS, "publisher: usip", "publisher: [usip", "", "is not YAML"),
    (COUPS, "title: >-", "\ttitle: >-", "", "is not YAML"),
    (COUPS, "language: en", "language: en\ufeff", "", "byte order mark"),
    (COUPS, "language: en", "language: en\r", "", "carriage returns"),
    (COUPS, "language: en", "language: en\0", "", "NUL"),
    (COUPS, "kind: analysis", 'kind: "\\ud800"', "kind", "half a surrogate pair"),
    ("vocabulary/themes.yaml", "broader: inclusion", "broader: women-participation", "broader", "circle: women-participation"),
    ("vocabulary/themes.yaml", "broader: inclusion", "broader: inclussion", "broader", "did you mean 'inclusion'"),
    ("vocabulary/themes.yaml", 'label: "Governance"', 'label: "Inclusion"', "", "already names 'inclusion'"),
    ("vocabulary/actors.yaml", "- id: academics", "- id: nobody", "id", "nothing refers to 'nobody'"),
    ("vocabulary/actors.yaml", 'aliases: ["AU", ', 'aliases: ["ecowas", ', "", "a name must lead to one entry"),
    ("vocabulary/actors.yaml", 'name: "African Union"', f'name: "{"x" * 65}"', "name", "1 to 64 characters"),
    ("vocabulary/places.yaml", "latitude: 17.31", "latitude: 97.31", "latitude", "less than or equal to 90"),
    ("vocabulary/places.yaml", "part_of: sahel", "part_of: gao", "part_of", "circle"),
    ("dataset.yaml", 'edition: "2026.1"', "edition: 2026.1", "edition", "must be text"),
    ("dataset.yaml", "version {version}", "this version", "citation", "must say {version}"),
    ("vocabulary/places.yaml", "latitude: 17.31", "latitude: null", "[mali]", "latitude and longitude go together"),
    (COUPS, "Mali now requires urgent action.", "ali now requires urgent actio", "quote", "begins or ends within a word"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "said"), FAULTS, ids=[f"{f[3]}: {f[4][:40]}" for f in FAULTS]
)
def test_each_fault_is_located_and_explained(  # noqa: PLR0917 - one fault is these five
    corpus: Path,
    name: str,
    old: str,
    new: str,
    field: str,
    said: str,
) -> None:
    if "ï" in new:
        new = new.replace("ï", "i\u0308")  # the same word in another normal form
    line = edit(corpus, name, old, new)
    found = [fault for fault in faults_of(corpus) if said in fault.message]
    assert found, faults_of(corpus)
    fault = found[0]
    assert fault.file == Path(name)
    assert fault.field.endswith(field)
    # Within the record that was spoilt: a block that goes over several lines is reported at its key.
    assert abs(fault.line - line) <= 12 or any(
        word in said for word in ("name", "circle", "is not YAML", "belongs to no part")
    )


def test_a_quote_is_reported_at_its_line(corpus: Path) -> None:
    line = edit(
        corpus, COUPS, "Mali now requires urgent action.", "Mali now requires urgent acton."
    )
    result = run_seed("sqlite:///unused.db", "--check", "--corpus", str(corpus))
    assert result.returncode == 1
    assert f"{COUPS}:{line - 1}: recommendations[" in result.stderr  # the line of `quote:`
    assert "Nothing was published." in result.stderr


def test_a_title_leads_to_one_article(corpus: Path) -> None:
    path = corpus / "annotations/peace-talks-sahelian-jihadists.yaml"
    path.write_text(
        re.sub(r"title: >-\n.*\n", "title: Year of Coups – Mali\n", path.read_text(), count=1)
    )
    assert any(
        "title or id of 'year-of-coups-mali'" in fault.message for fault in faults_of(corpus)
    ), faults_of(corpus)


def test_a_vocabulary_has_a_bottom(corpus: Path) -> None:
    path = corpus / "vocabulary/places.yaml"
    entry = (
        "\n- {{id: p{0}, name: P{0}, name_fr: P{0}, kind: district, iso: null, part_of: {1}, "
        "latitude: null, longitude: null, aliases: []}}\n"
    )
    path.write_text(
        path.read_text()
        + "".join(entry.format(n, f"p{n - 1}" if n else "mali") for n in range(1200))
    )
    assert any("levels deep" in fault.message for fault in faults_of(corpus))


def test_control_characters_in_a_source(corpus: Path) -> None:
    path = corpus / "sources/year-of-coups-mali.txt"
    path.write_text(path.read_text() + "\x1b")
    assert any("U+001B" in fault.message for fault in faults_of(corpus))


def test_a_quote_over_two_paragraphs(corpus: Path) -> None:
    edit(
        corpus,
        COUPS,
        "Mali now requires urgent action.",
        "perceived short-term counter-terrorism gains. French Foreign Legion",
    )
    assert not any(
        "over the end" in fault.message for fault in faults_of(corpus)
    )  # a caption stands between
    edit(
        corpus,
        COUPS,
        "counter-terrorism gains. French Foreign Legion",
        "counter-terrorism gains. Africa’s Sahel region",
    )
    assert any("over the end of a paragraph" in fault.message for fault in faults_of(corpus))


def test_faults_do_not_hide_one_another(corpus: Path) -> None:
    """A quote is checked although its item, the parts or the file's head are faulty too."""
    edit(corpus, COUPS, "Mali now requires urgent action.", "Mali now requires urgent acton.")
    edit(corpus, COUPS, "  - {lines: 41, is: biography}\n", "")
    edit(corpus, COUPS, "kind: analysis", "kind: analysys")
    content = (corpus / COUPS).read_text()
    at = content.index("urgent acton")
    (corpus / COUPS).write_text(
        content[:at] + content[at:].replace("strength: must", "strength: shall", 1)
    )
    said = " ".join(fault.message for fault in faults_of(corpus))
    for word in ("is not in the text", "belongs to no part", "'story'", "'must'"):
        assert word in said
    assert "nothing refers to" not in said


def test_a_note_speaks_of_what_there_is(corpus: Path) -> None:
    edit(corpus, COUPS, "\n    note: >-\n      ", "\n    note: >-\n      See c999. ")
    assert any("speaks of c999" in fault.message for fault in faults_of(corpus))


def test_all_faults_of_all_files_in_one_run(corpus: Path) -> None:
    edit(corpus, COUPS, "Mali now requires urgent action.", "Mali now requires urgent acton.")
    edit(corpus, COUPS, "strength: must", "strength: shall")
    edit(corpus, COUPS, 'published: "2021-10"', "published: 2021-10-26")
    edit(corpus, "annotations/peace-talks-sahelian-jihadists.yaml", "kind: opinion", "kind: opinon")
    edit(corpus, "vocabulary/places.yaml", "latitude: 17.31", "latitude: 97.31")
    edit(corpus, "vocabulary/themes.yaml", "broader: inclusion", "broader: inclussion")
    found = faults_of(corpus)
    assert len(found) == 6, found  # these six, and none that only follow from them
    assert len({fault.file for fault in found}) == 4


def test_relations(corpus: Path) -> None:
    relation = "    relations:\n      - type: supports\n        claim: {}\n        note: Because.\n"
    anchor = "  - id: c2\n"
    for target, said in (
        ("c1", "is the claim itself"),
        ("c999", "there is no claim 'year-of-coups-mali.c999'"),
        ("crisis-in-mali-root-causes.c99", "did you mean 'crisis-in-mali-root-causes.c"),
    ):
        path = corpus / COUPS
        original = path.read_text()
        edit(corpus, COUPS, anchor, relation.format(target) + anchor)
        assert any(said in fault.message for fault in faults_of(corpus)), faults_of(corpus)
        path.write_text(original)
    double = relation.format("c3").removesuffix("\n") + relation.format("c3").replace(
        "    relations:\n", "\n"
    )
    edit(corpus, COUPS, anchor, double + anchor)
    assert any("stands twice" in fault.message for fault in faults_of(corpus)), faults_of(corpus)


def test_a_contradiction_stands_once_not_once_from_either_side(corpus: Path) -> None:
    for claim, other in (("c2", "c2"), ("c3", "c1")):
        relation = f"    relations:\n      - type: contradicts\n        claim: {other}\n        note: Because.\n"
        edit(
            corpus,
            "annotations/crisis-in-mali-root-causes.yaml",
            f"  - id: {claim}\n",
            relation + f"  - id: {claim}\n",
        )
    assert any("stands twice" in fault.message for fault in faults_of(corpus)), faults_of(corpus)


def test_a_statement_is_not_the_quote(corpus: Path) -> None:
    content = (corpus / COUPS).read_text()
    quote, statement = re.findall(r"    (?:quote|statement): >-\n      (.*)\n", content)[:2]
    edit(corpus, COUPS, statement, quote)
    assert any("is the quote itself" in fault.message for fault in faults_of(corpus))


def test_a_named_addressee_left_out_is_a_warning(corpus: Path) -> None:
    addressees = re.search(
        r"    addressees: \[united-states, france.*\]\n", (corpus / COUPS).read_text()
    )
    assert addressees
    edit(corpus, COUPS, addressees[0], "")
    path = corpus / COUPS
    path.write_text(
        re.sub(r"(?m)^    note: >-\n      .*\n", "", path.read_text())
    )  # a note would settle it
    assert any(
        "quote names" in warning.message and "france" in warning.message
        for warning in read_corpus(corpus).warnings
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "sources/year-of-coups-mali.txt").unlink(), "has no text"),
        (lambda folder: (folder / COUPS).unlink(), "has no annotations"),
        (lambda folder: (folder / "dataset.yaml").unlink(), "cannot be read"),
        (lambda folder: (folder / "dataset.yaml").write_text(""), "is empty"),
        (lambda folder: (folder / COUPS).write_text("null\n"), "is empty"),
        (lambda folder: (folder / "sources/year-of-coups-mali.txt").write_text(""), "is empty"),
        (lambda folder: (folder / COUPS).write_text("- a\n- b\n"), "must begin with fields"),
        (lambda folder: (folder / "vocabulary/themes.yaml").write_text("a: b\n"), "must be a list"),
        (lambda folder: (folder / COUPS).write_bytes(b"title: \xff\n"), "is not UTF-8"),
        (
            lambda folder: (folder / "dataset.yaml").write_text("title: " + "x" * 6_000_000),
            "is larger than",
        ),
        (
            lambda folder: (folder / COUPS).rename(folder / "annotations/Year Of Coups.yaml"),
            "lower case with hyphens",
        ),
    ],
)
def test_faults_of_whole_files(corpus: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(corpus)
    if said.startswith("lower"):
        (corpus / "sources/year-of-coups-mali.txt").rename(corpus / "sources/Year Of Coups.txt")
    assert any(said in fault.message for fault in faults_of(corpus)), faults_of(corpus)


# --- articles are not held in memory, but read anew ---


def test_articles_can_be_gone_through_again(corpus: Path) -> None:
    articles = read_corpus(corpus).articles
    slugs = sorted(path.stem for path in (corpus / "annotations").glob("*.yaml"))
    assert [article.slug for article in articles] == slugs
    assert [article.slug for article in articles] == slugs
    assert [article.slug for article in articles[1:3]] == slugs[1:3]
    assert articles[-1] == list(articles)[-1]
    with pytest.raises(IndexError):
        articles[len(slugs)]


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
)
def test_what_changes_after_it_was_checked_is_not_published(
    corpus: Path, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    database = Settings(database_url=f"sqlite:///{tmp_path / 'briefs.db'}")
    checked = read_corpus(corpus)
    os.utime(corpus / COUPS)  # touched, but the same
    version = publish(checked, database, lambda *_: None).version
    change(corpus)
    with pytest.raises(CorpusError) as caught:
        publish(checked, database, lambda *_: None)
    assert [
        (fault.file, "changed after it was checked" in fault.message)
        for fault in caught.value.faults
    ] == [(Path(COUPS), True)]
    with closing(sqlite3.connect(tmp_path / "briefs.db")) as connection:
        assert connection.execute("SELECT version FROM dataset").fetchone() == (version,)


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    """What is remembered of an article, also when it is surveyed, is less than its annotation file."""
    write_corpus(make_corpus(5), tmp_path / "corpus")
    annotations, text = (
        tmp_path / f"corpus/{name}"
        for name in ("annotations/article-0000001.yaml", "sources/article-0000001.txt")
    )

    def peak() -> int:
        tracemalloc.start()
        Aggregates(read_corpus(tmp_path / "corpus"))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak()  # what is imported and compiled on the way counts for nobody
    few = peak()
    for number in range(40):
        content = re.sub("^title: .*", f"title: Title {number}", annotations.read_text())
        annotations.with_stem(f"copy-{number}").write_text(content)
        shutil.copy(text, text.with_stem(f"copy-{number}"))
    assert (peak() - few) / 40 < annotations.stat().st_size


def test_relations_are_found_in_whatever_order_the_articles_stand(corpus: Path) -> None:
    last, first = "peace-talks-sahelian-jihadists", "crisis-in-mali-root-causes"
    anchor = "  - id: c2\n"
    relation = (
        "    relations:\n      - type: qualifies\n        claim: {}.c1\n        note: Because.\n"
    )
    for here, other in ((first, last), (last, first)):
        edit(corpus, f"annotations/{here}.yaml", anchor, relation.format(other) + anchor)
    found = {
        (relation.claim, relation.type, relation.other)
        for relation in read_corpus(corpus).relations
    }
    for here, other in ((first, last), (last, first)):
        assert (f"{here}.c1", "qualifies", f"{other}.c1") in found
        assert (f"{other}.c1", "qualified-by", f"{here}.c1") in found


def test_links_out_of_the_corpus_are_refused(corpus: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    (corpus / "sources/year-of-coups-mali.txt").rename(secret)
    (corpus / "sources/year-of-coups-mali.txt").symlink_to(secret)
    assert any("is a link" in fault.message for fault in faults_of(corpus))


def test_an_alias_bomb_is_refused_before_it_grows(corpus: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for number in range(1, 12):
        bomb += (
            f"{chr(97 + number)}: &{chr(97 + number)} [{', '.join(['*' + chr(96 + number)] * 9)}]\n"
        )
    (corpus / "dataset.yaml").write_text(bomb)
    assert any("anchor, alias or tag" in fault.message for fault in faults_of(corpus))


def test_no_folder(tmp_path: Path) -> None:
    assert "is no folder" in faults_of(tmp_path / "nowhere")[0].message
    assert any("holds no article" in fault.message for fault in faults_of(tmp_path))


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_file_breaks_the_reader(tmp_path: Path, content: bytes) -> None:
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
def test_no_value_breaks_the_loader(tmp_path: Path, field: str, value: object) -> None:
    """Whatever stands in a field, the outcome is a list of located faults or a corpus, never another error."""
    folder = tmp_path / "corpus"
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("annotations", "sources", "vocabulary"):
        (folder / part).mkdir(parents=True)
    (folder / "dataset.yaml").write_text((ROOT / "seed/corpus/dataset.yaml").read_text())
    for name in ("themes", "places"):
        (folder / f"vocabulary/{name}.yaml").write_text(
            (ROOT / f"seed/corpus/vocabulary/{name}.yaml").read_text()
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


def test_the_coding_goes_as_deep_as_it_promises(own: Corpus) -> None:
    between = {
        (relation.claim, relation.other)
        for relation in own.relations
        if relation.type in {"supports", "contradicts", "qualifies"}
    }
    across = {pair for pair in between if pair[0].split(".")[0] != pair[1].split(".")[0]}
    assert len(between) >= 40
    assert len(across) >= 20
    assert all(len(relation.note.split()) >= 5 for relation in own.relations)
    assert all(actor.description for actor in own.actors)
    assert all(
        theme.scope_note and theme.scope_note_fr and theme.alt_labels and theme.alt_labels_fr
        for theme in own.themes
    )
    items = [item for article in own.articles for item in article.annotations()]
    assert all(
        item.statement.endswith((".", ")", "”")) and len(item.statement) <= 400 for item in items
    )
    with_reasons = [
        item for article in own.articles for item in article.recommendations if item.based_on
    ]
    assert len(with_reasons) >= 50
