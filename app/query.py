"""How you ask: the filter grammar, the parameters that every list shares, names resolved to keys.

One grammar for every filter: commas mean any of, a repeated parameter means all of, `!` means not; a value with a comma in it
stands in double quotes. `theme=a,b&theme=!c` is (a or b) and not c.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement, exists, literal, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from app import items
from app.db import Reading
from app.names import fold
from app.problems import Problem, item, meant, nearest
from app.schemas import ProblemItem
from app.vocabulary import Names

MOST_CHARACTERS = 64
MOST_OF_A_TITLE = 200
MOST_VALUES = 100
MOST_CONDITIONS = 24
SUGGESTED = 5
"""Suggestions are worked out for the first few unknown values only: each costs a search of the vocabulary."""

Column = InstrumentedAttribute[Any] | Any


def _whole_number(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a whole number from 1 to 100.")
    return value


def _in_page_range(value: int) -> int:
    if not 1 <= value <= 100:
        raise ValueError("must be a whole number from 1 to 100.")
    return value


class Span(NamedTuple):
    """The days that a year, a month or a day covers, ISO 8601."""

    first: str
    last: str


def days(value: str) -> Span:
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
    return Span(first.isoformat(), last.isoformat())


def _is_date(value: str) -> str:
    days(value)
    return value


Values = Annotated[list[Annotated[str, Field(max_length=10_000)]], Field(max_length=10)]
"""A filter: each repetition is one condition, its commas separate alternatives."""

Day = Annotated[str, AfterValidator(_is_date)]


class ListQuery(BaseModel):
    """The parameters that every list takes."""

    model_config = ConfigDict(frozen=True)

    id: Values = Field(default=[], description="Ids; several with commas")
    limit: Annotated[int, BeforeValidator(_whole_number), AfterValidator(_in_page_range)] = Field(
        default=20,
        description="Items on a page",
        json_schema_extra={"minimum": 1, "maximum": 100},
    )
    sort: str = Field(default="id", max_length=100, description="Keys, several with commas, `-` for descending")
    cursor: str | None = Field(
        default=None,
        max_length=4000,
        description="The opaque mark in a `next` or `prev` link: use those links",
    )


class ThemedQuery(ListQuery):
    """The parameters of lists that can be narrowed to a theme or a place."""

    theme: Values = Field(
        default=[],
        description="Themes by id, label or synonym, each with everything narrower. Commas: any of; repeated: all of; `!`: not",
        examples=[["inclusion", "!women-participation"]],
    )
    place: Values = Field(default=[], description="Places by id, name, ISO 3166 code or alias, each with all inside it")
    narrower: Literal["true", "false"] = Field(
        default="true",
        description="`false`: themes and places for themselves alone",
    )


class DatedQuery(ThemedQuery):
    """The parameters of what was published at some time, by somebody."""

    publisher: Values = Field(default=[], description="Publishers by id, name or alias")
    actor: Values = Field(default=[], description="Actors in any role, by id, name or alias")
    published_from: Day | None = Field(
        default=None,
        description="Published then or later: a year, month or day, inclusive. A brief of which only the month is known "
        "matches when any day of it does",
    )
    published_to: Day | None = Field(default=None, description="Published then or before, inclusive, in the same way")


class AnnotationQuery(DatedQuery):
    """The parameters that claims and recommendations share."""

    article: Values = Field(default=[], description="Articles by id or title")
    source: Values = Field(default=[], description="Who says it: actors by id, name or alias")


class Condition(NamedTuple):
    """One occurrence of a filter: any of these, and none of those. An empty `any_of` asks for nothing."""

    any_of: list[str]
    none_of: list[str]


class Keys(NamedTuple):
    """A condition whose values are resolved to what the database holds."""

    any_of: list[Any]
    none_of: list[Any]


ALTERNATIVE = re.compile(r'((?:[^,"]|"[^"]*"?)*),')


def parse(parameter: str, occurrences: Sequence[str], most: int = MOST_CHARACTERS) -> list[Condition]:
    """Parse the occurrences of one filter.

    Args:
        parameter: its name, for errors.
        occurrences: its values as they stand in the query, one string for each repetition.
        most: how many characters a value has at most.

    Raises:
        Problem: an empty, over-long or over-many value, or an open quotation mark.
    """
    conditions = []
    for text in occurrences:
        condition = Condition([], [])
        for alternative in ALTERNATIVE.findall(text + ","):
            negated = alternative.strip().startswith("!")
            value = alternative.strip().removeprefix("!").strip()
            if '"' in value:
                if not re.fullmatch(r'"[^"]*"', value):
                    raise _invalid(parameter, value, "put quotation marks around a whole value, or leave them out.")
                value = value[1:-1].strip()
            if not value:
                raise _invalid(parameter, text, "has an empty value; leave the parameter out to ask for everything.")
            if len(value) > most:
                raise _invalid(parameter, value, f"a value has at most {most} characters.")
            (condition.none_of if negated else condition.any_of).append(value)
        conditions.append(condition)
    if sum(len(values) for condition in conditions for values in condition) > MOST_VALUES:
        raise _invalid(parameter, None, f"takes at most {MOST_VALUES} values.")
    return conditions


def _most(parameter: str) -> int:
    return MOST_OF_A_TITLE if parameter in {"article", "id"} else MOST_CHARACTERS


def _invalid(parameter: str, value: str | None, message: str) -> Problem:
    return Problem("invalid-value", f"{parameter}: {message}", [item(parameter, value, message)])


class Resolver:
    """Turns the names of one query into keys; collects what every filter came to mean, and everything unknown."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.applied: dict[str, list[str]] = {}
        self._errors: list[ProblemItem] = []
        self._details: list[str] = []
        self._conditions = 0

    def themes(self, query: "ThemedQuery") -> list[Keys]:
        """Resolve `theme`: each value covers everything narrower unless the query says otherwise."""
        names = self.reading.vocabulary.themes
        return self._names("theme", query.theme, names, "/themes", narrower=query.narrower == "true")

    def places(self, query: "ThemedQuery") -> list[Keys]:
        """Resolve `place`: each value covers everything inside it unless the query says otherwise."""
        names = self.reading.vocabulary.places
        return self._names("place", query.place, names, "/places", narrower=query.narrower == "true")

    def actors(self, parameter: str, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve a filter whose values are actors."""
        return self._names(parameter, occurrences, self.reading.vocabulary.actors, "/actors")

    def publishers(self, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve `publisher`: actors that published one of the articles."""
        return self._names("publisher", occurrences, self.reading.vocabulary.publishers, "/articles")

    def articles(self, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve `article`: ids or titles."""
        return self._names("article", occurrences, self.reading.vocabulary.articles, "/articles")

    def choices(self, parameter: str, occurrences: Sequence[str], choices: Sequence[str]) -> list[Keys]:
        """Resolve a filter on a closed list of values."""
        known = {fold(choice): str(choice) for choice in choices}

        def expand(values: Iterable[str]) -> list[str]:
            found = []
            for value in values:
                choice = known.get(fold(value))
                if choice is None:
                    self._unknown(parameter, value, lambda: known, ", ".join(choices))
                else:
                    found.append(choice)
            return list(dict.fromkeys(found))

        return self._resolve(parameter, occurrences, expand, str)

    def ids(self, table: Any, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve `id`, which is looked up in the table rather than held in memory."""
        known = items.keys_of(
            self.reading, table, [name for part in parse("id", occurrences, _most("id")) for name in (*part[0], *part[1])]
        )
        names = {key: slug for slug, key in known.items()}

        def expand(values: Iterable[str]) -> list[int]:
            keys = []
            for value in values:
                key = known.get(value.casefold())
                if key is None:
                    self._unknown("id", value, partial(items.similar, self.reading, table, value), items.listed(table))
                else:
                    keys.append(key)
            return sorted(set(keys))

        return self._resolve("id", occurrences, expand, names.__getitem__)

    def published(self, query: "DatedQuery", table: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that the table's rows may have been published within the asked days."""
        clauses = []
        if query.published_from is not None:
            first = days(query.published_from).first
            self.applied["published_from"] = [first]
            clauses.append(table.published_last >= first)
        if query.published_to is not None:
            last = days(query.published_to).last
            self.applied["published_to"] = [last]
            clauses += [table.published_first <= last, table.published_first != ""]
        return clauses

    def _names(
        self,
        parameter: str,
        occurrences: Sequence[str],
        names: Names,
        valid: str,
        *,
        narrower: bool = False,
    ) -> list[Keys]:
        def expand(values: Iterable[str]) -> list[int]:
            keys = []
            for value in values:
                key = names.find(value)
                if key is None:
                    self._unknown(parameter, value, names.candidates, valid)
                else:
                    keys.append(key)
            return names.within(keys) if narrower else sorted(set(keys))

        return self._resolve(parameter, occurrences, expand, names.ids.__getitem__)

    def _resolve(
        self,
        parameter: str,
        occurrences: Sequence[str],
        expand: Callable[[Iterable[str]], list[Any]],
        name: Callable[[Any], str],
    ) -> list[Keys]:
        resolved = []
        for condition in parse(parameter, list(dict.fromkeys(occurrences)), _most(parameter)):
            self._conditions += 1
            keys = Keys(expand(condition.any_of), expand(condition.none_of))
            resolved.append(keys)
            applied = self.applied.setdefault(parameter, [])
            applied += [name(key) for key in keys.any_of] + ["!" + name(key) for key in keys.none_of]
        return resolved

    def _unknown(self, parameter: str, value: str, candidates: Callable[[], Mapping[str, str]], valid: str) -> None:
        guesses = nearest(fold(value), candidates()) if len(self._errors) < SUGGESTED else []
        entry = item(parameter, value, f"no such {parameter}.", guesses, valid)
        self._details.append(f"{parameter}: no such {parameter} '{entry.value}'.{meant(guesses)}")
        self._errors.append(entry)

    def check(self) -> None:
        """Raise a Problem that names every unknown value, if there was one, or asks for fewer conditions."""
        if self._conditions > MOST_CONDITIONS:
            raise _invalid("filters", None, f"together make more than {MOST_CONDITIONS} conditions: ask for less at once.")
        if self._errors:
            raise Problem("unknown-value", " ".join(self._details[:3]), self._errors)


def linked(item_key: Column, link_item: Column, link_value: Column, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that an item is linked to any of some values.

    Args:
        item_key: the key of the listed table.
        link_item: the link table's column that holds it.
        link_value: the link table's column that holds the filter's values.
        values: what the filter asks for.
    """
    # EXISTS, never a join: a join on a link table repeats rows and inflates counts.
    return exists(select(literal(1)).where(link_item == item_key, link_value.in_(values)))


def where_any(
    conditions: Sequence[Keys],
    matches: Callable[[list[Any]], ColumnElement[bool]],
) -> list[ColumnElement[bool]]:
    """Return the SQL of a resolved filter, given what it means to match any of some keys."""
    clauses = []
    for condition in conditions:
        if condition.any_of:
            clauses.append(matches(condition.any_of))
        if condition.none_of:
            clauses.append(not_(matches(condition.none_of)))
    return clauses


async def check_parameters(request: Request) -> None:
    """Refuse a parameter that the call does not have, and one given twice that is taken once.

    Nothing is silently ignored: a misspelt filter that was ignored would answer another question.
    """
    route = request.scope.get("route")
    known: dict[str, bool] = {}
    for parameter in route.dependant.query_params if isinstance(route, APIRoute) else ():
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            known |= {name: _is_list(field.annotation) for name, field in model.model_fields.items()}
    given = [name for name, _ in request.query_params.multi_items()]
    errors = []
    for name in dict.fromkeys(given):
        if name not in known:
            guesses = nearest(name[:100].casefold(), {parameter: parameter for parameter in known})
            errors.append(item(name, None, "no such parameter.", guesses, ", ".join(known) or "none"))
        elif not known[name] and given.count(name) > 1:
            raise _invalid(name, None, "may be given only once.")
        if len(errors) == MOST_VALUES:
            break
    if errors:
        detail = " ".join(f"There is no parameter '{error.parameter}' here.{meant(error.did_you_mean)}" for error in errors[:3])
        raise Problem("unknown-parameter", detail, errors)


def _is_list(annotation: Any) -> bool:
    return "list[" in str(annotation)
