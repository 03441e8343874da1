"""Read one YAML file of the corpus: mappings, lists and plain values, each with its line.

YAML 1.1 reads `no` as false, `2021-10-26` as a date and `012` as ten. Here such values are faults;
in quotes they are text. The only values that are not text are `true`, `false`, `null` and numbers
in their usual notation. Keys are unique. Anchors, aliases and tags are refused, because a few
aliases can make a small file grow without limit.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from seed.reading.faults import Fault
from seed.reading.text_file import read_text

Location = tuple[str | int, ...]
"""The path of a value in a file, as keys and list positions: ``("claims", 3, "quote")``."""

MAX_NESTING = 20
"""Levels of lists and mappings in one another; corpus files have six."""

MAX_EXPLAINED_LENGTH = 200_000
"""Length, in characters, up to which a file that libyaml refuses is parsed again in Python.

The parser in Python describes errors better, and reads half of a surrogate pair, so that its line
is known. It needs minutes for a large file.
"""

TEXT_TAG = "tag:yaml.org,2002:str"
CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Characters that an escape sequence can put into a value and that the databases refuse."""


@dataclass
class YamlFile:
    """The content of a file.

    Args:
        path: of the file, relative to the corpus folder.
        value: its content, as dict, list, str, int, float, bool and None.
        lines: the line of every value.
        misread: the locations of the scalars that were refused; their value is None.
        faults: everything that is wrong with the file; other modules add to it.
        sha256: digest of its bytes; empty if the file was refused as a whole.
    """

    path: Path
    value: Any = None
    lines: dict[Location, int] = field(default_factory=lambda: {(): 1})
    misread: set[Location] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    sha256: bytes = b""

    def add_fault(self, location: Location, message: str) -> None:
        """Add a fault of the value at a location."""
        self.faults.append(self.fault(location, message))

    def fault(self, location: Location, message: str, line: int | None = None) -> Fault:
        """Return a fault of the value at a location.

        Args:
            location: of the value.
            message: what is wrong and what to do.
            line: of the fault; without it, the line of the value or of the nearest value around it.
        """
        around = location
        while line is None:
            line = self.lines.get(around)
            around = around[:-1]
        return Fault(self.path, line, self.field_name(location), message)

    def field_name(self, location: Location) -> str:
        """Return a location as people write it: ``claims[c3].quote``, entries by their id."""
        name, value = "", self.value
        for part in location:
            value = _child(value, part)
            if isinstance(part, int):
                entry_id = value.get("id") if isinstance(value, dict) else None
                name += f"[{entry_id if isinstance(entry_id, str) else part}]"
            else:
                name += f".{part}"
        return name.removeprefix(".")


def _child(value: Any, part: str | int) -> Any:
    """Return the value under a key or at a position; None if there is none."""
    if isinstance(value, dict):
        return value.get(part)
    in_list = isinstance(value, list) and isinstance(part, int) and part < len(value)
    return value[part] if in_list else None


