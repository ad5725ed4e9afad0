"""Three standard deviations around the mean."""

from collections.abc import Sequence
from math import sqrt
from typing import cast

import numpy as np

from assay_server.baselines import Kind
from assay_server.contracts import Contract, Statistic, ThreeSigma

from ._number_check import Expected, NumberCheck
from ._past import Past
from ._statistical import Where


class ThreeSigmaCheck(NumberCheck):
    """Finds numbers more than k sample standard deviations from the mean of their group's history.

    The rule of Shewhart's control charts: Montgomery, "Introduction to Statistical Quality Control", chapter 5. The deviation
    is the sample's, with n - 1. Where all of history is one value, any other is found.
    """

    kind = Kind.MOMENTS
    expected_word = "mean"
    unit_word = "standard deviations"

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        self._k = cast("ThreeSigma", statistic.marker).k
        super().__init__(contract, statistic, past)

    def expect(self, where: Where) -> Expected:
        """Return mean, standard deviation and the bounds around them."""
        moments = where.view.moments(where.groups, where.times, where.size)
        mean = moments.mean
        # Rounding may leave a trace of a deviation where there is none.
        unit = np.where(moments.minimum == moments.maximum, 0.0, moments.std)
        far = self._k * unit
        return Expected(moments.n, mean, unit, mean - far, mean + far)

    def expect_one(self, moments: Sequence[float]) -> tuple[float, float, float]:
        """Return the mean and the bounds around it."""
        n, mean, m2, minimum, maximum, _ = moments
        far = self._k * (0.0 if minimum == maximum else sqrt(m2 / max(n - 1, 1)))
        return mean, mean - far, mean + far

    def _sentence(self) -> str:
        return f"The value is within {self._k:g} standard deviations of the mean of {self._about()}."
