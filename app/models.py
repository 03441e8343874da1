"""What we store: every table, all of them written by the seed and by nothing else.

Every row has two names. ``id`` is the public slug, which never changes meaning. ``key`` is a number given when the data
set is published, in the order of a list without `sort`: links are small, and an order by key comes straight from
an index, the same on SQLite and PostgreSQL whatever their collation. Links to themes and places are stored with those to everything
broader, so that one value's items are one range of an index; ``direct`` marks what was coded itself. Beside its columns, which
serve to filter, sort and count, a row keeps its ``document``: the JSON that is served, made once from ``schemas.py`` by the seed.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Dialect, Index, MetaData, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

SCHEMA = "0002"
"""The migration that this code's tables correspond to; a test compares it with the newest one."""

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
).naming_convention

# Text that decides an order compares by code point on both databases.
Ordered: Any = String().with_variant(String(collation="C"), "postgresql")


class Lexemes(TypeDecorator[Sequence[str]]):
    """What a row is found by: stems as they are and whole words behind `=`, each once.

    On PostgreSQL a `tsvector` of both. On SQLite the whole words as text: FTS5 indexes them beside the column ``stems``.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if dialect.name == "postgresql":  # a word is letters and digits only, so nothing in it ends the quotation
            return " ".join(f"'{word}'" for word in value)
        return " ".join(word[1:] for word in value if word.startswith("="))


def one_of(column: str, *values: str) -> CheckConstraint:
    """A named constraint: the column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Dataset(SQLModel, table=True):
    """The one published version: exactly one row."""

    __table_args__ = (CheckConstraint("key = 1", name="one_row"),)

    key: int = Field(primary_key=True)
    version: str
    digest: str
    document: str
    quality_document: str
    codebook: str | None


class Findable(SQLModel):
    """What full text finds a row by, made by ``app/search.py`` from what the row's document says.

    ``stems`` are the stemmed words of each searched field in reading order, for phrases and ranking; ``lexemes`` serve the index.
    """

    stems: str
    lexemes: Any = Field(sa_type=Lexemes, nullable=False)


def text_index(table: str) -> Index:
    """PostgreSQL's full-text index of a table; on SQLite the migrations create FTS5 tables instead."""
    return Index(f"ix_{table}_lexemes", "lexemes", postgresql_using="gin").ddl_if(dialect="postgresql")


class Theme(Findable, table=True):
    __table_args__ = (text_index("theme"),)

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    label: str
    label_fr: str
    label_sort: str = Field(sa_type=Ordered, index=True)
    definition: str
    definition_fr: str
    scope_note: str | None
    scope_note_fr: str | None
    broader_key: int | None = Field(foreign_key="theme.key", index=True)
    document: str


class ThemeName(SQLModel, table=True):
    """Everything a theme may be called in a query: its id, labels and alternative labels."""

    __tablename__: ClassVar[Any] = "theme_name"

    folded: str = Field(primary_key=True)
    name: str
    theme_key: int = Field(foreign_key="theme.key", index=True)


