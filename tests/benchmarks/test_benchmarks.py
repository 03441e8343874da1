"""The benchmark's preparations: corpora are always the same, and requests are valid."""

from pathlib import Path

import pytest

from app.database.names import fold
from tests.benchmarks import scenarios
from tests.benchmarks.databases import BUILDERS, make_competitors
from tests.benchmarks.synthetic import make_article, make_corpus
from tests.conftest import ROOT


def test_synthetic_articles_are_always_the_same() -> None:
    assert make_article(7) == make_article(7)
    assert make_article(7).body.text != make_article(8).body.text
    assert make_corpus(3).themes == make_corpus(3).themes


def test_spellings_differ_and_mean_the_same() -> None:
    spellings = {scenarios.spelling("local-ownership", number) for number in range(5000)}
    assert len(spellings) == 5000
    assert {fold(spelling) for spelling in spellings} == {fold("local-ownership")}


def test_the_sources_of_databases_exist() -> None:
    assert [name for name in BUILDERS if not (ROOT / name).exists()] == []


def test_every_side_gets_the_same_number_of_requests(
    published_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenarios, "REQUESTS", 2000)
    make_competitors(published_file, tmp_path / "textbook.db")
    facts = scenarios.facts_of(tmp_path / "textbook.db")
    cursors = ["cursor"] * len(scenarios.deep_positions(facts))
    all_scenarios = [scenarios.repeated(facts), *scenarios.first_asks(facts, cursors)]
    assert len({scenario.name for scenario in all_scenarios}) == len(all_scenarios)
    for scenario in all_scenarios:
        sides = [*scenario.sides.values(), *scenario.beside.values()]
        assert len({len(paths) for paths in sides}) == 1, scenario.name
        assert all(path.startswith("/") for paths in sides for path in paths)
    theme_list = scenarios.theme_list(facts)["briefs"]
    assert len(set(theme_list)) == len(theme_list) == 2000
