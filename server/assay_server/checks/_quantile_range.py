"""Quantiles of history."""

from typing import cast

import numpy as np

from assay_server.baselines import Kind, widened
from assay_server.contracts import Contract, QuantileRange, Statistic

from ._number_check import Expected, NumberCheck
from ._past import Past
from ._statistical import Where


class QuantileRangeCheck(NumberCheck):
    """Finds numbers outside of two quantiles of their group's history, widened by a share of their distance.

    Tukey's fences, with quantiles and margin to choose: "Exploratory Data Analysis", 1977, chapter 2. The quantiles come from
    a histogram, and the bounds are widened by the bins that they fall in. The unit of deviation is the distance between the
    two quantiles. Where all of history is one value, any other is found.
    """

    kind = Kind.HISTOGRAM
    expected_word = "median"
    unit_word = "times the distance of the quantiles"

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        marker = cast("QuantileRange", statistic.marker)
        self._ranks = (marker.low, 0.5, marker.high)
        self._margin = marker.margin
        super().__init__(contract, statistic, past)

    def expect(self, where: Where) -> Expected:
        """Return the median, the distance of the two quantiles and the bounds around them."""
        moments = where.view.moments(where.keys, where.times, where.size)
        quantiles = where.view.quantiles(where.keys, where.times, self._ranks, where.size)
        low, median, high = quantiles.T
        unit = high - low
        far = self._margin * unit
        lower, upper = widened(low - far, high + far)
        constant = moments.minimum == moments.maximum
        value = moments.mean
        return Expected(
            moments.n,
            # A median outside of the two quantiles is none that the bounds lie around.
            np.where(constant, value, np.clip(median, lower, upper)),
            np.where(constant, 0.0, unit),
            np.where(constant, value, lower),
            np.where(constant, value, upper),
        )

    def _sentence(self) -> str:
        low, _, high = self._ranks
        margin = f", with a margin of {self._margin:g} of their distance" if self._margin else ""
        return f"The value is between the quantiles {low:g} and {high:g} of {self._about()}{margin}."
