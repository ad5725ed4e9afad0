"""From the columns of a batch to what they teach."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._bins import bins_of
from ._bucket import Bucket
from ._counts import Counts
from ._history import History
from ._moments import LARGEST, micros_of, summed_up
from ._names import Names, short_names
from ._series import NO_TIME, Floats, Ints, Kind, Rows, Series


@dataclass(frozen=True, slots=True)
class Lesson:
    """Columns of a batch that teach one series.

    Attributes:
        groups: The key of each row's group, from `group_keys`; None if there is one group only.
        values: The numbers, or the categories.
        times: When each happened, in nanoseconds, or NO_TIME; None if none has a time.
    """

    groups: Sequence[str] | None
    values: Floats | Sequence[str]
    times: Ints | None

    def __len__(self) -> int:
        return len(self.values)


def learned(series: Series, lessons: Sequence[Lesson], now: int, refused: Counter[str]) -> History:
    """Return the history that lessons teach; values that teach nothing are counted in `refused`, by the reason.

    Args:
        series: What is taught.
        lessons: In any order.
        now: The clock, in nanoseconds.
        refused: Counts "not_finite", "no_time" and "too_far_ahead".
    """
    values: Floats | Sequence[str] = _values(series, lessons)
    times = _times(lessons)
    kept = usable(series, values, times, now, refused)
    if not len(kept):
        return History(series)
    keys = _keys(lessons)
    if len(kept) < len(values):
        places = kept.tolist()
        keys = None if keys is None else [keys[place] for place in places]
        times = None if times is None else times[kept]
        values = values[kept] if isinstance(values, np.ndarray) else [values[place] for place in places]
    numbers: Floats | None = None
    codes: Ints | None = None
    categories = Names()
    if isinstance(values, np.ndarray):
        numbers = values
        if series.kind is Kind.HISTOGRAM:
            codes = bins_of(numbers)
    else:
        codes = categories.add(short_names(values)).astype(np.int64)
    groups = Names([""] if keys is None else ())
    rows = np.zeros(len(values), np.int32) if keys is None else groups.add(keys)
    buckets = _buckets(series, rows, numbers, codes, times, len(groups))
    return History(series, groups, categories, buckets)


def _values(series: Series, lessons: Sequence[Lesson]) -> Floats | Sequence[str]:
    if series.kind is Kind.CATEGORIES:
        return [str(value) for lesson in lessons for value in lesson.values]
    return np.concatenate([np.asarray(lesson.values, np.float64) for lesson in lessons])


def _times(lessons: Sequence[Lesson]) -> Ints | None:
    if all(lesson.times is None for lesson in lessons):
        return None
    times = [np.full(len(lesson), NO_TIME) if lesson.times is None else lesson.times for lesson in lessons]
    return np.concatenate(times)


def _keys(lessons: Sequence[Lesson]) -> list[str] | None:
    if all(lesson.groups is None for lesson in lessons):
        return None
    return [key for lesson in lessons for key in (lesson.groups if lesson.groups is not None else [""] * len(lesson))]


def usable(series: Series, values: Floats | Sequence[str], times: Ints | None, now: int, refused: Counter[str]) -> Ints:
    """Return the places of the values that teach; count the others in `refused`, by the reason."""
    usable = np.abs(values) <= LARGEST if isinstance(values, np.ndarray) else np.ones(len(values), np.bool_)
    _count(refused, "not_finite", len(usable) - int(usable.sum()))
    if series.window is not None:
        timed = np.zeros(len(usable), np.bool_) if times is None else times != NO_TIME
        _count(refused, "no_time", int((usable & ~timed).sum()))
        usable &= timed
        if times is not None:
            ahead = times // series.bucket_width > series.bucket(now) + 1
            _count(refused, "too_far_ahead", int((usable & ahead).sum()))
            usable &= ~ahead
    return np.flatnonzero(usable)


def _count(refused: Counter[str], reason: str, number: int) -> None:
    if number:
        refused[reason] += number


def _buckets(
    series: Series, rows: Rows, numbers: Floats | None, codes: Ints | None, times: Ints | None, groups: int
) -> dict[int, Bucket]:
    newest = micros_of(times, len(rows))
    if series.window is None or times is None:
        table = summed_up(rows, numbers, newest, groups)
        counts = Counts.none() if codes is None else Counts.of(rows, codes)
        return {0: Bucket.of(np.arange(groups, dtype=np.int32), table, counts)}
    numbered, spans = np.unique(times // series.bucket_width, return_inverse=True)
    pairs, places = np.unique(spans * groups + rows, return_inverse=True)
    table = summed_up(places, numbers, newest, len(pairs))
    span_of_pair = pairs // groups
    row_of_pair = (pairs % groups).astype(np.int32)
    buckets = {}
    for span, number in enumerate(numbered.tolist()):
        mine = slice(*np.searchsorted(span_of_pair, (span, span + 1)))
        counts = Counts.none()
        if codes is not None:
            here = spans == span
            counts = Counts.of(rows[here], codes[here])
        buckets[number] = Bucket.of(row_of_pair[mine], table[mine], counts)
    return buckets
