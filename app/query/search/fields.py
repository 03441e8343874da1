"""What full text searches: the fields of each kind of item, and what is stored of their words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.database.vocabulary import Aliases
from app.query.search.words import folded_words, stem

FIELD_SEPARATOR = "|"
"""Separates the texts of a field in ``stems``, so that no phrase spans two. Not part of a word."""

ROLES = ("sources", "about", "addressees", "beneficiaries")


def searchable_text(
    kind: str, field: str, document: Mapping[str, Any], aliases: Aliases, body: str = ""
) -> Sequence[str]:
    """Return the texts of one of an item's search fields.

    Args:
        kind: the name of the item's table.
        field: the name of the field.
        document: the published item.
        aliases: the names of the themes, places and actors in it.
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
            return aliases.names(kind, [document])
        case "themes" | "places":
            return aliases.names(field[:-1], document[field])
        case "actors" if kind == "article":
            publisher = {"id": document["publisher_id"], "name": document["publisher"]}
            return aliases.names("actor", [*(document["authors"] or ()), publisher])
        case "actors":
            return aliases.names("actor", [ref for role in ROLES for ref in document.get(role, ())])
        case "description":
            return [document[field]] if document[field] else []
    names = ("definition", "definition_fr", "scope_note", "scope_note_fr")
    return [document[name] for name in names if document[name]]


def index_entry(fields: Iterable[Sequence[str]]) -> tuple[str, list[str]]:
    """Return what is stored of the texts of each field, see ``models.ItemText``.

    Returns:
        ``stems``: a line for each field, each stem between two spaces. ``lexemes``: all stems,
        and all folded words with `=` before them.
    """
    lines = []
    all_words: set[str] = set()
    for texts in fields:
        stems = []
        for text in texts:
            words = folded_words(text)
            all_words.update(words)
            stems += [*map(stem, words), FIELD_SEPARATOR]
        lines.append(f" {' '.join(stems)} \n")
    lexemes = {*map(stem, all_words), *(f"={word}" for word in all_words)}
    return "".join(lines), sorted(lexemes)
