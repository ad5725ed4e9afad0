"""What was learned, in memory: series, groups, buckets of time and accumulators, and how they merge and are read."""

from ._bins import widened
from ._bucket import Bucket
from ._counts import Counts
from ._histograms import Histograms
from ._history import History, Limits
from ._lesson import Known, Lesson, learned
from ._moments import COUNT, MOST_M2, NEWEST, Moments
from ._names import Names, group_key, group_keys, group_values
from ._references import Bounded, Reference, References, bounded, bounded_one, clipped
from ._running import RunningView
from ._series import NO_TIME, Floats, Ints, Kind, Rows, Series
from ._view import CategoryCounts, Spread, View

__all__ = [
    "COUNT",
    "MOST_M2",
    "NEWEST",
    "NO_TIME",
    "Bounded",
    "Bucket",
    "CategoryCounts",
    "Counts",
    "Floats",
    "Histograms",
    "History",
    "Ints",
    "Kind",
    "Known",
    "Lesson",
    "Limits",
    "Moments",
    "Names",
    "Reference",
    "References",
    "Rows",
    "RunningView",
    "Series",
    "Spread",
    "View",
    "bounded",
    "bounded_one",
    "clipped",
    "group_key",
    "group_keys",
    "group_values",
    "learned",
    "widened",
]
