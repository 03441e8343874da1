"""Full text, links to everything broader, links of articles and actors, the codebook.

What is published must be made anew from the corpus, since documents change too: the tables are emptied.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EMPTIED = (
    *("dataset", "claim_relation", "recommendation_claim"),
    *(f"claim_{link}" for link in ("source", "about", "theme", "place")),
    *(f"recommendation_{link}" for link in ("source", "addressee", "beneficiary", "theme", "place")),
    *("claim", "recommendation", "article_author", "article"),
    *("actor_name", "place_name", "theme_name"),
)
FOUND_BY_TEXT = ("theme", "place", "actor", "article", "claim", "recommendation")
CODED = ("claim_theme", "claim_place", "recommendation_theme", "recommendation_place")
LINKS = (
    ("claim_actor", "actor", "claim", False),
    ("recommendation_actor", "actor", "recommendation", False),
    ("article_theme", "theme", "article", True),
    ("article_place", "place", "article", True),
    ("article_actor", "actor", "article", False),
    ("actor_theme", "theme", "actor", True),
    ("actor_place", "place", "actor", True),
)
LEXEMES = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def empty() -> None:
    for table in EMPTIED:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    for table, parent in (("actor", "part_of_key"), ("place", "part_of_key"), ("theme", "broader_key")):
        op.execute(f"UPDATE {table} SET {parent} = NULL")  # noqa: S608 - our own names
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names


def add(table: str, columns: Sequence[sa.Column[Any]], actors: Sequence[str] = ()) -> None:
    """Add columns to an empty table.

    Args:
        table: its name.
        columns: what it gets.
        actors: those among them that refer to an actor.
    """
    if not on_sqlite():
        for column in columns:
            op.add_column(table, column)
        for name in actors:
            op.create_foreign_key(op.f(f"fk_{table}_{name}_actor"), table, "actor", [name], ["key"])
        return
    # SQLite cannot add a column that is not null, and Alembic's batches write constraints in another order each time: the file
    # would not be the same twice. The table is empty, so it is made anew from its own words.
    master = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL ORDER BY name")
    bind = op.get_bind()
    (made,) = bind.execute(master, {"table": table, "type": "table"}).scalars().all()
    indexes = bind.execute(master, {"table": table, "type": "index"}).scalars().all()
    before, constraints = made.split("\n\tCONSTRAINT", 1)
    dialect = bind.dialect
    for column in columns:
        before += f"\n\t{column.name} {column.type.compile(dialect)}{'' if column.nullable else ' NOT NULL'}, "
    constraints = constraints.removesuffix("\n)")
    for name in actors:
        constraints += f', \n\tCONSTRAINT fk_{table}_{name}_actor FOREIGN KEY({name}) REFERENCES actor ("key")'
    op.drop_table(table)
    op.execute(f"{before}\n\tCONSTRAINT{constraints}\n)")
    for index in indexes:
        op.execute(index)


def upgrade() -> None:
    empty()
    op.add_column("dataset", sa.Column("codebook", sa.String(), nullable=True))
    for table in FOUND_BY_TEXT:
        dated, annotation = table in {"article", "claim", "recommendation"}, table in {"claim", "recommendation"}
        columns: list[sa.Column[Any]] = [
            sa.Column("stems", sa.String(), nullable=False),
            sa.Column("lexemes", LEXEMES, nullable=False),
        ]
        if dated:
            columns.append(sa.Column("year", sa.String(), nullable=False))
        if annotation:
            columns.append(sa.Column("publisher_key", sa.Integer(), nullable=False))
        add(table, columns, ["publisher_key"] if annotation else [])
        for name in ("year",) * dated + ("publisher_key",) * annotation + ("kind",) * (table == "place"):
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=False)
        if on_sqlite():
            # Words come folded from app/words.py: only letters, digits and the mark between two texts are left to index.
            op.execute(
                f"CREATE VIRTUAL TABLE {table}_fts USING fts5(stems, lexemes, "
                f'content="{table}", content_rowid="key", tokenize="ascii tokenchars \'|\'")',
            )
        else:
            op.create_index(f"ix_{table}_lexemes", table, ["lexemes"], postgresql_using="gin")
    for table in CODED:
        add(table, [sa.Column("direct", sa.Boolean(), nullable=False)])
    for table, value, item, coded in LINKS:
        op.create_table(
            table,
            sa.Column(f"{value}_key", sa.Integer(), nullable=False),
            sa.Column(f"{item}_key", sa.Integer(), nullable=False),
            *([sa.Column("direct", sa.Boolean(), nullable=False)] if coded else []),
            sa.ForeignKeyConstraint([f"{value}_key"], [f"{value}.key"], name=op.f(f"fk_{table}_{value}_key_{value}")),
            sa.ForeignKeyConstraint([f"{item}_key"], [f"{item}.key"], name=op.f(f"fk_{table}_{item}_key_{item}")),
            sa.PrimaryKeyConstraint(f"{value}_key", f"{item}_key", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{item}_key"), table, [f"{item}_key"], unique=False)


def downgrade() -> None:
    for table, *_ in reversed(LINKS):
        op.drop_table(table)
    empty()
    for table in reversed(CODED):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("direct")
    for table in reversed(FOUND_BY_TEXT):
        if on_sqlite():
            op.execute(f"DROP TABLE {table}_fts")
        else:
            op.drop_index(f"ix_{table}_lexemes", table)
        with op.batch_alter_table(table) as batch:
            if table == "place":
                batch.drop_index(op.f("ix_place_kind"))
            if table in {"claim", "recommendation"}:
                batch.drop_index(op.f(f"ix_{table}_publisher_key"))
                batch.drop_constraint(op.f(f"fk_{table}_publisher_key_actor"), type_="foreignkey")
                batch.drop_column("publisher_key")
            if table in {"article", "claim", "recommendation"}:
                batch.drop_index(op.f(f"ix_{table}_year"))
                batch.drop_column("year")
            batch.drop_column("lexemes")
            batch.drop_column("stems")
    with op.batch_alter_table("dataset") as batch:
        batch.drop_column("codebook")
