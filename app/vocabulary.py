"""The names a query may use: themes, places, actors and articles of one data version, held in memory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from app.models import Actor, ActorName, Article, Place, PlaceName, Theme, ThemeName
from app.names import fold


@dataclass(frozen=True)
class Names:
    """One vocabulary.

    Args:
        ids: the public id of each key.
        folded: the key of each folded id, label, name and alias.
        parents: the key of the broader or containing entry of each key that has one.
    """

    ids: Mapping[int, str]
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
    themes: Names
    places: Names
    actors: Names
    publishers: Names
    articles: Names


def load_vocabulary(session: Session) -> Vocabulary:
    """Read every vocabulary of the published version."""

    def rows(*columns: Any) -> Iterable[Any]:
        found: Callable[[], Iterable[Any]] = session.execute(select(*columns)).all
        return found()

    def parents(key: Any, parent: Any) -> dict[int, int]:
        return {child: above for child, above in rows(key, parent) if above is not None}

    articles: dict[int, str] = {}
    titles: dict[str, int] = {}
    for key, slug, title in rows(Article.key, Article.id, Article.title_sort):
        articles[key] = slug
        titles[title] = key
    titles |= {fold(slug): key for key, slug in articles.items()}
    actors = Names(dict(rows(Actor.key, Actor.id)), dict(rows(ActorName.folded, ActorName.actor_key)))
    publishing = set(session.exec(select(Article.publisher_key).distinct()))
    return Vocabulary(
        themes=Names(
            dict(rows(Theme.key, Theme.id)),
            dict(rows(ThemeName.folded, ThemeName.theme_key)),
            parents(col(Theme.key), col(Theme.broader_key)),
        ),
        places=Names(
            dict(rows(Place.key, Place.id)),
            dict(rows(PlaceName.folded, PlaceName.place_key)),
            parents(col(Place.key), col(Place.part_of_key)),
        ),
        actors=actors,
        publishers=Names(actors.ids, {name: key for name, key in actors.folded.items() if key in publishing}),
        articles=Names(articles, titles),
    )
