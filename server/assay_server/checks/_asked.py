"""A model, as a check asks it."""

from collections.abc import Sequence

import numpy as np

from assay_server.models import Floats, SingleEncoder
from assay_server.models.registry import Served

from ._gathering import TIMEOUT, Gathering, Scored, scored

_DIGITS = 10
_NEAR = 1e-9


def settled(score: float) -> float:
    """Return a score to ten digits: those after it may depend on how many rows were scored at once."""
    return float(f"{score:.{_DIGITS}g}")


class Asked:
    """A model in service or on trial, and the threads that it has if it is none for the event loop.

    Args:
        served: The model.
        name: What its threads are called.
        sensitive: The features whose values must not be shown: the contract's word of today, whatever it was at training.

    Attributes:
        served: The model.
        sensitive: The features whose values must not be shown.
        single: What encodes one event.
        starts: Where the columns of each feature begin.
        ends: Where they end.
        threshold: The settled score from which an event is anomalous.
        usual: What is below that, however it is settled.
        compiled: Whether `score` may be called in the event loop; if not, `score_slowly` is for it.
    """

    __slots__ = ("_gathering", "compiled", "ends", "sensitive", "served", "single", "starts", "threshold", "usual")

    def __init__(self, served: Served, name: str, sensitive: frozenset[str] = frozenset()) -> None:
        self.served = served
        self.sensitive = sensitive
        self.single = SingleEncoder(served.encoding)
        self.ends: list[int] = np.cumsum(np.bincount(served.encoding.owners, minlength=len(served.features))).tolist()
        self.starts = [0, *self.ends[:-1]]
        self.threshold = settled(served.threshold)
        self.usual = self.threshold - _NEAR * max(1.0, abs(self.threshold))
        self.compiled = served.scorer.compiled
        self._gathering = None if self.compiled else Gathering(served.scorer.score, name, TIMEOUT)

    def score(self, matrix: Floats) -> Scored:
        """Return the scores of rows, at once."""
        return scored(self.served.scorer.score, matrix)

    async def score_slowly(self, matrix: Floats) -> Scored:
        """Return the scores of rows, asked for together with those of other calls.

        Raises:
            ModelUnavailableError: If the model does not answer, or is left alone for a while.
        """
        return self.score(matrix) if self._gathering is None else await self._gathering.score(matrix)

    async def amounts(self, row: Floats) -> Sequence[float]:
        """Return what each feature added to the score of a row, by the model's features.

        Raises:
            Exception: If that cannot be told.
        """
        explain = self.served.explain
        amounts: Floats = explain(row) if self._gathering is None else await self._gathering.run(explain, row)
        found: list[float] = amounts.tolist()
        return found
