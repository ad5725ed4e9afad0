"""Which events a model is trained on, and which it is tried on."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]

HELD_OUT = 0.2
"""The share of the events, the latest, that a model is not trained on."""


def split_by_time(times: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Return the positions of the earlier events and of the latest fifth, each in order of time.

    Later events are held out rather than random ones because a model is asked about what comes after its training. Events
    of one time keep their order; those at the boundary go where it falls.

    Args:
        times: When each event happened, in nanoseconds since 1970; int64 (n,).
    """
    order = np.argsort(times, kind="stable")
    boundary = len(order) - round(len(order) * HELD_OUT)
    return order[:boundary], order[boundary:]
