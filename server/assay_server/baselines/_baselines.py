"""What a process reads, what it learns, and how both meet the store."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from ._pending import Pending
from ._snapshot import Snapshot
from ._status import StoreStatus
from .history import Floats, History, Ints, Known, Lesson, Limits, Series
from .store import Flush, News, Store, StoreError

REFUSALS = ("not_finite", "no_time", "too_far_ahead", "too_old", "group_limit", "category_limit", "count_limit")
"""Why values teach nothing."""

_TIDY_EVERY = 60 * 10**9


class Baselines:
    """The baselines of one process.

    Verdicts read `snapshot`, which is replaced as a whole by `publish` and `exchange`, and is not changed by learning. What
    is learned waits for the next `publish`; `exchange` hands it to the store, and picks up what others learned. A store that
    cannot be reached changes nothing for those who read and learn.

    What waits for the store is bounded, however long that is away: it is kept as histories are, summed up by group and bucket,
    and only what there is room for in the histories that verdicts read is kept at all; one flush of which nobody knows whether
    it was written may wait beside it. What waits to be published is bounded by how often that is done.

    `learn`, `refer` and the views of a snapshot are for one thread, `publish` and `exchange` may run in another.

    Args:
        store: Where baselines are kept; None to keep them in memory only.
        limits: How much a series may keep.
        clock: The time, in nanoseconds since 1970, UTC.

    Attributes:
        refused: How many values taught nothing, by series and the reason, one of REFUSALS.
    """

    def __init__(
        self, store: Store | None = None, *, limits: Limits | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._store = store
        self._limits = limits or Limits()
        self._clock = clock
        self._snapshot = Snapshot({}, self._limits.groups)
        self._pending = Pending(clock)
        self._lock = threading.RLock()
        self._exchanging = threading.Lock()
        self._writer = uuid.uuid4().hex
        self._wanted: set[Series] = set()
        self._generations: dict[Series, int] = {}
        self._waiting: dict[Series, History] = {}
        self._in_doubt: Flush | None = None
        self._sequence = 0
        self._tidied = clock()
        self._status = StoreStatus(store=store.name if store else None)
        self.refused: Counter[tuple[Series, str]] = Counter()

    @property
    def snapshot(self) -> Snapshot:
        """What verdicts read."""
        return self._snapshot

    @property
    def status(self) -> StoreStatus:
        """How it stands with the store."""
        return self._status

    def use(self, series: Iterable[Series]) -> None:
        """Name the series that are read from now on: their history comes with the next `exchange`."""
        with self._lock:
            self._wanted.update(series)

    def learn(
        self,
        series: Series,
        groups: Sequence[str] | None,
        values: Floats | Sequence[str],
        times: Ints | None,
        known: Known | None = None,
    ) -> None:
        """Learn a column of a batch. It is read after the next `publish`, and kept after the next `exchange`.

        The columns must not be changed afterwards.

        Args:
            series: What is taught.
            groups: The key of each row's group, from `group_keys`; None if there is one group only.
            values: Numbers, or the categories. Those that are not finite, or whose squares are not, teach nothing.
            times: When each happened, in nanoseconds, or NO_TIME; None if none has a time.
            known: The groups once more, as a view knows them, if one was asked: their names need not be looked up again.
        """
        if known is None or not isinstance(values, np.ndarray):
            self._pending.learn(series, Lesson(groups, values, times))
            return
        for lesson in known.lessons(groups, values, times):
            self._pending.learn(series, lesson)

    def learn_one(self, series: Series, group: str, value: float | str, time: int) -> None:
        """Learn what one event has: a number, or a category.

        Args:
            series: What is taught.
            group: The key of its group; "" if there is one only.
            value: Its value.
            time: When it happened, in nanoseconds.
        """
        self._pending.learn_one(series, group, value, time)

    def refer(
        self,
        series: Series,
        groups: Sequence[str] | None,
        expected: Floats,
        deviation: Floats,
        lower: Floats,
        upper: Floats,
    ) -> None:
        """Take what verdicts read of some groups as what live learning may not move far from.

        For each group it is done once: with the first value that it is taught when it is warm, and before that is learned. Of
        several references for one group the oldest stays.
        """
        values = np.stack((expected, deviation, lower, upper), axis=1)
        self._pending.refer(series, groups if groups is not None else [""] * len(values), values)

    def publish(self) -> Snapshot:
        """Put what was learned since the last time into the snapshot, and return it."""
        with self._lock:
            now = self._clock()
            changed: dict[Series, History] = {}
            for series, parts in self._pending.take(self._note).items():
                history, waiting = self._snapshot[series].history, self._waiting.get(series)
                refused: Counter[str] = Counter()
                for part in parts:
                    new = part if part.groups is history.groups else part.detached()
                    admitted = history.numbered(history.admitted(new, self._limits, now, refused))
                    history = history.merged(admitted)
                    waiting = admitted if waiting is None else _together(waiting, admitted)
                self._note(series, refused)
                changed[series] = history.pruned(now)
                if self._store is not None and waiting is not None:
                    self._wanted.add(series)
                    self._waiting[series] = waiting.pruned(now)
            if changed:
                self._snapshot = self._snapshot.replaced(changed)
            return self._snapshot

    def exchange(self) -> StoreStatus:
        """Hand what was learned to the store, and pick up what others learned; blocks. Does nothing without a store.

        What goes wrong is said by `status` alone: what was learned waits, and is handed over the next time.
        """
        if self._store is None:
            return self._status
        with self._exchanging:
            error = None
            try:
                self._store.prepare()
                self._write(self._store)
                self._read(self._store)
                self._tidy(self._store)
            except (SQLAlchemyError, StoreError, OSError) as raised:
                error = _said(raised)
            self._tell_status(error)
            return self._status

    def close(self) -> None:
        """Publish and exchange a last time, and close the store's connections."""
        self.publish()
        self.exchange()
        if self._store is not None:
            self._store.close()

    def _write(self, store: Store) -> None:
        while (flush := self._next_flush()) is not None:
            store.write(flush)
            with self._lock:
                self._in_doubt = None

    def _next_flush(self) -> Flush | None:
        """Return what is to be written next: first that of which nobody knows whether it was."""
        with self._lock:
            if self._in_doubt is not None:
                self._in_doubt = self._in_doubt.repeated()
            elif self._waiting:
                self._sequence += 1
                learned = {series: history.detached() for series, history in self._waiting.items()}
                self._in_doubt = Flush(self._writer, self._sequence, learned, dict(self._generations))
                self._waiting = {}
            return self._in_doubt

    def _read(self, store: Store) -> None:
        with self._lock:
            since, known, wanted = self._status.revision, set(self._generations), set(self._wanted)
        news = store.read(self._writer, since, known, wanted)
        with self._lock:
            self._take(news)

    def _take(self, news: News) -> None:
        now = self._clock()
        changed: dict[Series, History] = {}
        for series, stored in news.whole.items():
            generation = self._generations.get(series)
            if generation != stored.generation:
                forget = generation is not None and generation < stored.started
                self._pending.outdate(series, forget=forget)
                waiting = self._waiting.pop(series, None)
                if waiting is not None and not forget:
                    self._waiting[series] = waiting.without_references()
            self._generations[series] = stored.generation
            empty = History(series)
            history = empty.merged(empty.admitted(stored.history, self._limits, now, Counter()))
            if series in self._waiting:
                history = history.merged(self._waiting[series].detached())
            changed[series] = history
        for learned_by_another in news.learned:
            for series, new in learned_by_another.items():
                if series in self._generations and series not in news.whole:
                    history = changed[series] if series in changed else self._snapshot[series].history
                    changed[series] = history.merged(history.admitted(new, self._limits, now, Counter()))
        self._status = StoreStatus(store=self._status.store, revision=news.revision, written=now)
        if changed:
            self._snapshot = self._snapshot.replaced({series: history.pruned(now) for series, history in changed.items()})

    def _tidy(self, store: Store) -> None:
        now = self._clock()
        if now - self._tidied < _TIDY_EVERY:
            return
        with self._lock:
            histories = [self._snapshot[series].history for series in self._generations]
            store_may_forget = {one.series: one.oldest_kept(now) for one in histories if one.series.window is not None}
        store.tidy(store_may_forget)
        self._tidied = now

    def _tell_status(self, error: str | None) -> None:
        with self._lock:
            flushes = [self._waiting] if self._in_doubt is None else [self._waiting, self._in_doubt.learned]
            self._status = StoreStatus(
                store=self._status.store,
                error=error,
                unreachable_since=None if error is None else self._status.unreachable_since or self._clock(),
                waiting=sum(history.samples for flush in flushes for history in flush.values()),
                written=self._status.written,
                revision=self._status.revision,
            )

    def _note(self, series: Series, refused: Counter[str]) -> None:
        for reason, number in refused.items():
            if number:
                self.refused[series, reason] += number


def _together(waiting: History, new: History) -> History:
    """Return what two histories teach that may be numbered alike, among many names of which they need few."""
    return waiting.merged(new) if waiting.groups is new.groups else waiting.detached().merged(new.detached())


def _said(error: Exception) -> str:
    """Return what went wrong, in a line, without the statement and its parameters, which may hold what was learned."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__
