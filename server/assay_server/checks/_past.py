"""What statistical checks know of the past."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from assay_server.baselines import Baselines


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The history that statistical checks read and teach.

    Attributes:
        baselines: What it is held in; None if there is none, so that every statistical check is warming up.
        clock: The time, in nanoseconds since 1970, UTC.
        bounded: How many values were compared with what the bound on drift gave, and not with history itself, by event type,
            check and field.
    """

    baselines: Baselines | None = None
    clock: Callable[[], int] = time.time_ns
    bounded: Counter[tuple[str, str, str]] = field(default_factory=Counter)
