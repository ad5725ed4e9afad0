"""What was learned, and is not read yet."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from .history import NO_TIME, Floats, History, Ints, Kind, Lesson, Names, Series, learned

_AT_ONCE = 8192  # Rows that are summed up together: enough for NumPy, and no matter for memory.
_ONES = 1024  # The same for values that came one by one.
_NUMBERED_AT_ONCE = 65_536  # The same for rows without texts: they take 20 bytes each.

Note = Callable[[Series, Counter[str]], None]


@dataclass(slots=True)
class _Gathered:
    """Columns of one series, and how many rows they have."""

    names: Names | None
    most: int
    lessons: list[Lesson] = field(default_factory=list)
    rows: int = 0


class Pending:
    """Gathers columns cheaply, and sums them up many at a time.

    What is taught of groups by the numbers that they have in a history is kept apart from what is taught by their names.

    Args:
        clock: The time, in nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ones: dict[Series, tuple[list[str], list[Any], list[int]]] = {}
        self._gathered: dict[tuple[Series, bool], _Gathered] = {}
        self._learned: dict[Series, dict[Names | None, History]] = {}
        self._referred: dict[Series, list[tuple[Sequence[str], Floats, Ints]]] = {}
        self._refused: dict[Series, Counter[str]] = {}

    def learn(self, series: Series, lesson: Lesson) -> None:
        """Gather a column."""
        key = series, lesson.names is not None
        with self._lock:
            gathered = self._gathered.get(key)
            if gathered is not None and gathered.names is not lesson.names:
                self._sum_up(series, self._gathered.pop(key))
                gathered = None
            if gathered is None:
                most = _AT_ONCE if lesson.names is None else _NUMBERED_AT_ONCE
                gathered = self._gathered[key] = _Gathered(lesson.names, most)
            gathered.lessons.append(lesson)
            gathered.rows += len(lesson)
            if gathered.rows >= gathered.most:
                self._sum_up(series, self._gathered.pop(key))

    def learn_one(self, series: Series, group: str, value: float | str, time: int) -> None:
        """Gather a value."""
        with self._lock:
            ones = self._ones.get(series)
            if ones is None:
                ones = self._ones[series] = ([], [], [])
            groups, values, times = ones
            groups.append(group)
            values.append(value)
            times.append(time)
            full = len(values) >= _ONES
        if full:
            self._put_together(series)

    def _put_together(self, series: Series) -> None:
        """Make columns of single values."""
        with self._lock:
            ones = self._ones.pop(series, None)
        if ones is None:
            return
        groups, values, times = ones
        column = np.array(values, np.float64) if series.kind is not Kind.CATEGORIES else values
        self.learn(series, Lesson(groups if series.by else None, column, _column(times)))

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
                self._ones.pop(series, None)
                self._learned.pop(series, None)
                self._gathered.pop((series, False), None)
                self._gathered.pop((series, True), None)

    def take(self, note: Note) -> dict[Series, list[History]]:
        """Return what was learned since the last time: of each series a history or several, each with other names.

        Args:
            note: Is told, by series, what was refused.
        """
        for series in list(self._ones):
            self._put_together(series)
        with self._lock:
            for (series, _), gathered in self._gathered.items():
                self._sum_up(series, gathered)
            self._gathered.clear()
            for series, parts in self._referred.items():
                keys, values, since = zip(*parts, strict=True)
                histories = self._learned.setdefault(series, {})
                history = histories.get(None, History(series))
                histories[None] = history.with_references([*chain(*keys)], np.concatenate(values), np.concatenate(since))
            self._referred.clear()
            taken, self._learned = self._learned, {}
            refused, self._refused = self._refused, {}
        for series, counts in refused.items():
            note(series, counts)
        return {series: list(histories.values()) for series, histories in taken.items()}

    def _sum_up(self, series: Series, gathered: _Gathered) -> None:
        refused = self._refused.setdefault(series, Counter())
        history = learned(series, gathered.lessons, self._clock(), refused)
        if not history.is_empty:
            parts = self._learned.setdefault(series, {})
            mine = parts.get(gathered.names)
            parts[gathered.names] = history if mine is None else mine.merged(history)


def _column(times: Sequence[int]) -> Ints:
    """Return times as a column; those that an int64 cannot hold are as far away as it can say, and none is NO_TIME."""
    try:
        return np.array(times, np.int64)
    except OverflowError:
        least, most = NO_TIME + 1, -(NO_TIME + 1)
        return np.array([time if time == NO_TIME else min(max(time, least), most) for time in times], np.int64)
