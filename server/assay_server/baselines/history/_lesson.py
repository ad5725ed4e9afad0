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
from ._names import ABSENT, Names, short_names
from ._series import NO_TIME, Floats, Ints, Kind, Rows, Series


@dataclass(frozen=True, slots=True)
class Lesson:
    """Columns of a batch that teach one series.

    Attributes:
        groups: The key of each row's group, from `group_keys`; None if there is one group only.
        values: The numbers, or the categories.
        times: When each happened, in nanoseconds, or NO_TIME; None if none has a time.
        names: What `numbers` are numbers in; None if it has none.
        numbers: The number of each row's group, known among `names`; `groups` means nothing then.
    """

    groups: Sequence[str] | None
    values: Floats | Sequence[str]
    times: Ints | None
    names: Names | None = None
    numbers: Rows | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Known:
    """The groups of a batch's rows as a history knows them.

    Attributes:
        names: The names of its groups.
        numbers: The number of each row's group among them; ABSENT if it has none.
    """

    names: Names
    numbers: Rows

    def at(self, places: Ints) -> "Known":
        """Return those of some rows."""
        return Known(self.names, self.numbers[places])

    @classmethod
    def all(cls, names: Names, size: int) -> "Known":
        """Return the first groups of so many, by their numbers, and as one more a group that is not known."""
        return cls(names, np.append(np.arange(size, dtype=np.int32), np.int32(ABSENT)))

    def __len__(self) -> int:
        return len(self.numbers)

    def lessons(self, groups: Sequence[str] | None, values: Floats, times: Ints | None) -> list[Lesson]:
        """Return what a batch teaches: by the groups' numbers where they have some, and by `groups` where they have none."""
        new = self.numbers == ABSENT
        if not new.any():
            return [Lesson(None, values, times, self.names, self.numbers)]
        lessons = []
        for places, by_name in ((np.flatnonzero(~new), False), (np.flatnonzero(new), True)):
            if len(places):
                part = values[places], None if times is None else times[places]
                keys = [groups[place] for place in places.tolist()] if by_name and groups is not None else None
                lessons.append(Lesson(keys, *part) if by_name else Lesson(None, *part, self.names, self.numbers[places]))
        return lessons


def learned(series: Series, lessons: Sequence[Lesson], now: int, refused: Counter[str]) -> History:
    """Return the history that lessons teach; values that teach nothing are counted in `refused`, by the reason.

    Args:
        series: What is taught.
        lessons: In any order; either all have numbers among the same names, which the history then shares, or none has.
        now: The clock, in nanoseconds.
        refused: Counts "not_finite", "no_time" and "too_far_ahead".
    """
    values: Floats | Sequence[str] = _values(series, lessons)
    times = _times(lessons)
    kept = usable(series, values, times, now, refused)
    if not len(kept):
        return History(series)
    names = lessons[0].names
    numbered = None if names is None else np.concatenate([lesson.numbers for lesson in lessons if lesson.numbers is not None])
    keys = _keys(lessons) if names is None else None
    if len(kept) < len(values):
        places = kept.tolist()
        numbered = None if numbered is None else numbered[kept]
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
    if names is not None and numbered is not None:
        mine, places = np.unique(numbered, return_inverse=True)
        buckets = _buckets(series, places.astype(np.int32), numbers, codes, times, len(mine))
        return History(series, names, categories, {number: bucket.moved(mine) for number, bucket in buckets.items()})
    groups = Names([""] if keys is None else ())
    rows: Rows = np.zeros(len(values), np.int32) if keys is None else groups.add(keys)
    return History(series, groups, categories, _buckets(series, rows, numbers, codes, times, len(groups)))


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
