"""Reading and checking a corpus: files in, a checked corpus out, or every fault with file, line and field."""

import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rapidfuzz import fuzz, process

from app.database.names import fold
from app.query.parameters import MAX_VALUE_LENGTH
from seed.reading.articles import ArticleFiles, ParsedArticle, parse_article
from seed.reading.corpus import Corpus, Relation, names_of
from seed.reading.faults import CorpusError, Fault
from seed.reading.records import (
    SLUG,
    ActorRecord,
    AnnotationRecord,
    DatasetRecord,
    PlaceRecord,
    RecommendationRecord,
    ThemeRecord,
)
from seed.reading.validation import parse, parse_each
from seed.reading.yaml_file import Location, YamlFile, read_text, read_yaml

Entry = TypeVar("Entry", ThemeRecord, PlaceRecord, ActorRecord)
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""

MAX_DEPTH = 20
"""Levels of a vocabulary: more are a mistake."""

INVERSE = {"supports": "supported-by", "qualifies": "qualified-by", "contradicts": "contradicts"}


def read_corpus(folder: Path, progress: Progress = lambda *_: None) -> Corpus:
    """Read and check a corpus.

    Args:
        folder: holds ``dataset.yaml``, ``vocabulary/``, ``sources/`` and ``annotations/``.
        progress: told of each article.

    Raises:
        CorpusError: with every fault found.
    """
    if not folder.is_dir():
        raise CorpusError(
            [Fault(folder, 1, "", "is no folder: name the one that holds dataset.yaml.")]
        )
    return _Reader(folder, progress).read()


