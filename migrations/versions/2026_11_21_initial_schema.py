"""The tables of the first version."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
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
        sa.Column("document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["part_of_key"], ["actor.key"], name=op.f("fk_actor_part_of_key_actor")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_actor")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_id")),
    )
    op.create_index(op.f("ix_actor_kind"), "actor", ["kind"], unique=False)
    op.create_index(op.f("ix_actor_name_sort"), "actor", ["name_sort"], unique=False)
    op.create_index(op.f("ix_actor_part_of_key"), "actor", ["part_of_key"], unique=False)

    op.create_table(
        "dataset",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("quality_document", sa.String(), nullable=False),
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
        sa.Column("document", sa.String(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_place_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_place_longitude")),
        sa.ForeignKeyConstraint(["part_of_key"], ["place.key"], name=op.f("fk_place_part_of_key_place")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_place")),
        sa.UniqueConstraint("id", name=op.f("uq_place_id")),
        sa.UniqueConstraint("iso", name=op.f("uq_place_iso")),
    )
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
        sa.Column("document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["broader_key"], ["theme.key"], name=op.f("fk_theme_broader_key_theme")),
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
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_actor_name_actor_key_actor")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_actor_name")),
    )
    op.create_index(op.f("ix_actor_name_actor_key"), "actor_name", ["actor_key"], unique=False)

    op.create_table(
        "article",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
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
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_sha256", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("text_document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["publisher_key"], ["actor.key"], name=op.f("fk_article_publisher_key_actor")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_article")),
        sa.UniqueConstraint("id", name=op.f("uq_article_id")),
    )
    op.create_index(op.f("ix_article_kind"), "article", ["kind"], unique=False)
    op.create_index(op.f("ix_article_published_first"), "article", ["published_first"], unique=False)
    op.create_index(op.f("ix_article_publisher_key"), "article", ["publisher_key"], unique=False)
    op.create_index(op.f("ix_article_title_sort"), "article", ["title_sort"], unique=False)

    op.create_table(
        "place_name",
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_key"], ["place.key"], name=op.f("fk_place_name_place_key_place")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_place_name")),
    )
    op.create_index(op.f("ix_place_name_place_key"), "place_name", ["place_key"], unique=False)

    op.create_table(
        "theme_name",
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["theme_key"], ["theme.key"], name=op.f("fk_theme_name_theme_key_theme")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_theme_name")),
    )
    op.create_index(op.f("ix_theme_name_theme_key"), "theme_name", ["theme_key"], unique=False)

    op.create_table(
        "article_author",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_article_author_actor_key_actor")),
        sa.ForeignKeyConstraint(["article_key"], ["article.key"], name=op.f("fk_article_author_article_key_article")),
        sa.PrimaryKeyConstraint("actor_key", "article_key", name=op.f("pk_article_author")),
    )
    op.create_index(op.f("ix_article_author_article_key"), "article_author", ["article_key"], unique=False)

    op.create_table(
        "claim",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("quote_start", sa.Integer(), nullable=False),
        sa.Column("quote_end", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("quote_sha256", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("coder", sa.String(), nullable=False),
        sa.Column("coded_on", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("kind", ORDERED, nullable=False),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'low')", name=op.f("ck_claim_confidence")),
        sa.CheckConstraint("kind IN ('factual', 'causal', 'evaluative', 'predictive')", name=op.f("ck_claim_kind")),
        sa.CheckConstraint("0 <= quote_start AND quote_start < quote_end", name=op.f("ck_claim_span")),
        sa.ForeignKeyConstraint(["article_key"], ["article.key"], name=op.f("fk_claim_article_key_article")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claim")),
        sa.UniqueConstraint("id", name=op.f("uq_claim_id")),
    )
    op.create_index(op.f("ix_claim_article_key"), "claim", ["article_key"], unique=False)
    op.create_index(op.f("ix_claim_article_key_number"), "claim", ["article_key", "number"], unique=True)
    op.create_index(op.f("ix_claim_kind"), "claim", ["kind"], unique=False)
    op.create_index(op.f("ix_claim_published_first"), "claim", ["published_first"], unique=False)

    op.create_table(
        "recommendation",
        sa.Column("published_first", ORDERED, nullable=False),
        sa.Column("published_last", ORDERED, nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("quote_start", sa.Integer(), nullable=False),
        sa.Column("quote_end", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("quote_sha256", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("coder", sa.String(), nullable=False),
        sa.Column("coded_on", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.CheckConstraint("action IN ('specific', 'general', 'considering', 'continuing')", name=op.f("ck_recommendation_action")),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'low')", name=op.f("ck_recommendation_confidence")),
        sa.CheckConstraint("strength IN ('must', 'should', 'could')", name=op.f("ck_recommendation_strength")),
        sa.CheckConstraint("0 <= quote_start AND quote_start < quote_end", name=op.f("ck_recommendation_span")),
        sa.ForeignKeyConstraint(["article_key"], ["article.key"], name=op.f("fk_recommendation_article_key_article")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("id", name=op.f("uq_recommendation_id")),
    )
    op.create_index(op.f("ix_recommendation_action"), "recommendation", ["action"], unique=False)
    op.create_index(op.f("ix_recommendation_article_key"), "recommendation", ["article_key"], unique=False)
    op.create_index(op.f("ix_recommendation_article_key_number"), "recommendation", ["article_key", "number"], unique=True)
    op.create_index(op.f("ix_recommendation_published_first"), "recommendation", ["published_first"], unique=False)
    op.create_index(op.f("ix_recommendation_strength"), "recommendation", ["strength"], unique=False)

    op.create_table(
        "claim_about",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_claim_about_actor_key_actor")),
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_claim_about_claim_key_claim")),
        sa.PrimaryKeyConstraint("actor_key", "claim_key", name=op.f("pk_claim_about")),
    )
    op.create_index(op.f("ix_claim_about_claim_key"), "claim_about", ["claim_key"], unique=False)

    op.create_table(
        "claim_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_claim_place_claim_key_claim")),
        sa.ForeignKeyConstraint(["place_key"], ["place.key"], name=op.f("fk_claim_place_place_key_place")),
        sa.PrimaryKeyConstraint("place_key", "claim_key", name=op.f("pk_claim_place")),
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
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_claim_relation_claim_key_claim")),
        sa.ForeignKeyConstraint(["other_key"], ["claim.key"], name=op.f("fk_claim_relation_other_key_claim")),
        sa.PrimaryKeyConstraint("type", "claim_key", "other_key", name=op.f("pk_claim_relation")),
    )
    op.create_index(op.f("ix_claim_relation_claim_key"), "claim_relation", ["claim_key"], unique=False)
    op.create_index(op.f("ix_claim_relation_other_key"), "claim_relation", ["other_key"], unique=False)

    op.create_table(
        "claim_source",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_claim_source_actor_key_actor")),
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_claim_source_claim_key_claim")),
        sa.PrimaryKeyConstraint("actor_key", "claim_key", name=op.f("pk_claim_source")),
    )
    op.create_index(op.f("ix_claim_source_claim_key"), "claim_source", ["claim_key"], unique=False)

    op.create_table(
        "claim_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("claim_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_claim_theme_claim_key_claim")),
        sa.ForeignKeyConstraint(["theme_key"], ["theme.key"], name=op.f("fk_claim_theme_theme_key_theme")),
        sa.PrimaryKeyConstraint("theme_key", "claim_key", name=op.f("pk_claim_theme")),
    )
    op.create_index(op.f("ix_claim_theme_claim_key"), "claim_theme", ["claim_key"], unique=False)

    op.create_table(
        "recommendation_addressee",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_recommendation_addressee_actor_key_actor")),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_addressee_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint("actor_key", "recommendation_key", name=op.f("pk_recommendation_addressee")),
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
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_recommendation_beneficiary_actor_key_actor")),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_beneficiary_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint("actor_key", "recommendation_key", name=op.f("pk_recommendation_beneficiary")),
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
        sa.ForeignKeyConstraint(["claim_key"], ["claim.key"], name=op.f("fk_recommendation_claim_claim_key_claim")),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_claim_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint("claim_key", "recommendation_key", name=op.f("pk_recommendation_claim")),
    )
    op.create_index(
        op.f("ix_recommendation_claim_recommendation_key"), "recommendation_claim", ["recommendation_key"], unique=False
    )

    op.create_table(
        "recommendation_place",
        sa.Column("place_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_key"], ["place.key"], name=op.f("fk_recommendation_place_place_key_place")),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_place_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint("place_key", "recommendation_key", name=op.f("pk_recommendation_place")),
    )
    op.create_index(
        op.f("ix_recommendation_place_recommendation_key"), "recommendation_place", ["recommendation_key"], unique=False
    )

    op.create_table(
        "recommendation_source",
        sa.Column("actor_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_key"], ["actor.key"], name=op.f("fk_recommendation_source_actor_key_actor")),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_source_recommendation_key_recommendation"),
        ),
        sa.PrimaryKeyConstraint("actor_key", "recommendation_key", name=op.f("pk_recommendation_source")),
    )
    op.create_index(
        op.f("ix_recommendation_source_recommendation_key"),
        "recommendation_source",
        ["recommendation_key"],
        unique=False,
    )

    op.create_table(
        "recommendation_theme",
        sa.Column("theme_key", sa.Integer(), nullable=False),
        sa.Column("recommendation_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_key"],
            ["recommendation.key"],
            name=op.f("fk_recommendation_theme_recommendation_key_recommendation"),
        ),
        sa.ForeignKeyConstraint(["theme_key"], ["theme.key"], name=op.f("fk_recommendation_theme_theme_key_theme")),
        sa.PrimaryKeyConstraint("theme_key", "recommendation_key", name=op.f("pk_recommendation_theme")),
    )
    op.create_index(
        op.f("ix_recommendation_theme_recommendation_key"), "recommendation_theme", ["recommendation_key"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_recommendation_theme_recommendation_key"), table_name="recommendation_theme")

    op.drop_table("recommendation_theme")
    op.drop_index(op.f("ix_recommendation_source_recommendation_key"), table_name="recommendation_source")

    op.drop_table("recommendation_source")
    op.drop_index(op.f("ix_recommendation_place_recommendation_key"), table_name="recommendation_place")

    op.drop_table("recommendation_place")
    op.drop_index(op.f("ix_recommendation_claim_recommendation_key"), table_name="recommendation_claim")

    op.drop_table("recommendation_claim")
    op.drop_index(op.f("ix_recommendation_beneficiary_recommendation_key"), table_name="recommendation_beneficiary")

    op.drop_table("recommendation_beneficiary")
    op.drop_index(op.f("ix_recommendation_addressee_recommendation_key"), table_name="recommendation_addressee")

    op.drop_table("recommendation_addressee")
    op.drop_index(op.f("ix_claim_theme_claim_key"), table_name="claim_theme")

    op.drop_table("claim_theme")
    op.drop_index(op.f("ix_claim_source_claim_key"), table_name="claim_source")

    op.drop_table("claim_source")
    op.drop_index(op.f("ix_claim_relation_other_key"), table_name="claim_relation")
    op.drop_index(op.f("ix_claim_relation_claim_key"), table_name="claim_relation")

    op.drop_table("claim_relation")
    op.drop_index(op.f("ix_claim_place_claim_key"), table_name="claim_place")

    op.drop_table("claim_place")
    op.drop_index(op.f("ix_claim_about_claim_key"), table_name="claim_about")

    op.drop_table("claim_about")
    op.drop_index(op.f("ix_recommendation_strength"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_published_first"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_article_key_number"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_article_key"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_action"), table_name="recommendation")

    op.drop_table("recommendation")
    op.drop_index(op.f("ix_claim_published_first"), table_name="claim")
    op.drop_index(op.f("ix_claim_kind"), table_name="claim")
    op.drop_index(op.f("ix_claim_article_key_number"), table_name="claim")
    op.drop_index(op.f("ix_claim_article_key"), table_name="claim")

    op.drop_table("claim")
    op.drop_index(op.f("ix_article_author_article_key"), table_name="article_author")

    op.drop_table("article_author")
    op.drop_index(op.f("ix_theme_name_theme_key"), table_name="theme_name")

    op.drop_table("theme_name")
    op.drop_index(op.f("ix_place_name_place_key"), table_name="place_name")

    op.drop_table("place_name")
    op.drop_index(op.f("ix_article_title_sort"), table_name="article")
    op.drop_index(op.f("ix_article_publisher_key"), table_name="article")
    op.drop_index(op.f("ix_article_published_first"), table_name="article")
    op.drop_index(op.f("ix_article_kind"), table_name="article")

    op.drop_table("article")
    op.drop_index(op.f("ix_actor_name_actor_key"), table_name="actor_name")

    op.drop_table("actor_name")
    op.drop_index(op.f("ix_theme_label_sort"), table_name="theme")
    op.drop_index(op.f("ix_theme_broader_key"), table_name="theme")

    op.drop_table("theme")
    op.drop_index(op.f("ix_place_part_of_key"), table_name="place")
    op.drop_index(op.f("ix_place_name_sort"), table_name="place")

    op.drop_table("place")
    op.drop_table("dataset")
    op.drop_index(op.f("ix_actor_part_of_key"), table_name="actor")
    op.drop_index(op.f("ix_actor_name_sort"), table_name="actor")
    op.drop_index(op.f("ix_actor_kind"), table_name="actor")

    op.drop_table("actor")
