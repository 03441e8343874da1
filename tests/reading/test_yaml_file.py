"""Our reading of YAML gives the same value as an independent one in Python, or a fault."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from seed.reading.yaml_file import MAX_EXPLAINED_LENGTH, MAX_NESTING, YamlFile, read_yaml
from tests.conftest import ROOT

FILE = Path("any.yaml")
COUPS = (ROOT / "seed/corpus/annotations/year-of-coups-mali.yaml").read_text()


def read(folder: Path, text: str) -> YamlFile:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_yaml(folder, FILE)


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each parser in turn: not every PyYAML has libyaml."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML has no libyaml here")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")
    return str(request.param)


# --- an independent reading to compare with ---


class Refused(Exception):
    pass


def compose(text: str) -> Any:
    """Return the value of a file, composed in Python.

    Raises:
        Refused: the rules forbid something in it.
    """
    try:
        if any(
            isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken)
            for token in yaml.scan(text)
        ):
            raise Refused
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Refused from error
    value = None if node is None else value_of(node)
    if value is None:
        raise Refused
    return value


def value_of(node: Node) -> Any:
    match node:
        case SequenceNode():
            return [value_of(child) for child in node.value]
        case MappingNode():
            keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
            if len(set(keys)) < len(node.value):
                raise Refused
            return {key.value: value_of(child) for key, child in node.value}
    text = node.value
    if re.search(r"[^\n\t\x20-\x7e\x80-\ud7ff\ue000-\U0010ffff]", text):
        raise Refused
    if node.style is not None or node.tag.endswith(":str"):
        return text
    if text in {"true", "false"}:
        return text == "true"
    if text in {"null", "~", ""}:
        return None
    whole, point, rest = text.removeprefix("-").partition(".")
    if re.fullmatch(r"0|[1-9]\d{0,14}", whole, re.ASCII) and re.fullmatch(
        r"\d{1,15}", rest, re.ASCII
    ):
        return float(text)
    if re.fullmatch(r"0|[1-9]\d{0,14}", whole, re.ASCII) and not point:
        return int(text)
    raise Refused


LENIENT = re.compile(r"[\t?]|[|>][-+\d]*#")
"""What libyaml reads and the parser in Python refuses.

These are a tab after a plain value, a ``?`` in a plain value of a flow list, and a comment directly
after ``|`` or ``>``.
"""

PIECES = [
    *"[]{}:,-?#&*!|>'\"%@` \n~.\\01ab",
    *(
        "\n  ",
        "\n- ",
        "\n  - ",
        "a: ",
        ": ",
        "? ",
        "a: b\n",
        '"x": ',
        "'y'",
        ">-\n  ",
        "|\n  ",
        "...",
        "\n---\n",
        "%YAML 1.1\n",
    ),
    *(
        "null",
        "no",
        "Yes",
        "012",
        "0x1f",
        "1_000",
        "1.5",
        "-3",
        ".inf",
        "12:30",
        "2021-10-26",
        "<<",
        "=",
        "\\ud800",
        "\\x01",
        "\\x41",
    ),
    *("\u2028", "\xa0", "é", "\U0001f600", "\ufffe"),
]
pieces = st.sampled_from(PIECES)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Part of a real file with characters inserted, replaced or removed."""
    start = draw(st.integers(0, len(COUPS) - 1))
    text = COUPS[start : start + draw(st.integers(1, 600))]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(pieces | st.just("")) + text[at + draw(st.integers(0, 2)) :]
    return text


texts = st.one_of(
    st.lists(pieces, max_size=16).map("".join),
    mutated(),
    st.text(st.characters(codec="utf-8"), max_size=40),
)


def test_random_files_have_the_same_value_or_faults(tmp_path: Path, parser: str) -> None:
    @given(text=texts)
    @settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def compare(text: str) -> None:
        result = read(tmp_path, text)
        try:
            expected = compose(text)
        except Refused:
            assert result.faults or (parser == "libyaml" and LENIENT.search(text)), result.value
            return
        if not result.faults:
            assert repr(result.value) == repr(expected)  # 1, 1.0 and true are not the same
        else:  # refused as text
            assert re.search(r"[\r\0\x01-\x08\x0b-\x1f\x7f-\x9f\ufeff]", text), result.faults

    compare()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "seed/corpus").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_our_own_files_have_the_same_value(path: Path) -> None:
    result = read_yaml(path.parent, Path(path.name))
    assert result.faults == []
    assert result.value == compose(path.read_text())


