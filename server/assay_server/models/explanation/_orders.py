"""Random-order values: what each feature adds when features are changed one after the other, averaged over orders.

They are those of Shapley ("A Value for n-Person Games", 1953), but for which orders count how much: the next to be changed is
drawn with a chance proportional to its weight (Plackett and Luce), as in Weber's values ("Probabilistic Values for Games",
1988) and Kalai's and Samet's ("On Weighted Shapley Values", 1987). Equal weights give Shapley's own.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assay_server.models.features import Floats

Score = Callable[[Floats], Floats]
Ints = NDArray[np.intp]

MOST_EXACT = 8
"""Up to so many features that differ all sets of them are scored, which are 256 events; beyond, sampled orders."""

_SAMPLED_EVENTS, _LEAST_ORDERS = 256, 4


@dataclass(frozen=True, slots=True)
class _Steps:
    """All ways to change one more feature; sets are numbers of which each bit is a feature."""

    inside: NDArray[np.bool_]
    """Which features each set has; (2^m, m)."""

    before: Ints
    feature: Ints
    after: Ints
    ends: tuple[int, ...]
    """Where the steps from sets of 0, 1, … features end."""


def contributions(score: Score, row: Floats, typical: Floats, owners: Ints, weights: Floats) -> Floats:
    """Return what each feature added to an event's score: float64 (m,).

    They add up to `score(row) - score(typical)`, but for rounding. A feature that is as the typical event's has 0.

    Args:
        score: Scores of a matrix's rows.
        row: The event, encoded; (width,).
        typical: What it is compared with; (width,).
        owners: For each column the feature that it belongs to.
        weights: How soon each feature is changed, relative to others; (m,), positive.
    """
    amounts = np.zeros(len(weights))
    differs = np.bincount(owners, weights=row != typical, minlength=len(weights)) > 0
    names = np.flatnonzero(differs)
    if not len(names):
        return amounts
    weights = weights[names] / weights[names].max()
    places = np.searchsorted(names, owners)
    places[~differs[owners]] = len(names)  # An additional feature that is never changed.
    if len(names) <= MOST_EXACT:
        steps = _steps(len(names))
        scores = score(_changed(row, typical, steps.inside, places))
        amounts[names] = amounts_of_sets(scores, weights)
    else:
        amounts[names] = _sampled(score, row, typical, places, weights)
    return amounts


def amounts_of_sets(scores: Floats, weights: Floats) -> Floats:
    """Return the amounts of m features from the scores of all 2^m sets of changed ones; bit i of an index is feature i."""
    steps = _steps(len(weights))
    left = np.where(steps.inside, 0.0, weights).sum(axis=1)
    chance = np.zeros(len(scores))
    chance[0] = 1.0
    taken = np.empty(len(steps.before))
    start = 0
    for end in steps.ends:
        before, feature = steps.before[start:end], steps.feature[start:end]
        taken[start:end] = chance[before] * (weights[feature] / left[before])
        np.add.at(chance, steps.after[start:end], taken[start:end])
        start = end
    added = taken * (scores[steps.after] - scores[steps.before])
    return np.bincount(steps.feature, weights=added, minlength=len(weights)).astype(np.float64)


@lru_cache(maxsize=MOST_EXACT)
def _steps(size: int) -> _Steps:
    masks = np.arange(1 << size)
    inside = (masks[:, None] >> np.arange(size) & 1).astype(bool)
    sizes = inside.sum(axis=1)
    found = [(mask, feature) for mask, feature in itertools.product(masks, range(size)) if not inside[mask, feature]]
    found.sort(key=lambda step: int(sizes[step[0]]))
    before, feature = (np.array(part, dtype=np.intp) for part in zip(*found, strict=True))
    ends = np.cumsum(np.bincount(sizes[before], minlength=size))
    return _Steps(inside, before, feature, before | (1 << feature), tuple(int(end) for end in ends))


def _changed(row: Floats, typical: Floats, inside: NDArray[np.bool_], places: Ints) -> Floats:
    """Return the typical event with sets of features changed to those of an event: float64 (sets, width)."""
    never = np.zeros((len(inside), 1), dtype=bool)
    return np.where(np.hstack([inside, never])[:, places], row, typical)


def _sampled(score: Score, row: Floats, typical: Floats, places: Ints, weights: Floats) -> Floats:
    """Return the amounts from sampled orders, each with its opposite; the same for the same event."""
    size = len(weights)
    pairs = max(_LEAST_ORDERS, _SAMPLED_EVENTS // size) // 2
    drawn = np.random.default_rng(0).random((pairs, size))
    arrivals = -np.log(np.concatenate([drawn, 1.0 - drawn])) / weights
    ranks = arrivals.argsort(axis=1).argsort(axis=1)
    inside = ranks[:, None, :] < np.arange(size + 1)[:, None]
    scores = score(_changed(row, typical, inside.reshape(-1, size), places)).reshape(len(ranks), size + 1)
    added = np.diff(scores, axis=1)
    return np.asarray(np.take_along_axis(added, ranks, axis=1).mean(axis=0))