class Place(Findable, table=True):
    __table_args__ = (
        text_index("place"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    name: str
    name_fr: str
    name_sort: str = Field(sa_type=Ordered, index=True)
    kind: str = Field(index=True)
    iso: str | None = Field(unique=True)
    part_of_key: int | None = Field(foreign_key="place.key", index=True)
    latitude: float | None
    longitude: float | None
    document: str


class PlaceName(SQLModel, table=True):
    """Everything a place may be called in a query: its id, names, ISO code and aliases."""

    __tablename__: ClassVar[Any] = "place_name"

    folded: str = Field(primary_key=True)
    name: str
    place_key: int = Field(foreign_key="place.key", index=True)


class Actor(Findable, table=True):
    __table_args__ = (text_index("actor"),)

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    name: str
    name_sort: str = Field(sa_type=Ordered, index=True)
    kind: str = Field(sa_type=Ordered, index=True)
    part_of_key: int | None = Field(foreign_key="actor.key", index=True)
    pseudonym: bool
    description: str | None
    document: str


class ActorName(SQLModel, table=True):
    """Everything an actor may be called in a query: its id, name and aliases."""

    __tablename__: ClassVar[Any] = "actor_name"

    folded: str = Field(primary_key=True)
    name: str
    actor_key: int = Field(foreign_key="actor.key", index=True)


class Dated(SQLModel):
    """When a brief was published; on its claims and recommendations too, so that they sort and filter without a join.

    ``published`` may be a year, a month or a day (ISO 8601); ``published_first`` and ``published_last`` are the first and
    last day it can mean, ``year`` its year; all three are empty where the date is unknown.
    """

    published_first: str = Field(sa_type=Ordered, index=True)
    published_last: str = Field(sa_type=Ordered)
    year: str = Field(index=True)


class Article(Findable, Dated, table=True):
    __table_args__ = (text_index("article"),)

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    title: str
    title_sort: str = Field(sa_type=Ordered, index=True)
    publisher_key: int = Field(foreign_key="actor.key", index=True)
    published: str | None
    kind: str = Field(index=True)
    language: str
    url: str | None
    source_sha256: str
    body: str
    body_sha256: str
    document: str
    text_document: str


class ArticleAuthor(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "article_author"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    position: int


class Annotation(Findable, Dated):
    """What claims and recommendations share: a statement and the exact words it stands on.

    ``quote_start`` and ``quote_end`` count Unicode code points of the article's body, as the W3C Web Annotation
    TextPositionSelector does; ``quote_sha256`` is the digest of the quote's UTF-8 bytes.
    """

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    article_key: int = Field(foreign_key="article.key", index=True)
    publisher_key: int = Field(foreign_key="actor.key", index=True)
    number: int
    statement: str
    quote: str
    quote_start: int
    quote_end: int
    paragraph: int
    quote_sha256: str
    confidence: str
    coder: str
    coded_on: str
    note: str | None
    document: str


class Claim(Annotation, table=True):
    __table_args__ = (
        text_index("claim"),
        one_of("kind", "factual", "causal", "evaluative", "predictive"),
        one_of("confidence", "high", "medium", "low"),
        CheckConstraint("0 <= quote_start AND quote_start < quote_end", name="span"),
        Index(None, "article_key", "number", unique=True),
    )

    kind: str = Field(sa_type=Ordered, index=True)


class ClaimSource(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_source"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimAbout(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_about"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimTheme(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_theme"

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    direct: bool


class ClaimPlace(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_place"

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    direct: bool


class ClaimActor(SQLModel, table=True):
    """The actors with any role in a claim."""

    __tablename__: ClassVar[Any] = "claim_actor"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimRelation(SQLModel, table=True):
    """How one claim bears on another. Each relation is two rows, one seen from either claim."""

    __tablename__: ClassVar[Any] = "claim_relation"
    __table_args__ = (
        one_of("type", "supports", "supported-by", "contradicts", "qualifies", "qualified-by"),
        CheckConstraint("claim_key <> other_key", name="not_itself"),
    )

    type: str = Field(primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    other_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    note: str | None


class Recommendation(Annotation, table=True):
    __table_args__ = (
        text_index("recommendation"),
        one_of("strength", "must", "should", "could"),
        one_of("action", "specific", "general", "considering", "continuing"),
        one_of("confidence", "high", "medium", "low"),
        CheckConstraint("0 <= quote_start AND quote_start < quote_end", name="span"),
        Index(None, "article_key", "number", unique=True),
    )

    strength: str = Field(index=True)
    explicit: bool
    action: str = Field(index=True)


class RecommendationSource(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_source"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationAddressee(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_addressee"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationBeneficiary(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_beneficiary"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationTheme(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_theme"

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)
    direct: bool


class RecommendationPlace(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_place"

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)
    direct: bool


class RecommendationActor(SQLModel, table=True):
    """The actors with any role in a recommendation."""

    __tablename__: ClassVar[Any] = "recommendation_actor"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationClaim(SQLModel, table=True):
    """The claims of the same article that a recommendation is based on."""

    __tablename__: ClassVar[Any] = "recommendation_claim"

    claim_key: int = Field(foreign_key="claim.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class ArticleTheme(SQLModel, table=True):
    """The themes of the claims and recommendations in an article."""

    __tablename__: ClassVar[Any] = "article_theme"

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    direct: bool


class ArticlePlace(SQLModel, table=True):
    """The places of the claims and recommendations in an article."""

    __tablename__: ClassVar[Any] = "article_place"

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    direct: bool


class ArticleActor(SQLModel, table=True):
    """The actors with any role in an article, its authors and publisher among them."""

    __tablename__: ClassVar[Any] = "article_actor"

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)


class ActorTheme(SQLModel, table=True):
    """The themes of the claims and recommendations in which an actor has a role."""

    __tablename__: ClassVar[Any] = "actor_theme"

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    actor_key: int = Field(foreign_key="actor.key", primary_key=True, index=True)
    direct: bool


class ActorPlace(SQLModel, table=True):
    """The places of the claims and recommendations in which an actor has a role."""

    __tablename__: ClassVar[Any] = "actor_place"

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    actor_key: int = Field(foreign_key="actor.key", primary_key=True, index=True)
    direct: bool
