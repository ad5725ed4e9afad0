"""Events whose scores are known: a model that gives others is not the one that was trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay_server.models.compilation import extreme_rows, possible_scores
from assay_server.models.features import Floats
from assay_server.models.scoring import ModelKind, clipped

_ALL, _EXTREME = 100, 20


@dataclass(frozen=True, slots=True)
class Canaries:
    """A hundred encoded events, and what the estimator gave for them."""

    matrix: Floats
    """float64 (100, width)."""

    scores: Floats
    """float64 (100,)."""

    @classmethod
    def of(cls, estimator: object, kind: ModelKind, matrix: Floats, scores: Floats, seed: int) -> "Canaries":
        """Choose training events evenly over the range of scores, and twenty extreme ones that the estimator scores.

        Args:
            estimator: Fitted.
            kind: What it is.
            matrix: What training saw; float64 (n, width).
            scores: What the estimator gives for it; float64 (n,).
            seed: For the extreme ones.
        """
        order = np.argsort(scores, kind="stable")
        extreme = extreme_rows(matrix, np.random.default_rng(seed))
        extreme_scores = possible_scores(estimator, kind, extreme)
        kept = _spread(np.flatnonzero(np.isfinite(extreme_scores)), _EXTREME)
        chosen = _spread(order, _ALL - len(kept))
        return cls(
            matrix=np.concatenate([clipped(matrix[chosen]), extreme[kept]]),
            scores=np.concatenate([scores[chosen], extreme_scores[kept]]),
        )


def _spread(positions: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return that many of them at even distances, the first and the last included; all that there are of none."""
    return positions[np.linspace(0, len(positions) - 1, most).astype(np.intp)] if len(positions) else positions
