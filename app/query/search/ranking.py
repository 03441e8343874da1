"""Ranks of what a query matches, the same on both databases."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.query.search.fields import FIELDS
from app.query.search.matching import Term, TextQuery

MAX_RANKED = 5000
"""A query that more items match is answered in the order of the data set, and says so: ranking costs time for every match."""
SATURATION, LENGTH_WEIGHT = 1.2, 0.75
"""The usual k1 and b of BM25."""


class Candidate(NamedTuple):
    """A row that a query matches: its table, its key and its ``stems``."""

    kind: str
    key: int
    stems: str


def rank(search: TextQuery, matches: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Order what matches a query, the best first: BM25F (Robertson and Zaragoza 2009, section 3.6), statistics from the matches.

    Both databases would rank by formulas of their own; here the same rows get the same scores on either. Equal scores
    are in the order given.
    """
    needles = [_needles(term) for term in search.terms]
    split = [match.stems.split("\n")[:-1] for match in matches]
    usual = _usual_lengths(matches, split)
    worth = {
        kind: list(zip(FIELDS[kind].values(), lengths, strict=True))
        for kind, lengths in usual.items()
    }
    scores = [0.0] * len(matches)
    for term in needles:
        weights = [
            _weight(term, fields, worth[match.kind])
            for match, fields in zip(matches, split, strict=True)
        ]
        having = len(weights) - weights.count(0.0)
        rarity = math.log1p((len(matches) - having + 0.5) / (having + 0.5))
        scores = [
            score + rarity * weight / (weight + SATURATION)
            for score, weight in zip(scores, weights, strict=True)
        ]
    scored = [(round(score, 6), match) for score, match in zip(scores, matches, strict=True)]
    return sorted(scored, key=lambda pair: -pair[0])


def _needles(term: Term) -> Sequence[str]:
    """Return what is counted in stems for a term; of a word that is only begun they tell little: where one begins alike."""
    return [
        needle
        for needle in (term.stems and f" {term.stems} ", term.begins and f" {term.begins}")
        if needle
    ]


def _usual_lengths(
    matches: Sequence[Candidate], split: Sequence[Sequence[str]]
) -> Mapping[str, Sequence[float]]:
    """Return the mean length of each field, by kind."""
    found = {}
    for kind in {match.kind for match in matches}:
        rows = [fields for match, fields in zip(matches, split, strict=True) if match.kind == kind]
        found[kind] = [sum(map(len, column)) / len(rows) for column in zip(*rows, strict=True)]
    return found


def _weight(
    needles: Sequence[str], fields: Sequence[str], worth: Sequence[tuple[float, float]]
) -> float:
    """Return how much of a term an item has: its occurrences weighted by field, less in fields that are long for their kind.

    Args:
        needles: what is counted.
        fields: the stems of each field.
        worth: the weight of each field, and how long it usually is.
    """
    found = 0.0
    for needle in needles:
        for field, (weight, usual) in zip(fields, worth, strict=True):
            if needle in field:
                length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(field) / usual
                found += weight * field.count(needle) / length
    return found
