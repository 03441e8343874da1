"""Check ``changes.yaml``: what each edition added, changed and withdrew."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from seed.reading.articles import ParsedArticle
from seed.reading.faults import Fault
from seed.reading.records import (
    ActorRecord,
    AlterationRecord,
    ArticleRecord,
    ChangeRecord,
    ClaimRecord,
    EditionRecord,
    PlaceRecord,
    RecommendationRecord,
    Record,
    ThemeRecord,
    WithdrawalRecord,
)
from seed.reading.validation import parse_each
from seed.reading.yaml_file import Location, YamlFile, read_yaml

PATH = Path("changes.yaml")
VOCABULARIES: Mapping[str, type[Record]] = {
    "actors": ActorRecord,
    "places": PlaceRecord,
    "themes": ThemeRecord,
}
ANNOTATIONS: Mapping[str, type[Record]] = {"c": ClaimRecord, "r": RecommendationRecord}
ARTICLE_LISTS = ["parts", "claims", "recommendations"]


class Change(NamedTuple):
    """One entry of the file.

    Args:
        location: in the file.
        kind: ``added``, ``changed`` or ``withdrawn``.
        record: the entry.
    """

    location: Location
    kind: str
    record: ChangeRecord


class ChangeChecks:
    """The changes of all editions, checked once the whole corpus is known.

    Args:
        folder: the corpus folder; ``changes.yaml`` is optional.
    """

    def __init__(self, folder: Path) -> None:
        self.file = YamlFile(PATH)
        if os.path.lexists(folder / PATH):
            self.file = read_yaml(folder, PATH)
        editions: Mapping[int, EditionRecord] = {}
        if self.file.value is not None:
            editions = parse_each(self.file, EditionRecord, self.file.value)
        self._changes = list(_changes(editions))
        self._withdrawn = {
            change.record.id for change in self._changes if change.kind == "withdrawn"
        }
        self._named = {change.record.id for change in self._changes}
        for change in self._changes:
            if isinstance(change.record, WithdrawalRecord) and change.record.replaced_by:
                self._named.add(change.record.replaced_by)
        # Of the ids in the corpus, only those that the file names are kept in memory.
        self._existing: set[str] = set()
        self._readable: set[str] = set()
        self._check_editions(editions)
        self._check_each_once()

    def add(self, article: ParsedArticle) -> None:
        """Add the ids of an article whose annotation file can be read."""
        items = article.raw_items("claims") + article.raw_items("recommendations")
        ids = {article.slug, *(f"{article.slug}.{item.get('id')}" for item in items)}
        self._existing |= ids & self._named
        self._readable.add(article.slug)

    def check(
        self, vocabularies: Mapping[str, set[str] | None], articles: set[str]
    ) -> Sequence[Fault]:
        """Check the changes against the corpus.

        Args:
            vocabularies: the ids of each; None if it cannot be read.
            articles: the slugs of all articles, also of those that cannot be read.

        Returns:
            Every fault of the file.
        """
        unknown = {name for name, ids in vocabularies.items() if ids is None}
        unknown |= articles - self._readable
        existing = self._existing | {
            f"{name}/{slug}" for name, ids in vocabularies.items() for slug in ids or ()
        }
        for location, kind, record in self._changes:
            if kind == "withdrawn" and record.id in existing:
                self.file.add_fault(
                    (*location, "id"),
                    f"'{record.id}' is withdrawn, but the corpus still has it: "
                    "give the new item a number that was never used, or remove this entry.",
                )
            if kind != "withdrawn" and not self._is_known(record.id, existing, unknown):
                self.file.add_fault(
                    (*location, "id"),
                    f"there is no '{record.id}', and none was withdrawn: correct the id.",
                )
            if isinstance(record, AlterationRecord):
                self._check_fields(location, record)
            if isinstance(record, WithdrawalRecord) and record.replaced_by is not None:
                other = record.replaced_by
                if other == record.id or not self._is_known(other, existing, unknown):
                    self.file.add_fault(
                        (*location, "replaced_by"),
                        f"there is no '{other}': name what replaces the item, or null.",
                    )
        return self.file.faults

    def _is_known(self, slug: str, existing: set[str], unknown: set[str]) -> bool:
        """Return whether an id exists, was withdrawn, or may be in a file that cannot be read."""
        vocabulary, _, _ = slug.rpartition("/")
        article, _, _ = slug.partition(".")
        return slug in existing or slug in self._withdrawn or (vocabulary or article) in unknown

    def _check_editions(self, editions: Mapping[int, EditionRecord]) -> None:
        seen: set[str] = set()
        for position, edition in editions.items():
            if edition.edition in seen:
                self.file.add_fault(
                    (position, "edition"), f"'{edition.edition}' appears twice: keep one."
                )
            seen.add(edition.edition)

    def _check_each_once(self) -> None:
        """Check that no id is added or withdrawn twice, or changed twice in one edition."""
        seen: set[tuple[str, str, object]] = set()
        for location, kind, record in self._changes:
            key = (record.id, kind, location[0] if kind == "changed" else None)
            if key in seen:
                self.file.add_fault(
                    (*location, "id"),
                    f"'{record.id}' is {kind} twice: each number is given once; keep one entry.",
                )
            seen.add(key)

    def _check_fields(self, location: Location, record: AlterationRecord) -> None:
        model, lists = _model(record.id)
        names = [field.alias or name for name, field in model.model_fields.items()] + lists
        for index, name in enumerate(record.fields):
            if name not in names:
                self.file.add_fault(
                    (*location, "fields", index),
                    f"'{name}' is not a field of it: the fields are {', '.join(names)}.",
                )


def _changes(editions: Mapping[int, EditionRecord]) -> Iterator[Change]:
    for position, edition in editions.items():
        lists: Mapping[str, Sequence[ChangeRecord]] = {
            "added": edition.added,
            "changed": edition.changed,
            "withdrawn": edition.withdrawn,
        }
        for kind, records in lists.items():
            for index, record in enumerate(records):
                yield Change((position, kind, index), kind, record)


def _model(slug: str) -> tuple[type[Record], list[str]]:
    """Return the record of what an id names, and its lists that are no field of the record."""
    vocabulary, _, _ = slug.rpartition("/")
    if vocabulary:
        return VOCABULARIES[vocabulary], []
    _, _, local_id = slug.partition(".")
    return (ANNOTATIONS[local_id[0]], []) if local_id else (ArticleRecord, ARTICLE_LISTS)
