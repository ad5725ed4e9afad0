"""When two forms of a model give the same scores."""

import numpy as np

from assay_server.models.features import Floats

TOLERANCE = 1e-6
"""How far apart the scores of a model's two forms may lie, relative to scores greater than 1."""


def difference(expected: Floats, actual: Floats) -> float:
    """Return the largest difference of two columns of scores, relative to expected ones greater than 1.

    It is infinite where one has a number and the other has none, and 0 for empty columns.
    """
    if not len(expected):
        return 0.0
    with np.errstate(invalid="ignore"):
        apart = np.abs(expected - actual) / np.maximum(1.0, np.abs(expected))
    return float(np.where(np.isfinite(apart), apart, np.inf).max())
