"""From what score on an event is flagged."""

import numpy as np

from assay_server.models.features import Floats

_BEYOND = 1e-5


def threshold_of(scores: Floats, contamination: float) -> float:
    """Return the score that at most a share of the training events reach.

    It lies halfway between the least score that is flagged and the greatest that is not, so that rounding flags nothing else;
    and a hundred-thousandth above all scores, relative to scores greater than 1, where the share allows for no event.

    Args:
        scores: Of the training events; float64 (n,), at least one.
        contamination: The share of them that may be flagged; 0 to 1, as scikit-learn calls it.
    """
    distinct, counts = np.unique(scores, return_counts=True)
    reached_by = np.cumsum(counts[::-1])[::-1]
    flagged = np.flatnonzero(reached_by <= contamination * len(scores))
    if not len(flagged):
        return float(distinct[-1] + _BEYOND * max(1.0, abs(distinct[-1])))
    least = flagged[0]
    return float(distinct[least] if least == 0 else distinct[least - 1] / 2 + distinct[least] / 2)
