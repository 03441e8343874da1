"""Read and check one vocabulary: the themes, the places or the actors."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from app.database.names import fold
from seed.reading.corpus import entry_names
from seed.reading.records import ActorRecord, PlaceRecord, ThemeRecord
from seed.reading.validation import parse_each
from seed.reading.yaml_file import Location, YamlFile, read_yaml

Entry = TypeVar("Entry", ThemeRecord, PlaceRecord, ActorRecord)

MAX_LEVELS = 20
"""Levels of a hierarchy; more are a mistake."""
MIN_NAME_SIMILARITY = 60
"""Similarity, of 100, from which a name is suggested."""


class Vocabulary(Generic[Entry]):
    """A vocabulary with its faults.

    Args:
        folder: the corpus folder.
        name: of the vocabulary, e.g. ``themes``.
        model: the type of an entry.
        parent_field: the field with the broader entry.
    """

    def __init__(self, folder: Path, name: str, model: type[Entry], parent_field: str) -> None:
        self.name = name
        self.file = read_yaml(folder, Path("vocabulary", f"{name}.yaml"))
        self.parent_field = parent_field
        value = self.file.value
        self.entries: Mapping[int, Entry] = (
            {} if value is None else parse_each(self.file, model, value)
        )
        self.parents: Mapping[str, str | None] = {
            entry.id: getattr(entry, parent_field) for entry in self.entries.values()
        }
        # Ids of invalid entries count: references to them are correct. None if there is no list:
        # hundreds of faults would hide that one.
        self.ids: set[str] | None = None
        if isinstance(value, list):
            ids = (entry.get("id") for entry in value if isinstance(entry, dict))
            self.ids = {entry_id for entry_id in ids if isinstance(entry_id, str)}
        self._check_names()
        self._check_hierarchy()

    def _check_names(self) -> None:
        """Check that each id is used once, and that each name leads to one entry."""
        ids: set[str] = set()
        owners: dict[str, str] = {}
        for position, entry in self.entries.items():
            if entry.id in ids:
                self.file.add_fault(
                    (position, "id"), f"'{entry.id}' appears twice: give one of them another id."
                )
                continue
            ids.add(entry.id)
            for name in entry_names(entry):
                owner = owners.setdefault(fold(name), entry.id)
                if owner != entry.id:
                    self.file.add_fault(
                        (position,),
                        f"“{name}” already names '{owner}': a name must lead to one entry.",
                    )

    def _check_hierarchy(self) -> None:
        for position, entry in self.entries.items():
            parent = self.parents[entry.id]
            if parent is None:
                continue
            location = (position, self.parent_field)
            self.check_reference(parent, self.file, location)
            ancestors: Sequence[str] = self.ancestors(entry.id)
            if entry.id in ancestors:
                cycle = " → ".join([entry.id, *ancestors])
                self.file.add_fault(location, f"forms a cycle: {cycle}: set one of them to null.")
            elif len(ancestors) > MAX_LEVELS:
                self.file.add_fault(
                    location, f"is more than {MAX_LEVELS} levels deep: choose a broader entry."
                )

    def ancestors(self, slug: str) -> Sequence[str]:
        """Return everything above an entry, nearest first; stop where a cycle closes."""
        chain: list[str] = []
        parent = self.parents.get(slug)
        while parent is not None and parent not in chain:
            chain.append(parent)
            parent = self.parents.get(parent)
        return chain

    def ordered(self) -> Sequence[Entry]:
        """Return the entries, each followed by its narrower ones, in the order of the file."""
        if self.file.faults:  # there may be a cycle, and nothing is published
            return list(self.entries.values())
        narrower: dict[str | None, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            narrower[self.parents[entry.id]].append(entry)

        def below(parent: str | None) -> Iterable[Entry]:
            for entry in narrower[parent]:
                yield entry
                yield from below(entry.id)

        return list(below(None))

    def check_reference(self, slug: str, file: YamlFile, location: Location) -> None:
        """Check that an id exists here.

        Args:
            slug: the id.
            file: that refers to it; gets the fault.
            location: of the reference in the file.
        """
        if self.ids is not None and slug not in self.ids:
            similar = process.extract(
                slug, self.ids, scorer=fuzz.ratio, limit=2, score_cutoff=MIN_NAME_SIMILARITY
            )
            hint = suggestion([name for name, _, _ in similar])
            file.add_fault(
                location,
                f"there is no '{slug}' in vocabulary/{self.name}.yaml{hint}: "
                "correct it, or add it there.",
            )

    def check_references(self, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        """Check that the ids of a list exist here, and that each is listed once."""
        check_unique(slugs, file, location)
        for position, slug in enumerate(slugs):
            self.check_reference(slug, file, (*location, position))


def check_unique(slugs: Sequence[str], file: YamlFile, location: Location) -> None:
    """Check that a list contains each id once."""
    if len(set(slugs)) < len(slugs):
        for position, slug in enumerate(slugs):
            if slug in slugs[:position]:
                file.add_fault((*location, position), f"'{slug}' appears twice: keep one.")


def suggestion(names: Sequence[str]) -> str:
    """Return “(did you mean …?)” for similar names; empty if there are none."""
    return f" (did you mean {' or '.join(map(repr, names))}?)" if names else ""
