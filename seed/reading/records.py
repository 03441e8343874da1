"""The records that curators write in the YAML files, with the rules for each field."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from app.database.names import fold
from app.query.parameters import MAX_TITLE_LENGTH, MAX_VALUE_LENGTH, date_range
from app.schemas import Action, ActorKind, ArticleKind, ClaimKind, Confidence, PlaceKind, Strength

MAX_TEXT_LENGTH = 5_000
"""Characters of any text that a curator writes or quotes."""
MAX_LIST_LENGTH = 100
"""Entries of a list in a record."""


def line_range(value: int | str) -> range:
    """Return the lines, from 1, that `12` or `12-14` stands for.

    Raises:
        ValueError: it is neither a line number nor a range.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?", str(value))
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise ValueError("must be a line number or a range of lines: 12 or 12-14.")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _has_come(value: str) -> bool:
    """Return whether a date has begun somewhere on Earth (UTC+14)."""
    today = (datetime.now(UTC) + timedelta(hours=14)).date().isoformat()
    return date_range(value).first <= today


def _require(condition: Callable[[str], object], message: str) -> AfterValidator:
    """Return a validator that refuses texts for which a condition is false."""

    def check(value: str) -> str:
        if not condition(value):
            raise ValueError(message)
        return value

    return AfterValidator(check)


def _validate_with(parse: Callable[[Any], object]) -> AfterValidator:
    """Return a validator that refuses values that a function cannot parse."""

    def check(value: Any) -> Any:
        parse(value)
        return value

    return AfterValidator(check)


Text = Annotated[
    str,
    _require(
        lambda text: text and text == text.strip(),
        "must not be empty, nor begin or end with white space.",
    ),
    _require(
        lambda text: len(text) <= MAX_TEXT_LENGTH,
        f"is too long: write at most {MAX_TEXT_LENGTH:,} characters.",
    ),
]
Name = Annotated[
    Text,
    _require(
        lambda name: len(name) <= MAX_VALUE_LENGTH and fold(name),
        f"must have 1 to {MAX_VALUE_LENGTH} characters: clients filter by it.",
    ),
    _require(lambda name: '"' not in name, 'must not contain ": clients filter by it.'),
]
SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=MAX_VALUE_LENGTH)]
Slugs = Annotated[list[Slug], Field(max_length=MAX_LIST_LENGTH)]
Names = Annotated[list[Name], Field(max_length=MAX_LIST_LENGTH)]
Context = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH)]
Date = Annotated[
    str,
    _validate_with(date_range),
    _require(_has_come, "lies in the future: give a date that has come."),
]
Day = Annotated[
    str,
    _require(lambda day: len(day) == 10, 'must be a day, e.g. "2026-11-21".'),
    _validate_with(date_range),
    _require(_has_come, "lies in the future: give a date that has come."),
]
Url = Annotated[
    str,
    _require(
        re.compile(r"https?://[^\s#]+").fullmatch,
        "must be the address of the page: https://… without a #fragment.",
    ),
]

Edition = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]*$", max_length=20)]
CHANGE_ID_PATTERN = r"^((actors|places|themes)/)?[a-z0-9]+(-[a-z0-9]+)*(\.[cr][1-9][0-9]{0,4})?$"
ChangeId = Annotated[
    str, StringConstraints(pattern=CHANGE_ID_PATTERN, max_length=2 * MAX_VALUE_LENGTH)
]


