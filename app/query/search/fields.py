"""What an item is found by: the texts of its fields, and what is stored of their words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.query.search.words import folded_words, stem

FIELD_SEPARATOR = "|"
"""Stands between two texts in ``stems``, so that no phrase runs from one into the next. Never part of a word."""

FIELDS: Mapping[str, Mapping[str, float]] = {
    "claim": {"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    "recommendation": {"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    "article": {"title": 4, "body": 1, "actors": 2},
    "actor": {"name": 4, "description": 1},
    "theme": {"label": 4, "definition": 1},
    "place": {"name": 4},
}
"""The fields that are searched, in the order in which a highlight is looked for, and what a match in each is worth."""


class Aliases:
    """Everything that themes, places and actors may be called.

    Args:
        names: by kind (`theme`, `place`, `actor`) and id.
    """

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._names = names

    def of(self, kind: str, refs: Iterable[Mapping[str, Any]] | None) -> list[str]:
        """Return the names of some references, the one that is shown first."""
        found = []
        for ref in refs or ():
            shown = ref.get("name") or ref["label"]
            found += [
                shown,
                *sorted(name for name in self._names[kind].get(ref["id"], ()) if name != shown),
            ]
        return list(dict.fromkeys(found))


ROLES = ("sources", "about", "addressees", "beneficiaries")


def searchable_text(
    kind: str, field: str, document: Mapping[str, Any], spellings: Aliases, body: str = ""
) -> Sequence[str]:
    """Return what an item is found by in one of its ``FIELDS``: the texts, as they are written.

    Args:
        kind: the name of the item's table.
        field: the name of the field.
        document: the item as published.
        spellings: names and synonyms of what it refers to.
        body: an article's text.
    """
    match field:
        case "statement" | "title":
            return [document[field]]
        case "quote":
            return [document["quote"]["exact"]]
        case "body":
            return body.split("\n\n")
        case "name" | "label":
            return spellings.of(kind, [document])
        case "themes" | "places":
            return spellings.of(field[:-1], document[field])
        case "actors" if kind == "article":
            publisher = {"id": document["publisher_id"], "name": document["publisher"]}
            return spellings.of("actor", [*(document["authors"] or ()), publisher])
        case "actors":
            return spellings.of("actor", [ref for role in ROLES for ref in document.get(role, ())])
        case "description":
            return [document[field]] if document[field] else []
    explained = [
        document[name] for name in ("definition", "definition_fr", "scope_note", "scope_note_fr")
    ]
    return [text for text in explained if text]


def index_entry(texts: Iterable[Sequence[str]]) -> tuple[str, list[str]]:
    """Return what is stored of the texts of each field: see ``models.ItemText``.

    Returns:
        ``stems``, a line for each field, every stem between two spaces; ``lexemes``, stems as they are and words behind `=`.
    """
    lines = []
    spelled: set[str] = set()
    for field in texts:
        stems = []
        for text in field:
            found = folded_words(text)
            spelled.update(found)
            stems += [*map(stem, found), FIELD_SEPARATOR]
        lines.append(f" {' '.join(stems)} \n")
    return "".join(lines), sorted({*map(stem, spelled), *(f"={word}" for word in spelled)})
