"""What a query means: the filter grammar, names resolved to keys, parameters that a call does not have refused.

One grammar for every filter: commas mean any of, a repeated parameter means all of, `!` means not; a value with a comma in it
stands in double quotes. `theme=a,b&theme=!c` is (a or b) and not c.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.orm import InstrumentedAttribute
from starlette.datastructures import QueryParams

from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, nearest, suggestion
from app.query import items
from app.query.parameters import (
    MAX_TITLE_LENGTH,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    DatedFilters,
    date_range,
)
from app.query.search.names import fold
from app.schemas import ProblemItem

MAX_CONDITIONS = 24
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
"""What other APIs call our parameters: whoever comes from there is told ours."""
MAX_SUGGESTED = 5
"""Suggestions are worked out for the first few unknown values only: each costs a search of the vocabulary."""

Column = InstrumentedAttribute[Any] | Any


class Condition(NamedTuple):
    """One occurrence of a filter: any of these, and none of those. An empty `any_of` asks for nothing."""

    any_of: list[str]
    none_of: list[str]


class Keys(NamedTuple):
    """A condition whose values are resolved to what the database holds."""

    any_of: list[Any]
    none_of: list[Any]


ALTERNATIVE = re.compile(r'((?:[^,"]|"[^"]*"?)*),')


def parse_filter(
    parameter: str, occurrences: Sequence[str], most: int = MAX_VALUE_LENGTH
) -> list[Condition]:
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
                    raise _invalid(
                        parameter,
                        value,
                        "put quotation marks around a whole value, or leave them out.",
                    )
                value = value[1:-1].strip()
            if not value:
                raise _invalid(
                    parameter,
                    text,
                    "has an empty value; leave the parameter out to ask for everything.",
                )
            if len(value) > most:
                raise _invalid(parameter, value, f"a value has at most {most} characters.")
            (condition.none_of if negated else condition.any_of).append(value)
        conditions.append(condition)
    if sum(len(values) for condition in conditions for values in condition) > MAX_VALUES:
        raise _invalid(parameter, None, f"takes at most {MAX_VALUES} values.")
    return conditions


def _max_length(parameter: str) -> int:
    return MAX_TITLE_LENGTH if parameter in {"article", "id"} else MAX_VALUE_LENGTH


def _invalid(parameter: str, value: str | None, message: str) -> Problem:
    return Problem(
        "invalid-value", f"{parameter}: {message}", [invalid_param(parameter, value, message)]
    )


class Resolver:
    """Turns the names of one query into keys; collects what every filter came to mean, and everything unknown.

    Args:
        snapshot: the data version that is asked.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.applied: dict[str, list[str]] = {}
        self._errors: list[ProblemItem] = []
        self._details: list[str] = []
        self.conditions = 0

    def names(
        self, parameter: str, occurrences: Sequence[str], kind: str, *, narrower: bool = False
    ) -> list[Keys]:
        """Resolve a filter whose values are entries of a vocabulary.

        Args:
            parameter: its name.
            occurrences: its values as they stand in the query.
            kind: `themes`, `places`, `actors`, `publishers` or `articles`.
            narrower: whether `applied` shows everything narrower too: what the data links to broader values already.
        """
        names = self.snapshot.names(kind)
        valid = "/articles" if kind == "publishers" else f"/{kind}"

        def expand(values: Iterable[str]) -> list[int]:
            keys = []
            for value in values:
                key = names.find(value)
                if key is None:
                    self._unknown(parameter, value, partial(names.candidates, value), valid)
                else:
                    keys.append(key)
            return sorted(set(keys))

        def shown(keys: Iterable[int]) -> list[str]:
            return [
                slug
                for slug, _ in names.described(
                    names.within(keys) if narrower else list(keys)
                ).values()
            ]

        return self._resolve(parameter, occurrences, expand, shown)

    def years(self, parameter: str, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve a filter on years: any year may be asked for."""

        def expand(values: Iterable[str]) -> list[str]:
            found = set(values)
            for value in found:
                if not re.fullmatch("[0-9]{4}", value):
                    raise _invalid(
                        parameter,
                        value,
                        "must be a year, e.g. 2021; a span is asked for with published_from and published_to.",
                    )
            return sorted(found)

        return self._resolve(parameter, occurrences, expand, list)

    def choices(
        self, parameter: str, occurrences: Sequence[str], choices: Iterable[str]
    ) -> list[Keys]:
        """Resolve a filter on a closed list of values."""
        known = {fold(choice): choice for choice in choices}

        def expand(values: Iterable[str]) -> list[str]:
            found = []
            for value in values:
                choice = known.get(fold(value))
                if choice is None:
                    self._unknown(parameter, value, lambda: known, ", ".join(known.values()))
                else:
                    found.append(choice)
            return list(dict.fromkeys(found))

        return self._resolve(parameter, occurrences, expand, list)

    def ids(self, table: Any, occurrences: Sequence[str]) -> list[Keys]:
        """Resolve `id`, which is looked up in the table rather than held in memory."""
        known = items.keys_by_id(
            self.snapshot,
            table,
            [
                name
                for part in parse_filter("id", occurrences, _max_length("id"))
                for name in (*part[0], *part[1])
            ],
        )
        names = {key: slug for slug, key in known.items()}

        def expand(values: Iterable[str]) -> list[int]:
            keys = []
            for value in values:
                key = known.get(value.casefold())
                if key is None:
                    self._unknown(
                        "id",
                        value,
                        partial(items.similar_ids, self.snapshot, table, value),
                        items.list_path(table),
                    )
                else:
                    keys.append(key)
            return sorted(set(keys))

        return self._resolve("id", occurrences, expand, lambda keys: [names[key] for key in keys])

    def published(self, query: "DatedFilters") -> Mapping[str, str]:
        """Return the days that are asked for, the first and the last, under the names of the parameters."""
        dates = {}
        if query.published_from is not None:
            dates["published_from"] = date_range(query.published_from).first
        if query.published_to is not None:
            dates["published_to"] = date_range(query.published_to).last
        self.applied |= {name: [day] for name, day in dates.items()}
        return dates

    def _resolve(
        self,
        parameter: str,
        occurrences: Sequence[str],
        expand: Callable[[Iterable[str]], list[Any]],
        shown: Callable[[Iterable[Any]], Iterable[str]],
    ) -> list[Keys]:
        resolved = []
        for condition in parse_filter(
            parameter, list(dict.fromkeys(occurrences)), _max_length(parameter)
        ):
            self.conditions += 1
            keys = Keys(expand(condition.any_of), expand(condition.none_of))
            resolved.append(keys)
            applied = self.applied.setdefault(parameter, [])
            applied += [*shown(keys.any_of), *(f"!{name}" for name in shown(keys.none_of))]
        return resolved

    def _unknown(
        self, parameter: str, value: str, candidates: Callable[[], Mapping[str, str]], valid: str
    ) -> None:
        guesses = nearest(fold(value), candidates()) if len(self._errors) < MAX_SUGGESTED else []
        entry = invalid_param(parameter, value, f"no such {parameter}.", guesses, valid)
        self._details.append(
            f"{parameter}: no such {parameter} '{entry.value}'.{suggestion(guesses)}"
        )
        self._errors.append(entry)

    def check(self) -> None:
        """Raise a Problem that names every unknown value, if there was one, or asks for fewer conditions."""
        if self.conditions > MAX_CONDITIONS:
            raise _invalid(
                "filters",
                None,
                f"together make more than {MAX_CONDITIONS} conditions: ask for less at once.",
            )
        if self._errors:
            raise Problem("unknown-value", " ".join(self._details[:3]), self._errors)


def check_parameters(known: Mapping[str, bool], given: QueryParams) -> None:
    """Refuse a parameter that the call does not have, and a repeated one that it takes once.

    A misspelt filter that was ignored would answer another question.

    Args:
        known: the parameters of the call, and whether each may be repeated.
        given: those of the request.

    Raises:
        Problem: with the nearest names.
    """
    names = [name for name, _ in given.multi_items()]
    errors = []
    for name in dict.fromkeys(names):
        if name not in known:
            synonyms = [
                each for each in PARAMETER_SYNONYMS.get(name.casefold(), ()) if each in known
            ]
            guesses = synonyms or nearest(
                name[:100].casefold(), {parameter: parameter for parameter in known}, least=75
            )
            errors.append(
                invalid_param(name, None, "no such parameter.", guesses, ", ".join(known) or "none")
            )
        elif not known[name] and names.count(name) > 1:
            raise _invalid(name, None, "may be given only once.")
        if len(errors) == MAX_VALUES:
            break
    if errors:
        detail = " ".join(
            f"There is no parameter '{error.parameter}' here.{suggestion(error.did_you_mean)}"
            for error in errors[:3]
        )
        raise Problem("unknown-parameter", detail, errors)


def is_repeatable(annotation: Any) -> bool:
    """Tell whether a parameter of this type may be given several times."""
    return "tuple[" in str(annotation)
