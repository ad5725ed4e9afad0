"""What all comparisons with history share: series, groups, readiness, and what is said of events that cannot be compared."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from assay_server.baselines import (
    NO_TIME,
    History,
    Kind,
    Known,
    Lesson,
    RunningView,
    Series,
    Snapshot,
    View,
    group_key,
    group_values,
)
from assay_server.contracts import Contract, EventContract, Statistic

from ._batch import Batch, reader_of, text_of
from ._failures import FailureLog
from ._findings import Layer, SkipReason
from ._past import Past
from ._protocol import CheckDescription, Report

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Where(NamedTuple):
    """Where in history each event of a batch is to be looked up.

    Attributes:
        view: What was taught.
        keys: The events' groups; None if there is one only.
        times: When they happened; None if there is no window.
        size: How many there are.
        known: The groups as the view knows them; None if they are to be looked up by their keys.
    """

    view: View
    keys: Sequence[str] | None
    times: Ints | None
    size: int
    known: Known | None = None

    @property
    def groups(self) -> Sequence[str] | Known | None:
        """The events' groups, in the form that costs least."""
        return self.keys if self.known is None else self.known


class StatisticalCheck(ABC):
    """A comparison with history.

    It reads one snapshot of history for a batch, its own or else the newest, whatever is learned meanwhile; beside it what the
    events before each have taught, where the batch is in order.

    Args:
        contract: The contract that declares it.
        statistic: What it compares, and how.
        past: The history.

    Attributes:
        series: What it reads and teaches.
    """

    takes_time = False
    kind: ClassVar[Kind]

    def __init__(self, contract: Contract, statistic: Statistic, past: Past) -> None:
        self.statistic = statistic
        self.series = Series(
            event_type=contract.event_type,
            check=statistic.check,
            field=statistic.field,
            by=statistic.by,
            window=statistic.window,
            kind=self.kind,
        )
        self._least = statistic.marker.min_samples
        self._by = [reader_of(contract, path) for path in statistic.by]
        self._value = reader_of(contract, statistic.path)
        self._past = past
        self._view = View(History(self.series))
        self._snapshot: Snapshot | None = None
        self._failures = FailureLog(
            f"{contract.event_type} {contract.version} {statistic.check} {statistic.field}", discreet=statistic.sensitive
        )
        self._description = CheckDescription(
            check=statistic.check,
            layer=Layer.STATISTICS,
            enforcement=statistic.enforcement,
            field=statistic.field,
            description=self._sentence(),
            required=statistic.required,
        )

    @property
    def description(self) -> CheckDescription:
        """What it is, and that it is not ready if no group has enough history."""
        if self._is_ready():
            return self._description
        return replace(self._description, not_ready=SkipReason.WARMING_UP)

    @abstractmethod
    def run(self, batch: Batch, report: Report) -> None:
        """Compare a batch with history."""

    @abstractmethod
    def learn(self, batch: Batch, *, live: bool = True) -> None:
        """Teach history the values of events; nothing without baselines.

        Args:
            batch: The events, none of which was rejected.
            live: Whether they are traffic, so that no sender may move history far; else they are taken as they are.
        """

    @abstractmethod
    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether there is certainly nothing to be said of one event, nor to be done."""

    @abstractmethod
    def passed(self, time: int, *, learn: bool) -> None:
        """Do what is to be done about the event that `passes` has looked at last, once it has passed all checks.

        Args:
            time: When it happened, in nanoseconds since 1970.
            learn: Whether it teaches history.
        """

    @abstractmethod
    def referred(self, history: History, now: int) -> History:
        """Return the history of its series with references for live learning added, as of `now` in nanoseconds."""

    def close(self) -> None:  # noqa: B027  # Most checks hold nothing, and these never do.
        """Let go of nothing: history is not its own."""

    @property
    def view(self) -> View:
        """What its series was taught, as of the newest snapshot."""
        return self._view_of(None)

    def _view_of(self, snapshot: Snapshot | None) -> View:
        """Return what its series was taught as of a snapshot; of the newest, if it is None."""
        if snapshot is None and (baselines := self._past.baselines) is not None:
            snapshot = baselines.snapshot
        if snapshot is not None and snapshot is not self._snapshot:
            self._snapshot, self._view = snapshot, snapshot[self.series]
        return self._view

    def _is_ready(self) -> bool:
        view = self.view
        newest = view.newest
        if self.series.window is not None and newest == NO_TIME:
            return False
        keys = [key for key, _ in view.groups()]
        if not keys:
            return False
        samples = view.moments(keys, np.full(len(keys), newest)).n
        return bool((samples >= self._least).any())

    def _group_of(self, event: EventContract) -> str | None:
        """Return the key of one event's group, "" if there is one group only; None if a value that makes it is missing.

        Raises:
            Exception: What an author's own code raises.
        """
        texts: list[str] = []
        for read in self._by:
            text = text_of(read(event))
            if text is None:
                return None
            texts.append(text)
        return group_key(texts)

    def _keys(self, batch: Batch) -> Sequence[str] | None:
        by = self.statistic.by
        return batch.groups(by).keys if by else None

    def _where(self, batch: Batch, view: View) -> Where:
        keys, times = self._keys(batch), None if self.statistic.window is None else batch.nanoseconds()
        if batch.in_order:
            lesson = Lesson(keys, self._column(batch), batch.nanoseconds())
            view = RunningView(view, lesson, self._present(batch), self._past.clock())
        return Where(view, keys, times, len(batch))

    def _skip(self, batch: Batch, index: int, where: Where, samples: float, report: Report) -> None:
        """Say why an event cannot be compared."""
        statistic, row = self.statistic, batch.rows[index]
        error = batch.failures(statistic.path).get(index)
        if error is not None:
            self._failures.write(error)
            report.could_not_run(row, self._description, SkipReason.UNAVAILABLE, "the feature could not be computed")
            return
        if statistic.by:
            groups = batch.groups(statistic.by)
            if index in groups.failed:
                self._failures.write(next(found[index] for by in statistic.by if index in (found := batch.failures(by))))
                message = "a feature that makes its group could not be computed"
                report.could_not_run(row, self._description, SkipReason.UNAVAILABLE, message)
                return
            if groups.missing is not None and groups.missing[index]:
                absent = ", ".join(by for by in statistic.by if batch.texts(by)[index] is None)
                message = f"the event has no {absent}"
                report.could_not_run(row, self._description, SkipReason.INPUT_MISSING, message)
                return
        if self._is_missing(batch, index):
            report.could_not_run(row, self._description, SkipReason.INPUT_MISSING, "the event has no such value")
            return
        if where.keys is not None and not samples and where.view.refused([where.keys[index]])[0]:
            message = "its group is new, and as many are kept as may be"
            report.could_not_run(row, self._description, SkipReason.GROUP_LIMIT, message)
            return
        message = f"there are {int(samples)} values in history; it takes {self._least}"
        report.could_not_run(row, self._description, SkipReason.WARMING_UP, message)

    def _group(self, where: Where, index: int) -> dict[str, str]:
        if where.keys is None:
            return {}
        by = self.series.by
        return dict(zip(by, group_values(where.keys[index], len(by)), strict=True))

    @abstractmethod
    def _column(self, batch: Batch) -> Floats | Sequence[str]:
        """Return what it looks at, for each event; where it is missing, the value means nothing."""

    @abstractmethod
    def _present(self, batch: Batch) -> Mask | None:
        """Return which events have the value, and all that makes its group; None if all have."""

    @abstractmethod
    def _is_missing(self, batch: Batch, index: int) -> bool:
        """Return whether an event lacks the value."""

    @abstractmethod
    def _sentence(self) -> str:
        """Return what it checks, in a sentence."""

    def _about(self) -> str:
        """Return how to speak of what it looks at, and of whose history."""
        by = f" of the same {' and '.join(self.statistic.by)}" if self.statistic.by else ""
        window = self.statistic.marker.window
        return f"events{by}" + (f" in the {window} before" if window is not None else "")


def of_group(group: dict[str, str]) -> str:
    """Return a group as a message names it."""
    return f" for {', '.join(f'{name} {value[:100]}' for name, value in group.items())}" if group else ""


def places(mask: Any) -> list[int]:
    """Return where a mask is true."""
    found: list[int] = np.flatnonzero(mask).tolist()
    return found