class _RefusedError(Exception):
    """The file is refused as a whole.

    Args:
        line: of the fault, from 1.
        message: what is wrong and what to do.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(folder: Path, path: Path) -> YamlFile:
    """Read a YAML file of the corpus.

    Args:
        folder: the corpus folder.
        path: of the file, relative to the folder.

    Returns:
        The content, with every fault of the YAML itself.
    """
    text = read_text(folder, path)
    if isinstance(text, Fault):
        return YamlFile(path, faults=[text])
    file = YamlFile(path, sha256=hashlib.sha256(text.encode()).digest())
    problems: list[_Problem] = []
    try:
        node = _compose(text)
        if node is not None:
            file.lines[()] = _line(node)
            file.value = _value(node, (), file, problems)
        if file.value is None and not problems:
            raise _RefusedError(1, "is empty: write its content.")
    except _RefusedError as refused:
        return YamlFile(path, faults=[Fault(path, refused.line, "", str(refused))])
    # Fields are named by the ids of their entries, which are known only now.
    file.faults = [file.fault(location, message, line) for location, message, line in problems]
    return file


_Problem = tuple[Location, str, int | None]
"""A location, what is wrong there, and the line if it is not the line of the value."""


def _compose(text: str) -> Node | None:
    """Return the root node of a YAML text; None if the text has no content.

    Raises:
        _RefusedError: it is not YAML, or uses what is not allowed.
    """
    loaders: list[Any] = [yaml.CSafeLoader] if yaml.__with_libyaml__ else []
    if not loaders or len(text) <= MAX_EXPLAINED_LENGTH:
        loaders.append(yaml.SafeLoader)
    refusal = _RefusedError(1, "")
    for loader in loaders:
        try:
            _check_events(text, loader)
            node: Node | None = yaml.compose(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            message = f"is not valid YAML: {error.problem or error.context}"
            refusal = _RefusedError(
                mark.line + 1 if mark else 1, f"{message}; correct this line or the one before."
            )
        except yaml.YAMLError as error:
            refusal = _RefusedError(
                1, f"is not valid YAML: {str(error).splitlines()[0]}; save it as plain text."
            )
        else:
            return node
    raise refusal


def _check_events(text: str, loader: Any) -> None:
    """Refuse anchors, aliases, tags, deep nesting and further documents.

    This comes before ``yaml.compose``, which calls itself on each level: with libyaml, deep nesting
    ends the process. The events come from a parser that does not.
    """
    depth = documents = 0
    for event in yaml.parse(text, Loader=loader):
        # An alias event carries the name of its anchor.
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise _RefusedError(
                _line(event),
                "has an anchor, alias or tag (&, * or !): write the value out, or quote it.",
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            message = (
                f"is nested more than {MAX_NESTING} levels deep: close brackets, or nest less."
            )
            raise _RefusedError(_line(event), message)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise _RefusedError(
                _line(event), "contains another document: remove this line, or split the file here."
            )


def _value(node: Node, location: Location, file: YamlFile, problems: list[_Problem]) -> Any:
    """Return the value of a node.

    Args:
        node: the node.
        location: of the node.
        file: gets the lines and the refused scalars.
        problems: gets what is wrong.
    """
    if isinstance(node, ScalarNode):
        value, message = _scalar(node)
        if message:
            file.misread.add(location)
            problems.append((location, message, None))
        return value
    if isinstance(node, SequenceNode):
        file.lines |= {(*location, at): _line(child) for at, child in enumerate(node.value)}
        return [
            _value(child, (*location, at), file, problems) for at, child in enumerate(node.value)
        ]
    mapping: dict[str, Any] = {}
    for key, child in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(
                (
                    location,
                    "has a key that is not text: write each key as a word and a colon.",
                    _line(key),
                )
            )
        elif key.value in mapping:
            problems.append(((*location, key.value), "appears twice: keep one.", _line(key)))
        else:
            file.lines[*location, key.value] = _line(key)
            mapping[key.value] = _value(child, (*location, key.value), file, problems)
    return mapping


def _line(node_or_event: Any) -> int:
    return int(node_or_event.start_mark.line) + 1


def _scalar(node: ScalarNode) -> tuple[str | int | float | bool | None, str]:
    """Return the value of a scalar, or None and why it is refused."""
    text: str = node.value
    if UNSTORABLE.search(text):
        return None, "contains a control character or half of a surrogate pair: remove it."
    if node.tag == TEXT_TAG:
        return text, ""
    if text in CONSTANTS:
        return CONSTANTS[text], ""
    if INTEGER.fullmatch(text):
        return int(text), ""
    if DECIMAL.fullmatch(text):
        return float(text), ""
    kind = node.tag.rsplit(":", 1)[-1]
    remedy = "write true or false, or" if kind == "bool" else "write"
    return None, (
        f'YAML reads {text} as {kind}, not as text: {remedy} "{text}" in quotes if you mean text.'
    )
