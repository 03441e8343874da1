"""Datasette as an ASGI app, in its fastest configuration.

* uvicorn runs it, as its documentation describes: its own command logs every request.
* The file is opened as immutable, so statements need no locks.
* `num_sql_threads` is 0: on one core a thread only costs, about a tenth of the rate.
* Canned queries return rows as arrays. For every scenario they are faster than `?sql=`, the table
  page and the row page. The theme list is also measured as a table page, which Datasette has by
  itself. A filter is one equality on an index.
* The limits on time and rows are out of reach, so no response is cut. Nothing is suggested.

Rows have an annotation's own columns and its article, which costs least. The themes, places,
actors and claims that the other two servers return are only in queries that end in `_whole`, as
JSON made in SQL. Queries that end in `_rows` have no total.
"""

import os

from datasette.app import Datasette

SETTINGS = {
    "num_sql_threads": 0,
    "sql_time_limit_ms": 60_000,
    "max_returned_rows": 10_000,
    "suggest_facets": False,
    "allow_download": False,
}

THEME = "(SELECT id FROM theme WHERE slug = :theme)"
PLACE = "(SELECT id FROM place WHERE slug = :place)"
ADDRESSEE = "(SELECT id FROM actor WHERE slug = :addressee)"
ROW = "recommendation.*, article.slug AS article"
ARTICLE = "JOIN article ON article.id = recommendation.article_id"
LINKED = {
    "theme": "'slug', slug, 'label', label, 'label_fr', label_fr",
    "place": "'slug', slug, 'name', name, 'iso', iso",
    "source": (actor := "'slug', slug, 'name', name, 'kind', kind, 'pseudonym', pseudonym"),
    "addressee": actor,
    "beneficiary": actor,
    "claim": "'slug', slug, 'statement', statement",
}
"""The fields of linked rows, by the name of their link table."""


def _linked(link: str) -> str:
    """Return a column with the linked rows of a link table, as JSON."""
    table = link if link in {"theme", "place", "claim"} else "actor"
    return (
        f"(SELECT json_group_array(json_object({LINKED[link]})) FROM recommendation_{link}"
        f" JOIN {table} ON {table}.id = {table}_id"
        f" WHERE recommendation_id = recommendation.id) AS {link}"
    )


WHOLE = ", ".join([ROW, *map(_linked, LINKED)])
OF_THEME = (
    "FROM recommendation_theme AS of_theme"
    f" JOIN recommendation ON recommendation.id = of_theme.recommendation_id {ARTICLE}"
)
PLACES = "JOIN recommendation_place USING (recommendation_id)"
ADDRESSEES = "JOIN recommendation_addressee USING (recommendation_id)"
FIRST = "ORDER BY of_theme.recommendation_id LIMIT :limit"
MATCHING = (
    "FROM recommendation_fts AS found"
    f" JOIN recommendation ON recommendation.id = found.rowid {ARTICLE}"
)
BEST = "WHERE recommendation_fts MATCH :q ORDER BY rank LIMIT :limit"
COUNT = (
    "SELECT theme.slug, count(*) AS count FROM recommendation_theme AS counted"
    " JOIN theme ON theme.id = counted.theme_id"
)
MOST_FREQUENT = "GROUP BY theme.id ORDER BY count DESC"


def _with_total(rows: str, counted: str, columns: str = ROW) -> str:
    """Return a query for rows that carry the total, counted once."""
    return f"SELECT {columns}, (SELECT count(*) FROM {counted}) AS total {rows}"


QUERIES = {
    "item": f"SELECT {ROW} FROM recommendation {ARTICLE} WHERE recommendation.slug = :id",
    "item_whole": f"SELECT {WHOLE} FROM recommendation {ARTICLE} WHERE recommendation.slug = :id",
    "claims": "SELECT claim.*, article.slug AS article"
    " FROM claim JOIN article ON article.id = claim.article_id"
    " WHERE claim.id > :after ORDER BY claim.id LIMIT :limit",
    "theme": _with_total(
        f"{OF_THEME} WHERE theme_id = {THEME} {FIRST}",
        f"recommendation_theme WHERE theme_id = {THEME}",
    ),
    "theme_whole": _with_total(
        f"{OF_THEME} WHERE theme_id = {THEME} {FIRST}",
        f"recommendation_theme WHERE theme_id = {THEME}",
        WHOLE,
    ),
    "theme_rows": f"SELECT {ROW} {OF_THEME} WHERE theme_id = {THEME} {FIRST}",
    "theme_and_strength": _with_total(
        f"{OF_THEME} WHERE theme_id = {THEME} AND strength = :strength {FIRST}",
        "recommendation_theme AS t JOIN recommendation AS r ON r.id = t.recommendation_id"
        f" WHERE t.theme_id = {THEME} AND r.strength = :strength",
    ),
    "theme_and_place": _with_total(
        f"{OF_THEME} {PLACES} WHERE theme_id = {THEME} AND place_id = {PLACE} {FIRST}",
        f"recommendation_theme {PLACES} WHERE theme_id = {THEME} AND place_id = {PLACE}",
    ),
    "theme_and_addressee": _with_total(
        f"{OF_THEME} {ADDRESSEES} WHERE theme_id = {THEME} AND actor_id = {ADDRESSEE} {FIRST}",
        f"recommendation_theme {ADDRESSEES} WHERE theme_id = {THEME} AND actor_id = {ADDRESSEE}",
    ),
    "themes": "SELECT theme.slug, count FROM"
    " (SELECT theme_id, count(*) AS count FROM recommendation_theme GROUP BY theme_id) AS counted"
    " JOIN theme ON theme.id = counted.theme_id ORDER BY count DESC",
    "themes_by_strength": f"{COUNT}"
    " JOIN recommendation ON recommendation.id = counted.recommendation_id"
    f" WHERE strength = :strength {MOST_FREQUENT}",
    "themes_by_place": f"{COUNT} {PLACES} WHERE place_id = {PLACE} {MOST_FREQUENT}",
    "themes_by_addressee": f"{COUNT} {ADDRESSEES} WHERE actor_id = {ADDRESSEE} {MOST_FREQUENT}",
    "search": _with_total(
        f"{MATCHING} {BEST}", "recommendation_fts WHERE recommendation_fts MATCH :q"
    ),
    "search_rows": f"SELECT {ROW} {MATCHING} {BEST}",
}

datasette = Datasette(
    [],
    immutables=[os.environ["DATASETTE_DATABASE"]],
    metadata={"databases": {"textbook": {"queries": QUERIES}}},
    settings=SETTINGS,
)
app = datasette.app()
