"""The names that filters accept: themes, places, actors (in memory) and articles (looked up)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.database.names import fold, is_storable
from app.models import (
    Actor,
    ActorName,
    Article,
    ArticleName,
    Count,
    Place,
    PlaceName,
    Theme,
    ThemeName,
)

MAX_CANDIDATES = 500
"""Titles read to find those near to a misspelt one."""


@dataclass(frozen=True)
class Names:
    """One vocabulary.

    Args:
        ids: the public id of each key.
        labels: what to show for each key.
        folded: the key of each folded id, label, name and alias.
        parents: the key of the broader or containing entry of each key that has one.
    """

    ids: Mapping[int, str]
    labels: Mapping[int, str]
    folded: Mapping[str, int]
    parents: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, name: str) -> int | None:
        """Return the key of the entry with a name, whatever its case and accents; None if none."""
        return self.folded.get(fold(name))

    def entries(self, keys: Collection[int] | None = None) -> Mapping[int, tuple[str, str]]:
        """Return id and label of entries, or of all, in the order of the vocabulary."""
        wanted = self.ids if keys is None else sorted(set(keys) & self.ids.keys())
        return {key: (self.ids[key], self.labels[key]) for key in wanted}

    def expand(self, keys: Iterable[int], *, narrower: bool) -> list[int]:
        """Return the keys in the order of the vocabulary, with everything narrower if wanted."""
        if not narrower:
            return sorted(keys)
        return sorted({each for key in keys for each in self._narrower.get(key, (key,))})

    @cached_property
    def _narrower(self) -> Mapping[int, Sequence[int]]:
        """Each entry that has narrower ones, with all of them and itself."""
        found: dict[int, list[int]] = {}
        for key in self.ids:
            above = self.parents.get(key)
            while above is not None:
                found.setdefault(above, [above]).append(key)
                above = self.parents.get(above)
        return found

    def candidates(self, _: str) -> Mapping[str, str]:
        """Return the id that each folded name leads to."""
        return {name: self.ids[key] for name, key in self.folded.items()}


class ArticleNames:
    """The ids and titles of articles, looked up in the database: there may be a hundred thousand.

    Args:
        connection: to the data version.
        size: how many articles there are.
    """

    def __init__(self, connection: Connection, size: int) -> None:
        self._connection = connection
        self._size = size
        self._named = select(col(ArticleName.folded), col(Article.id)).join(
            Article, col(Article.key) == col(ArticleName.article_key)
        )

    def __len__(self) -> int:
        return self._size

    def find(self, name: str) -> int | None:
        """Return the key of the article with a title, whatever its case; None if none."""
        if not is_storable(name):
            return None
        statement = select(col(ArticleName.article_key)).where(
            col(ArticleName.folded) == fold(name)
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def entries(self, keys: Collection[int] | None = None) -> Mapping[int, tuple[str, str]]:
        """Return id and title of articles, or of all, in the order of the data set."""
        if keys is not None and not keys:
            return {}
        statement = select(col(Article.key), col(Article.id), col(Article.title)).order_by(
            col(Article.key)
        )
        if keys is not None:
            statement = statement.where(col(Article.key).in_(list(keys)))
        return {key: (slug, title) for key, slug, title in self._connection.execute(statement)}

    def expand(self, keys: Iterable[int], *, narrower: bool) -> list[int]:  # noqa: ARG002
        """Return the keys in order. No article is narrower than another."""
        return sorted(keys)

    def candidates(self, value: str) -> Mapping[str, str]:
        """Return the names that begin like an unknown one, and the ids they lead to."""
        found: dict[str, str] = {}
        folded = fold(value)
        for size in (8, 4, 2, 1, 0) if is_storable(value) else (0,):
            begin = folded[:size]
            begun = (
                col(ArticleName.folded) >= begin,
                col(ArticleName.folded) <= begin + "\U0010ffff",
            )
            statement = (
                self._named.where(*begun)
                .order_by(col(ArticleName.folded))
                .limit(MAX_CANDIDATES - len(found))
            )
            found |= {name: slug for name, slug in self._connection.execute(statement)}  # noqa: C416 - rows are no pairs
            if len(found) >= MAX_CANDIDATES:
                break
        return found


class Aliases:
    """All names of themes, places and actors.

    Args:
        names: by kind (`theme`, `place`, `actor`) and id.
    """

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._names = names

    def names(self, kind: str, refs: Iterable[Mapping[str, Any]] | None) -> list[str]:
        """Return the names of some references, the displayed name of each first."""
        names = []
        for ref in refs or ():
            displayed = ref.get("name") or ref["label"]
            others = self._names[kind].get(ref["id"], ())
            names += [displayed, *sorted(name for name in others if name != displayed)]
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Vocabulary:
    """Every name of one data version, its years, and the aliases that full text searches."""

    themes: Names
    places: Names
    actors: Names
    publishers: Names
    years: range
    aliases: Aliases


def load_vocabulary(connection: Connection) -> Vocabulary:
    """Read every vocabulary of the published version."""

    def rows(*columns: Any) -> Sequence[Any]:
        # In the order of the first column, the key: the default order of every list.
        found: Sequence[Any] = connection.execute(select(*columns).order_by(columns[0])).all()
        return found

    def read(
        table: Any, label: Any, names: Any, key: Any, parent: Any = None
    ) -> tuple[Names, dict[str, list[str]]]:
        """Return the names in a table, and the aliases of each id."""
        entries = rows(table.key, table.id, label, *([] if parent is None else [parent]))
        ids = {entry[0]: entry[1] for entry in entries}
        parents = (
            {}
            if parent is None
            else {entry[0]: entry[3] for entry in entries if entry[3] is not None}
        )
        aliases: dict[str, list[str]] = {slug: [] for slug in ids.values()}
        folded = {}
        for folded_name, name, entry_key in rows(names.folded, names.name, key):
            folded[folded_name] = entry_key
            if name != ids[entry_key]:  # an id is no alias
                aliases[ids[entry_key]].append(name)
        return Names(ids, {entry[0]: entry[2] for entry in entries}, folded, parents), aliases

    themes, theme_names = read(
        Theme, Theme.label, ThemeName, ThemeName.theme_key, Theme.broader_key
    )
    places, place_names = read(Place, Place.name, PlaceName, PlaceName.place_key, Place.part_of_key)
    actors, actor_names = read(Actor, Actor.name, ActorName, ActorName.actor_key)

    def values_of(dimension: str) -> list[str]:
        """Return the values of a dimension that articles have."""
        of_articles = select(col(Count.value)).where(
            col(Count.collection) == "articles", col(Count.dimension) == dimension
        )
        return [value for value in connection.execute(of_articles).scalars() if value]

    publishing = set(map(int, values_of("publisher")))
    years = list(map(int, values_of("year")))
    return Vocabulary(
        themes=themes,
        places=places,
        actors=actors,
        publishers=Names(
            {key: slug for key, slug in actors.ids.items() if key in publishing},
            actors.labels,
            {name: key for name, key in actors.folded.items() if key in publishing},
        ),
        years=range(min(years), max(years) + 1) if years else range(0),
        aliases=Aliases({"theme": theme_names, "place": place_names, "actor": actor_names}),
    )
