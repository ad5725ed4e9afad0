"""What history says: accumulators, windows, groups, and the store behind them. Knows nothing of events, checks or contracts.

baselines = Baselines(Store(Path("data/baselines.sqlite3")))
baselines.use([series])
baselines.exchange()
moments = baselines.snapshot[series].moments(groups, times)
baselines.learn(series, groups, values, times)
baselines.publish()
baselines.exchange()
"""

from ._baselines import REFUSALS, Baselines
from ._snapshot import Snapshot
from ._status import StoreStatus
from .history import (
    NO_TIME,
    Bounded,
    CategoryCounts,
    Histograms,
    History,
    Kind,
    Known,
    Lesson,
    Limits,
    Moments,
    Reference,
    RunningView,
    Series,
    Spread,
    View,
    bounded,
    bounded_one,
    clipped,
    group_key,
    group_keys,
    group_values,
    widened,
)
from .store import AlreadyLearnedError, LearnedFile, Store, StoreError

__all__ = [
    "NO_TIME",
    "REFUSALS",
    "AlreadyLearnedError",
    "Baselines",
    "Bounded",
    "CategoryCounts",
    "Histograms",
    "History",
    "Kind",
    "Known",
    "LearnedFile",
    "Lesson",
    "Limits",
    "Moments",
    "Reference",
    "RunningView",
    "Series",
    "Snapshot",
    "Spread",
    "Store",
    "StoreError",
    "StoreStatus",
    "View",
    "bounded",
    "bounded_one",
    "clipped",
    "group_key",
    "group_keys",
    "group_values",
    "widened",
]
