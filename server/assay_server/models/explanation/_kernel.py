"""The way through all orders in which features may be changed, as machine code."""

from typing import Any

import numpy as np

from assay_server._compiled import compiled


@compiled("void(float64[::1], float64[::1], float64[::1])")
def weigh(scores: Any, weights: Any, amounts: Any) -> None:
    """Add to each feature's amount what changing it adds to the score, times the chance that it is changed just then.

    A set of changed features is a number of which each bit is a feature; each is larger than all that lead to it.

    Args:
        scores: Of all sets, (2^m,).
        weights: How soon each feature is changed, relative to others, (m,).
        amounts: What each has been given so far, (m,).
    """
    chances = np.zeros(scores.size)
    chances[0] = 1.0
    for before in range(scores.size):
        left = 0.0
        for feature in range(weights.size):
            if not before >> feature & 1:
                left += weights[feature]
        for feature in range(weights.size):
            if not before >> feature & 1:
                after = before | 1 << feature
                taken = chances[before] * weights[feature] / left
                chances[after] += taken
                amounts[feature] += taken * (scores[after] - scores[before])
