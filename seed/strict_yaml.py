"""YAML as corpus files use it: mappings, lists and plain values that mean the same to a reader and to the machine.

YAML 1.1 reads `no` as false, `2021-10-26` as a date and `012` as ten. Here such values are faults: in quotes they are
text, and the only values that are not text are `true`, `false`, `null` and numbers written plainly. Keys are unique; anchors,
aliases and tags are refused (an alias bomb grows a small file without bound).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from seed.faults import Fault

Location = tuple[str | int, ...]
"""Where a value stands in a file, as keys and list positions: ``("claims", 3, "quote")``."""

CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
LARGEST_FILE = 5_000_000
TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass
class YamlFile:
    """A file that was read.

    Args:
        path: relative to the corpus folder.
        value: what it holds, as dicts, lists, str, int, float, bool and None.
        lines: the line of every value, by location.
        misread: where a value was refused and None stands in its place.
        faults: what was wrong with it as YAML.
    """

    path: Path
    value: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    misread: set[Location] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, location: Location, message: str) -> Fault:
        """Return a fault of the value at a location, at its line or the nearest known one around it."""
        known = location
        while known and known not in self.lines:
            known = known[:-1]
        return Fault(self.path, self.lines.get(known, 1), self.field_name(location), message)

    def field_name(self, location: Location) -> str:
        """Return a location as a reader writes it, entries by their id where they have one: ``claims[c3].quote``."""
        name, here = "", self.value
        for part in location:
            here = _inside(here, part)
            if isinstance(part, int):
                slug = here.get("id") if isinstance(here, dict) else None
                name += f"[{slug if isinstance(slug, str) else part}]"
            else:
                name += f".{part}"
        return name.removeprefix(".")

    def refuse(self, location: Location, message: str) -> None:
        """Note that the value at a location was refused."""
        self.misread.add(location)
        self.faults.append(self.fault(location, message))


def _inside(value: Any, part: str | int) -> Any:
    """Return what stands under a key or at a position of a value; None if nothing does."""
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def read_text(folder: Path, path: Path) -> str | Fault:
    """Return the text of a corpus file, or why it cannot be used.

    Args:
        folder: the corpus folder.
        path: the file, relative to it.
    """
    file = folder / path
    if file.is_symlink() or not file.resolve().is_relative_to(folder.resolve()):
        return Fault(path, 1, "", "is a link or lies outside the corpus folder: put the file itself there.")
    try:
        if file.stat().st_size > LARGEST_FILE:
            return Fault(path, 1, "", f"is larger than {LARGEST_FILE:,} bytes.")
        content = file.read_bytes()
    except OSError as error:
        return Fault(path, 1, "", f"cannot be read: {error.strerror}.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(path, content[: error.start].count(b"\n") + 1, "", "is not UTF-8: save it as UTF-8.")
    for character, name, remedy in (
        ("\ufeff", "a byte order mark", "save it as UTF-8 without one"),
        ("\r", "carriage returns", "save it with Unix line ends"),
        ("\0", "a NUL character", "take it out"),
    ):
        if character in text:
            return Fault(path, text[: text.index(character)].count("\n") + 1, "", f"has {name}: {remedy}.")
    control = CONTROL.search(text)
    if control:
        line = text[: control.start()].count("\n") + 1
        return Fault(path, line, "", f"has the control character U+{ord(control[0]):04X}: take it out.")
    return text


def read_yaml(folder: Path, path: Path) -> YamlFile:
    """Read a YAML file of a corpus.

    Args:
        folder: the corpus folder.
        path: the file, relative to it.

    Returns:
        What was read, with every fault of the YAML itself.
    """
    result = YamlFile(path)
    text = read_text(folder, path)
    if isinstance(text, Fault):
        result.faults.append(text)
        return result
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken):
                message = "has an anchor, alias or tag (&, * or !): write the value out, or put it in quotes."
                result.faults.append(Fault(path, token.start_mark.line + 1, "", message))
                return result
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        result.faults.append(Fault(path, mark.line + 1 if mark else 1, "", f"is not YAML: {error.problem or error.context}."))
        return result
    except (yaml.YAMLError, RecursionError) as error:
        result.faults.append(Fault(path, 1, "", f"is not YAML: {str(error).splitlines()[0]}."))
        return result
    if node is None:
        result.faults.append(Fault(path, 1, "", "is empty."))
        return result
    result.value = _value(node, (), result)
    return result


def _value(node: Node, location: Location, result: YamlFile) -> Any:
    result.lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return dict(_pairs(node, location, result))
    if isinstance(node, SequenceNode):
        return [_value(child, (*location, position), result) for position, child in enumerate(node.value)]
    return _scalar(node, location, result)


def _pairs(node: MappingNode, location: Location, result: YamlFile) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            result.faults.append(Fault(result.path, line, result.field_name(location), "has a key that is not plain text."))
            continue
        key = key_node.value
        if key in seen:
            result.faults.append(Fault(result.path, line, result.field_name((*location, key)), "stands twice: keep one."))
            continue
        seen.add(key)
        result.lines[(*location, key)] = line
        yield key, _value(value_node, (*location, key), result)


def _scalar(node: Any, location: Location, result: YamlFile) -> str | int | float | bool | None:
    text: str = node.value
    if any(0xD800 <= ord(char) <= 0xDFFF or (ord(char) < 32 and char not in "\n\t") or char == "\x7f" for char in text):
        result.refuse(location, "has a control character or half a surrogate pair: take it out.")
        return None
    if node.style is not None or node.tag == TEXT_TAG:
        return text
    plain = {"true": True, "false": False, "null": None, "~": None, "": None}
    if text in plain:
        return plain[text]
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", text):
        return float(text)
    guess = node.tag.rsplit(":", 1)[-1]
    remedy = "write true or false, or" if guess == "bool" else "write"
    message = f'YAML reads {text} as {guess}, not as text: {remedy} "{text}" in quotes where text is meant.'
    result.refuse(location, message)
    return None
