"""Logarithmic bins: a number of each value, in the order of the values, each bin 1 % wider than the one before.

DDSketch: Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees",
VLDB 2019. Counts by bin are sparse; merging two histograms is adding their counts, exact in any order.
"""

import math

import numpy as np

from ._series import Floats, Ints

_WIDTH = math.log(1.01)
_SHIFT = 100_000  # Above the 74,900 bins from 1 down to the least number there is.


def bins_of(values: Floats) -> Ints:
    """Return the bin of each value: 0 for zero, positive for positive ones, negative for negative ones, ascending with them."""
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        place = np.ceil(np.log(size) / _WIDTH)
    return np.where(size > 0, np.copysign(np.where(size > 0, place, 0) + _SHIFT, values), 0).astype(np.int64)


def edges_of(bins: Ints) -> tuple[Floats, Floats]:
    """Return the lower and the upper edge of each bin; both 0 for the bin of zero."""
    place = np.abs(bins) - _SHIFT
    with np.errstate(over="ignore", under="ignore"):
        near = np.where(bins == 0, 0.0, np.exp((place - 1) * _WIDTH))
        far = np.where(bins == 0, 0.0, np.exp(place * _WIDTH))
    return np.where(bins < 0, -far, near), np.where(bins < 0, -near, far)


def widened(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return bounds widened by the bins they fall in, which is as exactly as a histogram tells them.

    Args:
        lower: Lower bounds; infinities and NaN stay as they are.
        upper: Upper bounds.
    """
    return (
        np.where(np.isfinite(lower), np.minimum(edges_of(bins_of(_finite(lower)))[0], lower), lower),
        np.where(np.isfinite(upper), np.maximum(edges_of(bins_of(_finite(upper)))[1], upper), upper),
    )


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)
