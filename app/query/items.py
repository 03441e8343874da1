"""One item: its published document, found by its public id."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from app.database.names import fold
from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, nearest, suggestion

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[cr][0-9]+)?")
MAX_SIMILAR = 500
"""Ids of an article's annotations that are compared with an unknown id."""
OTHER_KIND = {"recommendation.c": "claim", "claim.r": "recommendation"}
"""The kind that an id belongs to, by the kind in the path and the letter of the id's number."""


def get_document(
    snapshot: Snapshot, table: Any, texts: Any, slug: str, column: str = "document"
) -> str:
    """Return the document of one item.

    Args:
        snapshot: the data version.
        table: the table of the item.
        texts: the table with its document.
        slug: the item's public id.
        column: another column of ``texts`` to return instead.

    Raises:
        Problem: there is no such item; suggests similar ids.
    """
    if ID.fullmatch(slug):
        rows = snapshot.rows(
            ("item", table.__tablename__, column),
            lambda: (
                select(getattr(texts, column))
                .join(table, table.key == texts.key)
                .where(table.id == bindparam("id"))
            ),
            {"id": slug},
        )
        if rows:
            document: str = rows[0][0]
            return document
    raise _not_found(snapshot, table, slug)


def _not_found(snapshot: Snapshot, table: Any, slug: str) -> Problem:
    kind = table.__tablename__
    other = OTHER_KIND.get(f"{kind}.{slug.rpartition('.')[2][:1]}") if ID.fullmatch(slug) else None
    if other is not None:
        path = f"/{other}s/{slug}"
        entry = invalid_param("id", slug, f"is the id of a {other}.", [path], list_path(table))
        detail = f"There is no {kind} '{entry.value}': it is the id of a {other}, see {path}."
        return Problem("not-found", detail, [entry])
    guesses = nearest(fold(slug[:100]), similar_ids(snapshot, table, slug))
    entry = invalid_param("id", slug, f"no such {kind}.", guesses, list_path(table))
    detail = f"There is no {kind} '{entry.value}'.{suggestion(guesses)}"
    return Problem("not-found", detail, [entry])


def similar_ids(snapshot: Snapshot, table: Any, slug: str) -> Mapping[str, str]:
    """Return folded names that may be similar to an unknown id, with the ids they stand for.

    For a claim or recommendation these are the ids in the article that was probably meant. The
    number of rows read is bounded.
    """
    kind = table.__tablename__
    if kind in {"theme", "place", "actor", "article"}:
        return snapshot.names(f"{kind}s").candidates(slug)
    article = slug.casefold().rpartition(".")[0] or slug
    candidates = snapshot.names("articles").candidates(article)
    articles = nearest(fold(article[:100]), candidates, limit=1)
    if not articles:
        return {}
    # "/" follows "." in ASCII: a range of the index has all ids of the article.
    first, end = f"{articles[0]}.", f"{articles[0]}/"
    ids = select(table.id).where(table.id >= first, table.id < end).limit(MAX_SIMILAR)
    return {fold(similar): similar for similar in snapshot.connection.execute(ids).scalars()}


def keys_by_id(snapshot: Snapshot, table: Any, slugs: Iterable[str]) -> dict[str, int]:
    """Return the keys of the ids that exist. Ids may be in upper case."""
    ids = [slug for slug in map(str.casefold, slugs) if ID.fullmatch(slug)]
    if not ids:
        return {}
    rows = snapshot.connection.execute(select(table.id, table.key).where(table.id.in_(ids)))
    return {slug: key for slug, key in rows}  # noqa: C416 - rows are no pairs to the type checker


def list_path(table: Any) -> str:
    """Return the path of a table's list."""
    return f"/{table.__tablename__}s"
