"""Where a score lies among those of the training events."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from assay_server.models.features import Floats

LEVELS = np.concatenate([np.arange(999) / 1_000, 0.999 + np.arange(101) / 100_000])
"""The shares that are kept: every thousandth, and every hundred-thousandth of the last, where anomalies are."""


@dataclass(frozen=True, slots=True)
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

    def __call__(self, scores: Floats) -> Floats:
        """Return the share of training events with a lower score than each of these: float64, 0 to 1, as `scores`."""
        last = len(self.scores) - 1
        above = np.searchsorted(self.scores, scores, side="left")
        low = np.clip(above - 1, 0, last)
        high = np.minimum(above, last)
        step = self.scores[high] - self.scores[low]
        share = np.divide(scores - self.scores[low], step, out=np.zeros_like(step), where=step > 0)
        level = LEVELS[low] + np.clip(share, 0.0, 1.0) * (LEVELS[high] - LEVELS[low])
        return np.where(above == 0, 0.0, level)
