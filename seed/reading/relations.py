"""Collect the relations between claims, and check them once all claims are known."""

from collections.abc import Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from seed.reading.articles import ParsedArticle
from seed.reading.corpus import Relation
from seed.reading.faults import Fault
from seed.reading.vocabulary import suggestion
from seed.reading.yaml_file import Location, read_yaml

INVERSES = {"supports": "supported-by", "qualifies": "qualified-by", "contradicts": "contradicts"}
CLASHES = {
    "supports": ("contradicts", "qualifies"),
    "qualifies": ("contradicts", "supports"),
    "contradicts": ("supports", "supported-by", "qualifies", "qualified-by"),
}
"""For each type, the types of relation that the same claim cannot also have to the other claim."""


class RelationChecks:
    """The relations of all articles.

    Args:
        folder: the corpus folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claim_ids: dict[str, Sequence[str]] = {}
        self.faults: list[Fault] = []
        self._stated: list[tuple[Relation, Location]] = []

    def add(self, article: ParsedArticle) -> None:
        """Add the claims of an article and their relations."""
        self.claim_ids[article.slug] = article.claim_ids
        for position, claim in article.claims.items():
            for index, record in enumerate(claim.relations):
                is_public_id = "." in record.claim
                other = record.claim if is_public_id else f"{article.slug}.{record.claim}"
                relation = Relation(f"{article.slug}.{claim.id}", record.type, other, record.note)
                self._stated.append((relation, ("claims", position, "relations", index)))

    def check(self) -> list[Relation]:
        """Return the valid relations, each from both its claims; add the faults of the others."""
        relations: list[Relation] = []
        seen: set[tuple[str, str, str]] = set()
        for relation, location in self._stated:
            claim, kind, other, note = relation
            slug, _, local_id = other.partition(".")
            if local_id not in self.claim_ids.get(slug, ()):
                hint = suggestion(self._similar_claims(other))
                self._add_fault(
                    claim, (*location, "claim"), f"there is no claim '{other}'{hint}: correct it."
                )
            elif other == claim:
                self._add_fault(
                    claim, (*location, "claim"), "is the claim itself: name another claim."
                )
            elif (claim, kind, other) in seen:
                self._add_fault(
                    claim, location, f"'{claim}' {kind} '{other}' is stated twice: keep one."
                )
            elif clash := [kind for kind in CLASHES[kind] if (claim, kind, other) in seen]:
                message = f"'{claim}' {kind} '{other}', but it is also stated that"
                self._add_fault(
                    claim, location, f"{message} '{claim}' {clash[0]} '{other}': keep one."
                )
            else:
                inverse = INVERSES[kind]
                seen |= {(claim, kind, other), (other, inverse, claim)}
                relations += [relation, Relation(other, inverse, claim, note)]
        return relations

    def _add_fault(self, claim: str, location: Location, message: str) -> None:
        # The lines of the file are not in memory any more.
        file = read_yaml(self.folder, Path("annotations", f"{claim.partition('.')[0]}.yaml"))
        self.faults.append(file.fault(location, message))

    def _similar_claims(self, missing: str) -> list[str]:
        """Return the most similar claim of the same article, or of the most similar article."""
        slug = missing.partition(".")[0]
        if slug not in self.claim_ids:
            slug = process.extractOne(slug, list(self.claim_ids), scorer=fuzz.ratio)[0]
        claims = [f"{slug}.{claim}" for claim in self.claim_ids[slug]]
        similar = process.extract(missing, claims, scorer=fuzz.ratio, limit=1)
        return [name for name, _, _ in similar]
