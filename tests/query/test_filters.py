"""The filter grammar, names in any spelling, and dates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database.names import fold
from app.http.problems import Problem
from app.query.filters import FilterValues, parse_filter
from app.query.parameters import date_range


@pytest.mark.parametrize(
    ("occurrences", "expected"),
    [
        (["a"], [FilterValues(["a"], [])]),
        (["a,b"], [FilterValues(["a", "b"], [])]),
        (["a", "b"], [FilterValues(["a"], []), FilterValues(["b"], [])]),
        (["a,!b"], [FilterValues(["a"], ["b"])]),
        (["!a"], [FilterValues([], ["a"])]),
        ([" a , ! b "], [FilterValues(["a"], ["b"])]),
        (['"a, b",c'], [FilterValues(["a, b", "c"], [])]),
        (['!"a, b"'], [FilterValues([], ["a, b"])]),
        (["it's"], [FilterValues(["it's"], [])]),
    ],
)
def test_grammar(occurrences: list[str], expected: list[FilterValues]) -> None:
    assert parse_filter("theme", occurrences) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "a,",
        ",a",
        "a,,b",
        "!",
        '""',
        '"a',
        'a"b',
        '"a"b',
        "x" * 65,
        '"',
        ",".join("a" * 101),
    ],
)
def test_the_grammar_refuses(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_filter("theme", [text])
    assert caught.value.slug == "invalid-value"


names = (
    st.text(min_size=1, max_size=30).map(str.strip).filter(lambda name: name and '"' not in name)
)


@given(st.lists(st.tuples(names, st.booleans()), min_size=1, max_size=20))
def test_quoted_values_are_parsed(values: list[tuple[str, bool]]) -> None:
    text = ",".join(("!" if negated else "") + f'"{name}"' for name, negated in values)
    expected = FilterValues(
        [name for name, negated in values if not negated],
        [name for name, negated in values if negated],
    )
    assert parse_filter("theme", [text]) == [expected]


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        conditions = parse_filter("theme", [text])
    except Problem:
        return
    assert all(
        value and value == value.strip()
        for condition in conditions
        for group in condition
        for value in group
    )


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Goïta", "goita"),
        ("Women’s participation", "women's PARTICIPATION"),
        ("women-participation", "Women participation"),
        ("État de droit", "etat  de droit"),
        ("L‘accord", "l’accord"),
        ("İstanbul", "i̇stanbul"),
    ],
)
def test_spellings_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021", "2021-01-01", "2021-12-31"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
        ("2021-10-26", "2021-10-26", "2021-10-26"),
    ],
)
def test_date_ranges(text: str, first: str, last: str) -> None:
    assert date_range(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "21",
        "2021-13",
        "2021-00",
        "2021-02-30",
        "2021-1",
        "2021-10-00",
        "0000",
        "٢٠٢١",
        "2021-10-26T00",
    ],
)
def test_invalid_dates(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a year|is no day"):
        date_range(text)
