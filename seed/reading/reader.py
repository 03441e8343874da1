"""Read and check a whole corpus: files in, a checked corpus out, or every fault."""

import os
import re
from pathlib import Path

from tqdm import tqdm

from seed.reading.article_checks import ArticleChecks
from seed.reading.articles import ArticleFiles, parse_article
from seed.reading.changes import ChangeChecks
from seed.reading.corpus import Corpus
from seed.reading.faults import CorpusError, Fault
from seed.reading.records import ActorRecord, DatasetRecord, PlaceRecord, ThemeRecord
from seed.reading.relations import RelationChecks
from seed.reading.text_file import read_text
from seed.reading.validation import parse
from seed.reading.vocabulary import Vocabulary
from seed.reading.yaml_file import YamlFile, read_yaml

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NUMBERS += ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"]
NUMBERS += ["eighteen", "nineteen", "twenty"]
ARTICLE_COUNT = re.compile(
    rf"\b(({'|'.join(NUMBERS)}|[0-9]{{1,9}}) (?:policy )?(?:articles|briefs|texts))\b",
    re.IGNORECASE,
)
"""How a description states the number of articles."""


def read_corpus(folder: Path) -> Corpus:
    """Read and check a corpus; show the progress on a terminal.

    Args:
        folder: contains ``dataset.yaml``, ``vocabulary/``, ``sources/`` and ``annotations/``.

    Raises:
        CorpusError: with every fault.
    """
    if not folder.is_dir():
        raise CorpusError(
            [Fault(folder, 1, "", "is not a folder: name the one that contains dataset.yaml.")]
        )
    dataset_file = read_yaml(folder, Path("dataset.yaml"))
    dataset = None
    if dataset_file.value is not None:
        dataset = parse(dataset_file, DatasetRecord, dataset_file.value)
    themes = Vocabulary(folder, "themes", ThemeRecord, "broader")
    places = Vocabulary(folder, "places", PlaceRecord, "part_of")
    actors = Vocabulary(folder, "actors", ActorRecord, "part_of")
    codebook, faults = _read_codebook(folder)
    annotated = {path.stem for path in (folder / "annotations").glob("*.yaml")}
    texts = {path.stem for path in (folder / "sources").glob("*.txt")}
    faults += _missing_files(annotated, texts)

    checks = ArticleChecks(themes, places, actors, annotated)
    relation_checks = RelationChecks(folder)
    change_checks = ChangeChecks(folder)
    digests: dict[str, bytes] = {}
    claims = recommendations = 0
    slugs = sorted(annotated & texts)
    with tqdm(slugs, "Checking", unit=" articles", disable=None) as progress:
        for slug in progress:
            article = parse_article(folder, slug)
            checks.check(article)
            faults += article.file.faults
            if isinstance(article.file.value, dict):
                relation_checks.add(article)
                change_checks.add(article)
            digests[slug] = article.digest
            claims += len(article.claims)
            recommendations += len(article.recommendations)
    relations = relation_checks.check()
    if len(relation_checks.claim_ids) == len(annotated):
        # Otherwise the file that refers to an actor may be the one that cannot be read.
        _check_all_used(actors, checks.used_actors)
    faults += relation_checks.faults
    vocabularies = {vocabulary.name: vocabulary.ids for vocabulary in (themes, places, actors)}
    faults += change_checks.check(vocabularies, annotated)
    if dataset is not None:
        _check_description(dataset, dataset_file, len(annotated))
    for file in (dataset_file, themes.file, places.file, actors.file):
        faults += file.faults
    if faults or dataset is None:
        raise CorpusError(faults)
    return Corpus(
        dataset=dataset,
        themes=themes.ordered(),
        places=places.ordered(),
        actors=sorted(actors.ordered(), key=lambda actor: actor.id),
        articles=ArticleFiles(folder, digests).values(),
        relations=relations,
        claims=claims,
        recommendations=recommendations,
        codebook=codebook,
        warnings=sorted(checks.warnings),
    )


def _read_codebook(folder: Path) -> tuple[str | None, list[Fault]]:
    path = Path("CODEBOOK.md")
    if not os.path.lexists(folder / path):
        return None, []
    text = read_text(folder, path)
    return (None, [text]) if isinstance(text, Fault) else (text, [])


def _missing_files(annotated: set[str], texts: set[str]) -> list[Fault]:
    """Return a fault for each article of which only one file exists."""
    faults = [
        Fault(Path("annotations", f"{slug}.yaml"), 1, "", f"has no text: add sources/{slug}.txt.")
        for slug in annotated - texts
    ]
    faults += [
        Fault(
            Path("sources", f"{slug}.txt"),
            1,
            "",
            f"has no annotations: add annotations/{slug}.yaml.",
        )
        for slug in texts - annotated
    ]
    if not annotated | texts:
        faults.append(
            Fault(
                Path("annotations"),
                1,
                "",
                "contains no article: add a text and an annotation file.",
            )
        )
    return faults


def _check_all_used(actors: Vocabulary[ActorRecord], used: set[str]) -> None:
    for position, actor in actors.entries.items():
        if actor.id not in used:
            actors.file.add_fault(
                (position, "id"), f"nothing refers to '{actor.id}': use it or remove it."
            )


def _check_description(dataset: DatasetRecord, file: YamlFile, articles: int) -> None:
    """Check that the description states no other number of articles than there are."""
    for words, number in ARTICLE_COUNT.findall(dataset.description):
        stated = NUMBERS.index(number.lower()) if number.isalpha() else int(number)
        if stated != articles:
            file.add_fault(
                ("description",),
                f"says “{words}”, but the corpus has {articles}: correct the number.",
            )
