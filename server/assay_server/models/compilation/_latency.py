"""How long scoring takes."""

import time
from collections.abc import Callable

from assay_server.models.features import Floats

_LEAST, _MOST, _ENOUGH = 5, 200, 0.1


def seconds(score: Callable[[Floats], Floats], matrix: Floats) -> float:
    """Return how many seconds one call takes: the least of 5 to 200, which other work on the machine disturbs least."""
    score(matrix)
    taken: list[float] = []
    while len(taken) < _LEAST or (len(taken) < _MOST and sum(taken) < _ENOUGH):
        start = time.perf_counter()
        score(matrix)
        taken.append(time.perf_counter() - start)
    return min(taken)
