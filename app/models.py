"""What we store: every table, all of them written by the seed and by nothing else.

Every row has two names. ``id`` is the public slug, which never changes meaning. ``key`` is a number given when the data
set is published, in the order of a list without `sort`: links are small, and an order by key comes straight from
an index, the same on SQLite and PostgreSQL whatever their collation. Links to themes and places are stored with those to everything
broader, so that one value's items are one range of an index; ``direct`` marks what was coded itself.

An item is two rows with one key. The one in ``claim`` is narrow: its columns serve to filter, sort and count, and a hundred of them
are read at once. The one in ``claim_text`` holds its words and its ``document``: the JSON that is served, made once from
``schemas.py`` by the seed; it is read only for what is shown.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Dialect, Index, MetaData, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

SCHEMA = "initial"
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
        if (
            dialect.name == "postgresql"
        ):  # a word is letters and digits only, so nothing in it ends the quotation
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


class ItemText(SQLModel):
    """What is shown of an item, and what full text finds it by, made by ``app/texts.py`` from what the document says.

    ``stems`` are the stemmed words of each searched field in reading order, for phrases and ranking; ``lexemes`` serve the index.
    """

    stems: str
    lexemes: Any = Field(sa_type=Lexemes, nullable=False)
    document: str


def text_index(table: str) -> Index:
    """PostgreSQL's full-text index of a table; on SQLite the migrations create FTS5 tables instead."""
    return Index(f"ix_{table}_lexemes", "lexemes", postgresql_using="gin").ddl_if(
        dialect="postgresql"
    )


def in_order(*columns: str) -> Index:
    """An index whose entries with equal values are in the order of a list."""
    return Index(None, *columns, "key")


LINK: Any = {"sqlite_with_rowid": False}
"""A link table is its own index: both columns are its key, in the order in which they are asked for."""


class Count(SQLModel, table=True):
    """How many items of a collection have a value of one of its dimensions, counted when the data set is published.

    ``collection`` and ``dimension`` are the names that a query uses; the number of all items has no dimension and no value, the
    number of those without any value of a dimension no value. ``narrower`` tells whether themes and places count for everything
    broader too.
    """

    __table_args__ = ({"sqlite_with_rowid": False},)

    collection: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    narrower: bool = Field(primary_key=True)
    value: str = Field(primary_key=True)
    number: int


class Crosstab(SQLModel, table=True):
    """How many items of a collection have two values, counted when the data set is published: of themes and everything else.

    Each pair is two rows, one seen from either value. Themes and places count for everything broader too. Pairs that no item has
    are left out.
    """

    __table_args__ = ({"sqlite_with_rowid": False},)

    collection: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    other_value: str = Field(primary_key=True)
    number: int


class Theme(SQLModel, table=True):
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


class ThemeName(SQLModel, table=True):
    """Everything a theme may be called in a query: its id, labels and alternative labels."""

    __tablename__: ClassVar[Any] = "theme_name"

    folded: str = Field(primary_key=True)
    name: str
    theme_key: int = Field(foreign_key="theme.key", index=True)


class ThemeText(ItemText, table=True):
    __tablename__: ClassVar[Any] = "theme_text"
    __table_args__ = (text_index("theme_text"),)

    key: int = Field(primary_key=True, foreign_key="theme.key")