# --- lines ---


def test_the_line_of_a_value_is_that_of_its_key_and_of_an_entry_its_first(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        "a: x\nb:\n  - id: c1\n    long: >-\n      text\n  -\n    id: c2\n    two: [1,\n      3]\n",
    )
    for location, line, name in (
        (("a",), 1, "a"),
        (("b",), 2, "b"),
        (("b", 0), 3, "b[c1]"),
        (("b", 0, "long"), 4, "b[c1].long"),
        (("b", 0, "missing"), 3, "b[c1].missing"),
        (("b", 1), 7, "b[c2]"),
        (("b", 1, "two", 1), 9, "b[c2].two[1]"),
        (("b", 7, "id"), 2, "b[7].id"),
        (("z",), 1, "z"),
    ):
        fault = result.fault(location, "")
        assert (fault.line, fault.field) == (line, name)


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("a: 1\nb:\n  c: 1\n  c: {d: no}\n", 4, "b.c", "appears twice"),
        ("a: 1\n? [b, {c: no}]\n: {d: 012}\n", 2, "", "has a key that is not text"),
        ("a:\n  - x\n  - no\n", 3, "a[1]", "YAML reads no as bool"),
        ('a:\n  b: "\\ud800"\n', 2, "a.b", "half of a surrogate pair"),
        ('a:\n  b: "\\x01"\n', 2, "a.b", "control character"),
        ("a: 1\n---\nb: 2\n", 2, "", "another document"),
        ("a: &x 1\n", 1, "", "anchor, alias or tag"),
        ("a: 1\nb: [*x]\n", 2, "", "anchor, alias or tag"),
        ("a: 1\nb: !!int 1\n", 2, "", "anchor, alias or tag"),
        ("a: 1\nb: ! 1\n", 2, "", "anchor, alias or tag"),
        ("&x a: 1\n", 1, "", "anchor, alias or tag"),
        (
            "a: 1\nb: [1,\n",
            3,
            "",
            "is not valid YAML: expected the node content, but found '<stream end>'",
        ),
        ("a: 1\n b: 2\n", 2, "", "is not valid YAML: mapping values are not allowed here"),
        ("a: 1\n\tb: 2\n", 2, "", "is not valid YAML: found character '\\t'"),
        ("", 1, "", "is empty"),
        ("# nothing\n", 1, "", "is empty"),
        ("---\n", 1, "", "is empty"),
        ("null\n", 1, "", "is empty"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_every_fault_has_its_line(
    tmp_path: Path,
    text: str,
    line: int,
    field: str,
    message: str,
) -> None:
    result = read(tmp_path, text)
    assert [(fault.line, fault.field) for fault in result.faults] == [(line, field)], result.faults
    assert message in result.faults[0].message


# --- hostile files: refused without deep recursion and before they grow ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested more than"),
        ("{a: " * 100_000, "nested more than"),
        ("- " * 100_000, "nested more than"),
        ("? " * 100_000, "nested more than"),
        (
            "a: 1\n" + "".join(f"{'  ' * depth}a{depth}:\n" for depth in range(1500)),
            "nested more than",
        ),
        ("a: 1\nb: " + "[[" * MAX_NESTING + "]]" * MAX_NESTING, "nested more than"),
        ("a: &a [x]\n" + "b: &b [*a, *a, *a, *a, *a, *a]\n" * 100_000, "anchor, alias or tag"),
        ("]" * 100_000, "is not valid YAML"),
        ("- a\n" * (MAX_EXPLAINED_LENGTH // 4) + "]", "is not valid YAML"),
    ],
    ids=["lists", "mappings", "dashes", "keys", "indents", "closed", "aliases", "ends", "large"],
)
@pytest.mark.usefixtures("parser")
def test_hostile_files_are_refused(
    tmp_path: Path,
    text: str,
    message: str,
) -> None:
    result = read(tmp_path, text)
    assert len(result.faults) == 1
    assert message in result.faults[0].message
    assert result.value is None


def test_the_deepest_allowed_file_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "[" * MAX_NESTING + "]" * MAX_NESTING).faults == []


def test_a_file_of_50_megabytes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as file:
        file.truncate(50_000_000)
    assert "is larger than" in read_yaml(tmp_path, FILE).faults[0].message
