"""Which history is meant, and how it lies in buckets of time."""

import dataclasses
import json
from dataclasses import dataclass
from enum import Enum
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

NO_TIME = int(np.iinfo(np.int64).min)
"""Stands in an array of times for a value without one."""

WINDOW_BUCKETS = 16
"""How many buckets a window has: its edge is exact to a sixteenth."""

KEPT_BUCKETS = 32
"""How many buckets are kept, ending with the newest that is not ahead of the clock."""

_DRIFT_WINDOW = 30 * 86_400_000_000_000  # What counts as a window where there is none.


class Kind(Enum):
    """What is kept of a group's values."""

    MOMENTS = "moments"
    """Count, mean, sum of squared deviations, minimum, maximum."""

    HISTOGRAM = "histogram"
    """The moments, and counts in logarithmic bins, for quantiles."""

    CATEGORIES = "categories"
    """How often each category was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The identity of a baseline. It outlives the versions of a contract.

    Attributes:
        event_type: For example "flight.arrived".
        check: The check's stable identifier, for example "statistics.three_sigma".
        field: The place it looks at, as in Finding.field.
        by: The names of the fields that make a group; none if there is one group only.
        window: How far back history reaches, in nanoseconds; all of it if None.
        kind: What is kept of the values.
    """

    event_type: str
    check: str
    field: str
    by: tuple[str, ...] = ()
    window: int | None = None
    kind: Kind = Kind.MOMENTS
    _hash: int = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.window is not None and self.window < WINDOW_BUCKETS:
            raise ValueError(f"a window of {self.window} ns has no {WINDOW_BUCKETS} buckets: give it at least that many")
        identity = (self.event_type, self.check, self.field, self.by, self.window, self.kind)
        object.__setattr__(self, "_hash", hash(identity))

    def __hash__(self) -> int:
        return self._hash  # Worked out once: series are keys wherever an event is compared.

    @property
    def name(self) -> str:
        """The identity as JSON text: the same for the same series, wherever it is made."""
        return json.dumps([self.event_type, self.check, self.field, list(self.by), self.window, self.kind.value])

    @classmethod
    def from_name(cls, name: str) -> Self:
        """Return the series that has this name."""
        event_type, check, field, by, window, kind = json.loads(name)
        return cls(event_type=event_type, check=check, field=field, by=tuple(by), window=window, kind=Kind(kind))

    @property
    def bucket_width(self) -> int:
        """How much time a bucket spans, in nanoseconds: a sixteenth of the window; 0 if there is none.

        Buckets begin at whole multiples of it since 1970, UTC, so that those of a day or a part of one keep to UTC's days.
        """
        return 0 if self.window is None else -(-self.window // WINDOW_BUCKETS)

    @property
    def reach(self) -> int:
        """For how many nanoseconds a value surely lies in the windows of what happens after it; 0 where there is no window."""
        return (WINDOW_BUCKETS - 2) * self.bucket_width

    def bucket(self, time: int) -> int:
        """Return the number of the bucket that a time in nanoseconds lies in; 0 where there is no window."""
        return 0 if self.window is None else time // self.bucket_width

    def windows_begun(self, since: Ints, now: int) -> Ints:
        """Return how many windows have begun from `since` to `now`, in nanoseconds; at least 1.

        Where there is no window, 30 days count as one.
        """
        return np.maximum(now - since, 0) // self.drift_window + 1

    @property
    def drift_window(self) -> int:
        """How long it takes until history may move by one more deviation, in nanoseconds."""
        return self.window or _DRIFT_WINDOW
