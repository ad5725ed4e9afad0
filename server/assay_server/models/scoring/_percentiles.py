"""Where a score lies among those of the training events."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from assay_server.models.features import Floats

LEVELS = np.concatenate([np.arange(999) / 1_000, 0.999 + np.arange(101) / 100_000])
"""The shares that are kept: every thousandth, and every hundred-thousandth of the last, where anomalies are."""


@dataclass(frozen=True)
class Percentiles:
    """The scores that the shares of training events in LEVELS do not exceed."""

    scores: Floats
    """float64 (len(LEVELS),), ascending."""

    @classmethod
    def of(cls, scores: Floats) -> Self:
        """Sum up the scores of the training events; float64 (n,), at least one."""
        return cls(np.quantile(scores, LEVELS))

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Return what `as_json` gave.

        Raises:
            ValueError: It is nothing of the kind.
        """
        if not isinstance(document, list) or not all(type(value) in (int, float) for value in document):
            raise ValueError("percentiles are a list of numbers")
        scores = np.array(document, dtype=np.float64)
        if scores.shape != LEVELS.shape or not np.isfinite(scores).all() or (np.diff(scores) < 0).any():
            raise ValueError(f"percentiles are {len(LEVELS)} finite numbers in ascending order")
        return cls(scores)

    def as_json(self) -> list[float]:
        """Return them as plain data that JSON holds."""
        found: list[float] = self.scores.tolist()
        return found

    def __call__(self, score: float) -> float:
        """Return the share of training events with a lower score than this, 0 to 1."""
        scores, levels = self._known
        above = bisect_left(scores, score)
        if not above:
            return 0.0
        low, high = above - 1, min(above, len(scores) - 1)
        step = scores[high] - scores[low]
        share = (score - scores[low]) / step if step > 0 else 0.0
        return levels[low] + min(max(share, 0.0), 1.0) * (levels[high] - levels[low])

    @cached_property
    def _known(self) -> tuple[list[float], list[float]]:
        """The scores and their levels as plain numbers: NumPy takes a microsecond for each step of a single look-up."""
        return self.scores.tolist(), LEVELS.tolist()
