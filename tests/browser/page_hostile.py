"""A hostile corpus: its text stays text, and only web addresses become links."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings
from tests.browser.conftest import VIEWS, Visit, navigate
from tests.conftest import ROOT, run_seed, serving

ATTACK = "<img src=x onerror=window.hit=1>"
ATTACK_IN_TEXT = "<b onmouseover=window.hit=1>Mali</b>"
NAME_FIELDS = {"name", "name_fr", "label", "label_fr"}
ATTACKED_FIELDS = NAME_FIELDS | {
    "title",
    "description",
    "statement",
    "definition",
    "definition_fr",
    "scope_note",
    "scope_note_fr",
    "note",
    "coder",
    "citation",
    "rights",
    "rights_annotations",
    "rights_texts",
}
MAX_NAME_LENGTH = 64


def attack(value: Any, field: str = "") -> Any:
    """Put markup into every field of free text, and into quotes as in the text of the article."""
    match value:
        case dict():
            return {name: attack(inner, name) for name, inner in value.items()}
        case list():
            return [attack(inner, field) for inner in value]
        case str() if field == "quote":
            return value.replace("Mali", ATTACK_IN_TEXT)
        case str() if field in ATTACKED_FIELDS:
            attacked = f"{ATTACK} {value}"
            too_long = field in NAME_FIELDS and len(attacked) > MAX_NAME_LENGTH
            return value if too_long else attacked
        case _:
            return value


@pytest.fixture(scope="module")
def hostile_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    source = ROOT / "seed/corpus"
    for path in source.rglob("*.*"):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text()
        if path.suffix == ".yaml":
            text = dump_quoted(attack(yaml.safe_load(text)))
        elif path.suffix == ".txt":
            text = text.replace("Mali", ATTACK_IN_TEXT)
        target.write_text(text)
    return folder


class QuotedDumper(yaml.SafeDumper):
    """Write all text in quotes: the loader rejects plain text that looks like another type."""


QuotedDumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'),
)


def dump_quoted(value: Any) -> str:
    return yaml.dump(value, Dumper=QuotedDumper, allow_unicode=True, sort_keys=False, width=10**6)


@pytest.fixture(scope="module")
def hostile_site(hostile_corpus: Path, new_database_url: Callable[[], str]) -> Iterator[str]:
    url = new_database_url()
    result = run_seed(url, "--corpus", str(hostile_corpus))
    assert result.returncode == 0, result.stderr[:3000]
    with serving(Settings(database_url=url)) as address:
        yield f"{address}/"


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_text_of_a_corpus_stays_text(visit: Visit, hostile_site: str, locale: str) -> None:
    page = visit(at=hostile_site, locale=locale)
    attacks_shown = 0
    views = [*VIEWS.values(), "#/search?q=onerror", "#/recommendations?q=img"]
    for view in [*views, "#/arguments?links=all"]:
        navigate(page, view)
        for summary in page.locator("main summary:visible").all()[:12]:
            summary.click()
        attacks_shown += page.locator("main").inner_text().count("onerror=")
        injected = page.locator(
            "img, main script, iframe, main b[onmouseover], [onerror], [onclick]"
        )
        assert injected.count() == 0, view
    assert attacks_shown > 100
    assert page.evaluate("window.hit") is None


def test_markup_in_an_address_stays_text(visit: Visit) -> None:
    attack_in_address = "%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E"
    page = visit(f"#/search?q={attack_in_address}")
    assert ATTACK in page.locator("h1").inner_text()
    page = visit(f"#/recommendations?theme={attack_in_address}", expect=("422",))
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hit") is None


def test_the_loader_rejects_a_script_as_an_address(
    hostile_corpus: Path, new_database_url: Callable[[], str]
) -> None:
    path = hostile_corpus / "annotations/year-of-coups-mali.yaml"
    original = path.read_text()
    article = {**yaml.safe_load(original), "url": "javascript:window.hit=1"}
    path.write_text(dump_quoted(article))
    try:
        result = run_seed(new_database_url(), "--corpus", str(hostile_corpus), "--check")
    finally:
        path.write_text(original)
    assert result.returncode != 0
    assert "url" in result.stderr + result.stdout


@pytest.mark.parametrize(
    "address",
    [
        "javascript:window.hit=1",
        "JaVaScRiPt:1",
        " javascript:1",
        "data:text/html,x",
        "//elsewhere.example",
        "vbscript:1",
    ],
)
def test_no_such_address_becomes_a_link(visit: Visit, address: str) -> None:
    """The function that sets attributes refuses such an address even if the API returns it."""
    href = visit().evaluate(
        """async (address) => {
          const { element } = await import("/static/element.js");
          return element("a", { href: address }).getAttribute("href");
        }""",
        address,
    )
    assert href is None
