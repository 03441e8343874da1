"""Read one text file of the corpus, or say why it cannot be used."""

import re
import stat
from pathlib import Path

from seed.reading.faults import Fault

MAX_FILE_BYTES = 5_000_000
CONTROL_CHARACTER = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")


def read_text(folder: Path, path: Path) -> str | Fault:
    """Return the text of a corpus file, or the reason why it cannot be used.

    Args:
        folder: the corpus folder.
        path: of the file, relative to the folder.
    """
    content = _read_bytes(folder, path)
    if isinstance(content, str):
        return Fault(path, 1, "", content)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Fault(path, line, "", "is not UTF-8: save it as UTF-8.")
    for character, message in (
        ("\ufeff", "contains a byte order mark: save it as UTF-8 without one."),
        ("\r", "contains carriage returns: save it with Unix line endings (LF)."),
        ("\0", "contains a NUL character: remove it."),
    ):
        if character in text:
            return Fault(path, _line_at(text, text.index(character)), "", message)
    control = CONTROL_CHARACTER.search(text)
    if control:
        return Fault(
            path,
            _line_at(text, control.start()),
            "",
            f"contains the control character U+{ord(control[0]):04X}: remove it.",
        )
    return text


def _read_bytes(folder: Path, path: Path) -> bytes | str:
    """Return the content of a file, or what is wrong with it; never read more than is allowed."""
    file = folder / path
    if file.is_symlink() or not file.resolve().is_relative_to(folder.resolve()):
        return "is a link or lies outside the corpus folder: put the file itself there."
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # reading a pipe would wait for a writer
            return "is not a regular file: put the file itself there."
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return "does not exist: add this file."
    except OSError as error:
        return f"cannot be read ({error.strerror}): give the user who runs the seed access to it."
    if len(content) > MAX_FILE_BYTES:
        return f"is larger than {MAX_FILE_BYTES:,} bytes: shorten it or split it."
    return content


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
