"""Rows that are counted apart from what is shown, link tables that are their own index, names of articles, tallies.

What is published must be made anew from the corpus: the tables are emptied.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ACTOR_LINKS = {"claim": ("source", "about", "actor"), "recommendation": ("source", "addressee", "beneficiary", "actor")}
LINKS = (
    *(f"{item}_{link}" for item, links in ACTOR_LINKS.items() for link in (*links, "theme", "place")),
    *("recommendation_claim", "claim_relation", "article_theme", "article_place", "article_actor", "article_author"),
    *("actor_theme", "actor_place"),
)
DATED = ("claim_theme", "recommendation_theme")
CROSSED = ("collection", "dimension", "other", "value", "other_value")
EMPTIED = ("dataset", *LINKS, "claim", "recommendation", "article", "actor_name", "place_name", "theme_name")
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LEXEMES = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")


def text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def published() -> sa.Column[Any]:
    return sa.Column("published_first", ORDERED, nullable=False)


def words() -> list[sa.Column[Any]]:
    return [text("stems"), sa.Column("lexemes", LEXEMES, nullable=False), text("document")]


def statement() -> list[sa.Column[Any]]:
    quote = [text("quote"), number("quote_start"), number("quote_end"), number("paragraph"), text("quote_sha256")]
    return [text("statement"), *quote, text("coder"), text("coded_on"), text("note", nullable=True), *words()]


def moved(kind: str) -> list[sa.Column[Any]]:
    """Return the columns that leave a table for the one with its texts."""
    match kind:
        case "claim" | "recommendation":
            return statement()
        case "article":
            return [text("body"), text("text_document"), *words()]
    return words()


KINDS = ("theme", "place", "actor", "article", "claim", "recommendation")
SPAN = "0 <= quote_start AND quote_start < quote_end"
INDEXED: Mapping[str, Sequence[str]] = {
    "article": ("published_first", "year", "publisher_key", "kind"),
    "claim": ("kind", "year", "publisher_key", "published_first"),
    "recommendation": ("strength", "action", "year", "publisher_key", "published_first"),
}


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def empty() -> None:
    for table in EMPTIED:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    for table, parent in (("actor", "part_of_key"), ("place", "part_of_key"), ("theme", "broader_key")):
        op.execute(f"UPDATE {table} SET {parent} = NULL")  # noqa: S608 - our own names
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names


def rebuild(table: str, without: Sequence[str] = (), added: Sequence[sa.Column[Any]] = (), *, rowid: bool = True) -> None:
    """Make an empty SQLite table anew from its own words, since Alembic's batches write constraints in another order each time.

    Args:
        table: its name.
        without: columns and constraints that it loses.
        added: columns that it gets.
        rowid: whether it has a rowid beside its key.
    """
    master = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL ORDER BY name")
    bind = op.get_bind()
    (made,) = bind.execute(master, {"table": table, "type": "table"}).scalars().all()
    indexes = bind.execute(master, {"table": table, "type": "index"}).scalars().all()
    head, *lines = made[: made.rindex(")")].rstrip().split("\n\t")
    parts = [line.rstrip(", ") for line in lines]
    kept = [part for part in parts if part.removeprefix("CONSTRAINT ").split()[0].strip('"') not in without]
    new = [f"{column.name} {column.type.compile(bind.dialect)}{'' if column.nullable else ' NOT NULL'}" for column in added]
    at = next(n for n, part in enumerate(kept) if part.startswith("CONSTRAINT"))
    op.drop_table(table)
    body = ",\n\t".join([*kept[:at], *new, *kept[at:]])
    op.execute(f"{head}\n\t{body}\n){'' if rowid else ' WITHOUT ROWID'}")
    for index in indexes:
        op.execute(index)


def full_text(table: str) -> None:
    """Create the full-text index of a table whose words are in it."""
    if on_sqlite():
        # Words come folded from app/words.py: only letters, digits and the mark between two texts are left to index.
        op.execute(
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5(stems, lexemes, "
            f'content="{table}", content_rowid="key", tokenize="ascii tokenchars \'|\'")',
        )
    else:
        op.create_index(f"ix_{table}_lexemes", table, ["lexemes"], postgresql_using="gin")


def drop_full_text(table: str) -> None:
    if on_sqlite():
        op.execute(f"DROP TABLE {table}_fts")
    else:
        op.drop_index(f"ix_{table}_lexemes", table)


def upgrade() -> None:
    empty()
    for kind in KINDS:
        drop_full_text(kind)
        for name in (*INDEXED.get(kind, ()), *(("article_key",) if kind in ACTOR_LINKS else ())):
            op.drop_index(op.f(f"ix_{kind}_{name}"), kind)
        columns = moved(kind)
        names = [column.name for column in columns]
        if on_sqlite():
            rebuild(kind, [*names, f"ck_{kind}_span"])
        else:
            for name in names:
                op.drop_column(kind, name)
        for name in (*INDEXED.get(kind, ()), *(("explicit",) if kind == "recommendation" else ())):
            op.create_index(op.f(f"ix_{kind}_{name}_key"), kind, [name, "key"], unique=False)
        op.create_table(
            f"{kind}_text",
            number("key"),
            *columns,
            *([sa.CheckConstraint(SPAN, name=op.f(f"ck_{kind}_text_span"))] if kind in ACTOR_LINKS else []),
            sa.ForeignKeyConstraint(["key"], [f"{kind}.key"], name=op.f(f"fk_{kind}_text_key_{kind}")),
            sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{kind}_text")),
        )
        full_text(f"{kind}_text")
    op.create_table(
        "article_name",
        sa.Column("folded", ORDERED, nullable=False),
        number("article_key"),
        sa.ForeignKeyConstraint(["article_key"], ["article.key"], name=op.f("fk_article_name_article_key_article")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_article_name")),
    )
    op.create_index(op.f("ix_article_name_article_key"), "article_name", ["article_key"], unique=False)
    op.create_table(
        "tally",
        text("collection"),
        text("dimension"),
        sa.Column("narrower", sa.Boolean(), nullable=False),
        text("value"),
        number("number"),
        sa.PrimaryKeyConstraint("collection", "dimension", "narrower", "value", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crosstab",
        *[text(name) for name in CROSSED],
        number("number"),
        sa.PrimaryKeyConstraint(*CROSSED, name=op.f("pk_crosstab")),
        sqlite_with_rowid=False,
    )
    for table in LINKS:
        if on_sqlite():
            rebuild(table, added=[published()] if table in DATED else [], rowid=False)
        elif table in DATED:
            op.add_column(table, published())
        if table in DATED:
            indexed = ["theme_key", "published_first", f"{table.removesuffix('_theme')}_key"]
            op.create_index(op.f(f"ix_{table}_{'_'.join(indexed)}"), table, indexed, unique=False)


def downgrade() -> None:
    empty()
    op.drop_table("crosstab")
    op.drop_table("tally")
    op.drop_table("article_name")
    for table in LINKS:
        if table in DATED:
            op.drop_index(op.f(f"ix_{table}_theme_key_published_first_{table.removesuffix('_theme')}_key"), table)
        if on_sqlite():
            rebuild(table, ["published_first"])
        elif table in DATED:
            op.drop_column(table, "published_first")
    for kind in reversed(KINDS):
        drop_full_text(f"{kind}_text")
        op.drop_table(f"{kind}_text")
        for name in (*INDEXED.get(kind, ()), *(("explicit",) if kind == "recommendation" else ())):
            op.drop_index(op.f(f"ix_{kind}_{name}_key"), kind)
        if on_sqlite():
            rebuild(kind, added=moved(kind))
        else:
            for column in moved(kind):
                op.add_column(kind, column)
        for name in (*INDEXED.get(kind, ()), *(("article_key",) if kind in ACTOR_LINKS else ())):
            op.create_index(op.f(f"ix_{kind}_{name}"), kind, [name], unique=False)
        full_text(kind)
