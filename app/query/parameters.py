"""The parameters of calls, as Pydantic models: which there are, what form their values have, and what OpenAPI says of them."""

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.query.search import matching as search

MAX_VALUE_LENGTH = 64
MAX_TITLE_LENGTH = 200
MAX_VALUES = 100
MAX_REPETITIONS = 10
UNFILTERED = frozenset({"limit", "cursor", "fields", "format", "sort"})
"""Parameters of a list that filter nothing."""
SCANNED = frozenset({"relation"})
"""Filters that no index answers in the order of a list."""


def is_not_blank(value: str) -> str:
    """Return a text that is more than space.

    Raises:
        ValueError: it is not.
    """
    if not value.strip():
        raise ValueError("is empty; leave it out to ask for everything.")
    return value


def _whole_number(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a whole number from 1 to 100.")
    return value


def _in_page_range(value: int) -> int:
    if not 1 <= value <= 100:
        raise ValueError("must be a whole number from 1 to 100.")
    return value


class DateRange(NamedTuple):
    """The days that a year, a month or a day covers, ISO 8601."""

    first: str
    last: str


def date_range(value: str) -> DateRange:
    """Return the first and last day of a year, a month or a day.

    Raises:
        ValueError: not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or no day of the calendar.
    """
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value) or value.startswith("0000"):
        raise ValueError("must be a year, a month or a day: 2021, 2021-10 or 2021-10-26.")
    parts = [int(part) for part in value.split("-")]
    try:
        first = date(*[*parts, 1, 1][:3])
    except ValueError as error:
        raise ValueError("is no day of the calendar.") from error
    match len(parts):
        case 1:
            last = first.replace(month=12, day=31)
        case 2:
            last = first.replace(day=monthrange(first.year, first.month)[1])
        case _:
            last = first
    return DateRange(first.isoformat(), last.isoformat())


def _is_date(value: str) -> str:
    date_range(value)
    return value


Values = Annotated[
    tuple[Annotated[str, Field(max_length=10_000)], ...], Field(max_length=MAX_REPETITIONS)
]
"""A filter: each repetition is one condition, its commas separate alternatives."""

Day = Annotated[str, AfterValidator(_is_date)]

ItemFields = Annotated[
    str | None,
    Field(
        max_length=500,
        description="Keep only these top-level fields, several with commas",
        examples=["id,statement,quote"],
    ),
]


class Filters(BaseModel):
    """The filters that every collection takes."""

    model_config = ConfigDict(frozen=True)

    q: (
        Annotated[
            str,
            Field(min_length=1, max_length=search.MAX_QUERY_LENGTH),
            AfterValidator(is_not_blank),
        ]
        | None
    ) = Field(
        default=None,
        description='Full text: words that must all occur, `"a phrase"`, `OR`, `-word`, `begin*`; stemmed, accents folded. '
        "Each item then says where it matched (`highlight`, `matched_in`), and the best come first",
        examples=['women "security governance" -army'],
    )
    id: Values = Field(default=(), description="Ids; several with commas")


class ThemedFilters(Filters):
    """The filters of collections that can be narrowed to a theme or a place."""

    theme: Values = Field(
        default=(),
        description="Themes by id, label or synonym, each with everything narrower. Commas: any of; repeated: all of; `!`: not",
        examples=[["inclusion", "!women-participation"]],
    )
    place: Values = Field(
        default=(),
        description="Places by id, name, ISO 3166 code or alias, each with all inside it",
    )
    narrower: Literal["true", "false"] = Field(
        default="true",
        description="`false`: themes and places for themselves alone",
    )


class DatedFilters(ThemedFilters):
    """The filters of what was published at some time, by somebody."""

    publisher: Values = Field(default=(), description="Publishers by id, name or alias")
    actor: Values = Field(default=(), description="Actors in any role, by id, name or alias")
    year: Values = Field(default=(), description="Years of publication", examples=[["2021,2023"]])
    published_from: Day | None = Field(
        default=None,
        description="Published then or later: a year, month or day, inclusive. A brief of which only the month is known "
        "matches when any day of it does",
    )
    published_to: Day | None = Field(
        default=None, description="Published then or before, inclusive, in the same way"
    )


class AnnotationFilters(DatedFilters):
    """The filters that claims and recommendations share."""

    article: Values = Field(default=(), description="Articles by id or title")
    source: Values = Field(default=(), description="Who says it: actors by id, name or alias")


class ListParameters(BaseModel):
    """What of a list is asked for, and in which form."""

    limit: Annotated[int, BeforeValidator(_whole_number), AfterValidator(_in_page_range)] | None = (
        Field(
            default=None,
            description="Items on a page; 20 if not given. NDJSON and CSV give everything if it is not given",
            json_schema_extra={
                "anyOf": [{"type": "integer", "minimum": 1, "maximum": 100}, {"type": "null"}]
            },
        )
    )
    cursor: str | None = Field(
        default=None,
        max_length=4000,
        description="The opaque mark in a `next` or `prev` link: use those links",
    )
    fields: ItemFields = None
    facets: str | None = Field(
        default=None,
        max_length=200,
        description="Counts by these filters, several with commas: how many of the items found each value has, and a link "
        "that adds the value or takes it away",
        examples=["theme,article"],
    )
    format: Literal["json", "ndjson", "csv", "jsonld"] | None = Field(
        default=None, description="Overrides `Accept`"
    )

    @property
    def is_indexed(self) -> bool:
        """Whether an index leads to the page in a few steps: at most one filter, on one value."""
        given = self.model_fields_set - UNFILTERED
        if not given:
            return self.sort_by_key
        name = next(iter(given))
        values = getattr(self, name)
        return (
            len(given) == 1
            and name not in SCANNED
            and isinstance(values, tuple)
            and len(values) == 1
            and not {",", "!"} & set(values[0])
            and self.sort_by_key
        )

    @property
    def sort_by_key(self) -> bool:
        """Whether the order is that of the keys."""
        return getattr(self, "sort", None) in {None, "id", "-id"}


class ItemParameters(BaseModel):
    """How one item is asked for."""

    is_indexed: ClassVar[bool] = True

    fields: ItemFields = None
    format: Literal["json", "ndjson", "csv", "jsonld"] | None = Field(
        default=None, description="Overrides `Accept`"
    )


class CitableParameters(ItemParameters):
    """How one item that can be cited is asked for."""

    format: Literal["json", "ndjson", "csv", "jsonld", "bibtex", "ris", "csl"] | None = Field(  # type: ignore[assignment]
        default=None,
        description="Overrides `Accept`; `bibtex`, `ris` and `csl` (CSL-JSON) are citations",
    )


class StatsParameters(BaseModel):
    """What is counted, and in which form the counts are asked for."""

    by: str = Field(
        max_length=100,
        description="One or two of the collection's filters, with a comma: counts for each value, or each pair",
        examples=["theme,strength"],
    )
    format: Literal["json", "ndjson", "csv"] | None = Field(
        default=None, description="Overrides `Accept`"
    )
