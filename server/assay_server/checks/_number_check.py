"""Comparing numbers with what history leads one to expect."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from math import copysign, inf, nan
from typing import ClassVar, NamedTuple

import numpy as np

from assay_server.baselines import History, Kind, Known, Snapshot, View, bounded, bounded_one, clipped
from assay_server.contracts import Contract, EventContract, Statistic

from ._batch import Batch
from ._expectations import BOUNDED, EXPECTED, LOWER, NEW, SAMPLES, UNIT, UPPER, WIDTH, Expectations, Range
from ._findings import StatisticalEvidence
from ._past import Past
from ._protocol import Report
from ._statistical import Floats, Mask, StatisticalCheck, Where, of_group, places

_KEPT = 10 * 10**9
"""For how many nanoseconds what was worked out is kept: the bound on drift widens with time."""

_PLAIN = frozenset({float, int})


class Expected(NamedTuple):
    """What history says of some groups; an element a group. Means nothing where there are no samples.

    Attributes:
        samples: How many values it rests on.
        expected: A mean or a median.
        unit: What one unit of deviation is; 0 where all of history is one value.
        lower: The lowest value that is not found.
        upper: The highest.
    """

    samples: Floats
    expected: Floats
    unit: Floats
    lower: Floats
    upper: Floats


class _Passed(NamedTuple):
    """The event that has passed last: its group, its value, and whether the bound on drift acted."""

    group: str
    value: float
    bounded: bool


class _Reading(NamedTuple):
    """A batch beside its history; `usual` says for which events there is nothing to be said."""

    expectations: Expectations
    where: Where
    values: Floats
    table: Floats
    usual: Mask
    all_usual: bool


class NumberCheck(StatisticalCheck):
    """Finds numbers that lie outside of the bounds that history gives.

    Deviations are in units of its own, positive above what is expected. What verdicts read is kept near the reference for
    live learning, if there is one.
    """

    expected_word: ClassVar[str]
    unit_word: ClassVar[str]

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        super().__init__(contract, statistic, past)
        self._looks_up_numbers = self.kind is Kind.MOMENTS and statistic.window is None
        self._expectations = Expectations(self._view, self._work_out, self._work_out_one)
        self._until = past.clock()
        self._referred: set[str] = set()
        self._passed = _Passed("", nan, bounded=False)

    @abstractmethod
    def expect(self, where: Where) -> Expected:
        """Return what history says of groups, each as of a time."""

    def expect_one(self, moments: Sequence[float]) -> tuple[float, float, float] | None:
        """Return what `expect` says of one group, to the last bit: what is expected, and the bounds.

        NumPy takes microseconds for each of its calls, which single events would wait for.

        Args:
            moments: The group's, over all of history, in the order of their columns.

        Returns:
            None, unless moments are all that it takes.
        """
        del moments
        return None

    def run(self, batch: Batch, report: Report) -> None:
        """Compare a batch with history."""
        if not len(batch):
            return
        alone = len(batch) == 1 and not (batch.in_order or report.explain)
        if alone and self.passes(batch.models[0], batch.times[0], batch.snapshot):
            batch.notes[self] = None
            self._count_bounded(self._passed.bounded)
            return
        reading = batch.notes[self] = self._read(batch)
        if reading.expectations.bounded:
            self._count_bounded(int(reading.table[:, BOUNDED].sum()))
        if report.explain:
            self._say(batch, range(len(batch)), reading, report)
        elif not reading.all_usual:
            self._say(batch, places(~reading.usual), reading, report)

    def learn(self, batch: Batch, *, live: bool = True) -> None:
        """Teach history the values of events."""
        baselines = self._past.baselines
        if baselines is None or not len(batch):
            return
        values, keys, times = batch.numbers(self.statistic.path), self._keys(batch), batch.nanoseconds()
        usual = False
        known: Known | None = None
        if live:
            reading: _Reading | None = batch.notes[self] if self in batch.notes else self._read(batch)
            usual = reading is None or reading.all_usual
            if reading is not None:
                known = reading.where.known
                self._refer(reading)
                values = values if usual else self._clipped(reading)
        if not usual and (present := self._present(batch)) is not None:
            kept = np.flatnonzero(present)
            if not len(kept):
                return
            values, times = values[kept], times[kept]
            keys = None if keys is None else [keys[index] for index in kept.tolist()]
            known = None if known is None else known.at(kept)
        baselines.learn(self.series, keys, values, times, known)

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether the value of one event lies within the bounds, and there is no reference to be taken."""
        try:
            value = self._value(event)
            if type(value) not in _PLAIN or (key := self._group_of(event)) is None:
                return False
            number = float(value)
            expectations = self._current(self._view_of(snapshot))
            lower, upper, acted = expectations.usual(key, None if self.statistic.window is None else time)
        except Exception:  # noqa: BLE001  # An author's own code may raise anything; who looks closer will see it.
            return False
        self._passed = _Passed(key, number, acted)
        return lower <= number <= upper

    def passed(self, time: int, *, learn: bool) -> None:
        """Count, and teach history, the event that has just passed."""
        key, number, acted = self._passed
        if acted:
            self._count_bounded(acted)
        if learn and (baselines := self._past.baselines) is not None:
            baselines.learn_one(self.series, key, number, time)

    def referred(self, history: History, now: int) -> History:
        """Return the history with what verdicts read of it as references."""
        view = View(history)
        keys = [key for key, _ in view.groups()]
        if not keys:
            return history
        times = np.full(len(keys), min(view.newest, now)) if self.series.window is not None else None
        found = self.expect(Where(view, keys, times, len(keys)))
        warm = np.flatnonzero(found.samples >= self._least)
        values = np.stack(found[1:], axis=1)[warm]
        return history.with_references([keys[index] for index in warm.tolist()], values, np.full(len(warm), now))

    def _read(self, batch: Batch) -> _Reading:
        expectations = self._current(self._view_of(batch.snapshot))
        where = self._where(batch, expectations.view)
        if where.keys is not None and self._looks_up_numbers and not batch.in_order:
            where = where._replace(known=where.view.find(where.keys))
        values = batch.numbers(self.statistic.path)
        table = self._work_out(where) if batch.in_order else expectations.take(where)
        usual = (values >= table[:, LOWER]) & (values <= table[:, UPPER])
        if where.keys is not None and (missing := batch.groups(self.statistic.by).missing) is not None:
            usual &= ~missing
        return _Reading(expectations, where, values, table, usual, bool(usual.all()))

    def _count_bounded(self, count: int) -> None:
        if count:
            self._past.bounded[self.series.event_type, self.series.check, self.series.field] += count

    def _current(self, view: View) -> Expectations:
        """Return the expectations that a view leads to."""
        kept, now = self._expectations, self._past.clock()
        if kept.view is not view or not self._until - _KEPT <= now <= self._until:
            kept = self._expectations = Expectations(view, self._work_out, self._work_out_one)
            self._until = now + _KEPT
            self._referred.clear()
        return kept

    def _work_out(self, where: Where) -> Floats:
        """Return the rows of groups, kept as near to the reference as live learning may move them."""
        found = self.expect(where)
        acted: Mask | bool = False
        known: Mask | bool = False
        if len(where.view.history.references):
            reference = where.view.references(where.groups, where.size)
            near = bounded(self.series, found.expected, found.lower, found.upper, reference, self._past.clock())
            found = found._replace(expected=near.expected, lower=near.lower, upper=near.upper)
            acted, known = near.acted, reference.known
        warm = found.samples >= self._least
        table = np.empty((where.size, WIDTH))
        table[:, SAMPLES], table[:, EXPECTED], table[:, UNIT] = found.samples, found.expected, found.unit
        table[:, LOWER], table[:, UPPER] = np.where(warm, found.lower, np.nan), np.where(warm, found.upper, np.nan)
        table[:, BOUNDED], table[:, NEW] = acted, warm & ~np.asarray(known)
        return table

    def _column(self, batch: Batch) -> Floats:
        return batch.numbers(self.statistic.path)

    def _work_out_one(self, where: Where) -> Range | None:
        """Return between which values there is nothing to be done about a single event; None if that takes arrays to say."""
        if where.times is not None:
            return None
        moments, reference = where.view.row("" if where.keys is None else where.keys[0])
        found = self.expect_one(moments)
        if found is None:
            return None
        if moments[0] < self._least or reference is None:
            return nan, nan, False
        return bounded_one(self.series, found, *reference, self._past.clock())

    def _present(self, batch: Batch) -> Mask | None:
        absent = np.isnan(batch.numbers(self.statistic.path))
        if self.statistic.by and (missing := batch.groups(self.statistic.by).missing) is not None:
            absent |= missing
        return ~absent if absent.any() else None

    def _clipped(self, reading: _Reading) -> Floats:
        """Return what the values of a batch teach."""
        values, table = reading.values, reading.table
        with np.errstate(over="ignore", invalid="ignore"):
            learnable = np.isfinite(values * values)  # What is too large is refused, and so must not be clipped into sight.
        near = clipped(values, table[:, EXPECTED], table[:, LOWER], table[:, UPPER])
        return np.where(learnable & (table[:, SAMPLES] >= self._least), near, values)

    def _refer(self, reading: _Reading) -> None:
        """Take the reference of groups that have just warmed up."""
        baselines = self._past.baselines
        if baselines is None or not reading.expectations.new:
            return
        keys = reading.where.keys
        first: dict[str, int] = {}
        for index in places((reading.table[:, NEW] > 0) & ~np.isnan(reading.values)):
            name = "" if keys is None else keys[index]
            if name not in self._referred:
                first.setdefault(name, index)
        if first:
            self._referred.update(first)
            columns = reading.table[list(first.values())].T
            groups = None if keys is None else list(first)
            baselines.refer(self.series, groups, columns[EXPECTED], columns[UNIT], columns[LOWER], columns[UPPER])

    def _say(self, batch: Batch, indices: Iterable[int], reading: _Reading, report: Report) -> None:
        present = self._present(batch)
        for index in indices:
            samples = float(reading.table[index, SAMPLES])
            if samples < self._least or (present is not None and not present[index]):
                self._skip(batch, index, reading.where, samples, report)
                continue
            evidence = self._evidence(reading, index)
            if not reading.usual[index]:
                message = self._message(evidence, above=bool(reading.values[index] > evidence.upper))
                report.found(batch.rows[index], self._description, message, evidence)
            if report.explain:
                report.saw(batch.rows[index], self._description, evidence)

    def _evidence(self, reading: _Reading, index: int) -> StatisticalEvidence:
        observed = float(reading.values[index])
        samples, expected, unit, lower, upper = reading.table[index, :BOUNDED].tolist()
        sensitive = self.statistic.sensitive
        if not sensitive or (unit == 0 and not lower <= observed <= upper):
            deviation = _deviation(observed, expected, unit)
        else:
            deviation = _deviation(lower if observed < lower else upper if observed > upper else expected, expected, unit)
        return StatisticalEvidence(
            observed=None if sensitive else observed,
            expected=expected,
            deviation=deviation,
            lower=lower,
            upper=upper,
            sample_count=int(samples),
            group=self._group(reading.where, index),
        )

    def _message(self, evidence: StatisticalEvidence, *, above: bool) -> str:
        side, bound, which = ("above", evidence.upper, "highest") if above else ("below", evidence.lower, "lowest")
        whose = of_group(evidence.group)
        if evidence.observed is None:
            return f"The value is {side} the {which} to be expected{whose}, by {evidence.sample_count} values of history"
        return (
            f"{evidence.observed:.6g} is {side} {bound:.6g}, the {which} to be expected{whose}: "
            f"{abs(evidence.deviation):.3g} {self.unit_word} from the {self.expected_word} {evidence.expected:.6g} "
            f"of {evidence.sample_count} values"
        )

    def _is_missing(self, batch: Batch, index: int) -> bool:
        return bool(np.isnan(batch.numbers(self.statistic.path)[index]))


def _deviation(value: float, expected: float, unit: float) -> float:
    if value == expected:
        return 0.0
    if unit == 0:
        return copysign(inf, value - expected)
    return (value - expected) / unit
