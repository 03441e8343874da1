"""Whether the published file is as it was published: found out once for each file that is put in its place."""

import errno
import os
import stat
import threading
import time
from pathlib import Path
from typing import NamedTuple

from app.database.checksum import is_whole

AT_ONCE = 256_000_000
"""Bytes up to which a file is read through before anything is answered from it; a larger one is beside serving."""

SETTLED = 2_000_000_000
"""Nanoseconds after its last change before which a file may still be being written, without its identity changing again."""


class FileIdentity(NamedTuple):
    """What changes when another file is put in a file's place."""

    device: int
    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path | int) -> "FileIdentity":
        """Look which file stands at an address, or is open as a descriptor.

        Raises:
            OSError: none does, or something that is not a plain file: to open a pipe would wait for ever.
        """
        found = os.stat(path)  # noqa: PTH116 - a path has no stat for descriptors
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a plain file", str(path))
        return cls(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


class Verdict(NamedTuple):
    """What reading a file through has shown; if it is to stay so, the file was no longer being written."""

    identity: FileIdentity
    whole: bool
    stays: bool


class IntegrityCheck:
    """What is known of the file at an address: whether its checksum is right.

    Args:
        path: where files are published.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._verdict: Verdict | None = None
        self._under_way: FileIdentity | None = None

    def is_damaged(self, identity: FileIdentity) -> bool:
        """Tell whether a file is known to be damaged; of a large one that is not known at first.

        Raises:
            OSError: it cannot be read.
        """
        verdict = self._of(identity)
        if identity.size <= AT_ONCE and (verdict is None or not verdict.stays):
            verdict = self._check(identity)
        return verdict is not None and not verdict.whole

    def is_known_damaged(self, identity: FileIdentity) -> bool:
        """Tell the same without reading the file."""
        verdict = self._of(identity)
        return verdict is not None and not verdict.whole

    def check_in_background(self, identity: FileIdentity) -> None:
        """Begin to read a large file through in a thread of its own, unless that was done or is under way."""
        verdict = self._of(identity)
        if (
            identity.size > AT_ONCE
            and identity != self._under_way
            and (verdict is None or not verdict.stays)
        ):
            self._under_way = identity
            threading.Thread(target=self._check_in_thread, args=(identity,), daemon=True).start()

    def _of(self, identity: FileIdentity) -> Verdict | None:
        verdict = self._verdict
        return verdict if verdict is not None and verdict.identity == identity else None

    def _check(self, identity: FileIdentity) -> Verdict:
        began = time.time_ns()
        whole = is_whole(self.path)
        self._verdict = Verdict(identity, whole, stays=whole or began - identity.modified > SETTLED)
        return self._verdict

    def _check_in_thread(self, identity: FileIdentity) -> None:
        try:
            self._check(identity)
        except OSError:  # gone, or not to be read: whoever asks next is told
            pass
        finally:
            self._under_way = None
