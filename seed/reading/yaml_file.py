"""YAML as corpus files use it: mappings, lists and plain values that mean the same to a reader and to the machine.

YAML 1.1 reads `no` as false, `2021-10-26` as a date and `012` as ten. Here such values are faults: in quotes they are
text, and the only values that are not text are `true`, `false`, `null` and numbers written plainly. Keys are unique; anchors,
aliases and tags are refused (an alias bomb grows a small file without bound), and so is nesting without end.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from seed.reading.faults import Fault

Location = tuple[str | int, ...]
"""Where a value stands in a file, as keys and list positions: ``("claims", 3, "quote")``."""

Lines = tuple[int, "list[Lines] | dict[str, Lines] | None"]
"""The line of a value, and those of what is within it, in the same shape as the value."""

CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MAX_FILE_BYTES = 5_000_000
EXPLAINED = 200_000
"""Characters up to which a file that libyaml refuses is read again in Python: that says more of what is wrong, and reads half a
surrogate pair, so that it is located. Of a large file it would take minutes."""

MAX_DEPTH = 20
"""Levels of lists and mappings within one another; corpus files have six."""

TEXT_TAG = "tag:yaml.org,2002:str"
PLAIN = {"true": True, "false": False, "null": None, "~": None, "": None}
RESOLVER = Resolver()


@dataclass
class YamlFile:
    """A file that was read.

    Args:
        path: relative to the corpus folder.
        value: what it holds, as dicts, lists, str, int, float, bool and None.
        lines: the line of every value.
        misread: where a value was refused and None stands in its place.
        faults: what was wrong with it, as YAML and as what it should hold.
        sha256: digest of its bytes; empty if it was refused as a whole.
    """

    path: Path
    value: Any = None
    lines: Lines = (1, None)
    misread: set[Location] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    sha256: bytes = b""

    def add_fault(self, location: Location, message: str) -> None:
        """Note a fault of the value at a location."""
        self.faults.append(self.fault(location, message))

    def fault(self, location: Location, message: str) -> Fault:
        """Return a fault of the value at a location, at its line or the nearest known one around it."""
        line, within = self.lines
        for part in location:
            known = _inside(within, part)
            if known is None:
                break
            line, within = known
        return Fault(self.path, line, self.field_name(location), message)

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


def _inside(value: Any, part: str | int) -> Any:
    """Return what stands under a key or at a position of a value; None if nothing does."""
    if isinstance(value, dict):
        return value.get(part)
    return (
        value[part]
        if isinstance(value, list) and isinstance(part, int) and part < len(value)
        else None
    )


def _content(folder: Path, path: Path) -> bytes | Fault:
    """Return the bytes of a corpus file, or why they cannot be read; no more of them than a corpus file may have."""
    file = folder / path
    if file.is_symlink() or not file.resolve().is_relative_to(folder.resolve()):
        return Fault(
            path, 1, "", "is a link or lies outside the corpus folder: put the file itself there."
        )
    try:
        # A pipe has no end, and even to open it would wait for whoever writes to it.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Fault(path, 1, "", "is not a plain file: put the file itself there.")
            with os.fdopen(descriptor, "rb", closefd=False) as opened:
                content = opened.read(MAX_FILE_BYTES + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return Fault(path, 1, "", "cannot be read: there is no such file; add it.")
    except OSError as error:
        return Fault(
            path,
            1,
            "",
            f"cannot be read ({error.strerror}): see to it that whoever runs the seed may read it.",
        )
    if len(content) > MAX_FILE_BYTES:
        return Fault(
            path,
            1,
            "",
            f"is larger than {MAX_FILE_BYTES:,} bytes: make it smaller, or several of it.",
        )
    return content


def read_text(folder: Path, path: Path) -> str | Fault:
    """Return the text of a corpus file, or why it cannot be used.

    Args:
        folder: the corpus folder.
        path: the file, relative to it.
    """
    content = _content(folder, path)
    if isinstance(content, Fault):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(
            path, content[: error.start].count(b"\n") + 1, "", "is not UTF-8: save it as UTF-8."
        )
    for character, name, remedy in (
        ("\ufeff", "a byte order mark", "save it as UTF-8 without one"),
        ("\r", "carriage returns", "save it with Unix line ends"),
        ("\0", "a NUL character", "take it out"),
    ):
        if character in text:
            return Fault(
                path, text[: text.index(character)].count("\n") + 1, "", f"has {name}: {remedy}."
            )
    control = CONTROL.search(text)
    if control:
        line = text[: control.start()].count("\n") + 1
        return Fault(
            path, line, "", f"has the control character U+{ord(control[0]):04X}: take it out."
        )
    return text


def read_yaml(folder: Path, path: Path) -> YamlFile:
    """Read a YAML file of a corpus.

    Args:
        folder: the corpus folder.
        path: the file, relative to it.

    Returns:
        What was read, with every fault of the YAML itself.
    """
    text = read_text(folder, path)
    if isinstance(text, Fault):
        return YamlFile(path, faults=[text])
    loaders: list[Any] = [yaml.CSafeLoader] if yaml.__with_libyaml__ else []
    if not loaders or len(text) <= EXPLAINED:
        loaders.append(yaml.SafeLoader)
    line, message = 1, ""
    for loader in loaders:
        try:
            return _Reading(path, text).read(loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, message = (
                mark.line + 1 if mark else 1,
                f"is not YAML: {error.problem or error.context}; mend it here or just before.",
            )
        except yaml.YAMLError as error:
            line, message = 1, f"is not YAML: {str(error).splitlines()[0]}; save it as plain text."
    return _refused(path, line, message)


class _Refused(Exception):
    """A file is not read on.

    Args:
        line: where, from 1.
        message: why.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read.

    Args:
        value: what was read of it.
        lines: the lines of that.
        left_out: whether nothing within it counts.
        at_key: whether a key comes next; never in a list.
        key: of the value that was read last or comes next.
        key_line: of that.
        unwanted: whether the value of this key is left out.
    """

    value: list[Any] | dict[str, Any]
    lines: Any
    left_out: bool
    at_key: bool
    key: str = ""
    key_line: int = 0
    unwanted: bool = False


class _Reading:
    """One reading of one file, event by event: the parser does not call itself, however deep a file is nested.

    Args:
        path: of the file, relative to the corpus folder.
        text: what it holds.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.file = YamlFile(path, sha256=hashlib.sha256(text.encode()).digest())
        self.text = text
        self.value: Any = None
        self.documents = 0
        self.around: list[_Open] = []

    def read(self, loader: Any) -> YamlFile:
        """Return what the file holds.

        Args:
            loader: the one of PyYAML's whose parser is used.

        Raises:
            yaml.YAMLError: the file is not YAML.
        """
        try:
            for event in yaml.parse(self.text, Loader=loader):
                self._take(event)
        except _Refused as refused:
            return _refused(self.file.path, refused.line, str(refused))
        if self.value is None and not self.file.faults:
            return _refused(self.file.path, 1, "is empty: write into it what belongs there.")
        self.file.value = self.value
        return self.file

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if (
            getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None
        ):  # an alias names its anchor
            raise _Refused(
                line,
                "has an anchor, alias or tag (&, * or !): write the value out, or put it in quotes.",
            )
        if isinstance(event, ScalarEvent):
            if self.around and self.around[-1].at_key:
                self._key(event.value, line)
            else:
                self._scalar(event, line)
        elif isinstance(event, CollectionStartEvent):
            self._open([] if isinstance(event, SequenceStartEvent) else {}, line)
        elif isinstance(event, CollectionEndEvent):
            self.around.pop()
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _Refused(
                    line,
                    "is not YAML: but found another document; take out this line, or put what follows into a file of its own.",
                )

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        value, wrong = _meaning(event)
        if self._put(value, line, None) and wrong:
            location = self._location()
            self.file.misread.add(location)
            self.file.add_fault(location, wrong)

    def _key(self, key: str, line: int) -> None:
        here = self.around[-1]
        here.at_key, here.key, here.key_line = False, key, line
        here.unwanted = key in here.value
        if here.unwanted and not here.left_out:
            field_name = self.file.field_name(self._location())
            self.file.faults.append(
                Fault(self.file.path, line, field_name, "stands twice: keep one.")
            )

    def _open(self, value: list[Any] | dict[str, Any], line: int) -> None:
        if len(self.around) >= MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep: look for a bracket that is not closed, or write it flatter."
            raise _Refused(line, message)
        lines: Any = [] if isinstance(value, list) else {}
        if self.around and self.around[-1].at_key:
            here = self.around[-1]
            here.at_key, here.unwanted = False, True
            if not here.left_out:
                field_name = self.file.field_name(self._location()[:-1])
                self.file.faults.append(
                    Fault(
                        self.file.path,
                        line,
                        field_name,
                        "has a key that is not plain text: write a word and a colon.",
                    )
                )
            counts = False
        else:
            counts = self._put(value, line, lines)
        self.around.append(_Open(value, lines, left_out=not counts, at_key=isinstance(value, dict)))

    def _put(self, value: Any, line: int, lines: Any) -> bool:
        """Put a value where it belongs; tell whether it counts."""
        if not self.around:
            self.value = value
            self.file.lines = (line, lines)
            return True
        here = self.around[-1]
        if isinstance(here.value, list):
            here.value.append(value)
            here.lines.append((line, lines))
            return not here.left_out
        here.at_key = True
        if here.unwanted:
            return False
        here.value[here.key] = value
        here.lines[here.key] = (here.key_line, lines)
        return not here.left_out

    def _location(self) -> Location:
        """Return where the value stands that was put last."""
        return tuple(
            len(here.value) - 1 if isinstance(here.value, list) else here.key
            for here in self.around
        )


def _refused(path: Path, line: int, message: str) -> YamlFile:
    """Return a file with nothing but one fault."""
    return YamlFile(path, faults=[Fault(path, line, "", message)])


def _tag(text: str) -> str:
    """Return the tag that YAML 1.1 gives a plain scalar."""
    tag: str = RESOLVER.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _meaning(event: ScalarEvent) -> tuple[str | int | float | bool | None, str]:
    """Return what a scalar means, or None and why it is refused."""
    text: str = event.value
    if UNREADABLE.search(text):
        return None, "has a control character or half a surrogate pair: take it out."
    is_plain = event.implicit[0]
    if not is_plain or (tag := _tag(text)) == TEXT_TAG:
        return text, ""
    if text in PLAIN:
        return PLAIN[text], ""
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
        return int(text), ""
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", text):
        return float(text), ""
    guess = tag.rsplit(":", 1)[-1]
    remedy = "write true or false, or" if guess == "bool" else "write"
    return (
        None,
        f'YAML reads {text} as {guess}, not as text: {remedy} "{text}" in quotes where text is meant.',
    )