class Place(SQLModel, table=True):
    __table_args__ = (
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


class PlaceName(SQLModel, table=True):
    """Everything a place may be called in a query: its id, names, ISO code and aliases."""

    __tablename__: ClassVar[Any] = "place_name"

    folded: str = Field(primary_key=True)
    name: str
    place_key: int = Field(foreign_key="place.key", index=True)


class PlaceText(ItemText, table=True):
    __tablename__: ClassVar[Any] = "place_text"
    __table_args__ = (text_index("place_text"),)

    key: int = Field(primary_key=True, foreign_key="place.key")


class Actor(SQLModel, table=True):
    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    name: str
    name_sort: str = Field(sa_type=Ordered, index=True)
    kind: str = Field(sa_type=Ordered, index=True)
    part_of_key: int | None = Field(foreign_key="actor.key", index=True)
    pseudonym: bool
    description: str | None


class ActorName(SQLModel, table=True):
    """Everything an actor may be called in a query: its id, name and aliases."""

    __tablename__: ClassVar[Any] = "actor_name"

    folded: str = Field(primary_key=True)
    name: str
    actor_key: int = Field(foreign_key="actor.key", index=True)


class ActorText(ItemText, table=True):
    __tablename__: ClassVar[Any] = "actor_text"
    __table_args__ = (text_index("actor_text"),)

    key: int = Field(primary_key=True, foreign_key="actor.key")


class Dated(SQLModel):
    """When a brief was published; on its claims and recommendations too, so that they sort and filter without a join.

    ``published`` may be a year, a month or a day (ISO 8601); ``published_first`` and ``published_last`` are the first and
    last day it can mean, ``year`` its year; all three are empty where the date is unknown.
    """

    published_first: str = Field(sa_type=Ordered)
    published_last: str = Field(sa_type=Ordered)
    year: str


class Article(Dated, table=True):
    __table_args__ = (
        in_order("published_first"),
        in_order("year"),
        in_order("publisher_key"),
        in_order("kind"),
    )

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    title: str
    title_sort: str = Field(sa_type=Ordered, index=True)
    publisher_key: int = Field(foreign_key="actor.key")
    published: str | None
    kind: str
    language: str
    url: str | None
    source_sha256: str
    body_sha256: str


class ArticleText(ItemText, table=True):
    __tablename__: ClassVar[Any] = "article_text"
    __table_args__ = (text_index("article_text"),)

    key: int = Field(primary_key=True, foreign_key="article.key")
    body: str
    text_document: str


class ArticleName(SQLModel, table=True):
    """Everything an article may be called in a query: its id and title."""

    __tablename__: ClassVar[Any] = "article_name"

    folded: str = Field(primary_key=True, sa_type=Ordered)
    article_key: int = Field(foreign_key="article.key", index=True)


class ArticleAuthor(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "article_author"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    position: int


class Annotation(Dated):
    """What claims and recommendations share."""

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)
    article_key: int = Field(foreign_key="article.key")
    publisher_key: int = Field(foreign_key="actor.key")
    number: int
    confidence: str


class Statement(ItemText):
    """What an annotation says, and the exact words it stands on.

    ``quote_start`` and ``quote_end`` count Unicode code points of the article's body, as the W3C Web Annotation
    TextPositionSelector does; ``quote_sha256`` is the digest of the quote's UTF-8 bytes.
    """

    statement: str
    quote: str
    quote_start: int
    quote_end: int
    paragraph: int
    quote_sha256: str
    coder: str
    coded_on: str
    note: str | None


class Claim(Annotation, table=True):
    __table_args__ = (
        one_of("kind", "factual", "causal", "evaluative", "predictive"),
        one_of("confidence", "high", "medium", "low"),
        Index(None, "article_key", "number", unique=True),
        in_order("kind"),
        in_order("year"),
        in_order("publisher_key"),
        in_order("published_first"),
    )

    kind: str = Field(sa_type=Ordered)


class ClaimText(Statement, table=True):
    __tablename__: ClassVar[Any] = "claim_text"
    __table_args__ = (
        text_index("claim_text"),
        CheckConstraint("0 <= quote_start AND quote_start < quote_end", name="span"),
    )

    key: int = Field(primary_key=True, foreign_key="claim.key")


class ClaimSource(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_source"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimAbout(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_about"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimTheme(SQLModel, table=True):
    """With the date besides, so that the newest on a theme come straight from an index."""

    __tablename__: ClassVar[Any] = "claim_theme"
    __table_args__ = (Index(None, "theme_key", "published_first", "claim_key"), LINK)

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    direct: bool
    published_first: str = Field(sa_type=Ordered)


class ClaimPlace(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "claim_place"
    __table_args__ = LINK

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    direct: bool


class ClaimActor(SQLModel, table=True):
    """The actors with any role in a claim."""

    __tablename__: ClassVar[Any] = "claim_actor"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class ClaimRelation(SQLModel, table=True):
    """How one claim bears on another. Each relation is two rows, one seen from either claim."""

    __tablename__: ClassVar[Any] = "claim_relation"
    __table_args__ = (
        one_of("type", "supports", "supported-by", "contradicts", "qualifies", "qualified-by"),
        CheckConstraint("claim_key <> other_key", name="not_itself"),
        LINK,
    )

    type: str = Field(primary_key=True)
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    other_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)
    note: str | None


class Recommendation(Annotation, table=True):
    __table_args__ = (
        one_of("strength", "must", "should", "could"),
        one_of("action", "specific", "general", "considering", "continuing"),
        one_of("confidence", "high", "medium", "low"),
        Index(None, "article_key", "number", unique=True),
        in_order("strength"),
        in_order("action"),
        in_order("explicit"),
        in_order("year"),
        in_order("publisher_key"),
        in_order("published_first"),
    )

    strength: str
    explicit: bool
    action: str


class RecommendationText(Statement, table=True):
    __tablename__: ClassVar[Any] = "recommendation_text"
    __table_args__ = (
        text_index("recommendation_text"),
        CheckConstraint("0 <= quote_start AND quote_start < quote_end", name="span"),
    )

    key: int = Field(primary_key=True, foreign_key="recommendation.key")


class RecommendationSource(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_source"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationAddressee(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_addressee"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationBeneficiary(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_beneficiary"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationTheme(SQLModel, table=True):
    """With the date besides, so that the newest on a theme come straight from an index."""

    __tablename__: ClassVar[Any] = "recommendation_theme"
    __table_args__ = (Index(None, "theme_key", "published_first", "recommendation_key"), LINK)

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)
    direct: bool
    published_first: str = Field(sa_type=Ordered)


class RecommendationPlace(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "recommendation_place"
    __table_args__ = LINK

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)
    direct: bool


class RecommendationActor(SQLModel, table=True):
    """The actors with any role in a recommendation."""

    __tablename__: ClassVar[Any] = "recommendation_actor"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class RecommendationClaim(SQLModel, table=True):
    """The claims of the same article that a recommendation is based on."""

    __tablename__: ClassVar[Any] = "recommendation_claim"
    __table_args__ = LINK

    claim_key: int = Field(foreign_key="claim.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class ArticleTheme(SQLModel, table=True):
    """The themes of the claims and recommendations in an article."""

    __tablename__: ClassVar[Any] = "article_theme"
    __table_args__ = LINK

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    direct: bool


class ArticlePlace(SQLModel, table=True):
    """The places of the claims and recommendations in an article."""

    __tablename__: ClassVar[Any] = "article_place"
    __table_args__ = LINK

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)
    direct: bool


class ArticleActor(SQLModel, table=True):
    """The actors with any role in an article, its authors and publisher among them."""

    __tablename__: ClassVar[Any] = "article_actor"
    __table_args__ = LINK

    actor_key: int = Field(foreign_key="actor.key", primary_key=True)
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)


class ActorTheme(SQLModel, table=True):
    """The themes of the claims and recommendations in which an actor has a role."""

    __tablename__: ClassVar[Any] = "actor_theme"
    __table_args__ = LINK

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    actor_key: int = Field(foreign_key="actor.key", primary_key=True, index=True)
    direct: bool


class ActorPlace(SQLModel, table=True):
    """The places of the claims and recommendations in which an actor has a role."""

    __tablename__: ClassVar[Any] = "actor_place"
    __table_args__ = LINK

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    actor_key: int = Field(foreign_key="actor.key", primary_key=True, index=True)
    direct: bool
