"""Scores, summed up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay_server.models.features import Floats

_BINS = 40


@dataclass(frozen=True, slots=True)
class Histogram:
    """How scores are distributed: how many lie in each of 40 bins of equal width."""

    edges: Floats
    """float64 (41,), ascending."""

    counts: NDArray[np.int64]
    """(40,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a model does with events that it was not trained on."""

    rows: int
    flagged: int
    """How many reach the threshold."""

    histogram: Histogram
    precision: float | None = None
    """How many of those flagged have the label true; None without labels, or if none is flagged."""

    recall: float | None = None
    """How many of those with the label true are flagged; None without labels, or if none has it."""

    auc: float | None = None
    """The chance that an event with the label true scores higher than one without; None unless there are both."""


def evaluate(scores: Floats, threshold: float, labels: NDArray[np.bool_] | None = None) -> Evaluation:
    """Sum up scores.

    Args:
        scores: float64 (n,), finite.
        threshold: From which on an event is flagged.
        labels: Which events are anomalous, if that is known; (n,).
    """
    flagged = scores >= threshold
    counts, edges = np.histogram(scores, bins=_BINS)
    histogram = Histogram(edges, counts.astype(np.int64))
    if labels is None:
        return Evaluation(rows=len(scores), flagged=int(flagged.sum()), histogram=histogram)
    hits = int((flagged & labels).sum())
    return Evaluation(
        rows=len(scores),
        flagged=int(flagged.sum()),
        histogram=histogram,
        precision=hits / int(flagged.sum()) if flagged.any() else None,
        recall=hits / int(labels.sum()) if labels.any() else None,
        auc=auc(scores, labels),
    )


def auc(scores: Floats, labels: NDArray[np.bool_]) -> float | None:
    """Return the area under the receiver operating characteristic: None unless there are labels of both kinds.

    It is the chance that an event with the label true scores higher than one without, equals counting half (Mann and
    Whitney, 1947): so it is counted from ranks.
    """
    positive, negative = int(labels.sum()), int((~labels).sum())
    if not positive or not negative:
        return None
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[places][labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def most_anomalous(scores: Floats, most: int) -> NDArray[np.intp]:
    """Return the positions of the highest scores, the highest first, equals in their order."""
    return np.argsort(-scores, kind="stable")[:most]
