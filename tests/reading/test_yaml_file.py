"""The strict reading of YAML against PyYAML's own composition in Python: the same value, or refused."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from seed.reading.yaml_file import EXPLAINED, MAX_DEPTH, YamlFile, read_yaml
from tests.conftest import ROOT

FILE = Path("any.yaml")
COUPS = (ROOT / "seed/corpus/annotations/year-of-coups-mali.yaml").read_text()


def read(folder: Path, text: str) -> YamlFile:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_yaml(folder, FILE)


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Either parser; PyYAML does not always come with the first."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML has no libyaml here")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")
    return str(request.param)


# --- the oracle ---


class Refused(Exception):
    pass


def composed(text: str) -> Any:
    """Return what a file means by composing all of it, recursively and in Python; raise Refused where the rules forbid it."""
    try:
        if any(
            isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken)
            for token in yaml.scan(text)
        ):
            raise Refused
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Refused from error
    value = None if node is None else meaning(node)
    if value is None:
        raise Refused
    return value


def meaning(node: Node) -> Any:
    match node:
        case SequenceNode():
            return [meaning(child) for child in node.value]
        case MappingNode():
            keys = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
            if len(set(keys)) < len(node.value):
                raise Refused
            return {key.value: meaning(child) for key, child in node.value}
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
"""Where libyaml takes what the parser in Python refuses: a tab after a plain value, a ``?`` within one in a flow list, and a
comment close to ``|`` or ``>``."""

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
    """A stretch of a real file with something put in or taken out."""
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


def test_it_is_what_composing_gives_or_refused(tmp_path: Path, parser: str) -> None:
    @given(text=texts)
    @settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def compare(text: str) -> None:
        result = read(tmp_path, text)
        try:
            expected = composed(text)
        except Refused:
            assert result.faults or (parser == "libyaml" and LENIENT.search(text)), result.value
            return
        if not result.faults:
            assert repr(result.value) == repr(expected)  # 1, 1.0 and true are not the same
        else:  # the file was refused before it was YAML
            assert re.search(r"[\r\0\x01-\x08\x0b-\x1f\x7f-\x9f\ufeff]", text), result.faults

    compare()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "seed/corpus").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_our_own_files_read_alike(path: Path) -> None:
    result = read_yaml(path.parent, Path(path.name))
    assert result.faults == []
    assert result.value == composed(path.read_text())


# --- lines ---


def test_a_value_is_located_by_its_key_and_an_entry_by_its_beginning(tmp_path: Path) -> None:
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
    ("text", "line", "field", "said"),
    [
        ("a: 1\nb:\n  c: 1\n  c: {d: no}\n", 4, "b.c", "stands twice"),
        ("a: 1\n? [b, {c: no}]\n: {d: 012}\n", 2, "", "has a key that is not plain text"),
        ("a:\n  - x\n  - no\n", 3, "a[1]", "YAML reads no as bool"),
        ('a:\n  b: "\\ud800"\n', 2, "a.b", "half a surrogate pair"),
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
            "is not YAML: expected the node content, but found '<stream end>'",
        ),
        ("a: 1\n b: 2\n", 2, "", "is not YAML: mapping values are not allowed here"),
        ("a: 1\n\tb: 2\n", 2, "", "is not YAML: found character '\\t'"),
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
    said: str,
) -> None:
    result = read(tmp_path, text)
    assert [(fault.line, fault.field) for fault in result.faults] == [(line, field)], result.faults
    assert said in result.faults[0].message


# --- hostile files: refused, whatever their size, without a deep stack and before they grow ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested more than"),
        ("{a: " * 100_000, "nested more than"),
        ("- " * 100_000, "nested more than"),
        ("? " * 100_000, "nested more than"),
        (
            "a: 1\n" + "".join(f"{'  ' * depth}a{depth}:\n" for depth in range(1500)),
            "nested more than",
        ),
        ("a: 1\nb: " + "[[" * MAX_DEPTH + "]]" * MAX_DEPTH, "nested more than"),
        ("a: &a [x]\n" + "b: &b [*a, *a, *a, *a, *a, *a]\n" * 100_000, "anchor, alias or tag"),
        ("]" * 100_000, "is not YAML"),
        ("- a\n" * (EXPLAINED // 4) + "]", "is not YAML"),
    ],
    ids=["lists", "mappings", "dashes", "keys", "indents", "closed", "aliases", "ends", "large"],
)
@pytest.mark.usefixtures("parser")
def test_hostile_files_are_refused(
    tmp_path: Path,
    text: str,
    said: str,
) -> None:
    result = read(tmp_path, text)
    assert len(result.faults) == 1
    assert said in result.faults[0].message
    assert result.value is None


def test_what_is_not_too_deep_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "[" * MAX_DEPTH + "]" * MAX_DEPTH).faults == []


def test_a_file_of_50_megabytes_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as file:
        file.truncate(50_000_000)
    assert "is larger than" in read_yaml(tmp_path, FILE).faults[0].message
