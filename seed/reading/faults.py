"""What is wrong with a corpus: every fault with its file, line, field and what to do."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend.

    Args:
        file: the corpus file, relative to the corpus folder.
        line: line in it, from 1.
        field: which field, e.g. ``claims[3].quote``; empty for the file as a whole.
        message: what is wrong and what to do.
    """

    file: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.field}: " if self.field else "") + self.message


class CorpusError(Exception):
    """A corpus that cannot be published.

    Args:
        faults: all of them, not only the first.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults in the corpus")
        self.faults = sorted(set(faults))
