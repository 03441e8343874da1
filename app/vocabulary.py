"""The names a query may use: themes, places, actors and articles of one data version, held in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from app.models import Actor, ActorName, Article, Place, PlaceName, Theme, ThemeName
from app.names import fold
from app.search import Spellings


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

    def find(self, name: str) -> int | None:
        """Return the key of the entry that is called so, whatever the case and accents; None if there is none."""
        return self.folded.get(fold(name))

    def within(self, keys: Iterable[int]) -> list[int]:
        """Return the keys with everything narrower, in the order of the vocabulary."""
        covered = set(keys)
        size = -1
        while size != len(covered):
            size = len(covered)
            covered |= {key for key, parent in self.parents.items() if parent in covered}
        return sorted(covered)

    def candidates(self) -> Mapping[str, str]:
        """Return the id that each folded name leads to."""
        return {name: self.ids[key] for name, key in self.folded.items()}


@dataclass(frozen=True)
class Vocabulary:
    """Every name of one data version, the years it spans, and the spellings that full text shows."""

    themes: Names
    places: Names
    actors: Names
    publishers: Names
    articles: Names
    years: range
    spellings: Spellings


def load_vocabulary(session: Session) -> Vocabulary:
    """Read every vocabulary of the published version."""

    def rows(*columns: Any) -> Sequence[Any]:
        # In the order of the first column: of keys, which is the order of everything that is listed.
        found: Sequence[Any] = session.execute(select(*columns).order_by(columns[0])).all()
        return found

    def read(table: Any, label: Any, names: Any, key: Any, parent: Any = None) -> tuple[Names, dict[str, list[str]]]:
        """Return the names of a table with a table of names, and the spellings of each id."""
        entries = rows(table.key, table.id, label, *([] if parent is None else [parent]))
        ids = {entry[0]: entry[1] for entry in entries}
        parents = {} if parent is None else {entry[0]: entry[3] for entry in entries if entry[3] is not None}
        spelled: dict[str, list[str]] = {slug: [] for slug in ids.values()}
        folded = {}
        for spelling, name, entry_key in rows(names.folded, names.name, key):
            folded[spelling] = entry_key
            if name != ids[entry_key]:  # an id is no name to show
                spelled[ids[entry_key]].append(name)
        return Names(ids, {entry[0]: entry[2] for entry in entries}, folded, parents), spelled

    themes, theme_names = read(Theme, Theme.label, ThemeName, ThemeName.theme_key, Theme.broader_key)
    places, place_names = read(Place, Place.name, PlaceName, PlaceName.place_key, Place.part_of_key)
    actors, actor_names = read(Actor, Actor.name, ActorName, ActorName.actor_key)
    articles = rows(Article.key, Article.id, Article.title, Article.title_sort, Article.publisher_key, Article.year)
    publishing = {article.publisher_key for article in articles}
    years = [int(article.year) for article in articles if article.year]
    return Vocabulary(
        themes=themes,
        places=places,
        actors=actors,
        publishers=Names(
            {key: slug for key, slug in actors.ids.items() if key in publishing},
            actors.labels,
            {name: key for name, key in actors.folded.items() if key in publishing},
        ),
        articles=Names(
            {article.key: article.id for article in articles},
            {article.key: article.title for article in articles},
            # An id wins over a title that is folded alike.
            {article.title_sort: article.key for article in articles} | {fold(article.id): article.key for article in articles},
        ),
        years=range(min(years), max(years) + 1) if years else range(0),
        spellings=Spellings({"theme": theme_names, "place": place_names, "actor": actor_names}),
    )
