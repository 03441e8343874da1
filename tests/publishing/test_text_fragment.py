"""Links into the publisher's page lead to the quote."""

import re
from urllib.parse import unquote

import pytest

from seed.publishing.text_fragment import text_fragment
from seed.reading.reader import read_corpus
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("One two three four five six seven.", "#:~:text=One%20two%20three,five%20six%20seven."),
        ("Short quote.", "#:~:text=Short%20quote."),
        ("co-operate, they said & did", "#:~:text=co%2Doperate%2C%20they%20said%20%26%20did"),
        (
            "the same words begin here twice over",
            "#:~:text=the%20same%20words%20begin%20here%20twice%20over",
        ),
        (
            "État d’urgence déclaré au Mali hier soir",
            "#:~:text=%C3%89tat%20d%E2%80%99urgence%20d%C3%A9clar%C3%A9,Mali%20hier%20soir",
        ),
    ],
)
def test_text_fragments(quote: str, fragment: str) -> None:
    page = f"First the same words begin. Again The Same Words stand.\n{quote}\nAnd so on."
    start = page.index(quote)
    assert text_fragment(page, start, start + len(quote)) == fragment


@pytest.mark.parametrize(
    ("before", "prefix"),
    [
        ("She said it twice. ", "She%20said%20it%20twice."),
        ("She said: “", "She%20said%3A%20%E2%80%9C"),
    ],
)
def test_a_passage_that_also_occurs_earlier_has_the_words_before_it(
    before: str, prefix: str
) -> None:
    page = f"High time to act.\n{before}High time to act. And so on."
    start = page.rindex("High time")
    fragment = text_fragment(page, start, start + 17)
    assert fragment.removeprefix("#:~:text=").endswith(f"{prefix}-,High%20time%20to%20act.")


def test_every_link_leads_to_its_quote() -> None:
    """A browser goes to the first match of the directive, and that is the quote."""
    for article in read_corpus(ROOT / "seed/corpus").articles:
        title = f"{article.record.title}\n"
        page = title + article.source
        for item in article.annotations():
            span = article.quote_spans[item.id]
            start = len(title) + span.paragraph.source_start + span.start - span.paragraph.start
            end = start + len(item.quote)
            assert page[start:end] == item.quote
            directive = text_fragment(page, start, end).removeprefix("#:~:text=")
            parts = directive.split(",")
            prefix = parts.pop(0).removesuffix("-") if "-," in directive else ""
            before = re.escape(unquote(prefix)) + r"\s*" if prefix else ""
            passage = r"[\s\S]*?".join(re.escape(unquote(part)) for part in parts)
            match = re.search(f"{before}({passage})", page, re.IGNORECASE)
            assert match, directive
            assert match.span(1) == (start, end), (article.slug, item.id, directive)