class _Reader:
    """One reading of one corpus folder; collects faults until the end, and of each article only what others are checked against."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.known: dict[
            str, set[str]
        ] = {}  # not of a vocabulary that cannot be read: hundreds of faults would hide that one
        self.used: set[str] = set()
        self.broader: dict[str, list[str]] = {}
        self.named: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self.digests: dict[str, bytes] = {}
        self.titles: dict[str, str] = {}
        self.claim_ids: dict[str, tuple[str, ...]] = {}
        self.alike: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.stated: list[tuple[Relation, Location]] = []
        self.nearest: dict[str, str] = {}
        self.annotated = self.claims = self.recommendations = 0

    def read(self) -> Corpus:
        dataset_file = read_yaml(self.folder, Path("dataset.yaml"))
        dataset = (
            parse(dataset_file, DatasetRecord, dataset_file.value)
            if dataset_file.value is not None
            else None
        )
        themes_file, theme_entries = self._vocabulary("themes", ThemeRecord)
        places_file, place_entries = self._vocabulary("places", PlaceRecord)
        actors_file, actor_entries = self._vocabulary("actors", ActorRecord)
        themes = self._hierarchy(themes_file, theme_entries, "broader", "theme")
        places = self._hierarchy(places_file, place_entries, "part_of", "place")
        actors = self._hierarchy(actors_file, actor_entries, "part_of", "actor")
        parents = {theme.id: theme.broader for theme in themes}
        self.broader = {theme: _above(theme, parents) for theme in parents}
        # What names a place too (Mali) may well be meant as one.
        where = {fold(name) for place in places for name in names_of(place)}
        for number, actor in enumerate(actors):
            for name in (actor.name, *actor.aliases):
                if len(name) > 3 and fold(name) not in where:
                    self.named[_longest_word(fold(name))].append((number, actor.id, fold(name)))
        slugs = self._slugs_of_articles()
        for done, slug in enumerate(slugs):
            self.progress("checking", done, len(slugs))
            self._article(slug)
        self.progress("checking", len(slugs), len(slugs))
        relations = self._relations()
        # A file that cannot be read may be the one that refers to an actor: then nothing is said of those left over.
        unread = len(self.claim_ids) < self.annotated
        for position, actor in actor_entries.items():
            if actor.id not in self.used and not unread:
                actors_file.add_fault(
                    (position, "id"), f"nothing refers to '{actor.id}': use it or take it out."
                )
        codebook = self._codebook()
        for file in (dataset_file, themes_file, places_file, actors_file):
            self.faults += file.faults
        if self.faults or dataset is None:
            raise CorpusError(self.faults)
        return Corpus(
            dataset=dataset,
            themes=themes,
            places=places,
            actors=sorted(actors, key=lambda actor: actor.id),
            articles=ArticleFiles(self.folder, self.digests),
            relations=relations,
            claims=self.claims,
            recommendations=self.recommendations,
            codebook=codebook,
            warnings=sorted(self.warnings),
        )

    def _codebook(self) -> str | None:
        path = Path("CODEBOOK.md")
        if not os.path.lexists(self.folder / path):
            return None
        text = read_text(self.folder, path)
        if isinstance(text, Fault):
            self.faults.append(text)
            return None
        return text

    def _vocabulary(self, name: str, model: type[Entry]) -> tuple[YamlFile, dict[int, Entry]]:
        file = read_yaml(self.folder, Path("vocabulary") / f"{name}.yaml")
        entries = parse_each(file, model, file.value) if file.value is not None else {}
        # Ids of entries that are not valid themselves are known all the same: what refers to them is not at fault.
        if isinstance(file.value, list):
            self.known[name] = {
                entry["id"]
                for entry in file.value
                if isinstance(entry, dict) and isinstance(entry.get("id"), str)
            }
        seen: set[str] = set()
        meanings: dict[str, str] = {}
        for position, entry in entries.items():
            if entry.id in seen:
                file.add_fault(
                    (position, "id"), f"'{entry.id}' stands twice: give one of them another id."
                )
                continue
            seen.add(entry.id)
            for spelling in names_of(entry):
                owner = meanings.setdefault(fold(spelling), entry.id)
                if owner != entry.id:
                    message = (
                        f"“{spelling}” already names '{owner}': a name must lead to one entry."
                    )
                    file.add_fault((position,), message)
        return file, entries

    def _hierarchy(
        self, file: YamlFile, entries: dict[int, Entry], link: str, kind: str
    ) -> list[Entry]:
        """Check who belongs to whom; return the entries with everything narrower after its broader one."""
        parents: dict[str, str | None] = {
            entry.id: getattr(entry, link) for entry in entries.values()
        }
        for position, entry in entries.items():
            above = getattr(entry, link)
            if above is None:
                continue
            if kind == "actor":
                self.used.add(above)
            self._must_know(f"{kind}s", above, file, (position, link))
            ancestors: list[str] = _above(entry.id, parents)
            if entry.id in ancestors:
                circle = " → ".join([entry.id, *ancestors])
                file.add_fault(
                    (position, link),
                    f"goes round in a circle: {circle}: let one of them stand at the top (null).",
                )
            elif len(ancestors) > MAX_DEPTH:
                file.add_fault(
                    (position, link), f"stands more than {MAX_DEPTH} levels deep: place it higher."
                )
        below: dict[str | None, list[Entry]] = defaultdict(list)
        for entry in entries.values():
            below[getattr(entry, link)].append(entry)
        ordered: list[Entry] = []

        def place_below(above: str | None) -> None:
            for entry in below.get(above, ()):
                ordered.append(entry)
                place_below(entry.id)

        if not file.faults:  # without faults there is no circle
            place_below(None)
        return ordered or list(entries.values())

    def _slugs_of_articles(self) -> list[str]:
        """Return the slugs of the articles whose two files are there, in their order."""
        annotated = {path.stem for path in (self.folder / "annotations").glob("*.yaml")}
        texts = {path.stem for path in (self.folder / "sources").glob("*.txt")}
        for slug in sorted(annotated - texts):
            self.faults.append(
                Fault(
                    Path("annotations", f"{slug}.yaml"),
                    1,
                    "",
                    f"has no text: add sources/{slug}.txt.",
                )
            )
        for slug in sorted(texts - annotated):
            self.faults.append(
                Fault(
                    Path("sources", f"{slug}.txt"),
                    1,
                    "",
                    f"has no annotations: add annotations/{slug}.yaml.",
                )
            )
        if not annotated | texts:
            self.faults.append(
                Fault(
                    Path("annotations"),
                    1,
                    "",
                    "holds no article: add one text and one annotation file.",
                )
            )
        self.annotated = len(annotated)
        self.titles = {slug.replace("-", " "): slug for slug in annotated}
        return sorted(annotated & texts)

    def _article(self, slug: str) -> None:
        """Check an article, and remember what others are checked against."""
        draft = parse_article(self.folder, slug)
        file = draft.file
        if re.fullmatch(SLUG, slug) is None or len(slug) > MAX_VALUE_LENGTH:
            message = f"name the file in lower case with hyphens, at most {MAX_VALUE_LENGTH} characters: a-b-c.yaml."
            file.add_fault((), message)
        if isinstance(file.value, dict):
            self._check(draft, file.value)
        self.faults += file.faults
        self.digests[slug] = draft.digest
        self.claims += len(draft.claims)
        self.recommendations += len(draft.recommendations)

    def _check(self, draft: ParsedArticle, raw: Mapping[str, Any]) -> None:
        """Check what an article says against the vocabularies, itself and the articles before it."""
        file, record = draft.file, draft.record
        title = raw.get("title")
        owner = (
            self.titles.setdefault(fold(title), draft.slug)
            if isinstance(title, str)
            else draft.slug
        )
        if owner != draft.slug:
            file.add_fault(
                ("title",),
                f"is the title or id of '{owner}' too: a title must lead to one article.",
            )
        self._mentioned([{"sources": [raw.get("publisher")], "about": raw.get("authors")}])
        claim_ids, recommendation_ids = (
            self._mentioned(raw.get("claims")),
            self._mentioned(raw.get("recommendations")),
        )
        # Most articles number their claims alike: one tuple serves them all.
        self.claim_ids[draft.slug] = self.alike.setdefault(claim_ids, claim_ids)
        if record is not None:
            self._actors([record.publisher], file, ("publisher",))
            self._actors(record.authors or [], file, ("authors",))
        local_ids = {*claim_ids, *recommendation_ids}
        seen: set[str] = set()
        for location, item in draft.items():
            if item.id in seen:
                file.add_fault(
                    (*location, "id"), f"'{item.id}' stands twice: give one of them a new number."
                )
            seen.add(item.id)
            self._annotation(item, local_ids, file, location)
            if isinstance(item, RecommendationRecord):
                self._recommendation(item, claim_ids, file, location)
            else:
                self._actors(item.about, file, (*location, "about"))
                for index, relation in enumerate(item.relations):
                    other = (
                        relation.claim
                        if "." in relation.claim
                        else f"{draft.slug}.{relation.claim}"
                    )
                    stated = Relation(
                        f"{draft.slug}.{item.id}", relation.type, other, relation.note
                    )
                    self.stated.append((stated, (*location, "relations", index)))

    def _mentioned(self, raw: Any) -> tuple[str, ...]:
        """Return the ids in a list of items as it was read; note whom they refer to, whether or not they are valid."""
        items = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
        for item in items:
            for role in ("sources", "about", "addressees", "beneficiaries"):
                slugs = item.get(role)
                self.used.update(
                    slug
                    for slug in (slugs if isinstance(slugs, list) else [])
                    if isinstance(slug, str)
                )
        return tuple(sys.intern(str(item.get("id"))) for item in items)

    def _annotation(
        self, item: AnnotationRecord, local_ids: set[str], file: YamlFile, location: Location
    ) -> None:
        if item.statement == item.quote:
            file.add_fault(
                (*location, "statement"),
                "is the quote itself: say it in a sentence that can be read without the article.",
            )
        for named in re.findall(r"\b[cr][0-9]+\b", item.note or ""):
            if named not in local_ids:
                file.add_fault(
                    (*location, "note"),
                    f"speaks of {named}, which is not in this file: mend the note.",
                )
        self._actors(item.sources, file, (*location, "sources"))
        self._slugs("themes", item.themes, file, (*location, "themes"))
        self._slugs("places", item.places, file, (*location, "places"))
        for position, theme in enumerate(item.themes):
            for above in self.broader.get(theme, ()):
                if above in item.themes:
                    message = f"'{theme}' stands beside its own broader theme '{above}': keep the narrower."
                    file.add_fault((*location, "themes", position), message)

    def _recommendation(
        self,
        item: RecommendationRecord,
        claims: Sequence[str],
        file: YamlFile,
        location: Location,
    ) -> None:
        self._actors(item.addressees, file, (*location, "addressees"))
        self._actors(item.beneficiaries, file, (*location, "beneficiaries"))
        self._twice(item.based_on, file, (*location, "based_on"))
        for position, claim in enumerate(item.based_on):
            if claim not in claims:
                message = f"there is no claim '{claim}' in this article" + (
                    ": a recommendation is based on claims of its own article."
                    if "." in claim
                    else ": mend it, or add the claim."
                )
                file.add_fault((*location, "based_on", position), message)
        if not item.addressees and not item.note:  # a note tells that it was decided
            named = [
                actor
                for actor in self._named_in(item.quote)
                if actor not in {*item.sources, *item.beneficiaries}
            ]
            if named:
                message = (
                    f"is empty, but the quote names {', '.join(named)}: is one of them to act?"
                )
                self.warnings.append(file.fault((*location, "addressees"), message))

    def _named_in(self, quote: str) -> list[str]:
        """Return the actors whom a quote names, in the order of the vocabulary."""
        words = f" {fold(quote)} "
        found = {
            (number, actor)
            for word in {*re.findall(r"\w+", words), ""}
            for number, actor, name in self.named.get(word, ())
            if re.search(rf"\W{re.escape(name)}\W", words)
        }
        return [actor for _, actor in sorted(found)]

    def _relations(self) -> list[Relation]:
        """Check the relations between claims, and return each as seen from both."""
        relations: list[Relation] = []
        seen: set[tuple[str, str, str]] = set()
        for relation, location in self.stated:
            here, kind, other, note = relation
            slug, _, claim = other.partition(".")
            if claim not in self.claim_ids.get(slug, ()):
                message = (
                    f"there is no claim '{other}'{_meant(self._nearest_claims(other))}: mend it."
                )
                self._add_faults(here, (*location, "claim"), message)
            elif other == here:
                self._add_faults(
                    here, (*location, "claim"), "is the claim itself: name the other one."
                )
            elif (here, kind, other) in seen:
                self._add_faults(
                    here, location, f"'{here}' {kind} '{other}' stands twice: keep one."
                )
            else:
                inverse = INVERSE[kind]
                seen |= {(here, kind, other), (other, inverse, here)}
                relations += [relation, Relation(other, inverse, here, note)]
        return relations

    def _add_faults(self, claim: str, location: Location, message: str) -> None:
        """Note a fault of a file that was read before; its lines were not kept."""
        file = read_yaml(self.folder, Path("annotations", f"{claim.partition('.')[0]}.yaml"))
        self.faults.append(file.fault(location, message))

    def _nearest_claims(self, missing: str) -> list[str]:
        """Return the claim whose id is most like one that is missing, if there is any in its article or the one nearest to that."""
        slug = missing.partition(".")[0]
        if slug not in self.nearest:
            known = slug in self.claim_ids
            self.nearest[slug] = (
                slug
                if known
                else process.extractOne(slug, list(self.claim_ids), scorer=fuzz.ratio)[0]
            )
        claims = [f"{self.nearest[slug]}.{claim}" for claim in self.claim_ids[self.nearest[slug]]]
        return [
            match for match, _, _ in process.extract(missing, claims, scorer=fuzz.ratio, limit=1)
        ]

    def _actors(self, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        self.used.update(slugs)
        self._slugs("actors", slugs, file, location)

    def _slugs(
        self, vocabulary: str, slugs: Sequence[str], file: YamlFile, location: Location
    ) -> None:
        self._twice(slugs, file, location)
        if vocabulary in self.known and not self.known[vocabulary].issuperset(slugs):
            for position, slug in enumerate(slugs):
                self._must_know(
                    vocabulary,
                    slug,
                    file,
                    (*location, position) if len(location) > 1 or len(slugs) > 1 else location,
                )

    def _twice(self, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        if len(set(slugs)) < len(slugs):
            for position, slug in enumerate(slugs):
                if slug in slugs[:position]:
                    file.add_fault((*location, position), f"'{slug}' stands twice: keep one.")

    def _must_know(self, vocabulary: str, slug: str, file: YamlFile, location: Location) -> None:
        known = self.known.get(vocabulary)
        if known is not None and slug not in known:
            near = [
                match
                for match, _, _ in process.extract(
                    slug, known, scorer=fuzz.ratio, limit=2, score_cutoff=60
                )
            ]
            message = f"there is no '{slug}' in vocabulary/{vocabulary}.yaml{_meant(near)}: mend it, or add it there."
            file.add_fault(location, message)


def _above(slug: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return everything above an entry, nearest first; ends where a circle closes."""
    chain: list[str] = []
    above = parents.get(slug)
    while above is not None and above not in chain:
        chain.append(above)
        above = parents.get(above)
    return chain


def _meant(near: Sequence[str]) -> str:
    return f" (did you mean {' or '.join(repr(name) for name in near)}?)" if near else ""


def _longest_word(name: str) -> str:
    """Return the word of a name by which it is looked up in a text; empty if it has none."""
    return max(re.findall(r"\w+", name), key=len, default="")
