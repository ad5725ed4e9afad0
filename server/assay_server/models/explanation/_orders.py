"""Random-order values: what each feature adds when features are changed one after the other, averaged over orders.

They are those of Shapley ("A Value for n-Person Games", 1953), but for which orders count how much: the next to be changed is
drawn with a chance proportional to its weight (Plackett and Luce), as in Weber's values ("Probabilistic Values for Games",
1988) and Kalai's and Samet's ("On Weighted Shapley Values", 1987). Equal weights give Shapley's own.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assay_server.models.features import Floats

Score = Callable[[Floats], Floats]
Ints = NDArray[np.intp]
ScoreSets = Callable[[Floats, Floats, Ints], Floats]

MOST_EXACT = 8
"""Up to so many features that differ all sets of them are scored, which are 256 events; beyond, sampled orders."""

_SAMPLED_EVENTS, _LEAST_ORDERS = 256, 4


def contributions(
    score: Score, row: Floats, typical: Floats, owners: Ints, weights: Floats, score_sets: ScoreSets | None = None
) -> Floats:
    """Return what each feature added to an event's score: float64 (m,).

    They add up to `score(row) - score(typical)`, but for rounding. A feature that is as the typical event's has 0.

    Args:
        score: Scores of a matrix's rows.
        row: The event, encoded; (width,).
        typical: What it is compared with; (width,).
        owners: For each column the feature that it belongs to.
        weights: How soon each feature is changed, relative to others; (m,), positive.
        score_sets: Scores of all rows between the event and the typical one, where there is a faster way: see `ForestScorer`.
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
        if score_sets is not None:
            scores = score_sets(row, typical, np.where(differs[owners], 1 << places, 0))
        else:
            scores = score(_changed(row, typical, _sets(len(names)), places))
        amounts[names] = amounts_of_sets(scores, weights)
    else:
        amounts[names] = _sampled(score, row, typical, places, weights)
    return amounts


def amounts_of_sets(scores: Floats, weights: Floats) -> Floats:
    """Return the amounts of m features from the scores of all 2^m sets of changed ones; bit i of an index is feature i."""
    from ._kernel import weigh  # noqa: PLC0415  # It loads a compiler, which whoever explains nothing does without.

    amounts = np.zeros(len(weights))
    weigh(np.ascontiguousarray(scores), weights, amounts)
    return amounts


@lru_cache(maxsize=MOST_EXACT)
def _sets(size: int) -> NDArray[np.bool_]:
    """Return which features each set has, as a number of which each bit is a feature: (2^size, size)."""
    return (np.arange(1 << size)[:, None] >> np.arange(size) & 1).astype(bool)


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
