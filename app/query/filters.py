"""The filter grammar, and the names in filters resolved to keys.

All filters share one grammar: commas mean any of, a repeated parameter means all of, `!` means
not. Double quotes enclose a value that has a comma. `theme=a,b&theme=!c` is (a or b) and not c.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from app.database.names import fold
from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, nearest, suggestion
from app.query import items
from app.query.collection import YEARS, Dimension
from app.query.parameters import (
    MAX_TITLE_LENGTH,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    DatedFilters,
    Filters,
    date_range,
)
from app.schemas import ProblemItem

MAX_CONDITIONS = 24
MAX_SUGGESTED = 5
"""Unknown values that get suggestions. Each costs a search of the vocabulary."""
ALTERNATIVE = re.compile(r'((?:[^,"]|"[^"]*"?)*),')


class FilterValues(NamedTuple):
    """One occurrence of a filter: any of these values, and none of those."""

    any_of: list[str]
    none_of: list[str]


class FilterKeys(NamedTuple):
    """One occurrence of a filter, its values resolved to what the database stores."""

    any_of: list[Any]
    none_of: list[Any]


def parse_filter(parameter: str, occurrences: Sequence[str]) -> list[FilterValues]:
    """Parse the occurrences of one filter.

    Args:
        parameter: its name.
        occurrences: its values in the query string, one text for each repetition.

    Raises:
        Problem: an empty, too long or unclosed value, or too many values.
    """
    max_length = MAX_TITLE_LENGTH if parameter in {"article", "id"} else MAX_VALUE_LENGTH
    parsed = []
    for text in occurrences:
        values = FilterValues([], [])
        for alternative in ALTERNATIVE.findall(text + ","):
            negated = alternative.strip().startswith("!")
            value = alternative.strip().removeprefix("!").strip()
            if '"' in value:
                if not re.fullmatch(r'"[^"]*"', value):
                    raise _invalid_value(
                        parameter,
                        value,
                        "put double quotes around the whole value, or leave them out.",
                    )
                value = value[1:-1].strip()
            if not value:
                raise _invalid_value(
                    parameter,
                    text,
                    "has an empty value; leave the parameter out to get all items.",
                )
            if len(value) > max_length:
                raise _invalid_value(
                    parameter, value, f"a value has at most {max_length} characters."
                )
            (values.none_of if negated else values.any_of).append(value)
        parsed.append(values)
    if sum(len(any_of) + len(none_of) for any_of, none_of in parsed) > MAX_VALUES:
        raise _invalid_value(parameter, None, f"takes at most {MAX_VALUES} values.")
    return parsed


def _parse_year(parameter: str, value: str) -> str:
    """Return a year, which need not occur in the data."""
    if not re.fullmatch("[0-9]{4}", value):
        raise _invalid_value(
            parameter,
            value,
            "must be a year, e.g. 2021; for several years use published_from and published_to.",
        )
    return value


def _invalid_value(parameter: str, value: str | None, message: str) -> Problem:
    return Problem(
        "invalid-value", f"{parameter}: {message}", [invalid_param(parameter, value, message)]
    )


class Resolver:
    """Resolves the names in the filters of one request.

    Args:
        snapshot: the data version that has the names.

    Attributes:
        applied: what each filter means, for `meta.applied`.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.applied: dict[str, list[str]] = {}
        self._conditions = 0
        self._errors: list[ProblemItem] = []

    def resolve(self, name: str, dimension: Dimension, query: Filters) -> list[FilterKeys]:
        """Resolve the filter on a dimension to stored values."""
        occurrences: Sequence[str] = getattr(query, name)
        vocabulary = dimension.vocabulary
        if vocabulary == YEARS:
            return self._resolve_all(name, occurrences, partial(_parse_year, name), sorted)
        if isinstance(vocabulary, str):
            narrower = dimension.has_hierarchy and query.includes_narrower
            return self._resolve_names(name, occurrences, vocabulary, narrower=narrower)
        return [
            FilterKeys([vocabulary[v] for v in any_of], [vocabulary[v] for v in none_of])
            for any_of, none_of in self.resolve_choices(name, occurrences, vocabulary)
        ]

    def _resolve_names(
        self, parameter: str, occurrences: Sequence[str], kind: str, *, narrower: bool
    ) -> list[FilterKeys]:
        """Resolve a filter whose values are the entries of a vocabulary.

        Args:
            parameter: its name.
            occurrences: its values in the query string.
            kind: the vocabulary, see ``Snapshot.names``.
            narrower: whether `applied` lists narrower entries too. The link tables include them.
        """
        names = self.snapshot.names(kind)
        valid = "/articles" if kind == "publishers" else f"/{kind}"

        def find(value: str) -> int | None:
            key = names.find(value)
            if key is None:
                self._add_unknown(parameter, value, partial(names.candidates, value), valid)
            return key

        def ids(keys: list[Any]) -> list[str]:
            entries = names.entries(names.with_narrower(keys) if narrower else keys)
            return [slug for slug, _ in entries.values()]

        return self._resolve_all(parameter, occurrences, find, ids)

    def resolve_choices(
        self, parameter: str, occurrences: Sequence[str], choices: Iterable[str]
    ) -> list[FilterKeys]:
        """Resolve a filter on a closed list of values."""
        by_name = {fold(choice): choice for choice in choices}

        def find(value: str) -> str | None:
            choice = by_name.get(fold(value))
            if choice is None:
                valid = ", ".join(by_name.values())
                self._add_unknown(parameter, value, lambda: by_name, valid)
            return choice

        return self._resolve_all(parameter, occurrences, find, list)

    def resolve_ids(self, table: Any, occurrences: Sequence[str]) -> list[FilterKeys]:
        """Resolve the filter `id` on the items of a table."""
        parsed = parse_filter("id", occurrences)
        slugs = [slug for any_of, none_of in parsed for slug in (*any_of, *none_of)]
        keys_by_id = items.keys_by_id(self.snapshot, table, slugs)
        ids_by_key = {key: slug for slug, key in keys_by_id.items()}

        def find(value: str) -> int | None:
            key = keys_by_id.get(value.casefold())
            if key is None:
                similar = partial(items.similar_ids, self.snapshot, table, value)
                self._add_unknown("id", value, similar, items.list_path(table))
            return key

        return self._resolve_all(
            "id", occurrences, find, lambda keys: [ids_by_key[key] for key in sorted(keys)]
        )

    def resolve_dates(self, query: DatedFilters) -> dict[str, str]:
        """Return the first and the last day of publication, by the name of the parameter."""
        dates = {}
        if query.published_from is not None:
            dates["published_from"] = date_range(query.published_from).first
        if query.published_to is not None:
            dates["published_to"] = date_range(query.published_to).last
        self.applied |= {name: [day] for name, day in dates.items()}
        return dates

    def _resolve_all(
        self,
        parameter: str,
        occurrences: Sequence[str],
        find: Callable[[str], Any | None],
        to_ids: Callable[[list[Any]], list[str]],
    ) -> list[FilterKeys]:
        """Resolve every value of a filter, and note what it means in `applied`.

        Args:
            parameter: its name.
            occurrences: its values in the query string.
            find: returns the key of a value, or None if the value is unknown.
            to_ids: returns the public values of keys, in the order for `applied`.
        """

        def keys_of(values: Sequence[str]) -> list[Any]:
            keys = (find(value) for value in values)
            return list(dict.fromkeys(key for key in keys if key is not None))

        resolved = []
        for any_of, none_of in parse_filter(parameter, list(dict.fromkeys(occurrences))):
            self._conditions += 1
            keys = FilterKeys(keys_of(any_of), keys_of(none_of))
            resolved.append(keys)
            ids = [*to_ids(keys.any_of), *(f"!{value}" for value in to_ids(keys.none_of))]
            self.applied.setdefault(parameter, []).extend(ids)
        return resolved

    def _add_unknown(
        self, parameter: str, value: str, candidates: Callable[[], Mapping[str, str]], valid: str
    ) -> None:
        guesses = nearest(fold(value), candidates()) if len(self._errors) < MAX_SUGGESTED else []
        self._errors.append(
            invalid_param(parameter, value, f"no such {parameter}.", guesses, valid)
        )

    def check(self) -> None:
        """Raise a Problem if there are too many conditions, or any unknown value."""
        if self._conditions > MAX_CONDITIONS:
            message = f"there are more than {MAX_CONDITIONS} conditions; use fewer filters."
            raise _invalid_value("filters", None, message)
        if self._errors:
            detail = " ".join(
                f"{error.parameter}: no such {error.parameter} '{error.value}'."
                f"{suggestion(error.did_you_mean)}"
                for error in self._errors[:3]
            )
            raise Problem("unknown-value", detail, self._errors)
