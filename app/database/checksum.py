"""The checksum of a published SQLite file, kept in the file itself: one changed byte anywhere shows.

SQLite's own check passes over a changed letter. The CRC-32 of the whole file stands in the header field that SQLite leaves to the
application (`user_version`), and is computed as if that field were zero. It finds accidents, not forgery.
"""

import os
import zlib
from pathlib import Path

FIELD = slice(60, 64)
"""Where the header of a SQLite file has `user_version`, big-endian."""
HEADER = 100
CHUNK_SIZE = 1024 * 1024


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file, the field that keeps it taken as zero.

    Raises:
        OSError: the file cannot be read.
    """
    return _kept_and_found(path)[1]


def write_checksum(path: Path) -> None:
    """Put a finished file's checksum into it; it is not flushed.

    Raises:
        OSError: the file cannot be read or written.
    """
    found = checksum(path)
    with path.open("r+b", buffering=0) as file:
        os.pwrite(file.fileno(), found.to_bytes(4), FIELD.start)


def is_whole(path: Path) -> bool:
    """Tell whether a file is, byte for byte, as it was when its checksum was put into it.

    Raises:
        OSError: the file cannot be read.
    """
    kept, found = _kept_and_found(path)
    return kept == found


def _kept_and_found(path: Path) -> tuple[int | None, int]:
    """Return the checksum that a file keeps, None if it is too short for one, and the one that it has."""
    with path.open("rb", buffering=0) as file:
        header = bytearray(file.read(HEADER))
        kept = int.from_bytes(header[FIELD]) if len(header) == HEADER else None
        header[FIELD] = bytes(len(header[FIELD]))
        found = zlib.crc32(header)
        while piece := file.read(CHUNK_SIZE):
            found = zlib.crc32(piece, found)
    return kept, found
