"""What we store: every table. Only the seed writes them.

Each row has two names. ``id`` is the public id and never changes its meaning. ``key`` is a number
that publishing assigns in the default order of lists. So links are small, and an index has the
default order, which is the same on SQLite and PostgreSQL whatever their collation.

Link tables of themes and places also link each item to everything broader, so that the items of
a value are one range of an index. ``direct`` marks the values that the item was coded with.

An item is two rows with one key. The row in ``claim`` is narrow: its columns filter, sort and
count, and one page of the file holds about a hundred. The row in ``claim_text`` has the words and
the ``document``, which is the published JSON. The seed renders it from ``schemas.py``; it is read
only for the items in the response.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Dialect, Index, MetaData, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

SCHEMA = "initial"
"""The migration that creates these tables. A test compares it with the newest one."""

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
).naming_convention

SortedText: Any = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code point on both databases."""

WITHOUT_ROWID: Any = {"sqlite_with_rowid": False}
"""Has SQLite store the rows in the index of the primary key, without a second tree."""


class Lexemes(TypeDecorator[Sequence[str]]):
    """The words of a row for the full-text index: stems, and whole words with `=` before them.

    PostgreSQL stores a `tsvector` of both. SQLite stores the whole words as text, and FTS5 indexes
    them together with the column ``stems``.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            # Words have only letters and digits, so none can end the quotation.
            return " ".join(f"'{word}'" for word in value)
        return " ".join(word[1:] for word in value if word.startswith("="))


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the constraint that a column has one of some values."""
    choices = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({choices})", name=column)


def in_order(*columns: str) -> Index:
    """Return an index whose rows with equal values are in the default order of lists."""
    return Index(None, *columns, "key")


