"""Check an article against the vocabularies, against itself and against the articles before it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.database.names import fold
from app.query.parameters import MAX_VALUE_LENGTH
from seed.reading.articles import ParsedArticle
from seed.reading.corpus import entry_names
from seed.reading.faults import Fault
from seed.reading.records import (
    SLUG_PATTERN,
    ActorRecord,
    ClaimRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)
from seed.reading.vocabulary import Vocabulary, check_unique
from seed.reading.yaml_file import Location, YamlFile

ROLES = ("sources", "about", "addressees", "beneficiaries")
MIN_MENTION_LENGTH = 4
"""Length from which the name of an actor is looked for in quotes: shorter ones are often words."""


class ArticleChecks:
    """The checks of every article, one after the other.

    Args:
        themes: to check references against.
        places: to check references against.
        actors: to check references against.
        slugs: of all articles.
    """

    def __init__(
        self,
        themes: Vocabulary[ThemeRecord],
        places: Vocabulary[PlaceRecord],
        actors: Vocabulary[ActorRecord],
        slugs: Iterable[str],
    ) -> None:
        self.themes, self.places, self.actors = themes, places, actors
        self.warnings: list[Fault] = []
        self.used_actors = {actor for actor in actors.parents.values() if actor is not None}
        # An article can be asked for by id and by title.
        self._owners = {fold(slug): slug for slug in slugs}
        self._mentions = ActorMentions(actors.entries.values(), places.entries.values())

    def check(self, article: ParsedArticle) -> None:
        """Add the faults of an article to its file, and the warnings to the list."""
        file, slug = article.file, article.slug
        if re.fullmatch(SLUG_PATTERN, slug) is None or len(slug) > MAX_VALUE_LENGTH:
            message = (
                "has a name that cannot be an id: use lower-case letters, digits and hyphens, "
                f"at most {MAX_VALUE_LENGTH} characters: a-b-c.yaml."
            )
            file.add_fault((), message)
        if not isinstance(file.value, dict):
            return
        self._check_title(article, file.value.get("title"))
        self._note_used_actors(article)
        if article.record is not None:
            self.actors.check_reference(article.record.publisher, file, ("publisher",))
            self.actors.check_references(article.record.authors or [], file, ("authors",))
        recommendations = article.raw_items("recommendations")
        local_ids = {*article.claim_ids, *(str(item.get("id")) for item in recommendations)}
        seen: set[str] = set()
        for location, item in article.items():
            if item.id in seen:
                file.add_fault(
                    (*location, "id"), f"'{item.id}' appears twice: give one of them a new number."
                )
            seen.add(item.id)
            self._check_annotation(item, file, location)
            _check_quotation_marks(item.statement, file, (*location, "statement"))
            if str(file.value.get("language")).split("-")[0] == "en":
                _check_quotation_marks(item.quote, file, (*location, "quote"))
            for local_id in re.findall(r"\b[cr][0-9]+\b", item.note or ""):
                if local_id not in local_ids:
                    file.add_fault(
                        (*location, "note"),
                        f"mentions {local_id}, which is not in this file: correct the note.",
                    )
            if isinstance(item, RecommendationRecord):
                self._check_recommendation(item, article.claim_ids, file, location)

    def _check_title(self, article: ParsedArticle, title: object) -> None:
        if isinstance(title, str):
            owner = self._owners.setdefault(fold(title), article.slug)
            if owner != article.slug:
                article.file.add_fault(
                    ("title",),
                    f"is also the title or id of '{owner}': a title must lead to one article.",
                )

    def _note_used_actors(self, article: ParsedArticle) -> None:
        """Note the actors that an article refers to, also in items that are not valid."""
        lists = [article.file.value.get("authors"), [article.file.value.get("publisher")]]
        for item in article.raw_items("claims") + article.raw_items("recommendations"):
            lists += [item.get(role) for role in ROLES]
        for slugs in lists:
            if isinstance(slugs, list):
                self.used_actors.update(slug for slug in slugs if isinstance(slug, str))

    def _check_annotation(
        self, item: ClaimRecord | RecommendationRecord, file: YamlFile, location: Location
    ) -> None:
        if item.statement == item.quote:
            file.add_fault(
                (*location, "statement"),
                "repeats the quote: write a sentence that is clear without the article.",
            )
        self.themes.check_references(item.themes, file, (*location, "themes"))
        self.places.check_references(item.places, file, (*location, "places"))
        for role in ROLES:
            self.actors.check_references(getattr(item, role, []), file, (*location, role))
        for position, theme in enumerate(item.themes):
            for broader in self.themes.ancestors(theme):
                if broader in item.themes:
                    message = f"'{theme}' is listed with its broader theme '{broader}'"
                    file.add_fault(
                        (*location, "themes", position), f"{message}: keep the narrower one."
                    )

    def _check_recommendation(
        self,
        item: RecommendationRecord,
        claim_ids: Sequence[str],
        file: YamlFile,
        location: Location,
    ) -> None:
        check_unique(item.based_on, file, (*location, "based_on"))
        for position, claim in enumerate(item.based_on):
            if claim not in claim_ids:
                remedy = (
                    "a recommendation is based on claims of its own article"
                    if "." in claim
                    else "correct it, or add the claim"
                )
                file.add_fault(
                    (*location, "based_on", position),
                    f"there is no claim '{claim}' in this article: {remedy}.",
                )
        if not item.addressees and not item.note:  # a note explains why there is none
            others = {*item.sources, *item.beneficiaries}
            actors = [actor for actor in self._mentions.find(item.quote) if actor not in others]
            if actors:
                message = (
                    f"is empty, but the quote names {', '.join(actors)}: is one of them asked?"
                )
                self.warnings.append(file.fault((*location, "addressees"), message))


def _check_quotation_marks(text: str, file: YamlFile, location: Location) -> None:
    """Check that the quotation marks of an English text open and close.

    A straight mark closes an open curly one: some texts mix them.
    """
    unclosed = 0
    for mark in re.findall('[“”"]', text):
        if mark == "“" or (mark == '"' and not unclosed):
            unclosed += 1
        elif unclosed:
            unclosed -= 1
        else:
            file.add_fault(
                location,
                "closes a quotation mark that it does not open: end before it, or begin earlier.",
            )
            return
    if unclosed:
        file.add_fault(
            location,
            "opens a quotation mark that it does not close: begin after it, or go on to its end.",
        )


class ActorMentions:
    """Finds the actors that a text names.

    Args:
        actors: to find.
        places: whose names do not count: Mali is more often the country than its government.
    """

    def __init__(self, actors: Iterable[ActorRecord], places: Iterable[PlaceRecord]) -> None:
        place_names = {fold(name) for place in places for name in entry_names(place)}
        # By the longest word of the name, so that few names are searched for in each text.
        self._names: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for position, actor in enumerate(actors):
            for name in map(fold, (actor.name, *actor.aliases)):
                words = re.findall(r"\w+", name)
                if len(name) >= MIN_MENTION_LENGTH and name not in place_names and words:
                    self._names[max(words, key=len)].append((position, actor.id, name))

    def find(self, text: str) -> list[str]:
        """Return the actors that a text names, in the order of the vocabulary."""
        folded = f" {fold(text)} "
        mentions = {
            (position, actor)
            for word in set(re.findall(r"\w+", folded))
            for position, actor, name in self._names.get(word, ())
            if re.search(rf"\W{re.escape(name)}\W", folded)
        }
        return [actor for _, actor in sorted(mentions)]
