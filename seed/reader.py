"""Reading and checking a corpus: files in, a checked corpus out, or every fault with file, line and field."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from rapidfuzz import fuzz, process

from app.names import fold
from app.parameters import MOST_CHARACTERS
from seed.body import QUOTABLE, Body, Place, body_of, coverage, cuts_a_word
from seed.corpus import Article, Corpus, Relation, names_of
from seed.faults import CorpusError, Fault
from seed.records import (
    SLUG,
    ActorRecord,
    AnnotationRecord,
    ArticleRecord,
    ClaimRecord,
    DatasetRecord,
    PartRecord,
    PlaceRecord,
    QuoteRecord,
    RecommendationRecord,
    ThemeRecord,
    in_words,
)
from seed.strict_yaml import Location, YamlFile, read_text, read_yaml

Parsed = TypeVar("Parsed")
Entry = TypeVar("Entry", ThemeRecord, PlaceRecord, ActorRecord)
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""

DEEPEST = 20
"""Levels of a vocabulary: more are a mistake."""

INVERSE = {"supports": "supported-by", "qualifies": "qualified-by", "contradicts": "contradicts"}


@dataclass(frozen=True)
class Draft:
    """An annotation file as far as it is valid.

    Args:
        slug: the article's public id.
        file: for the lines of faults.
        record: what it says of the article; None if that is faulty.
        parts: what the lines of its text are; None if that is faulty.
        claim_ids: the ids of all claims, valid or not.
        recommendation_ids: the ids of all recommendations, valid or not.
        faulty: the quotes of items that are not valid otherwise, with their locations.
        claims: the valid claims, by position in the file.
        recommendations: the valid recommendations, by position in the file.
    """

    slug: str
    file: YamlFile
    record: ArticleRecord | None
    parts: Sequence[PartRecord] | None
    claim_ids: set[str]
    recommendation_ids: set[str]
    faulty: Sequence[tuple[Location, QuoteRecord]]
    claims: Mapping[int, ClaimRecord]
    recommendations: Mapping[int, RecommendationRecord]

    def items(self) -> Iterator[tuple[Location, ClaimRecord | RecommendationRecord]]:
        """Give every claim and recommendation with its location."""
        for position, claim in self.claims.items():
            yield ("claims", position), claim
        for position, recommendation in self.recommendations.items():
            yield ("recommendations", position), recommendation


def read_corpus(folder: Path, progress: Progress = lambda *_: None) -> Corpus:
    """Read and check a corpus.

    Args:
        folder: holds ``dataset.yaml``, ``vocabulary/``, ``sources/`` and ``annotations/``.
        progress: told of each article.

    Raises:
        CorpusError: with every fault found.
    """
    if not folder.is_dir():
        raise CorpusError([Fault(folder, 1, "", "is no folder.")])
    return _Reader(folder, progress).read()


class _Reader:
    """One reading of one corpus folder; collects faults until the end."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.known: dict[str, set[str]] = {}
        self.used: set[str] = set()
        self.names: dict[str, list[str]] = {}
        self.local_ids: set[str] = set()
        self.parents: dict[str, str | None] = {}

    def read(self) -> Corpus:
        dataset_file = read_yaml(self.folder, Path("dataset.yaml"))
        self.faults += dataset_file.faults
        dataset = self._parse(dataset_file, DatasetRecord, dataset_file.value) if dataset_file.value is not None else None
        themes_file, theme_entries = self._vocabulary("themes", ThemeRecord)
        places_file, place_entries = self._vocabulary("places", PlaceRecord)
        actors_file, actor_entries = self._vocabulary("actors", ActorRecord)
        themes = self._hierarchy(themes_file, theme_entries, "broader", "theme")
        places = self._hierarchy(places_file, place_entries, "part_of", "place")
        actors = self._hierarchy(actors_file, actor_entries, "part_of", "actor")
        self.parents = {theme.id: theme.broader for theme in themes}
        # What names a place too (Mali) may well be meant as one.
        where = {fold(name) for place in places for name in names_of(place)}
        self.names = {
            actor.id: [fold(name) for name in (actor.name, *actor.aliases) if len(name) > 3 and fold(name) not in where]
            for actor in actors
        }
        drafts = self._articles()
        articles = []
        for done, draft in enumerate(drafts):
            self.progress("checking", done, len(drafts))
            article = self._article(draft)
            if article is not None:
                articles.append(article)
        self.progress("checking", len(drafts), len(drafts))
        relations = self._relations(drafts)
        # A file that cannot be read may be the one that refers to an actor: then nothing is said of those left over.
        unread = len(drafts) < len(list((self.folder / "annotations").glob("*.yaml")))
        for position, actor in actor_entries.items():
            if actor.id not in self.used and not unread:
                self.faults.append(actors_file.fault((position, "id"), f"nothing refers to '{actor.id}': use it or take it out."))
        codebook = self._codebook()
        if self.faults or dataset is None:
            raise CorpusError(self.faults)
        return Corpus(
            dataset,
            themes,
            places,
            sorted(actors, key=lambda actor: actor.id),
            articles,
            relations,
            codebook,
            sorted(self.warnings),
        )

    def _codebook(self) -> str | None:
        path = Path("CODEBOOK.md")
        if not (self.folder / path).exists():
            return None
        text = read_text(self.folder, path)
        if isinstance(text, Fault):
            self.faults.append(text)
            return None
        return text

    def _parse(self, file: YamlFile, model: type[Parsed], value: Any, location: Location = ()) -> Parsed | None:
        """Return a value of a file as a record, or None with its faults noted.

        Args:
            file: the file, for the lines of faults.
            model: the record it should be.
            value: what was read.
            location: where the value stands in the file.
        """
        adapter = TypeAdapter(model)
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            for found in error.errors():
                if (*location, *found["loc"]) in file.misread:
                    continue  # said already
                message = in_words(dict(found))
                if found["type"] == "extra_forbidden":
                    message = f"there is no such field here; there are {', '.join(_fields(model, found['loc']))}."
                self.faults.append(file.fault((*location, *found["loc"]), message))
            return None

    def _parse_each(self, file: YamlFile, model: type[Parsed], values: Any, location: Location = ()) -> dict[int, Parsed]:
        """Return the valid records of a list by position: one faulty record does not hide the faults of the others."""
        if not isinstance(values, list):
            self.faults.append(file.fault(location, "must be a list: each entry begins with “- id:”."))
            return {}
        parsed = {position: self._parse(file, model, value, (*location, position)) for position, value in enumerate(values)}
        return {position: record for position, record in parsed.items() if record is not None}

    def _vocabulary(self, name: str, model: type[Entry]) -> tuple[YamlFile, dict[int, Entry]]:
        file = read_yaml(self.folder, Path("vocabulary") / f"{name}.yaml")
        self.faults += file.faults
        entries = self._parse_each(file, model, file.value) if file.value is not None else {}
        # Ids of entries that are not valid themselves are known all the same: what refers to them is not at fault.
        raw = file.value if isinstance(file.value, list) else []
        self.known[name] = {entry["id"] for entry in raw if isinstance(entry, dict) and isinstance(entry.get("id"), str)}
        seen: set[str] = set()
        meanings: dict[str, str] = {}
        for position, entry in entries.items():
            if entry.id in seen:
                self.faults.append(file.fault((position, "id"), f"'{entry.id}' stands twice: give one of them another id."))
                continue
            seen.add(entry.id)
            for spelling in names_of(entry):
                owner = meanings.setdefault(fold(spelling), entry.id)
                if owner != entry.id:
                    message = f"“{spelling}” already names '{owner}': a name must lead to one entry."
                    self.faults.append(file.fault((position,), message))
        return file, entries

    def _hierarchy(self, file: YamlFile, entries: dict[int, Entry], link: str, kind: str) -> list[Entry]:
        """Check who belongs to whom; return the entries with everything narrower after its broader one."""
        parents: dict[str, str | None] = {entry.id: getattr(entry, link) for entry in entries.values()}
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
                self.faults.append(file.fault((position, link), f"goes round in a circle: {circle}."))
            elif len(ancestors) > DEEPEST:
                self.faults.append(file.fault((position, link), f"stands more than {DEEPEST} levels deep."))
        ordered: list[Entry] = []

        def place_below(above: str | None) -> None:
            for entry in entries.values():
                if getattr(entry, link) == above:
                    ordered.append(entry)
                    place_below(entry.id)

        if not self.faults:  # without faults there is no circle
            place_below(None)
        return ordered or list(entries.values())

    def _articles(self) -> list[Draft]:
        """Read every annotation file whose text is there, in the order of their slugs."""
        annotated = {path.stem for path in (self.folder / "annotations").glob("*.yaml")}
        texts = {path.stem for path in (self.folder / "sources").glob("*.txt")}
        for slug in sorted(annotated - texts):
            self.faults.append(Fault(Path("annotations", f"{slug}.yaml"), 1, "", f"has no text: add sources/{slug}.txt."))
        for slug in sorted(texts - annotated):
            self.faults.append(Fault(Path("sources", f"{slug}.txt"), 1, "", f"has no annotations: add annotations/{slug}.yaml."))
        if not annotated | texts:
            self.faults.append(Fault(Path("annotations"), 1, "", "holds no article: add one text and one annotation file."))
        drafts: list[Draft] = []
        titles: dict[str, str] = {slug.replace("-", " "): slug for slug in annotated}
        for slug in sorted(annotated & texts):
            file = read_yaml(self.folder, Path("annotations", f"{slug}.yaml"))
            self.faults += file.faults
            if re.fullmatch(SLUG, slug) is None or len(slug) > MOST_CHARACTERS:
                message = f"name the file in lower case with hyphens, at most {MOST_CHARACTERS} characters: a-b-c.yaml."
                self.faults.append(file.fault((), message))
            if isinstance(file.value, dict):
                drafts.append(self._draft(slug, file, dict(file.value)))
                title = file.value.get("title")
                owner = titles.setdefault(fold(title), slug) if isinstance(title, str) else slug
                if owner != slug:
                    message = f"is the title or id of '{owner}' too: a title must lead to one article."
                    self.faults.append(file.fault(("title",), message))
            elif file.value is not None:
                self.faults.append(file.fault((), "must begin with fields such as “title:”."))
        return drafts

    def _draft(self, slug: str, file: YamlFile, value: dict[str, Any]) -> Draft:
        self._mentioned([{"sources": [value.get("publisher")], "about": value.get("authors")}])
        raw_parts, raw_claims = value.pop("parts", []), value.pop("claims", [])
        raw_recommendations = value.pop("recommendations", [])
        parts = self._parse_each(file, PartRecord, raw_parts, ("parts",))
        claims = self._parse_each(file, ClaimRecord, raw_claims, ("claims",))
        recommendations = self._parse_each(file, RecommendationRecord, raw_recommendations, ("recommendations",))
        return Draft(
            slug,
            file,
            self._parse(file, ArticleRecord, value),
            list(parts.values()) if isinstance(raw_parts, list) and len(parts) == len(raw_parts) else None,
            self._mentioned(raw_claims),
            self._mentioned(raw_recommendations),
            [*_quotes(raw_claims, claims, "claims"), *_quotes(raw_recommendations, recommendations, "recommendations")],
            claims,
            recommendations,
        )

    def _mentioned(self, raw: Any) -> set[str]:
        """Return the ids in a list of items as it was read; note whom they refer to, whether or not they are valid."""
        items = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
        for item in items:
            for role in ("sources", "about", "addressees", "beneficiaries"):
                slugs = item.get(role)
                self.used.update(slug for slug in (slugs if isinstance(slugs, list) else []) if isinstance(slug, str))
        return {str(item.get("id")) for item in items}

    def _article(self, draft: Draft) -> Article | None:
        file, record = draft.file, draft.record
        text = read_text(self.folder, Path("sources", f"{draft.slug}.txt"))
        if isinstance(text, Fault):
            self.faults.append(text)
        if record is not None:
            self._actors([record.publisher], file, ("publisher",))
            self._actors(record.authors or [], file, ("authors",))
        source = text if isinstance(text, str) else ""
        body = self._body(source, draft.parts, file) if source and draft.parts is not None else None
        places: dict[str, Place] = {}
        seen: set[str] = set()
        self.local_ids = draft.claim_ids | draft.recommendation_ids
        for location, item in draft.items():
            if item.id in seen:
                self.faults.append(file.fault((*location, "id"), f"'{item.id}' stands twice: give one of them a new number."))
            seen.add(item.id)
            place = self._quote(item, source, body, file, location) if source else None
            if place is not None:
                places[item.id] = place
            self._annotation(item, file, location)
            if isinstance(item, RecommendationRecord):
                self._recommendation(item, draft.claim_ids, file, location)
            else:
                self._actors(item.about, file, (*location, "about"))
        for location, quoted in draft.faulty if source else ():
            self._quote(quoted, source, body, file, location)
        if record is None or body is None:
            return None
        return Article(draft.slug, record, source, body, places, list(draft.claims.values()), list(draft.recommendations.values()))

    def _body(self, source: str, parts: Sequence[PartRecord], file: YamlFile) -> Body | None:
        kinds = coverage(source, parts)
        if isinstance(kinds, Mapping):
            return body_of(source, kinds)
        for position, message in kinds:
            self.faults.append(file.fault(("parts",) if position is None else ("parts", position), message))
        return None

    def _quote(
        self,
        item: QuoteRecord,
        source: str,
        body: Body | None,
        file: YamlFile,
        location: Location,
    ) -> Place | None:
        if body is None:  # as long as the parts are faulty, any line may be the body
            body = body_of(source, dict.fromkeys(range(1, source.count("\n") + 2), "body"))
            if body.find(item.quote):
                return None
        places = body.find(item.quote, item.prefix or "", item.suffix or "")
        if len(places) == 1:
            if not cuts_a_word(places[0]):
                return places[0]
            message = "begins or ends within a word: quote whole words."
            self.faults.append(file.fault((*location, "quote"), message))
            return None
        if len(places) > 1:
            message = f"stands {len(places)} times in the body: add a prefix or suffix, the words just before or after."
        elif body.find(item.quote):
            message = "is in the body, but not with this prefix and suffix: they are the words just before and after."
        elif item.quote in source:
            allowed = " and ".join(QUOTABLE)
            message = f"is in the text, but not within one paragraph of its {allowed}: quote the body, or mend `parts`."
        elif " ".join(item.quote.split()) in " ".join(body.text.split()):
            message = "goes over the end of a paragraph, or has other white space than the text: quote within one paragraph."
        elif unicodedata.normalize("NFC", item.quote) in unicodedata.normalize("NFC", source):
            message = "writes accents in another Unicode form than the text: copy the words from the text."
        else:
            nearest = body.nearest(item.quote)
            message = "is not in the text, character for character" + (f"; the nearest passage is “{nearest}”." if nearest else ".")
        self.faults.append(file.fault((*location, "quote"), message))
        return None

    def _annotation(self, item: AnnotationRecord, file: YamlFile, location: Location) -> None:
        if item.statement == item.quote:
            message = "is the quote itself: say it in a sentence that can be read without the article."
            self.faults.append(file.fault((*location, "statement"), message))
        for named in re.findall(r"\b[cr][0-9]+\b", item.note or ""):
            if named not in self.local_ids:
                self.faults.append(file.fault((*location, "note"), f"speaks of {named}, which is not in this file."))
        self._actors(item.sources, file, (*location, "sources"))
        self._slugs("themes", item.themes, file, (*location, "themes"))
        self._slugs("places", item.places, file, (*location, "places"))
        for position, theme in enumerate(item.themes):
            for above in _above(theme, self.parents):
                if above in item.themes:
                    message = f"'{theme}' stands beside its own broader theme '{above}': keep the narrower."
                    self.faults.append(file.fault((*location, "themes", position), message))

    def _recommendation(
        self,
        item: RecommendationRecord,
        claims: set[str],
        file: YamlFile,
        location: Location,
    ) -> None:
        self._actors(item.addressees, file, (*location, "addressees"))
        self._actors(item.beneficiaries, file, (*location, "beneficiaries"))
        self._twice(item.based_on, file, (*location, "based_on"))
        for position, claim in enumerate(item.based_on):
            if claim not in claims:
                message = f"there is no claim '{claim}' in this article" + (
                    ": a recommendation is based on claims of its own article." if "." in claim else "."
                )
                self.faults.append(file.fault((*location, "based_on", position), message))
        if not item.addressees:
            words = f" {fold(item.quote)} "
            known = {actor: names for actor, names in self.names.items() if actor not in {*item.sources, *item.beneficiaries}}
            named = [actor for actor, names in known.items() if any(re.search(rf"\W{re.escape(name)}\W", words) for name in names)]
            if named and not item.note:  # a note tells that it was decided
                message = f"is empty, but the quote names {', '.join(named)}: is one of them to act?"
                self.warnings.append(file.fault((*location, "addressees"), message))

    def _relations(self, drafts: Sequence[Draft]) -> list[Relation]:
        """Check the relations between claims, and return each as seen from both."""
        claims = {f"{draft.slug}.{claim}" for draft in drafts for claim in draft.claim_ids}
        relations: list[Relation] = []
        seen: set[tuple[str, str, str]] = set()
        for draft in drafts:
            slug, file = draft.slug, draft.file
            for position, claim in draft.claims.items():
                for index, relation in enumerate(claim.relations):
                    location = ("claims", position, "relations", index)
                    here = f"{slug}.{claim.id}"
                    other = relation.claim if "." in relation.claim else f"{slug}.{relation.claim}"
                    if other not in claims:
                        near = [match for match, _, _ in process.extract(other, claims, scorer=fuzz.ratio, limit=1)]
                        self.faults.append(file.fault((*location, "claim"), f"there is no claim '{other}'{_meant(near)}."))
                    elif other == here:
                        self.faults.append(file.fault((*location, "claim"), "is the claim itself."))
                    elif (here, relation.type, other) in seen:
                        self.faults.append(file.fault(location, f"'{here}' {relation.type} '{other}' stands twice: keep one."))
                    else:
                        inverse = INVERSE[relation.type]
                        seen |= {(here, relation.type, other), (other, inverse, here)}
                        relations.append(Relation(here, relation.type, other, relation.note))
                        relations.append(Relation(other, inverse, here, relation.note))
        return relations

    def _actors(self, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        self.used.update(slugs)
        self._slugs("actors", slugs, file, location)

    def _slugs(self, vocabulary: str, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        self._twice(slugs, file, location)
        for position, slug in enumerate(slugs):
            self._must_know(vocabulary, slug, file, (*location, position) if len(location) > 1 or len(slugs) > 1 else location)

    def _twice(self, slugs: Sequence[str], file: YamlFile, location: Location) -> None:
        for position, slug in enumerate(slugs):
            if slug in slugs[:position]:
                self.faults.append(file.fault((*location, position), f"'{slug}' stands twice: keep one."))

    def _must_know(self, vocabulary: str, slug: str, file: YamlFile, location: Location) -> None:
        known = self.known[vocabulary]
        if slug not in known:
            near = [match for match, _, _ in process.extract(slug, known, scorer=fuzz.ratio, limit=2, score_cutoff=60)]
            message = f"there is no '{slug}' in vocabulary/{vocabulary}.yaml{_meant(near)}: mend it, or add it there."
            self.faults.append(file.fault(location, message))


def _quotes(raw: Any, valid: Mapping[int, Any], kind: str) -> Iterator[tuple[Location, QuoteRecord]]:
    """Give the quotes of those items of a list that are not valid otherwise."""
    for position, item in enumerate(raw if isinstance(raw, list) else []):
        if position not in valid and isinstance(item, dict):
            words = {name: item[name] for name in QuoteRecord.model_fields if name in item}
            try:
                yield (kind, position), QuoteRecord.model_validate(words)
            except ValidationError:
                continue  # said already


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


def _fields(model: Any, location: Sequence[str | int]) -> list[str]:
    """Return the fields of the record, itself or one within it, that has a field too many at a location."""
    here = model
    for part in location[:-1]:
        if isinstance(part, str):
            here = here.model_fields[part].annotation
        while not isinstance(here, type) and get_args(here):
            here = next(option for option in get_args(here) if option is not type(None))
    return [field.alias or name for name, field in here.model_fields.items()]
