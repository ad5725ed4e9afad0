"""What was learned, and is not read yet."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from .history import Floats, History, Ints, Lesson, Series, learned

_AT_ONCE = 8192  # Rows that are summed up together: enough for NumPy, and no matter for memory.


Note = Callable[[Series, Counter[str]], None]


@dataclass(slots=True)
class _Gathered:
    """Columns of one series, and how many rows they have."""

    lessons: list[Lesson] = field(default_factory=list)
    rows: int = 0


class Pending:
    """Gathers columns cheaply, and sums them up many at a time.

    Args:
        clock: The time, in nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gathered: dict[Series, _Gathered] = {}
        self._learned: dict[Series, History] = {}
        self._referred: dict[Series, list[tuple[Sequence[str], Floats, Ints]]] = {}
        self._refused: dict[Series, Counter[str]] = {}

    def learn(self, series: Series, lesson: Lesson) -> None:
        """Gather a column."""
        with self._lock:
            gathered = self._gathered.get(series)
            if gathered is None:
                gathered = self._gathered[series] = _Gathered()
            gathered.lessons.append(lesson)
            gathered.rows += len(lesson)
            if gathered.rows >= _AT_ONCE:
                self._sum_up(series)

    def refer(self, series: Series, keys: Sequence[str], values: Floats) -> None:
        """Gather references."""
        since = np.full(len(values), self._clock())
        with self._lock:
            self._referred.setdefault(series, []).append((keys, values, since))

    def outdate(self, series: Series, *, forget: bool) -> None:
        """Drop the references of a series, and what it learned too if it is to forget that."""
        with self._lock:
            self._referred.pop(series, None)
            if forget:
                self._learned.pop(series, None)
                self._gathered.pop(series, None)

    def take(self, note: Note) -> dict[Series, History]:
        """Return what was learned since the last time.

        Args:
            note: Is told, by series, what was refused.
        """
        with self._lock:
            for series in list(self._gathered):
                self._sum_up(series)
            for series, parts in self._referred.items():
                keys, values, since = zip(*parts, strict=True)
                history = self._learned.get(series, History(series))
                self._learned[series] = history.with_references([*chain(*keys)], np.concatenate(values), np.concatenate(since))
            self._referred.clear()
            taken, self._learned = self._learned, {}
            refused, self._refused = self._refused, {}
        for series, counts in refused.items():
            note(series, counts)
        return {series: history for series, history in taken.items() if not history.is_empty}

    def _sum_up(self, series: Series) -> None:
        lessons = self._gathered.pop(series).lessons
        refused = self._refused.setdefault(series, Counter())
        history = learned(series, lessons, self._clock(), refused)
        mine = self._learned.get(series)
        self._learned[series] = history if mine is None else mine.merged(history)
