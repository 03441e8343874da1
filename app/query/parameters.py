"""The query parameters of each call: their names, their values, and what OpenAPI says of them."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import QueryParams

from app.http.problems import Problem, invalid_param, invalid_value, nearest, suggestion

MAX_QUERY_LENGTH = 200
MAX_VALUE_LENGTH = 64
MAX_TITLE_LENGTH = 200
MAX_VALUES = 100
MAX_REPETITIONS = 10
UNFILTERED = frozenset({"limit", "cursor", "fields", "format", "sort"})
"""Parameters of a list that filter nothing."""
SCANNED = frozenset({"relation"})
"""Filters that no index answers in the order of a list."""
PARAMETER_SYNONYMS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("query", "search", "text", "term", "fulltext"), ("q",)),
    **dict.fromkeys(("page", "offset", "after", "start", "skip"), ("cursor",)),
    **dict.fromkeys(
        ("per_page", "per-page", "page_size", "size", "count", "rows", "top"), ("limit",)
    ),
    **dict.fromkeys(("order", "order_by", "orderby", "sort_by", "ordering"), ("sort",)),
    **dict.fromkeys(("topic", "subject", "tag", "category", "keyword"), ("theme",)),
    **dict.fromkeys(("country", "location", "region", "where"), ("place",)),
    **dict.fromkeys(("to", "recipient", "target", "for"), ("addressee",)),
    **dict.fromkeys(("by", "author", "speaker", "who", "from"), ("source", "actor")),
    **dict.fromkeys(("since", "date_from", "after_date"), ("published_from",)),
    **dict.fromkeys(("until", "date_to", "before"), ("published_to",)),
    **dict.fromkeys(("date", "published"), ("published_from", "published_to", "year")),
    **dict.fromkeys(("select", "columns", "include", "only"), ("fields",)),
    **dict.fromkeys(("group_by", "groupby", "dimensions"), ("by", "facets")),
    **dict.fromkeys(("type", "types"), ("kind",)),
    **dict.fromkeys(("output", "accept"), ("format",)),
}
"""Names that other APIs give to our parameters. They are suggested for an unknown parameter."""


def reject_blank(value: str) -> str:
    """Return a text that has more than white space.

    Raises:
        ValueError: it does not.
    """
    if not value.strip():
        raise ValueError("is empty; leave it out to get all items.")
    return value


def _parse_limit(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= 100:
        raise ValueError("must be a whole number from 1 to 100.")
    return int(value)


class DateRange(NamedTuple):
    """The days of a year, a month or a day (ISO 8601)."""

    first: str
    last: str


def date_range(value: str) -> DateRange:
    """Return the first and the last day of a year, a month or a day.

    Raises:
        ValueError: not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or not in the calendar.
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


def _reject_other_than_date(value: str) -> str:
    date_range(value)
    return value


FilterParameter = Annotated[
    tuple[Annotated[str, Field(max_length=10_000)], ...], Field(max_length=MAX_REPETITIONS)
]
"""A filter. Each repetition is one condition; commas separate alternatives."""

DateParameter = Annotated[str, AfterValidator(_reject_other_than_date)]

FieldsParameter = Annotated[
    str | None,
    Field(
        max_length=500,
        description="Return only these top-level fields, separated by commas",
        examples=["id,statement,quote"],
    ),
]


def choice_filter(description: str, literal: Any) -> Any:
    """Return the field of a filter whose values are those of a ``Literal`` type."""
    return Field(default=(), description=f"{description}: {_code_list(get_args(literal))}")


def sort_field(keys: Iterable[str], example: str) -> Any:
    """Return the field of the parameter `sort`, given the public sort keys."""
    description = (
        f"Sort keys, separated by commas: {_code_list(keys)}. `-` before a key sorts in "
        "descending order. The default is `id`; with `q` it is `relevance`, the best matches first"
    )
    return Field(default=None, max_length=100, description=description, examples=[example])


def _code_list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


class Filters(BaseModel):
    """The filters of every collection."""

    model_config = ConfigDict(frozen=True)

    q: (
        Annotated[
            str, Field(min_length=1, max_length=MAX_QUERY_LENGTH), AfterValidator(reject_blank)
        ]
        | None
    ) = Field(
        default=None,
        description="Full-text search. All words must occur; also "
        '`"a phrase"`, `OR`, `-word`, `begin*`. '
        "Words match by their stem, with or without accents. The best matches come first, and "
        "each item says where it matches (`highlight`, `matched_in`)",
        examples=['women "security governance" -army'],
    )
    id: FilterParameter = Field(default=(), description="Ids, separated by commas")

    @property
    def includes_narrower(self) -> bool:
        """Whether a theme or place includes everything narrower."""
        return True


class ThemedFilters(Filters):
    """The filters of collections whose items have themes and places."""

    theme: FilterParameter = Field(
        default=(),
        description="Themes by id, label or synonym, each including narrower themes. "
        "Commas: any of; repeated: all of; `!`: not",
        examples=[["inclusion", "!women-participation"]],
    )
    place: FilterParameter = Field(
        default=(),
        description="Places by id, name, ISO 3166 code or alias, each including the places in it",
    )
    narrower: Literal["true", "false"] = Field(
        default="true",
        description="`false`: themes and places do not include narrower ones",
    )

    @property
    def includes_narrower(self) -> bool:
        return self.narrower == "true"


