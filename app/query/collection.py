"""What a resource declares: its tables, and how its items are filtered, sorted and counted."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app.database.counts import PrecomputedCounts
from app.database.names import fold
from app.database.snapshot import Snapshot
from app.database.vocabulary import ArticleNames, Names
from app.schemas import Shape

YEARS = "years"

SqlColumn = InstrumentedAttribute[Any] | ColumnElement[Any] | Any


class Choices:
    """A closed list of values, with the methods of ``database.vocabulary.Names``.

    Args:
        stored: the stored value of each public value.
    """

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._stored = stored
        self._by_folded = {fold(name): name for name in stored}

    def __len__(self) -> int:
        return len(self._stored)

    def find(self, name: str) -> Any | None:
        """Return the stored value of a name in any case, or None if there is none."""
        return self._stored.get(self._by_folded.get(fold(name), ""))

    def entries(self, values: Container[Any] | None = None) -> Mapping[Any, tuple[str, str]]:
        """Return public value and label of some stored values, or of all, in their order."""
        return {
            value: (name, name)
            for name, value in self._stored.items()
            if values is None or value in values
        }

    def expand(self, values: Iterable[Any], *, narrower: bool) -> list[Any]:  # noqa: ARG002
        """Return the values: none has narrower ones."""
        return list(values)

    def candidates(self, _: str) -> Mapping[str, str]:
        """Return all values by their folded names."""
        return self._by_folded


@dataclass(frozen=True)
class Dimension:
    """One property of a collection's items. It serves as a filter, as a facet and in statistics.

    Args:
        vocabulary: where the values come from: `themes`, `places`, `actors`, `publishers`,
            `articles`, `years`, or a closed list that maps each public value to the stored one.
        value: the column with the value, in the items' own table or in a link table.
        item_key: the link table's column with the item's key. None if the items' own table has
            the value.
        coded_directly: the link table's column that is true where the item was coded with this
            very value, and false where it was coded with a narrower one. None if the values have
            no hierarchy.
        multi: whether the link table may link an item to the same value more than once.
        hide_empty: whether statistics leave out values that no item has, as with hundreds of
            actors.
        counted_with_themes: whether publishing counts its values together with those of every
            other dimension (``models.Crosstab``).
    """

    vocabulary: str | Mapping[str, Any]
    value: SqlColumn
    item_key: SqlColumn | None = None
    coded_directly: SqlColumn | None = None
    multi: bool = False
    hide_empty: bool = False
    counted_with_themes: bool = False

    @classmethod
    def by_link(cls, vocabulary: str, link: Any, **options: bool) -> "Dimension":
        """Return the dimension of a link table.

        Args:
            vocabulary: where the values come from.
            link: the table. Its primary key is the value and the item's key.
            options: ``hide_empty`` and ``counted_with_themes``.
        """
        value, item_key = (getattr(link, column.name) for column in link.__table__.primary_key)
        direct = getattr(link, "direct", None)
        return cls(vocabulary, value, item_key, coded_directly=direct, **options)

    @property
    def has_hierarchy(self) -> bool:
        """Whether a value may be broader than another one."""
        return self.coded_directly is not None

    @property
    def valid_values(self) -> str:
        """The valid values, or the path of their list, for error messages."""
        if not isinstance(self.vocabulary, str):
            return ", ".join(self.vocabulary)
        return "/articles" if self.vocabulary == "publishers" else f"/{self.vocabulary}"

    def names(self, snapshot: Snapshot) -> Names | ArticleNames | Choices:
        """Return the names of its values."""
        if self.vocabulary == YEARS:
            return Choices({str(year): str(year) for year in snapshot.vocabulary.years})
        if isinstance(self.vocabulary, str):
            return snapshot.names(self.vocabulary)
        return Choices(self.vocabulary)

    def stored_value(self, text: str) -> Any:
        """Return a stored value, given its text in ``models.Count`` or ``models.Crosstab``."""
        if self.vocabulary == YEARS:
            return text
        if isinstance(self.vocabulary, str):
            return int(text)
        return next(value for value in self.vocabulary.values() if str(value) == text)


class Column(NamedTuple):
    """A column of a CSV file.

    Args:
        name: in the header.
        path: of its value in the document; `[]` follows a list.
        type: as in a Table Schema: `string`, `integer`, `number` or `boolean`.
    """

    name: str
    path: str
    type: str = "string"

    @property
    def field(self) -> str:
        """The top-level field of the document that it is taken from."""
        return re.split(r"[.\[]", self.path)[0]


def closed_list(literal: Any) -> Mapping[str, str]:
    """Return the vocabulary of a ``Literal`` type whose values are stored as they are."""
    return {value: value for value in get_args(literal)}


@dataclass(frozen=True)
class Resource:
    """A list that clients can ask for.

    Args:
        name: its path without the slash.
        shape: the schema of an item.
        dimensions: by the name of the filter.
        columns: of its CSV file; names and order do not change, new columns come last.
        face: its linked data (``app/responses/jsonld.py``). None if it has none.
    """

    name: str
    shape: type[Shape]
    dimensions: Mapping[str, Dimension]
    columns: Sequence[Column]
    face: Any


@dataclass(frozen=True, kw_only=True)
class Collection(Resource):
    """A resource with a table: a list, its items and their counts.

    Args:
        table: the table of its items, a model with ``key``, ``id`` and the columns that filter,
            sort and count.
        texts: the table with the items' documents and searched words, a ``models.ItemText``.
        sorts: the public sort keys and their columns.
        search_fields: the fields that full text searches, each with the weight of a match in it.
            Highlights try them in this order.
        is_citable: whether an item has citations.
        body: a column of ``texts`` that full text searches although the document lacks it.
    """

    table: Any
    texts: Any
    sorts: Mapping[str, SqlColumn]
    search_fields: Mapping[str, float]
    is_citable: bool = False
    body: SqlColumn | None = None

    @property
    def kind(self) -> str:
        """The name of the items' table, a singular noun."""
        return str(self.table.__tablename__)

    def has_crosstab(self, name: str, other: str) -> bool:
        """Return whether publishing counts the items by these two dimensions together."""
        one, another = self.dimensions[name], self.dimensions[other]
        return (one.counted_with_themes or another.counted_with_themes) and "articles" not in (
            one.vocabulary,
            another.vocabulary,
        )

    def precomputed_count(
        self, precomputed: PrecomputedCounts, name: str, value: Any, *, narrower: bool
    ) -> int | None:
        """Return how many items have a value, or None if publishing did not count that."""
        # Counts of values without a hierarchy are stored as with narrower ones.
        narrower = narrower or not self.dimensions[name].has_hierarchy
        return precomputed.number(self.name, name, value, narrower=narrower)
