"""What a corpus as a whole says of its themes, places and actors, gathered in one pass over the articles."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app import schemas
from seed.reading.body import Body
from seed.reading.corpus import Article, Corpus
from seed.reading.records import ClaimRecord, RecommendationRecord

MAX_ARTICLES = 100
"""Articles named with an actor; `counts.articles` says how many there are, and a link lists all."""


class Aggregates:
    """What documents say of the whole corpus, gathered in one pass over the articles; it does not grow with their number.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.broader_themes = _upwards({theme.id: theme.broader for theme in corpus.themes})
        self.wider_places = _upwards({place.id: place.part_of for place in corpus.places})
        self.theme_counts = {slug: Counter[str]() for slug in self.broader_themes}
        self.place_counts = {slug: Counter[str]() for slug in self.wider_places}
        self.roles: dict[str, Counter[str]] = defaultdict(Counter)
        self.actor_themes: dict[str, set[str]] = defaultdict(set)
        self.actor_places: dict[str, set[str]] = defaultdict(set)
        self.articles_of: dict[str, list[Article]] = defaultdict(list)
        self.annotations = 0
        related = {relation.other for relation in corpus.relations}
        self.related: dict[str, schemas.AnnotationRef] = {}
        for article in corpus.articles:
            self._add(article, related)

    def _add(self, article: Article, related: set[str]) -> None:
        themes: set[str] = set()
        places: set[str] = set()
        for item in article.annotations():
            self.annotations += 1
            kind = "claims" if isinstance(item, ClaimRecord) else "recommendations"
            themes |= _count(kind, item.themes, self.broader_themes, self.theme_counts)
            places |= _count(kind, item.places, self.wider_places, self.place_counts)
            self._add_roles(item)
            slug = f"{article.slug}.{item.id}"
            if slug in related:
                self.related[slug] = schemas.AnnotationRef(id=slug, statement=item.statement)
        _count("articles", themes, self.broader_themes, self.theme_counts)
        _count("articles", places, self.wider_places, self.place_counts)
        # Only the record is said again of an article; its text and annotations would fill the memory.
        head = replace(article, source="", body=Body([]), places={}, claims=(), recommendations=())
        for actor in actors_in(article):
            self.roles[actor]["articles"] += 1
            if len(self.articles_of[actor]) < MAX_ARTICLES:
                self.articles_of[actor].append(head)

    def _add_roles(self, item: ClaimRecord | RecommendationRecord) -> None:
        for role, actors in roles_of(item).items():
            for actor in actors:
                self.roles[actor][role] += 1
                self.actor_themes[actor].update(item.themes)
                self.actor_places[actor].update(item.places)


def _count(
    kind: str,
    slugs: Iterable[str],
    upwards: Mapping[str, Sequence[str]],
    counts: Mapping[str, Counter[str]],
) -> set[str]:
    """Count one item under each of some entries of a hierarchy and everything above them, once; return these."""
    carried = {above for slug in slugs for above in upwards[slug]}
    for slug in carried:
        counts[slug][kind] += 1
    return carried


def roles_of(item: ClaimRecord | RecommendationRecord) -> Mapping[str, Sequence[str]]:
    """Return the actors of a claim or recommendation by role."""
    if isinstance(item, ClaimRecord):
        return {"claims": item.sources, "about": item.about}
    return {
        "recommendations": item.sources,
        "addressee": item.addressees,
        "beneficiary": item.beneficiaries,
    }


def actors_in(article: Article) -> set[str]:
    """Return the actors with any role in an article, its authors and publisher included."""
    named = {
        actor
        for item in article.annotations()
        for role in roles_of(item).values()
        for actor in role
    }
    return named | {article.record.publisher, *(article.record.authors or ())}


def _upwards(parents: Mapping[str, str | None]) -> Mapping[str, Sequence[str]]:
    """Return each entry of a hierarchy with everything above it, itself first."""
    found = {}
    for slug in parents:
        chain = [slug]
        while (above := parents[chain[-1]]) is not None:
            chain.append(above)
        found[slug] = chain
    return found