class BaseTable(SQLModel):
    """A table with the name of its class: ``ClaimTheme`` is ``claim_theme``."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        return re.sub("(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()


class ItemTable(BaseTable):
    """The columns that the tables of all items share."""

    key: int = Field(primary_key=True)
    id: str = Field(unique=True)


class ItemText(BaseTable):
    """The document of an item, and the words by which full text finds it.

    ``stems`` has the stemmed words of each searched field in reading order, for phrases, ranking
    and highlights. ``lexemes`` is for the full-text index.
    """

    stems: str
    lexemes: Any = Field(sa_type=Lexemes, nullable=False)
    document: str

    @declared_attr.directive
    def __table_args__(cls) -> Sequence[Any]:  # noqa: N805
        # The migration creates FTS5 tables for SQLite instead.
        name = f"ix_{cls.__tablename__}_lexemes"
        index = Index(name, "lexemes", postgresql_using="gin")
        return (index.ddl_if(dialect="postgresql"),)


class EntryName(BaseTable):
    """A name that a query may use for an entry of a vocabulary."""

    folded: str = Field(primary_key=True)
    name: str


class Link(BaseTable):
    """A link between two items. The table is its own index, in the order of its primary key.

    Most link tables combine two of the classes below. ``To…`` has the first column of the primary
    key, by which filters find the items. ``Of…`` has the second one: the item.
    """

    __table_args__: ClassVar[Any] = WITHOUT_ROWID


class ToTheme(Link):
    """The themes of an item, and all broader ones."""

    theme_key: int = Field(foreign_key="theme.key", primary_key=True)
    direct: bool


class ToPlace(Link):
    """The places of an item, and all that contain them."""

    place_key: int = Field(foreign_key="place.key", primary_key=True)
    direct: bool


class ToActor(Link):
    actor_key: int = Field(foreign_key="actor.key", primary_key=True)


class OfArticle(Link):
    article_key: int = Field(foreign_key="article.key", primary_key=True, index=True)


class OfActor(Link):
    actor_key: int = Field(foreign_key="actor.key", primary_key=True, index=True)


class OfClaim(Link):
    claim_key: int = Field(foreign_key="claim.key", primary_key=True, index=True)


class OfRecommendation(Link):
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class Dataset(BaseTable, table=True):
    """The published version: exactly one row."""

    __table_args__ = (CheckConstraint("key = 1", name="one_row"),)

    key: int = Field(primary_key=True)
    version: str
    digest: str
    document: str
    quality_document: str
    codebook: str | None


class Count(BaseTable, table=True):
    """How many items of a collection have a value of a dimension, counted when publishing.

    ``collection`` and ``dimension`` are the names in queries. The number of all items has neither
    dimension nor value; the number of items without any value of a dimension has no value.
    ``narrower`` says whether an item counts for everything broader than its values too.
    """

    __table_args__ = WITHOUT_ROWID

    collection: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    narrower: bool = Field(primary_key=True)
    value: str = Field(primary_key=True)
    number: int


class Crosstab(BaseTable, table=True):
    """How many items of a collection have both a theme and another value, counted when publishing.

    Each pair of values is stored in both orders. An item counts for everything broader than its
    themes and places too. Pairs without items are left out.
    """

    __table_args__ = WITHOUT_ROWID

    collection: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    other_value: str = Field(primary_key=True)
    number: int


class Theme(ItemTable, table=True):
    label: str
    label_fr: str
    label_sort: str = Field(sa_type=SortedText, index=True)
    definition: str
    definition_fr: str
    scope_note: str | None
    scope_note_fr: str | None
    broader_key: int | None = Field(foreign_key="theme.key", index=True)


class ThemeName(EntryName, table=True):
    """A name of a theme: its id, a label or an alternative label."""

    theme_key: int = Field(foreign_key="theme.key", index=True)


class ThemeText(ItemText, table=True):
    key: int = Field(primary_key=True, foreign_key="theme.key")


class Place(ItemTable, table=True):
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    name: str
    name_fr: str
    name_sort: str = Field(sa_type=SortedText, index=True)
    kind: str = Field(index=True)
    iso: str | None = Field(unique=True)
    part_of_key: int | None = Field(foreign_key="place.key", index=True)
    latitude: float | None
    longitude: float | None


class PlaceName(EntryName, table=True):
    """A name of a place: its id, a name, its ISO code or an alias."""

    place_key: int = Field(foreign_key="place.key", index=True)


class PlaceText(ItemText, table=True):
    key: int = Field(primary_key=True, foreign_key="place.key")


class Actor(ItemTable, table=True):
    name: str
    name_sort: str = Field(sa_type=SortedText, index=True)
    kind: str = Field(sa_type=SortedText, index=True)
    part_of_key: int | None = Field(foreign_key="actor.key", index=True)
    pseudonym: bool
    description: str | None


class ActorName(EntryName, table=True):
    """A name of an actor: its id, its name or an alias."""

    actor_key: int = Field(foreign_key="actor.key", index=True)


class ActorText(ItemText, table=True):
    key: int = Field(primary_key=True, foreign_key="actor.key")


class DatedTable(ItemTable):
    """When a brief was published. Its claims and recommendations have copies, to avoid joins.

    ``published`` is a year, a month or a day (ISO 8601). ``published_first`` and
    ``published_last`` are the first and the last day of it, ``year`` is its year. These three are
    empty if the date is unknown.
    """

    published_first: str = Field(sa_type=SortedText)
    published_last: str = Field(sa_type=SortedText)
    year: str


class Article(DatedTable, table=True):
    __table_args__ = (
        in_order("published_first"),
        in_order("year"),
        in_order("publisher_key"),
        in_order("kind"),
    )

    title: str
    title_sort: str = Field(sa_type=SortedText, index=True)
    publisher_key: int = Field(foreign_key="actor.key")
    published: str | None
    kind: str
    language: str
    url: str | None
    source_sha256: str
    body_sha256: str


class ArticleText(ItemText, table=True):
    key: int = Field(primary_key=True, foreign_key="article.key")
    body: str
    text_document: str


class ArticleName(BaseTable, table=True):
    """A name of an article: its id or its title."""

    folded: str = Field(primary_key=True, sa_type=SortedText)
    article_key: int = Field(foreign_key="article.key", index=True)


class ArticleAuthor(OfArticle, ToActor, table=True):
    """The authors of an article, in order."""

    position: int


class Annotation(DatedTable):
    """The columns that claims and recommendations share."""

    article_key: int = Field(foreign_key="article.key")
    publisher_key: int = Field(foreign_key="actor.key")
    number: int
    confidence: str


class AnnotationText(ItemText):
    """The statement of an annotation, and the quote that it rests on.

    ``quote_start`` and ``quote_end`` count Unicode code points of the article's body, as in the
    TextPositionSelector of the W3C Web Annotation Data Model. ``quote_sha256`` is the SHA-256 of
    the quote in UTF-8.
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

    @declared_attr.directive
    def __table_args__(cls) -> Sequence[Any]:  # noqa: N805
        span = CheckConstraint("0 <= quote_start AND quote_start < quote_end", name="span")
        return (*super().__table_args__, span)


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

    kind: str = Field(sa_type=SortedText)


