"""A corpus that attacks its readers: every text of it stays text, and no address but a web address becomes a link."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings
from tests.browser.conftest import VIEWS, Visit, go
from tests.conftest import ROOT, run_seed, serving

ATTACK = "<img src=x onerror=window.hit=1>"
IN_TEXT = "<b onmouseover=window.hit=1>Mali</b>"
SPOILT = {
    *(
        "title",
        "description",
        "statement",
        "label",
        "label_fr",
        "definition",
        "definition_fr",
        "scope_note",
        "scope_note_fr",
    ),
    *(
        "name",
        "name_fr",
        "note",
        "coder",
        "citation",
        "rights",
        "rights_annotations",
        "rights_texts",
    ),
}
NAMES = {"name", "name_fr", "label", "label_fr"}
MAX_NAME_LENGTH = 64


def spoil(value: Any, key: str = "") -> Any:
    """Put markup into every text that a curator may write freely, and what stands in the article into quotes as well."""
    match value:
        case dict():
            return {name: spoil(inner, name) for name, inner in value.items()}
        case list():
            return [spoil(inner, key) for inner in value]
        case str() if key == "quote":
            return value.replace("Mali", IN_TEXT)
        case str() if key in SPOILT:
            attacked = f"{ATTACK} {value}"
            return attacked if key not in NAMES or len(attacked) <= MAX_NAME_LENGTH else value
        case _:
            return value


@pytest.fixture(scope="module")
def hostile_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for path in (ROOT / "seed/corpus").rglob("*"):
        target = folder / path.relative_to(ROOT / "seed/corpus")
        if path.suffix == ".yaml":
            target.parent.mkdir(parents=True, exist_ok=True)
            spoilt = spoil(yaml.safe_load(path.read_text()))
            target.write_text(_dumped(spoilt))
        elif path.suffix == ".txt":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text().replace("Mali", IN_TEXT))
        elif path.suffix == ".md":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text())
    return folder


def _dumped(value: Any) -> str:
    """Write YAML in which every text stands in quotes, as the strict reader wants what looks like something else."""

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"')

    Dumper.add_representer(str, text)
    return yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6)


@pytest.fixture(scope="module")
def hostile_site(hostile_corpus: Path, new_database_url: Callable[[], str]) -> Iterator[str]:
    url = new_database_url()
    result = run_seed(url, "--corpus", str(hostile_corpus))
    assert result.returncode == 0, result.stderr[:3000]
    with serving(Settings(database_url=url)) as address:
        yield f"{address}/"


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_every_text_of_a_corpus_stays_text(visit: Visit, hostile_site: str, locale: str) -> None:
    page = visit(at=hostile_site, locale=locale)
    seen = 0
    for view in [
        *VIEWS.values(),
        "#/search?q=onerror",
        "#/recommendations?q=img",
        "#/arguments?links=all",
    ]:
        go(page, view or "#/")
        for summary in page.locator("main summary:visible").all()[:12]:
            summary.click()
        seen += page.locator("main").inner_text().count("onerror=")
        for element in (
            "img",
            "main script",
            "iframe",
            "main b[onmouseover]",
            "[onerror]",
            "[onclick]",
        ):
            assert page.locator(element).count() == 0, (view, element)
    assert seen > 100
    assert page.evaluate("window.hit") is None


def test_markup_in_an_address_stays_text(visit: Visit) -> None:
    page = visit("#/search?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E")
    assert "<img src=x onerror=window.hit=1>" in page.locator("h1").inner_text()
    page = visit(
        "#/recommendations?theme=%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E", expect=("422",)
    )
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hit") is None


def test_a_script_for_an_address_is_refused_by_the_loader(
    hostile_corpus: Path, new_database_url: Callable[[], str]
) -> None:
    name = "annotations/year-of-coups-mali.yaml"
    original = (hostile_corpus / name).read_text()
    article = yaml.safe_load(original)
    article["url"] = "javascript:window.hit=1"
    (hostile_corpus / name).write_text(_dumped(article))
    try:
        result = run_seed(new_database_url(), "--corpus", str(hostile_corpus), "--check")
    finally:
        (hostile_corpus / name).write_text(original)
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
    """Even if the API said it: the one function that sets addresses refuses it."""
    href = visit().evaluate(
        "async (address) => (await import('/static/element.js')).h('a', { href: address }).getAttribute('href')",
        address,
    )
    assert href is None