class DatedFilters(ThemedFilters):
    """The filters of collections whose items have a date and a publisher."""

    publisher: FilterParameter = Field(default=(), description="Publishers by id, name or alias")
    actor: FilterParameter = Field(
        default=(), description="Actors in any role, by id, name or alias"
    )
    year: FilterParameter = Field(
        default=(), description="Years of publication", examples=[["2021,2023"]]
    )
    published_from: DateParameter | None = Field(
        default=None,
        description="Published on or after this year, month or day. A brief whose exact day is "
        "unknown matches if any day of its month or year does",
    )
    published_to: DateParameter | None = Field(
        default=None, description="Published on or before this year, month or day"
    )


class AnnotationFilters(DatedFilters):
    """The filters that claims and recommendations share."""

    article: FilterParameter = Field(default=(), description="Articles by id or title")
    source: FilterParameter = Field(
        default=(), description="Who makes the statement: actors by id, name or alias"
    )


class ListParameters(BaseModel):
    """The parameters of every list beside its filters."""

    limit: Annotated[int, BeforeValidator(_parse_limit)] | None = Field(
        default=None,
        description="Items per page, 20 by default. NDJSON and CSV return all items by default",
        json_schema_extra={
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 100}, {"type": "null"}]
        },
    )
    cursor: str | None = Field(
        default=None,
        max_length=4000,
        description="An opaque position in the list, from a `next` or `prev` link; "
        "follow those links instead of building one",
    )
    fields: FieldsParameter = None
    facets: str | None = Field(
        default=None,
        max_length=200,
        description="Filters to count by, separated by commas. For each value: the number of "
        "matching items, and a link that adds or removes the value",
        examples=["theme,article"],
    )
    format: Literal["json", "ndjson", "csv", "jsonld"] | None = Field(
        default=None, description="Overrides `Accept`"
    )

    @property
    def is_indexed(self) -> bool:
        """Whether an index leads to the page in a few steps: at most one filter, on one value."""
        filters = self.model_fields_set - UNFILTERED
        if getattr(self, "sort", None) not in {None, "id", "-id"} or len(filters) > 1:
            return False
        values = getattr(self, next(iter(filters)), None) if filters else ("",)
        return (
            isinstance(values, tuple)
            and len(values) == 1
            and not {",", "!"} & set(values[0])
            and not filters & SCANNED
        )


class ItemParameters(BaseModel):
    """The parameters of an item."""

    is_indexed: ClassVar[bool] = True

    fields: FieldsParameter = None
    format: Literal["json", "ndjson", "csv", "jsonld"] | None = Field(
        default=None, description="Overrides `Accept`"
    )


class CitableParameters(ItemParameters):
    """The parameters of an item that can be cited."""

    format: Literal["json", "ndjson", "csv", "jsonld", "bibtex", "ris", "csl"] | None = Field(  # type: ignore[assignment]
        default=None,
        description="Overrides `Accept`; `bibtex`, `ris` and `csl` (CSL-JSON) are citations",
    )


class StatsParameters(BaseModel):
    """The parameters of statistics beside the filters."""

    by: str = Field(
        max_length=100,
        description="One or two of the collection's filters, separated by a comma: "
        "counts each value or each pair of values",
        examples=["theme,strength"],
    )
    format: Literal["json", "ndjson", "csv"] | None = Field(
        default=None, description="Overrides `Accept`"
    )


def parse_names(parameter: str, text: str, valid_names: Iterable[str], message: str) -> list[str]:
    """Return the names in a parameter, which are separated by commas.

    Args:
        parameter: its name.
        text: its value.
        valid_names: the names that it may have.
        message: what is wrong with any other name.

    Raises:
        Problem: any other name.
    """
    names = [part.strip() for part in text.split(",")]
    valid = {name: name for name in valid_names}
    errors = []
    for name in dict.fromkeys(names):
        if name not in valid:
            guesses = nearest(name[:64].casefold(), valid)
            errors.append(invalid_param(parameter, name, message, guesses, ", ".join(valid)))
    if errors:
        detail = " ".join(
            f"{parameter}: '{error.value}' {message}{suggestion(error.did_you_mean)}"
            for error in errors[:3]
        )
        raise Problem("unknown-value", detail, errors)
    return names


def check_parameters(known: Mapping[str, bool], given: QueryParams) -> None:
    """Refuse unknown parameters, and repetitions of a parameter that takes one value.

    A misspelt filter must not be ignored: the answer would be right for another query.

    Args:
        known: the parameters of the call, and whether each may be repeated.
        given: those of the request.

    Raises:
        Problem: the request has such a parameter.
    """
    names = [name for name, _ in given.multi_items()]
    errors = []
    for name in dict.fromkeys(names):
        if name not in known:
            guesses = [
                synonym
                for synonym in PARAMETER_SYNONYMS.get(name.casefold(), ())
                if synonym in known
            ] or nearest(name[:100].casefold(), {other: other for other in known}, min_score=75)
            valid = ", ".join(known) or "none"
            errors.append(invalid_param(name, None, "no such parameter.", guesses, valid))
        elif not known[name] and names.count(name) > 1:
            raise invalid_value(name, None, "may be given only once.")
        if len(errors) == MAX_VALUES:
            break
    if errors:
        detail = " ".join(
            f"There is no parameter '{error.parameter}' here.{suggestion(error.did_you_mean)}"
            for error in errors[:3]
        )
        raise Problem("unknown-parameter", detail, errors)


def is_repeatable(annotation: Any) -> bool:
    """Return whether a parameter of this type may be repeated."""
    return "tuple[" in str(annotation)
