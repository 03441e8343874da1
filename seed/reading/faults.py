"""A fault of the corpus, with its place and its remedy."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """Something that a curator must correct.

    Args:
        file: relative to the corpus folder.
        line: in the file, from 1.
        field: e.g. ``claims[c3].quote``; empty for the file as a whole.
        message: what is wrong and what to do.
    """

    file: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.field}: " if self.field else "") + self.message


class CorpusError(Exception):
    """The corpus cannot be published.

    Args:
        faults: all of them, not only the first.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults in the corpus")
        self.faults = sorted(set(faults))
