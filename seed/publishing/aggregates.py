"""Facts about the whole corpus that single documents contain, gathered in one pass."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app import schemas
from seed.reading.body import Body
from seed.reading.corpus import Article, Corpus
from seed.reading.records import ClaimRecord, RecommendationRecord

MAX_ACTOR_ARTICLES = 100
"""Articles in the document of an actor; `counts.articles` is their number, a link lists all."""


class Aggregates:
    """Counts and references over all articles; they do not grow with the number of articles.

    Args:
        corpus: checked records.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.broader_themes = _chains({theme.id: theme.broader for theme in corpus.themes})
        self.wider_places = _chains({place.id: place.part_of for place in corpus.places})
        self.theme_counts = {slug: Counter[str]() for slug in self.broader_themes}
        self.place_counts = {slug: Counter[str]() for slug in self.wider_places}
        self.role_counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.actor_themes: dict[str, set[str]] = defaultdict(set)
        self.actor_places: dict[str, set[str]] = defaultdict(set)
        self.actor_articles: dict[str, list[Article]] = defaultdict(list)
        self.annotations = 0
        related = {relation.other for relation in corpus.relations}
        self.related_claims: dict[str, schemas.AnnotationRef] = {}
        for article in corpus.articles:
            self._add(article, related)

    def _add(self, article: Article, related: set[str]) -> None:
        themes: set[str] = set()
        places: set[str] = set()
        for item in article.annotations():
            self.annotations += 1
            kind = "claims" if isinstance(item, ClaimRecord) else "recommendations"
            themes |= _count_item(kind, item.themes, self.broader_themes, self.theme_counts)
            places |= _count_item(kind, item.places, self.wider_places, self.place_counts)
            self._add_roles(item)
            slug = f"{article.slug}.{item.id}"
            if slug in related:
                self.related_claims[slug] = schemas.AnnotationRef(id=slug, statement=item.statement)
        _count_item("articles", themes, self.broader_themes, self.theme_counts)
        _count_item("articles", places, self.wider_places, self.place_counts)
        # References need only the record; the texts of all articles would fill the memory.
        head = replace(
            article, source="", body=Body([]), quote_spans={}, claims=(), recommendations=()
        )
        for actor in actors_in(article):
            self.role_counts[actor]["articles"] += 1
            if len(self.actor_articles[actor]) < MAX_ACTOR_ARTICLES:
                self.actor_articles[actor].append(head)

    def _add_roles(self, item: ClaimRecord | RecommendationRecord) -> None:
        for role, actors in _actors_by_role(item).items():
            for actor in actors:
                self.role_counts[actor][role] += 1
                self.actor_themes[actor].update(item.themes)
                self.actor_places[actor].update(item.places)


def _count_item(
    kind: str,
    slugs: Iterable[str],
    chains: Mapping[str, Sequence[str]],
    counts: Mapping[str, Counter[str]],
) -> set[str]:
    """Count one item under some entries of a hierarchy and all broader ones; return these.

    Args:
        kind: of the item.
        slugs: of the entries.
        chains: each entry with everything broader.
        counts: to add to, by entry and kind.
    """
    covered = {broader for slug in slugs for broader in chains[slug]}
    for slug in covered:
        counts[slug][kind] += 1
    return covered


def _actors_by_role(item: ClaimRecord | RecommendationRecord) -> Mapping[str, Sequence[str]]:
    """Return the actors of an annotation by the role under which its document counts them."""
    if isinstance(item, ClaimRecord):
        return {"claims": item.sources, "about": item.about}
    return {
        "recommendations": item.sources,
        "addressee": item.addressees,
        "beneficiary": item.beneficiaries,
    }


def actors_in(article: Article) -> set[str]:
    """Return the actors with any role in an article, with its authors and its publisher."""
    actors = {
        actor
        for item in article.annotations()
        for role in _actors_by_role(item).values()
        for actor in role
    }
    return actors | {article.record.publisher, *(article.record.authors or ())}


def _chains(parents: Mapping[str, str | None]) -> Mapping[str, Sequence[str]]:
    """Return each entry of a hierarchy with everything broader, itself first."""
    chains = {}
    for slug in parents:
        chain = [slug]
        while (parent := parents[chain[-1]]) is not None:
            chain.append(parent)
        chains[slug] = chain
    return chains
