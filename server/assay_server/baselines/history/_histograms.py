"""The distributions of groups' values, as their bins tell them."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import ge, gt

import numpy as np

from ._bins import edges_of
from ._counts import Counts
from ._series import Floats, Ints


@dataclass(frozen=True, slots=True)
class Histograms:
    """The histograms of some groups, one after another; values are taken to lie evenly within each bin.

    Attributes:
        bins: The bins that have values, ascending in each group.
        counts: How many values are in each.
        first: Where each group begins, and, as one more element, where the last ends.
        minimum: The least value of each group.
        maximum: The greatest.
    """

    bins: Ints
    counts: Ints
    first: Ints
    minimum: Floats
    maximum: Floats

    @classmethod
    def of(cls, counts: Counts, minimum: Floats, maximum: Floats) -> "Histograms":
        """Return the histograms with these counts, whose rows are the groups' places in `minimum` and `maximum`."""
        first = np.searchsorted(counts.keys, np.arange(len(minimum) + 1) << 32)
        return cls(counts.codes, counts.counts, first, minimum, maximum)

    def edges(self) -> tuple[Floats, Floats]:
        """Return the lower and the upper edge of each bin, drawn in to the least and the greatest value of its group."""
        lower, upper = edges_of(self.bins)
        sizes = np.diff(self.first)
        return np.maximum(lower, np.repeat(self.minimum, sizes)), np.minimum(upper, np.repeat(self.maximum, sizes))

    def quantiles(self, ranks: Sequence[float]) -> Floats:
        """Return the values at ranks of 0 to 1: a row a group, a column a rank; NaN for groups without values.

        Each lies in the bin, 1 % wide, of what `numpy.quantile` gives with method="lower" (Masson, Rim and Lee, VLDB 2019).
        """
        if not len(self.bins):
            return np.full((len(self.minimum), len(ranks)), np.nan)
        up_to = np.concatenate(([0], np.cumsum(self.counts)))
        start = up_to[self.first[:-1], None]
        n = up_to[self.first[1:], None] - start
        place = np.asarray(ranks, np.float64) * (n - 1)
        bin_ = np.minimum(np.searchsorted(up_to, start + np.floor(place), side="right") - 1, len(self.bins) - 1)
        part = np.minimum((place - (up_to[bin_] - start) + 0.5) / self.counts[bin_], 1.0)
        lower, upper = edges_of(self.bins[bin_])
        lower, upper = np.maximum(lower, self.minimum[:, None]), np.minimum(upper, self.maximum[:, None])
        with np.errstate(invalid="ignore"):
            values = np.where(n > 0, lower + part * (upper - lower), np.nan)
        values = np.where((place <= 0) & (n > 0), self.minimum[:, None], values)
        return np.where((place >= n - 1) & (n > 0), self.maximum[:, None], values)

    def spreads(self) -> Floats:
        """Return the median and the median absolute deviation from it, not scaled: a row a group; NaN without values.

        Hampel, "The Influence Curve and its Role in Robust Estimation", JASA 69 (1974).
        """
        medians = self.quantiles((0.5,))[:, 0]
        lower, upper = self.edges()
        deviations = np.full(len(medians), np.nan)
        for group, (start, end) in enumerate(zip(self.first[:-1].tolist(), self.first[1:].tolist(), strict=True)):
            if end > start:
                part = slice(start, end)
                deviations[group] = _deviation(lower[part], upper[part], self.counts[part], float(medians[group]))
        return np.stack((medians, deviations), axis=1)


def _deviation(lower: Floats, upper: Floats, counts: Ints, median: float) -> float:
    """Return the distance from the median within which half of the values lie."""
    lowers, uppers, inside = lower.tolist(), upper.tolist(), counts.tolist()
    below = [0, *accumulate(inside)]
    half = below[-1] / 2

    def up_to(value: float, compare: Callable[[float, float], bool]) -> float:
        """Return how many values are below `value`; or up to it, if `compare` says so."""
        place = min(bisect_left(uppers, value), len(uppers) - 1)
        start, width = lowers[place], uppers[place] - lowers[place]
        part = min(max((value - start) / width, 0.0), 1.0) if width > 0 else float(compare(value, start))
        return float(below[place] + inside[place] * part)

    def within(distance: float) -> float:
        return up_to(median + distance, ge) - up_to(median - distance, gt)

    away = np.sort(np.abs(np.concatenate((lower, upper)) - median)).tolist()
    place = min(bisect_left(away, half, key=within), len(away) - 1)
    at, least = away[place], within(away[place])
    before, most = (away[place - 1], within(away[place - 1])) if place else (at, least)
    if least <= most:
        return float(at)
    return float(before + min((half - most) / (least - most), 1.0) * (at - before))
