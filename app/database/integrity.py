"""The identity of a published SQLite file, and its checksum: one changed byte anywhere shows.

SQLite's own check does not see a changed letter. The CRC-32 of the whole file is stored in the
header field that SQLite leaves to the application (`user_version`), and is computed with that
field as zero. It finds accidents, not forgery.
"""

import errno
import os
import stat
import time
import zlib
from pathlib import Path
from typing import NamedTuple

MAX_CHECKED_BYTES = 256_000_000
"""A larger file is served without reading it through first; `python -m seed --verify` checks it."""
SETTLED_NANOSECONDS = 2_000_000_000
"""Within this time after a change, a second change may leave the identity equal."""
CHECKSUM = slice(60, 64)
"""Where the header of a SQLite file has `user_version`, big-endian."""
HEADER_BYTES = 100
CHUNK_SIZE = 1024 * 1024


class FileIdentity(NamedTuple):
    """What changes when another file is put in the place of a file."""

    device: int
    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path | int) -> "FileIdentity":
        """Return the identity of the file at a path, or open as a descriptor.

        Raises:
            OSError: there is none, or it is not a plain file: opening a pipe would wait for ever.
        """
        status = os.stat(path)  # noqa: PTH116 - a path has no stat for descriptors
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a plain file", str(path))
        return cls(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)


class IntegrityCheck:
    """Whether the file at a path is damaged: read once for each file that is published there.

    Args:
        path: where files are published.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checked: FileIdentity | None = None
        self._damaged = False

    def is_damaged(self, identity: FileIdentity) -> bool:
        """Return whether the checksum is wrong. A file above ``MAX_CHECKED_BYTES`` is not read.

        Raises:
            OSError: the file cannot be read.
        """
        if identity.size > MAX_CHECKED_BYTES:
            return False
        if identity != self._checked:
            began = time.time_ns()
            self._damaged = not has_valid_checksum(self._path)
            # A damaged file that was changed just now may still be in copying: look again.
            settled = not self._damaged or began - identity.modified > SETTLED_NANOSECONDS
            self._checked = identity if settled else None
        return self._damaged

    def is_known_damaged(self, identity: FileIdentity) -> bool:
        """Return the same without reading the file."""
        return identity == self._checked and self._damaged


def compute_checksum(path: Path) -> int:
    """Return the CRC-32 of a file, the field that stores it taken as zero.

    Raises:
        OSError: the file cannot be read.
    """
    return _stored_and_computed(path)[1]


def write_checksum(path: Path) -> None:
    """Store the checksum of a finished file in it; it is not flushed.

    Raises:
        OSError: the file cannot be read or written.
    """
    checksum = compute_checksum(path)
    with path.open("r+b", buffering=0) as file:
        os.pwrite(file.fileno(), checksum.to_bytes(4), CHECKSUM.start)


def has_valid_checksum(path: Path) -> bool:
    """Return whether a file is, byte for byte, as it was when its checksum was stored.

    Raises:
        OSError: the file cannot be read.
    """
    stored, computed = _stored_and_computed(path)
    return stored == computed


def _stored_and_computed(path: Path) -> tuple[int | None, int]:
    with path.open("rb", buffering=0) as file:
        header = bytearray(file.read(HEADER_BYTES))
        stored = int.from_bytes(header[CHECKSUM]) if len(header) == HEADER_BYTES else None
        header[CHECKSUM] = bytes(len(header[CHECKSUM]))
        computed = zlib.crc32(header)
        while chunk := file.read(CHUNK_SIZE):
            computed = zlib.crc32(chunk, computed)
    return stored, computed
