"""What history leads one to expect, worked out once for each group and span of time."""

from collections.abc import Callable, Sequence
from itertools import repeat
from math import nan

import numpy as np

from assay_server.baselines import Kind, Known, View

from ._statistical import Floats, Where

SAMPLES, EXPECTED, UNIT, LOWER, UPPER, BOUNDED, NEW = range(7)
"""The columns: how many values it rests on; a mean or a median; what one unit of deviation is, 0 where all of history is one
value; the lowest and the highest value that are not found, NaN where there is too little history; whether the bound on drift
acted; and whether it is warm and has no reference for live learning."""

WIDTH = 7

Range = tuple[float, float, bool]
"""The lowest and the highest value that are not found, and whether the bound on drift acted."""

_UNGROUPED = [""]
_UNKNOWN: Range = (nan, nan, False)
_MOST_GROUPS = 65_536
_MOST_SPANS = 1024
_AHEAD = 16_384
"""How many groups with moments and no window are worked out together once a part of them has been asked for: it takes less
time than has been spent by then. Where there are more, next to every event is its group's first since the last snapshot, and
nothing is kept."""
_PART = 8


class Expectations:
    """Gives the rows of a batch's events, working out only those that it has not seen. Belongs to one view of history.

    Args:
        view: The view.
        work_out: Takes where to look, all in one span of time, and returns a row for each.
        work_out_one: The same for a single event, of which it returns what `usual` does; None if it does not know.

    Attributes:
        view: The view.
        bounded: Whether the bound on drift acts anywhere.
        new: Whether any group is warm and has no reference.
    """

    __slots__ = (
        "_ahead",
        "_all",
        "_asked",
        "_groups",
        "_held",
        "_spans",
        "_usual",
        "_width",
        "_work_out",
        "_work_out_one",
        "bounded",
        "new",
        "view",
    )

    def __init__(self, view: View, work_out: Callable[[Where], Floats], work_out_one: Callable[[Where], Range | None]) -> None:
        self.view = view
        self._groups = len(view.history.groups)
        self._ahead = _AHEAD if view.series.kind is Kind.MOMENTS and view.series.window is None else 0
        self._asked = 0
        self._all: Floats | None = None
        self.bounded = False
        self.new = False
        self._work_out = work_out
        self._work_out_one = work_out_one
        self._usual: dict[tuple[int, str], Range] = {}
        self._width = view.series.bucket_width
        self._spans: dict[int, _Span] = {}
        self._held = 0

    def take(self, where: Where) -> Floats:
        """Return a row for each event."""
        times = where.times
        if where.known is not None:
            return self._of_known(where, where.known)
        if times is None:
            return self._of_span(0, where)
        spans = times // self._width
        first = int(spans[0])
        if where.size == 1 or (spans == first).all():
            return self._of_span(first, where)
        table = np.empty((where.size, WIDTH))
        for span in np.unique(spans).tolist():
            places = np.flatnonzero(spans == span)
            keys = None if where.keys is None else [where.keys[place] for place in places.tolist()]
            table[places] = self._of_span(span, Where(where.view, keys, times[places], len(places)))
        return table

    def usual(self, key: str, time: int | None) -> Range:
        """Return between which values there is nothing to be said of a single event.

        NaN twice if there is something to be done anyway: too little history, a reference to be taken.

        Args:
            key: Its group; "" if there is one only.
            time: When it happened; None if there is no window.
        """
        place = (0 if time is None else time // self._width, key)
        usual = self._usual.get(place)
        if usual is None and self._is_worth_all(1):
            self._usual = self._usual_of_all()
            usual = self._usual.get(place)
        if usual is None:
            if len(self._usual) >= _MOST_GROUPS:
                self._usual.clear()
            times = None if time is None else np.array((time,), np.int64)
            where = Where(self.view, [key] if self.view.series.by else None, times, 1)
            usual = self._work_out_one(where)
            if usual is None:
                row = self.take(where)[0].tolist()
                usual = _UNKNOWN if row[NEW] else (row[LOWER], row[UPPER], row[BOUNDED] > 0)
            self._usual[place] = usual
        return usual

    def _of_known(self, where: Where, known: Known) -> Floats:
        if self._all is None and not self._is_worth_all(where.size):
            return self._noted(self._work_out(where))
        # Those that the view does not know have numbers beyond all others, as its last row has.
        return self._of_all().take(known.numbers, axis=0, mode="clip")

    def _is_worth_all(self, more: int) -> bool:
        """Return whether it is time to work out all groups: never, where it takes more than their moments."""
        self._asked += more
        return 0 < self._groups <= min(self._ahead, _PART * self._asked)

    def _of_all(self) -> Floats:
        """Return the rows of all groups by their numbers, and one more for those that are not known."""
        if self._all is None:
            every = Known.all(self.view.history.groups, self._groups)
            self._all = self._noted(self._work_out(Where(self.view, None, None, len(every), every)))
        return self._all

    def _usual_of_all(self) -> dict[tuple[int, str], Range]:
        table = self._of_all()[:-1]
        lower, upper = np.where(table[:, NEW] > 0, nan, table[:, [LOWER, UPPER]].T).tolist()
        places = zip(repeat(0), self.view.history.groups.all(), strict=False)
        self._ahead = 0  # Whoever is not among them now is not known.
        return dict(zip(places, zip(lower, upper, (table[:, BOUNDED] > 0).tolist(), strict=True), strict=False))

    def _noted(self, rows: Floats) -> Floats:
        self.bounded = self.bounded or bool(rows[:, BOUNDED].any())
        self.new = self.new or bool(rows[:, NEW].any())
        return rows

    def _of_span(self, number: int, where: Where) -> Floats:
        span = self._spans.get(number)
        if span is None:
            if len(self._spans) >= _MOST_SPANS:
                self._spans.clear()
            span = self._spans[number] = _Span()
        if where.keys is None:
            if not span.rows:
                self._add(span, _UNGROUPED, where)
            return np.broadcast_to(span.table[0], (where.size, WIDTH))
        try:
            rows = np.fromiter(map(span.rows.__getitem__, where.keys), np.intp, where.size)
        except KeyError:
            missing = list(dict.fromkeys(key for key in where.keys if key not in span.rows))
            if self._held + len(missing) > _MOST_GROUPS:
                self._spans = {number: span}
                self._held = 0
                span.rows.clear()
                missing = list(dict.fromkeys(where.keys))
            self._add(span, missing, where)
            rows = np.fromiter(map(span.rows.__getitem__, where.keys), np.intp, where.size)
        return span.table.take(rows, axis=0)

    def _add(self, span: "_Span", keys: Sequence[str], where: Where) -> None:
        times = None if where.times is None else np.full(len(keys), where.times[0])
        rows = self._noted(self._work_out(Where(where.view, None if where.keys is None else keys, times, len(keys))))
        self._held += len(keys)
        span.add(keys, rows)


class _Span:
    """The rows of the groups in one span of time."""

    __slots__ = ("rows", "table")

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.table = np.empty((1, WIDTH))

    def add(self, keys: Sequence[str], rows: Floats) -> None:
        """Add rows for keys that it does not have."""
        start, end = len(self.rows), len(self.rows) + len(keys)
        if end > len(self.table):
            table = np.empty((max(end, 2 * len(self.table)), WIDTH))
            table[:start] = self.table[:start]
            self.table = table
        self.table[start:end] = rows
        self.rows.update(zip(keys, range(start, end), strict=True))