class ClaimText(AnnotationText, table=True):
    key: int = Field(primary_key=True, foreign_key="claim.key")


class ClaimSource(OfClaim, ToActor, table=True):
    """The actors who make a claim."""


class ClaimAbout(OfClaim, ToActor, table=True):
    """The actors that a claim is about."""


class ClaimTheme(OfClaim, ToTheme, table=True):
    """The date is copied so that an index has the newest items of a theme in order."""

    __table_args__ = (Index(None, "theme_key", "published_first", "claim_key"), WITHOUT_ROWID)

    published_first: str = Field(sa_type=SortedText)


class ClaimPlace(OfClaim, ToPlace, table=True):
    """The places of a claim."""


class ClaimActor(OfClaim, ToActor, table=True):
    """The actors with any role in a claim."""


class ClaimRelation(Link, table=True):
    """A relation between two claims. Each relation is stored from both sides."""

    __table_args__ = (
        one_of("type", "supports", "supported-by", "contradicts", "qualifies", "qualified-by"),
        CheckConstraint("claim_key <> other_key", name="not_itself"),
        WITHOUT_ROWID,
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


class RecommendationText(AnnotationText, table=True):
    key: int = Field(primary_key=True, foreign_key="recommendation.key")


class RecommendationSource(OfRecommendation, ToActor, table=True):
    """The actors who make a recommendation."""


class RecommendationAddressee(OfRecommendation, ToActor, table=True):
    """The actors who should act."""


class RecommendationBeneficiary(OfRecommendation, ToActor, table=True):
    """The actors who should benefit."""


class RecommendationTheme(OfRecommendation, ToTheme, table=True):
    """The date is copied so that an index has the newest items of a theme in order."""

    __table_args__ = (
        Index(None, "theme_key", "published_first", "recommendation_key"),
        WITHOUT_ROWID,
    )

    published_first: str = Field(sa_type=SortedText)


class RecommendationPlace(OfRecommendation, ToPlace, table=True):
    """The places of a recommendation."""


class RecommendationActor(OfRecommendation, ToActor, table=True):
    """The actors with any role in a recommendation."""


class RecommendationClaim(Link, table=True):
    """The claims that a recommendation is based on, all of the same article."""

    claim_key: int = Field(foreign_key="claim.key", primary_key=True)
    recommendation_key: int = Field(foreign_key="recommendation.key", primary_key=True, index=True)


class ArticleTheme(OfArticle, ToTheme, table=True):
    """The themes of the claims and recommendations in an article."""


class ArticlePlace(OfArticle, ToPlace, table=True):
    """The places of the claims and recommendations in an article."""


class ArticleActor(OfArticle, ToActor, table=True):
    """The actors with any role in an article, including its authors and publisher."""


class ActorTheme(OfActor, ToTheme, table=True):
    """The themes of the claims and recommendations in which an actor has a role."""


class ActorPlace(OfActor, ToPlace, table=True):
    """The places of the claims and recommendations in which an actor has a role."""
