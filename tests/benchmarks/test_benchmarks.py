"""The benchmark's own ground: corpora that do not vary, and questions that can be asked. Nothing is measured here."""

from pathlib import Path

import pytest

from app.database.names import fold
from tests.benchmarks import works
from tests.benchmarks.databases import make_peers
from tests.benchmarks.synthetic import make_article, make_corpus
from tests.conftest import run_seed


def test_synthetic_articles_are_the_same_every_time() -> None:
    assert make_article(7) == make_article(7)
    assert make_article(7).body.text != make_article(8).body.text
    assert make_corpus(3).themes == make_corpus(3).themes


def test_spellings_differ_and_mean_the_same() -> None:
    found = {works.spelled("local-ownership", number) for number in range(5000)}
    assert len(found) == 5000
    assert {fold(spelling) for spelling in found} == {fold("local-ownership")}


def test_every_side_is_asked_the_same_number_of_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "QUESTIONS", 2000)
    briefs, peers = tmp_path / "briefs.db", tmp_path / "textbook.db"
    assert run_seed(f"sqlite:///{briefs}").returncode == 0
    make_peers(briefs, peers)
    facts = works.facts_of(peers)
    found = [
        *works.repeated(facts),
        *works.first_asks(facts, ["cursor"] * len(works.deep_positions(facts))),
    ]
    assert len({work.name for work in found}) == len(found)
    for work in found:
        assert len({len(paths) for paths in (*work.sides.values(), *work.beside.values())}) == 1, (
            work.name
        )
        assert all(path.startswith("/") for paths in work.sides.values() for path in paths)
    theme_list = works.theme_list(facts)["briefs"]
    assert len(set(theme_list)) == len(theme_list) == 2000