class Record(BaseModel):
    """The base of all records: no other fields, no conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AgreementMeasureRecord(Record):
    """One measure of the agreement of two codings."""

    subject: Text
    measure: Text
    value: float
    items: int


class AgreementRecord(Record):
    """The agreement of two separate codings of some articles."""

    note: Text
    articles: Slugs
    measures: Annotated[list[AgreementMeasureRecord], Field(max_length=MAX_LIST_LENGTH)]


class DatasetRecord(Record):
    """The file ``dataset.yaml``: the corpus as a whole."""

    title: Text
    description: Text
    edition: Edition
    citation: Annotated[
        Text,
        _require(
            lambda citation: "{version}" in citation,
            "must contain {version}: the version of the data set is put there.",
        ),
    ]
    rights_annotations: Text
    rights_texts: Text
    agreement: AgreementRecord | None = None


class ThemeRecord(Record):
    """One theme of ``vocabulary/themes.yaml``."""

    id: Slug
    label: Name
    label_fr: Name
    broader: Slug | None
    definition: Text
    definition_fr: Text
    scope_note: Text | None
    scope_note_fr: Text | None
    alt_labels: Names
    alt_labels_fr: Names


class PlaceRecord(Record):
    """One place of ``vocabulary/places.yaml``."""

    id: Slug
    name: Name
    name_fr: Name
    kind: PlaceKind
    iso: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None
    part_of: Slug | None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None
    aliases: Names

    @model_validator(mode="after")
    def _check_coordinates(self) -> "PlaceRecord":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together: give both, or null for both.")
        return self


class ActorRecord(Record):
    """One actor of ``vocabulary/actors.yaml``."""

    id: Slug
    name: Name
    kind: ActorKind
    part_of: Slug | None = None
    aliases: Names = []
    pseudonym: bool = False
    description: Text | None = None


PartKind = Literal[
    "title",
    "standfirst",
    "byline",
    "heading",
    "body",
    "caption",
    "pull-quote",
    "navigation",
    "appeal",
    "teaser",
    "biography",
    "credit",
]


class PartRecord(Record):
    """The kind of some lines of the source."""

    lines: Annotated[int | str, _validate_with(line_range)]
    is_: PartKind = Field(alias="is")


class CodingRecord(Record):
    """Who coded the annotations of a file, when, and how certain."""

    coder: Text
    coded_on: Day
    confidence: Confidence


class CodingException(Record):
    """What differs from the file's coding for one item."""

    coder: Text | None = None
    coded_on: Day | None = None
    confidence: Confidence | None = None


class QuoteRecord(Record):
    """The quote of an annotation, with the words around it if it is not unique."""

    quote: Text
    prefix: Context | None = None
    suffix: Context | None = None


class AnnotationRecord(QuoteRecord):
    """The fields that claims and recommendations share."""

    statement: Text
    sources: Annotated[list[Slug], Field(min_length=1, max_length=MAX_LIST_LENGTH)]
    themes: Annotated[list[Slug], Field(min_length=1, max_length=4)]
    places: Slugs = []
    coding: CodingException = CodingException()
    note: Text | None = None


class RelationRecord(Record):
    """A relation to another claim: `c3` of the same article, or `other-article.c3`."""

    type: Literal["supports", "contradicts", "qualifies"]
    claim: Annotated[
        str, StringConstraints(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*\.)?c[1-9][0-9]{0,4}$")
    ]
    note: Text


class ClaimRecord(AnnotationRecord):
    """An entry of ``claims`` in ``annotations/<article>.yaml``."""

    id: Annotated[str, StringConstraints(pattern=r"^c[1-9][0-9]{0,4}$")]
    kind: ClaimKind
    about: Slugs = []
    relations: Annotated[list[RelationRecord], Field(max_length=MAX_LIST_LENGTH)] = []


class RecommendationRecord(AnnotationRecord):
    """An entry of ``recommendations`` in ``annotations/<article>.yaml``."""

    id: Annotated[str, StringConstraints(pattern=r"^r[1-9][0-9]{0,4}$")]
    strength: Strength
    explicit: bool
    action: Action
    addressees: Slugs = []
    beneficiaries: Slugs = []
    based_on: Annotated[list[str], Field(max_length=MAX_LIST_LENGTH)] = []


class ReprintRecord(Record):
    """A copy of an article from another publisher."""

    publisher: Name
    url: Url
    published: Date | None


class ArticleRecord(Record):
    """The file ``annotations/<article>.yaml`` without its lists of parts and annotations."""

    title: Annotated[
        Text,
        _require(
            lambda title: len(title) <= MAX_TITLE_LENGTH,
            f"must have at most {MAX_TITLE_LENGTH} characters.",
        ),
    ]
    publisher: Slug
    published: Date | None
    authors: Slugs | None
    kind: ArticleKind
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    url: Url | None
    reprints: Annotated[list[ReprintRecord], Field(max_length=MAX_LIST_LENGTH)] = []
    rights: Text | None = None
    note: Text | None = None
    coding: CodingRecord


class ChangeRecord(Record):
    """An entry of ``added`` in an edition: an article, an annotation or a vocabulary entry."""

    id: ChangeId
    why: Text


class AlterationRecord(ChangeRecord):
    """An entry of ``changed`` in an edition."""

    fields: Annotated[list[str], Field(min_length=1, max_length=MAX_LIST_LENGTH)]


class WithdrawalRecord(ChangeRecord):
    """An entry of ``withdrawn`` in an edition."""

    replaced_by: ChangeId | None


class EditionRecord(Record):
    """One edition of ``changes.yaml``."""

    edition: Edition
    published: Day
    summary: Text
    added: list[ChangeRecord]
    changed: list[AlterationRecord]
    withdrawn: list[WithdrawalRecord]
