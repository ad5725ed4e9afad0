"""Median absolute deviations around the median."""

from typing import cast

import numpy as np

from assay_server.baselines import Kind, widened
from assay_server.contracts import Contract, RobustSigma, Statistic

from ._number_check import Expected, NumberCheck
from ._past import Past
from ._statistical import Where

_NORMAL = 1.4826
"""What makes a median absolute deviation the standard deviation of normal data: 1 / Φ⁻¹(3/4)."""


class RobustSigmaCheck(NumberCheck):
    """Finds numbers more than k scaled median absolute deviations from the median of their group's history.

    Hampel's identifier: Davies and Gather, "The Identification of Multiple Outliers", JASA 88 (1993); 3.5 is the bound of
    Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993. Median and deviation come from a histogram, and the bounds
    are widened by the bins that they fall in. Where all of history is one value, any other is found.
    """

    kind = Kind.HISTOGRAM
    expected_word = "median"
    unit_word = "scaled median absolute deviations"

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        self._k = cast("RobustSigma", statistic.marker).k
        super().__init__(contract, statistic, past)

    def expect(self, where: Where) -> Expected:
        """Return median, scaled median absolute deviation and the bounds around them."""
        moments = where.view.moments(where.keys, where.times, where.size)
        spread = where.view.spread(where.keys, where.times, where.size)
        constant = moments.minimum == moments.maximum
        median = np.where(constant, moments.mean, spread.median)
        unit = np.where(constant, 0.0, _NORMAL * spread.mad)
        far = self._k * unit
        lower, upper = widened(median - far, median + far)
        return Expected(
            moments.n, median, unit, np.where(constant, moments.mean, lower), np.where(constant, moments.mean, upper)
        )

    def _sentence(self) -> str:
        return f"The value is within {self._k:g} scaled median absolute deviations of the median of {self._about()}."
