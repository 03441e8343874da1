"""The order of matching items by relevance, the same on both databases."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.query.search.matching import Term, TextQuery

MAX_RANKED = 5000
"""If more items match, they come in the order of the data set, as ranking reads every match."""
SATURATION, LENGTH_WEIGHT = 1.2, 0.75
"""The usual k1 and b of BM25."""


class Candidate(NamedTuple):
    """A matching item: the name of its table, its key and its stored stems."""

    kind: str
    key: int
    stems: str


def rank(
    query: TextQuery,
    candidates: Sequence[Candidate],
    search_fields: Mapping[str, Mapping[str, float]],
) -> list[tuple[float, Candidate]]:
    """Return the matching items with their scores, the best first.

    Args:
        query: what they match.
        candidates: the matching items.
        search_fields: by kind, the weight of each field.

    The formula is BM25F (Robertson and Zaragoza 2009, section 3.6), with the statistics of the
    matches. Items with equal scores stay in their order. We rank here because the two databases
    have different formulas.
    """
    fields = [candidate.stems.split("\n")[:-1] for candidate in candidates]
    mean_lengths = _mean_lengths(candidates, fields)
    weights_by_kind = {
        kind: list(zip(search_fields[kind].values(), lengths, strict=True))
        for kind, lengths in mean_lengths.items()
    }
    scores = [0.0] * len(candidates)
    for term in query.terms:
        needles = _needles(term)
        frequencies = [
            _frequency(needles, lines, weights_by_kind[candidate.kind])
            for candidate, lines in zip(candidates, fields, strict=True)
        ]
        matching = len(frequencies) - frequencies.count(0.0)
        rarity = math.log1p((len(candidates) - matching + 0.5) / (matching + 0.5))
        scores = [
            score + rarity * frequency / (frequency + SATURATION)
            for score, frequency in zip(scores, frequencies, strict=True)
        ]
    scored = [(round(score, 6), match) for score, match in zip(scores, candidates, strict=True)]
    return sorted(scored, key=lambda pair: -pair[0])


def _needles(term: Term) -> Sequence[str]:
    """Return the texts to count in stems. For a prefix these are the stems that start with it."""
    needles = []
    if term.stems:
        needles.append(f" {term.stems} ")
    if term.prefix:
        needles.append(f" {term.prefix}")
    return needles


def _mean_lengths(
    candidates: Sequence[Candidate], fields: Sequence[Sequence[str]]
) -> Mapping[str, Sequence[float]]:
    """Return the mean length of each field, by kind."""
    lengths = {}
    for kind in {candidate.kind for candidate in candidates}:
        rows = [
            lines
            for candidate, lines in zip(candidates, fields, strict=True)
            if candidate.kind == kind
        ]
        lengths[kind] = [sum(map(len, column)) / len(rows) for column in zip(*rows, strict=True)]
    return lengths


def _frequency(
    needles: Sequence[str], lines: Sequence[str], weights: Sequence[tuple[float, float]]
) -> float:
    """Return how often an item has a term, weighted by field and by the length of the field.

    Args:
        needles: the texts to count.
        lines: the stems of each field.
        weights: the weight of each field, and its mean length.
    """
    frequency = 0.0
    for needle in needles:
        for line, (weight, mean_length) in zip(lines, weights, strict=True):
            if needle in line:
                length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(line) / mean_length
                frequency += weight * line.count(needle) / length
    return frequency
