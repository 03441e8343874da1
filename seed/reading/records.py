"""What a curator writes: the records of corpus files, checked one by one."""

import re
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
"""Characters of anything that a curator writes or quotes."""
MAX_LISTED = 100
"""Entries of a list within a record."""


def _is_trimmed(value: str) -> str:
    if value != value.strip() or not value:
        raise ValueError("is empty, or has space before or after it: write it without.")
    if len(value) > MAX_TEXT_LENGTH:
        raise ValueError(f"has {len(value):,} characters: write at most {MAX_TEXT_LENGTH:,}.")
    return value


def _is_name(value: str) -> str:
    if len(value) > MAX_VALUE_LENGTH or not fold(value):
        raise ValueError(
            f"a name has 1 to {MAX_VALUE_LENGTH} characters, so that it can be asked for."
        )
    if '"' in value:
        raise ValueError('a name has no " in it, so that it can be asked for.')
    return value


def _is_date(value: str) -> str:
    date_range(value)
    return value


def _is_day(value: str) -> str:
    if len(value) != 10:
        raise ValueError('must be a day, e.g. "2026-11-21".')
    return _is_date(value)


def _names_the_version(value: str) -> str:
    if "{version}" not in value:
        raise ValueError("must say {version} where the data set's version belongs.")
    return value


def _is_title(value: str) -> str:
    if len(value) > MAX_TITLE_LENGTH:
        raise ValueError(f"a title has at most {MAX_TITLE_LENGTH} characters.")
    return value


def _is_page(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s#]+", value):
        raise ValueError("must be the page's address: https://… without a #fragment.")
    return value


def lines(value: int | str) -> range:
    """Return the lines, from 1, that `12` or `12-14` names.

    Raises:
        ValueError: neither a line nor a first and last one.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?", str(value))
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise ValueError("must be a line or a first and last one: 12 or 12-14.")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _are_lines(value: int | str) -> int | str:
    lines(value)
    return value


Text = Annotated[str, AfterValidator(_is_trimmed)]
Name = Annotated[Text, AfterValidator(_is_name)]
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=MAX_VALUE_LENGTH)]
Slugs = Annotated[list[Slug], Field(max_length=MAX_LISTED)]
Names = Annotated[list[Name], Field(max_length=MAX_LISTED)]
Context = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH)]
Date = Annotated[str, AfterValidator(_is_date)]
Day = Annotated[str, AfterValidator(_is_day)]
Address = Annotated[str, AfterValidator(_is_page)]


FORMS = {
    SLUG: "an id: lower-case letters without accents, digits and hyphens, as in vocabulary/",
    r"^c[1-9][0-9]{0,4}$": "c and a number, such as c12",
    r"^r[1-9][0-9]{0,4}$": "r and a number, such as r12",
}


class Record(BaseModel):
    """The settings of every record: exactly these fields, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DatasetRecord(Record):
    """``dataset.yaml``: the corpus as a whole."""

    title: Text
    description: Text
    edition: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]*$", max_length=20)]
    citation: Annotated[Text, AfterValidator(_names_the_version)]
    rights_annotations: Text
    rights_texts: Text


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
    kind: Annotated[PlaceKind, Field(strict=False)]
    iso: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None
    part_of: Slug | None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None
    aliases: Names

    @model_validator(mode="after")
    def _coordinates_go_together(self) -> "PlaceRecord":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together: give both, or null for both.")
        return self


class ActorRecord(Record):
    """One actor of ``vocabulary/actors.yaml``."""

    id: Slug
    name: Name
    kind: Annotated[ActorKind, Field(strict=False)]
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
    """What some lines of the source are."""

    lines: Annotated[int | str, AfterValidator(_are_lines)]
    is_: PartKind = Field(alias="is")


class CodingRecord(Record):
    """How the annotations of a file came about."""

    coder: Text
    coded_on: Day
    confidence: Annotated[Confidence, Field(strict=False)]


class CodingException(Record):
    """What differs for one item."""

    coder: Text | None = None
    coded_on: Day | None = None
    confidence: Annotated[Confidence | None, Field(strict=False)] = None


class QuoteRecord(Record):
    """The words that an annotation stands on."""

    quote: Text
    prefix: Context | None = None
    suffix: Context | None = None


class AnnotationRecord(QuoteRecord):
    """What claims and recommendations share."""

    statement: Text
    sources: Annotated[list[Slug], Field(min_length=1, max_length=MAX_LISTED)]
    themes: Annotated[list[Slug], Field(min_length=1, max_length=4)]
    places: Slugs = []
    coding: CodingException = CodingException()
    note: Text | None = None


class RelationRecord(Record):
    """How a claim bears on another: `c3` of the same article, or `other-article.c3`."""

    type: Literal["supports", "contradicts", "qualifies"]
    claim: Annotated[
        str, StringConstraints(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*\.)?c[1-9][0-9]{0,4}$")
    ]
    note: Text


class ClaimRecord(AnnotationRecord):
    id: Annotated[str, StringConstraints(pattern=r"^c[1-9][0-9]{0,4}$")]
    kind: Annotated[ClaimKind, Field(strict=False)]
    about: Slugs = []
    relations: Annotated[list[RelationRecord], Field(max_length=MAX_LISTED)] = []


class RecommendationRecord(AnnotationRecord):
    id: Annotated[str, StringConstraints(pattern=r"^r[1-9][0-9]{0,4}$")]
    strength: Annotated[Strength, Field(strict=False)]
    explicit: bool
    action: Annotated[Action, Field(strict=False)]
    addressees: Slugs = []
    beneficiaries: Slugs = []
    based_on: Annotated[list[str], Field(max_length=MAX_LISTED)] = []


class ArticleRecord(Record):
    """``annotations/<article>.yaml`` without ``parts``, ``claims`` and ``recommendations``: the brief itself."""

    title: Annotated[Text, AfterValidator(_is_title)]
    publisher: Slug
    published: Date | None
    authors: Slugs | None
    kind: Annotated[ArticleKind, Field(strict=False)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    url: Address | None
    note: Text | None = None
    coding: CodingRecord


def in_words(error: dict[str, Any]) -> str:
    """Return a pydantic finding as a sentence that tells a curator what to do."""
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is missing: add it (null where the fact is unknown, [] where there is none)."
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return f"must be one of {context['expected']}."
        case "string_type":
            return f"must be text: write it in quotes (found {error['input']!r})."
        case "string_pattern_mismatch":
            form = FORMS.get(context["pattern"], f"of the form {context['pattern']}")
            return f"'{error['input']}' must be {form}."
        case "list_type":
            return "must be a list: [one, two], or [] where there is none."
        case "bool_type":
            return "must be true or false."
        case "too_long" | "too_short" | "string_too_long":
            return _of_another_length(error["type"], context)
    return f"{error['msg'][0].lower()}{error['msg'][1:]}."


def _of_another_length(found: str, context: dict[str, Any]) -> str:
    match found:
        case "too_long":
            return (
                f"has {context['actual_length']:,} entries: list at most {context['max_length']}."
            )
        case "too_short":
            return f"has too few entries: name at least {context['min_length']}."
    return f"is too long: write at most {context['max_length']:,} characters."
