"""One item: the document that the seed rendered, found by its public id."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select

from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, nearest, suggestion
from app.query.search.highlight import Match
from app.query.search.names import fold

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[cr][0-9]+)?")
SIMILAR = 500
OTHER_KIND = {"recommendation.c": "claim", "claim.r": "recommendation"}
"""What is meant when the letter of an annotation's number does not fit."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
NO_MATCH = b',"highlight":null,"matched_in":null}'


def get_document(
    snapshot: Snapshot, table: Any, texts: Any, slug: str, column: str = "document"
) -> str:
    """Return the text of one item.

    Args:
        snapshot: the data version to answer from.
        table: the table the item is in.
        texts: the table with its texts.
        slug: the item's public id.
        column: the column whose text is wanted.

    Raises:
        Problem: 404, with the nearest ids.
    """
    if ID.fullmatch(slug):

        def build() -> Select[Any]:
            return (
                select(getattr(texts, column))
                .join(table, table.key == texts.key)
                .where(table.id == bindparam("id"))
            )

        rows = snapshot.rows(("item", table.__tablename__, column), build, {"id": slug})
        if rows:
            text: str = rows[0][0]
            return text
    raise _missing(snapshot, table, slug)


def _missing(snapshot: Snapshot, table: Any, slug: str) -> Problem:
    """Return the problem of an id that there is not, with the nearest ones."""
    kind = table.__tablename__
    other = OTHER_KIND.get(f"{kind}.{slug.rpartition('.')[2][:1]}") if ID.fullmatch(slug) else None
    if other is not None:
        path = f"/{other}s/{slug}"
        entry = invalid_param("id", slug, f"is the id of a {other}.", [path], list_path(table))
        return Problem(
            "not-found",
            f"There is no {kind} '{entry.value}': it is the id of a {other}, see {path}.",
            [entry],
        )
    guesses = nearest(fold(slug[:100]), similar_ids(snapshot, table, slug))
    entry = invalid_param("id", slug, f"no such {kind}.", guesses, list_path(table))
    return Problem(
        "not-found", f"There is no {kind} '{entry.value}'.{suggestion(guesses)}", [entry]
    )


def with_highlight(rendered: bytes, shown: Match) -> bytes:
    """Return a rendered item that says where it matches: its last two fields, null as rendered, get their values."""
    if not rendered.endswith(NO_MATCH):
        raise ValueError("the document was not rendered by this version of the seed")
    found = _encode({"highlight": shown.highlight, "matched_in": shown.matched_in})
    return b"%b,%b" % (rendered[: -len(NO_MATCH)], found[1:].encode())


def similar_ids(snapshot: Snapshot, table: Any, slug: str) -> Mapping[str, str]:
    """Return names like an unknown id and the ids they lead to: those of the vocabulary, or of the article that was meant.

    A bounded number is read, whatever the size of the corpus.
    """
    kind = table.__tablename__
    if kind in {"theme", "place", "actor", "article"}:
        return snapshot.names(f"{kind}s").candidates(slug)
    stem, _, _ = slug.casefold().rpartition(".")
    articles = nearest(
        fold((stem or slug)[:100]), snapshot.names("articles").candidates(stem or slug), most=1
    )
    if not articles:
        return {}
    prefix = f"{articles[0]}."
    # From the article's dot to the next character: a range of the index.
    of_article = (
        select(table.id).where(table.id >= prefix, table.id < f"{articles[0]}/").limit(SIMILAR)
    )
    return {fold(found): found for found in snapshot.connection.execute(of_article).scalars()}


def keys_by_id(snapshot: Snapshot, table: Any, slugs: Iterable[str]) -> dict[str, int]:
    """Return the keys of those ids, in any case, that exist."""
    wanted = [slug for slug in (slug.casefold() for slug in slugs) if ID.fullmatch(slug)]
    if not wanted:
        return {}
    rows = snapshot.connection.execute(select(table.id, table.key).where(table.id.in_(wanted)))
    return {slug: key for slug, key in rows}  # noqa: C416 - rows are no pairs to the type checker


def list_path(table: Any) -> str:
    """Return the address where a table's items are listed."""
    return f"/{table.__tablename__}s"
