"""The filter grammar, and the names in filters resolved to keys.

All filters share one grammar: commas mean any of, a repeated parameter means all of, `!` means
not. Double quotes enclose a value that has a comma. `theme=a,b&theme=!c` is (a or b) and not c.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from app.database.names import fold
from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, invalid_value, nearest, suggestion
from app.query import items
from app.query.collection import YEARS, Dimension
from app.query.parameters import (
    MAX_TITLE_LENGTH,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    DatedFilters,
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


class FilterNames(NamedTuple):
    """The names that a filter accepts.

    Args:
        find: returns the key of a name. None if it is unknown.
        candidates: returns folded names similar to an unknown one, with their public values.
        ids_of: returns the public values of keys, in the order for `applied`.
        valid: the valid names, or the path of their list.
    """

    find: Callable[[str], Any | None]
    candidates: Callable[[str], Mapping[str, str]]
    ids_of: Callable[[list[Any]], list[str]]
    valid: str


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
                    raise invalid_value(
                        parameter,
                        value,
                        "put double quotes around the whole value, or leave them out.",
                    )
                value = value[1:-1].strip()
            if not value:
                raise invalid_value(
                    parameter,
                    text,
                    "has an empty value; leave the parameter out to get all items.",
                )
            if len(value) > max_length:
                raise invalid_value(
                    parameter, value, f"a value has at most {max_length} characters."
                )
            (values.none_of if negated else values.any_of).append(value)
        parsed.append(values)
    if sum(len(any_of) + len(none_of) for any_of, none_of in parsed) > MAX_VALUES:
        raise invalid_value(parameter, None, f"takes at most {MAX_VALUES} values.")
    return parsed


def _parse_year(parameter: str, value: str) -> str:
    if not re.fullmatch("[0-9]{4}", value):
        raise invalid_value(
            parameter,
            value,
            "must be a year, e.g. 2021; for several years use published_from and published_to.",
        )
    return value


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

    def resolve(
        self, name: str, dimension: Dimension, occurrences: Sequence[str], *, narrower: bool
    ) -> list[FilterKeys]:
        """Resolve the filter on a dimension to stored values.

        Args:
            name: the name of the filter.
            dimension: the dimension.
            occurrences: the filter's values in the query string.
            narrower: whether a value includes narrower ones. `applied` then lists them too; the
                link tables have them.
        """
        if dimension.vocabulary == YEARS:  # any year is valid, with or without data
            years = FilterNames(partial(_parse_year, name), lambda _: {}, sorted, "")
            return self._resolve(name, occurrences, years)
        names: Any = dimension.names(self.snapshot)

        def ids_of(values: list[Any]) -> list[str]:
            values = names.expand(values, narrower=narrower and dimension.has_hierarchy)
            entries = names.entries(values)
            return [entries[value][0] for value in values]

        return self._resolve(
            name,
            occurrences,
            FilterNames(names.find, names.candidates, ids_of, dimension.valid_values),
        )

    def resolve_ids(self, table: Any, occurrences: Sequence[str]) -> list[FilterKeys]:
        """Resolve the filter `id` on the items of a table."""
        parsed = parse_filter("id", occurrences)
        slugs = [slug for any_of, none_of in parsed for slug in (*any_of, *none_of)]
        keys_by_id = items.keys_by_id(self.snapshot, table, slugs)
        ids_by_key = {key: slug for slug, key in keys_by_id.items()}
        names = FilterNames(
            lambda value: keys_by_id.get(value.casefold()),
            partial(items.similar_ids, self.snapshot, table),
            lambda keys: [ids_by_key[key] for key in sorted(keys)],
            items.list_path(table),
        )
        return self._resolve("id", occurrences, names)

    def resolve_dates(self, query: DatedFilters) -> dict[str, str]:
        """Return the first and the last day of publication, by the name of the parameter."""
        dates = {}
        if query.published_from is not None:
            dates["published_from"] = date_range(query.published_from).first
        if query.published_to is not None:
            dates["published_to"] = date_range(query.published_to).last
        self.applied |= {name: [day] for name, day in dates.items()}
        return dates

    def _resolve(
        self, parameter: str, occurrences: Sequence[str], names: FilterNames
    ) -> list[FilterKeys]:
        """Resolve every value of a filter, and note what it means in `applied`."""

        def resolve_values(values: Sequence[str]) -> list[Any]:
            keys = []
            for value in values:
                key = names.find(value)
                if key is None:
                    self._add_unknown(parameter, value, names)
                else:
                    keys.append(key)
            return list(dict.fromkeys(keys))

        resolved = []
        for any_of, none_of in parse_filter(parameter, list(dict.fromkeys(occurrences))):
            self._conditions += 1
            keys = FilterKeys(resolve_values(any_of), resolve_values(none_of))
            resolved.append(keys)
            excluded = (f"!{value}" for value in names.ids_of(keys.none_of))
            self.applied.setdefault(parameter, []).extend([*names.ids_of(keys.any_of), *excluded])
        return resolved

    def _add_unknown(self, parameter: str, value: str, names: FilterNames) -> None:
        guesses = []
        if len(self._errors) < MAX_SUGGESTED:
            guesses = nearest(fold(value), names.candidates(value))
        self._errors.append(
            invalid_param(parameter, value, f"no such {parameter}.", guesses, names.valid)
        )

    def check(self) -> None:
        """Raise a Problem if there are too many conditions, or any unknown value."""
        if self._conditions > MAX_CONDITIONS:
            message = f"there are more than {MAX_CONDITIONS} conditions; use fewer filters."
            raise invalid_value("filters", None, message)
        if self._errors:
            detail = " ".join(
                f"{error.parameter}: no such {error.parameter} '{error.value}'."
                f"{suggestion(error.did_you_mean)}"
                for error in self._errors[:3]
            )
            raise Problem("unknown-value", detail, self._errors)
