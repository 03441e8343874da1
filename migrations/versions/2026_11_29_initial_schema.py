"""The initial schema.

Tables come from ``app/models.py``; a test compares the two. Full text is indexed by FTS5 on SQLite
and by GIN on PostgreSQL. ``WITHOUT ROWID`` makes a link table its own index.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "initial"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEARCHED = ("theme", "place", "actor", "article", "claim", "recommendation")
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LEXEMES = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
TABLES = (
    "recommendation_theme",
    "recommendation_text",
    "recommendation_source",
    "recommendation_place",
    "recommendation_claim",
    "recommendation_beneficiary",
    "recommendation_addressee",
    "recommendation_actor",
    "claim_theme",
    "claim_text",
    "claim_source",
    "claim_relation",
    "claim_place",
    "claim_actor",
    "claim_about",
    "recommendation",
    "claim",
    "article_theme",
    "article_text",
    "article_place",
    "article_name",
    "article_author",
    "article_actor",
    "theme_text",
    "theme_name",
    "place_text",
    "place_name",
    "article",
    "actor_theme",
    "actor_text",
    "actor_place",
    "actor_name",
    "theme",
    "place",
    "dataset",
    "crosstab",
    "count",
    "actor",
)
"""Every table, before the tables that it refers to."""


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "actor",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", ORDERED, nullable=False),
        sa.Column("kind", ORDERED, nullable=False),
        sa.Column("part_of_key", sa.Integer(), nullable=True),
        sa.Column("pseudonym", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["part_of_key"], ["actor.key"], name=op.f("fk_actor_part_of_key_actor")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_actor")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_id")),
    )
    op.create_index(op.f("ix_actor_kind"), "actor", ["kind"], unique=False)
    op.create_index(op.f("ix_actor_name_sort"), "actor", ["name_sort"], unique=False)
    op.create_index(op.f("ix_actor_part_of_key"), "actor", ["part_of_key"], unique=False)
    op.create_table(
        "count",
        sa.Column("collection", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("narrower", sa.Boolean(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "collection", "dimension", "narrower", "value", name=op.f("pk_count")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crosstab",
        sa.Column("collection", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("other_value", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "collection", "dimension", "other", "value", "other_value", name=op.f("pk_crosstab")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dataset",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("quality_document", sa.String(), nullable=False),
        sa.Column("codebook", sa.String(), nullable=True),
        sa.CheckConstraint("key = 1", name=op.f("ck_dataset_one_row")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dataset")),
    )
    op.create_table(
        "place",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_sort", ORDERED, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("iso", sa.String(), nullable=True),
        sa.Column("part_of_key", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_place_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_place_longitude")),
        sa.ForeignKeyConstraint(
            ["part_of_key"], ["place.key"], name=op.f("fk_place_part_of_key_place")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_place")),
        sa.UniqueConstraint("id", name=op.f("uq_place_id")),
        sa.UniqueConstraint("iso", name=op.f("uq_place_iso")),
    )
    op.create_index(op.f("ix_place_kind"), "place", ["kind"], unique=False)
    op.create_index(op.f("ix_place_name_sort"), "place", ["name_sort"], unique=False)
    op.create_index(op.f("ix_place_part_of_key"), "place", ["part_of_key"], unique=False)
    op.create_table(
        "theme",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("label_fr", sa.String(), nullable=False),
        sa.Column("label_sort", ORDERED, nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("definition_fr", sa.String(), nullable=False),
        sa.Column("scope_note", sa.String(), nullable=True),
        sa.Column("scope_note_fr", sa.String(), nullable=True),
        sa.Column("broader_key", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broader_key"], ["theme.key"], name=op.f("fk_theme_broader_key_theme")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_theme")),
        sa.UniqueConstraint("id", name=op.f("uq_theme_id")),
    )
    op.create_index(op.f("ix_theme_broader_key"), "theme", ["broader_key"], unique=False)
    op.create_index(op.f("ix_theme_label_sort"), "theme", ["label_sort"], unique=False)
    op.create_table(
        "actor_name",
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_actor_name_actor_key_actor")
        ),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_actor_name")),
    )
    op.create_index(op.f("ix_actor_name_actor_key"), "actor_name", ["actor_key"], unique=False)
    op.create_table(
        "actor_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_actor_place_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["place_key"], ["place.key"], name=op.f("fk_actor_place_place_key_place")
        ),
        sa.PrimaryKeyConstraint("place_key", "actor_key", name=op.f("pk_actor_place")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_actor_place_actor_key"), "actor_place", ["actor_key"], unique=False)
    op.create_table(
        "actor_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["actor.key"], name=op.f("fk_actor_text_key_actor")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_actor_text")),
    )
    op.create_table(
        "actor_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_actor_theme_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_actor_theme_theme_key_theme")
        ),
        sa.PrimaryKeyConstraint("theme_key", "actor_key", name=op.f("pk_actor_theme")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_actor_theme_actor_key"), "actor_theme", ["actor_key"], unique=False)
    op.create_table(
        "article",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
        sa.Column("year", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_sort", ORDERED, nullable=False),
        sa.Column("publisher_key", sa.Integer(), nullable=False),
        sa.Column("published", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("source_sha256", sa.String(), nullable=False),
        sa.Column("body_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publisher_key"], ["actor.key"], name=op.f("fk_article_publisher_key_actor")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_article")),
        sa.UniqueConstraint("id", name=op.f("uq_article_id")),
    )
    op.create_index(op.f("ix_article_kind_key"), "article", ["kind", "key"], unique=False)
    op.create_index(
        op.f("ix_article_published_first_key"), "article", ["published_first", "key"], unique=False
    )
    op.create_index(
        op.f("ix_article_publisher_key_key"), "article", ["publisher_key", "key"], unique=False
    )
    op.create_index(op.f("ix_article_title_sort"), "article", ["title_sort"], unique=False)
    op.create_index(op.f("ix_article_year_key"), "article", ["year", "key"], unique=False)
    op.create_table(
        "place_name",
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_key"], ["place.key"], name=op.f("fk_place_name_place_key_place")
        ),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_place_name")),
    )
    op.create_index(op.f("ix_place_name_place_key"), "place_name", ["place_key"], unique=False)
    op.create_table(
        "place_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["place.key"], name=op.f("fk_place_text_key_place")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_place_text")),
    )
    op.create_table(
        "theme_name",
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_theme_name_theme_key_theme")
        ),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_theme_name")),
    )
    op.create_index(op.f("ix_theme_name_theme_key"), "theme_name", ["theme_key"], unique=False)
    op.create_table(
        "theme_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["theme.key"], name=op.f("fk_theme_text_key_theme")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_theme_text")),
    )
    op.create_table(
        "article_actor",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_article_actor_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_article_actor_article_key_article")
        ),
        sa.PrimaryKeyConstraint("actor_key", "article_key", name=op.f("pk_article_actor")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_article_actor_article_key"), "article_actor", ["article_key"], unique=False
    )
    op.create_table(
        "article_author",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_article_author_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_article_author_article_key_article")
        ),
        sa.PrimaryKeyConstraint("actor_key", "article_key", name=op.f("pk_article_author")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_article_author_article_key"), "article_author", ["article_key"], unique=False
    )
    op.create_table(
        "article_name",
        sa.Column("folded", ORDERED, nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_article_name_article_key_article")
        ),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_article_name")),
    )
    op.create_index(
        op.f("ix_article_name_article_key"), "article_name", ["article_key"], unique=False
    )
    op.create_table(
        "article_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_article_place_article_key_article")
        ),
        sa.ForeignKeyConstraint(
            ["place_key"], ["place.key"], name=op.f("fk_article_place_place_key_place")
        ),
        sa.PrimaryKeyConstraint("place_key", "article_key", name=op.f("pk_article_place")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_article_place_article_key"), "article_place", ["article_key"], unique=False
    )
    op.create_table(
        "article_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("text_document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["article.key"], name=op.f("fk_article_text_key_article")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_article_text")),
    )
    op.create_table(
        "article_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_article_theme_article_key_article")
        ),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_article_theme_theme_key_theme")
        ),
        sa.PrimaryKeyConstraint("theme_key", "article_key", name=op.f("pk_article_theme")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_article_theme_article_key"), "article_theme", ["article_key"], unique=False
    )
    op.create_table(
        "claim",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
        sa.Column("year", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("publisher_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("kind", ORDERED, nullable=False),
        sa.CheckConstraint(
            "confidence IN ('high', 'medium', 'low')", name=op.f("ck_claim_confidence")
        ),
        sa.CheckConstraint(
            "kind IN ('factual', 'causal', 'evaluative', 'predictive')", name=op.f("ck_claim_kind")
        ),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_claim_article_key_article")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_key"], ["actor.key"], name=op.f("fk_claim_publisher_key_actor")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claim")),
        sa.UniqueConstraint("id", name=op.f("uq_claim_id")),
    )
    op.create_index(
        op.f("ix_claim_article_key_number"), "claim", ["article_key", "number"], unique=True
    )
    op.create_index(op.f("ix_claim_kind_key"), "claim", ["kind", "key"], unique=False)
    op.create_index(
        op.f("ix_claim_published_first_key"), "claim", ["published_first", "key"], unique=False
    )
    op.create_index(
        op.f("ix_claim_publisher_key_key"), "claim", ["publisher_key", "key"], unique=False
    )
    op.create_index(op.f("ix_claim_year_key"), "claim", ["year", "key"], unique=False)
    op.create_table(
        "recommendation",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
        sa.Column("year", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("publisher_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.CheckConstraint(
            "action IN ('specific', 'general', 'considering', 'continuing')",
            name=op.f("ck_recommendation_action"),
        ),
        sa.CheckConstraint(
            "confidence IN ('high', 'medium', 'low')", name=op.f("ck_recommendation_confidence")
        ),
        sa.CheckConstraint(
            "strength IN ('must', 'should', 'could')", name=op.f("ck_recommendation_strength")
        ),
        sa.ForeignKeyConstraint(
            ["article_key"], ["article.key"], name=op.f("fk_recommendation_article_key_article")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_key"], ["actor.key"], name=op.f("fk_recommendation_publisher_key_actor")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("id", name=op.f("uq_recommendation_id")),
    )
    op.create_index(
        op.f("ix_recommendation_action_key"), "recommendation", ["action", "key"], unique=False
    )
    op.create_index(
        op.f("ix_recommendation_article_key_number"),
        "recommendation",
        ["article_key", "number"],
        unique=True,
    )
    op.create_index(
        op.f("ix_recommendation_explicit_key"), "recommendation", ["explicit", "key"], unique=False
    )
    op.create_index(
        op.f("ix_recommendation_published_first_key"),
        "recommendation",
        ["published_first", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recommendation_publisher_key_key"),
        "recommendation",
        ["publisher_key", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recommendation_strength_key"), "recommendation", ["strength", "key"], unique=False
    )
    op.create_index(
        op.f("ix_recommendation_year_key"), "recommendation", ["year", "key"], unique=False
    )
    op.create_table(
        "claim_about",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_claim_about_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_about_claim_key_claim")
        ),
        sa.PrimaryKeyConstraint("actor_key", "claim_key", name=op.f("pk_claim_about")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claim_about_claim_key"), "claim_about", ["claim_key"], unique=False)
    op.create_table(
        "claim_actor",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_claim_actor_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_actor_claim_key_claim")
        ),
        sa.PrimaryKeyConstraint("actor_key", "claim_key", name=op.f("pk_claim_actor")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claim_actor_claim_key"), "claim_actor", ["claim_key"], unique=False)
    op.create_table(
        "claim_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_place_claim_key_claim")
        ),
        sa.ForeignKeyConstraint(
            ["place_key"], ["place.key"], name=op.f("fk_claim_place_place_key_place")
        ),
        sa.PrimaryKeyConstraint("place_key", "claim_key", name=op.f("pk_claim_place")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claim_place_claim_key"), "claim_place", ["claim_key"], unique=False)
    op.create_table(
        "claim_relation",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.Column("other_key", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "type IN ('supports', 'supported-by', 'contradicts', 'qualifies', 'qualified-by')",
            name=op.f("ck_claim_relation_type"),
        ),
        sa.CheckConstraint("claim_key <> other_key", name=op.f("ck_claim_relation_not_itself")),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_relation_claim_key_claim")
        ),
        sa.ForeignKeyConstraint(
            ["other_key"], ["claim.key"], name=op.f("fk_claim_relation_other_key_claim")
        ),
        sa.PrimaryKeyConstraint("type", "claim_key", "other_key", name=op.f("pk_claim_relation")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_claim_relation_claim_key"), "claim_relation", ["claim_key"], unique=False
    )
    op.create_index(
        op.f("ix_claim_relation_other_key"), "claim_relation", ["other_key"], unique=False
    )
    op.create_table(
        "claim_source",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_claim_source_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_source_claim_key_claim")
        ),
        sa.PrimaryKeyConstraint("actor_key", "claim_key", name=op.f("pk_claim_source")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claim_source_claim_key"), "claim_source", ["claim_key"], unique=False)
    op.create_table(
        "claim_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("quote_start", sa.Integer(), nullable=False),
        sa.Column("quote_end", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("quote_sha256", sa.String(), nullable=False),
        sa.Column("coder", sa.String(), nullable=False),
        sa.Column("coded_on", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= quote_start AND quote_start < quote_end", name=op.f("ck_claim_text_span")
        ),
        sa.ForeignKeyConstraint(["key"], ["claim.key"], name=op.f("fk_claim_text_key_claim")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claim_text")),
    )
    op.create_table(
        "claim_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("published_first", ORDERED, nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_claim_theme_claim_key_claim")
        ),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_claim_theme_theme_key_theme")
        ),
        sa.PrimaryKeyConstraint("theme_key", "claim_key", name=op.f("pk_claim_theme")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claim_theme_claim_key"), "claim_theme", ["claim_key"], unique=False)
    op.create_index(
        op.f("ix_claim_theme_theme_key_published_first_claim_key"),
        "claim_theme",
        ["theme_key", "published_first", "claim_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_actor",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_recommendation_actor_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_actor_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "actor_key", "recommendation_key", name=op.f("pk_recommendation_actor")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_actor_recommendation_key"),
        "recommendation_actor",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_addressee",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_recommendation_addressee_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_addressee_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "actor_key", "recommendation_key", name=op.f("pk_recommendation_addressee")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_addressee_recommendation_key"),
        "recommendation_addressee",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_beneficiary",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_recommendation_beneficiary_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_beneficiary_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "actor_key", "recommendation_key", name=op.f("pk_recommendation_beneficiary")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_beneficiary_recommendation_key"),
        "recommendation_beneficiary",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_claim",
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_key"], ["claim.key"], name=op.f("fk_recommendation_claim_claim_key_claim")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_claim_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "claim_key", "recommendation_key", name=op.f("pk_recommendation_claim")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_claim_recommendation_key"),
        "recommendation_claim",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_key"], ["place.key"], name=op.f("fk_recommendation_place_place_key_place")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_place_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "place_key", "recommendation_key", name=op.f("pk_recommendation_place")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_place_recommendation_key"),
        "recommendation_place",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_source",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_key"], ["actor.key"], name=op.f("fk_recommendation_source_actor_key_actor")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_source_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint(
            "actor_key", "recommendation_key", name=op.f("pk_recommendation_source")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_source_recommendation_key"),
        "recommendation_source",
        ["recommendation_key"],
        unique=False,
    )
    op.create_table(
        "recommendation_text",
        sa.Column("stems", sa.String(), nullable=False),
        sa.Column("lexemes", LEXEMES, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("quote_start", sa.Integer(), nullable=False),
        sa.Column("quote_end", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("quote_sha256", sa.String(), nullable=False),
        sa.Column("coder", sa.String(), nullable=False),
        sa.Column("coded_on", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= quote_start AND quote_start < quote_end", name=op.f("ck_recommendation_text_span")
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["recommendation.key"], name=op.f("fk_recommendation_text_key_recommendation")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recommendation_text")),
    )
    op.create_table(
        "recommendation_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("published_first", ORDERED, nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_theme_recommendation_key_recommendation"),
        ),
        sa.ForeignKeyConstraint(
            ["theme_key"], ["theme.key"], name=op.f("fk_recommendation_theme_theme_key_theme")
        ),
        sa.PrimaryKeyConstraint(
            "theme_key", "recommendation_key", name=op.f("pk_recommendation_theme")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_recommendation_theme_recommendation_key"),
        "recommendation_theme",
        ["recommendation_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_recommendation_theme_theme_key_published_first_recommendation_key"),
        "recommendation_theme",
        ["theme_key", "published_first", "recommendation_key"],
        unique=False,
    )
    for name in SEARCHED:
        table = f"{name}_text"
        if on_sqlite:
            # app/query/search/words.py makes the tokens: letters, digits and the field separator.
            op.execute(
                f"CREATE VIRTUAL TABLE {table}_fts USING fts5(stems, lexemes, "
                f'content="{table}", content_rowid="key", tokenize="ascii tokenchars \'|\'")',
            )
        else:
            op.create_index(f"ix_{table}_lexemes", table, ["lexemes"], postgresql_using="gin")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SEARCHED:
            op.drop_table(f"{name}_text_fts")
    for table in TABLES:
        op.drop_table(table)
