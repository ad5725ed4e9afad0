"""Scoring that takes time: in threads, the rows of several calls at once."""

import asyncio
import contextlib
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from assay_server.models import Floats

from ._breaker import Breaker
from ._threads import DaemonThreads

MOST_ROWS = 1024
"""How many rows are scored at once at the most, but for a call that has more by itself."""

DELAY = 0.002
"""How long a call waits for others, in seconds."""

TIMEOUT = 5.0
"""How long a model may take, in seconds."""

THREADS = 2
"""How many threads a model has: one that hangs does not hold up all others."""


class ModelUnavailableError(Exception):
    """A model gives no answer; the text says why."""


class Scored(NamedTuple):
    """The scores of some rows, NaN for those that the model fails on, and the first of its errors."""

    scores: Floats
    error: BaseException | None


def scored(score: Callable[[Floats], Floats], matrix: Floats) -> Scored:
    """Return the scores of rows; a row that the model fails on costs no other its score.

    Args:
        score: The model: (n, width) in, (n,) out.
        matrix: The rows.
    """
    try:
        return Scored(score(matrix), None)
    except BaseException as error:  # noqa: BLE001  # A model may raise anything.
        if len(matrix) == 1:
            return Scored(np.full(1, np.nan), error)
        half = len(matrix) // 2
        parts = [scored(score, matrix[:half]), scored(score, matrix[half:])]
        failure = next((part.error for part in parts if part.error is not None), error)
        return Scored(np.concatenate([part.scores for part in parts]), failure)


@dataclass(slots=True, eq=False)
class _Call:
    """A call that waits for the scores of its rows."""

    matrix: Floats
    answer: "asyncio.Future[Scored]"


class Gathering:
    """A model that is asked in threads of its own, by several calls together.

    A call waits a moment for others to join it; while all threads are at work, calls gather for longer. A model that takes too
    long is given up on, and after some failures in a row left alone for a while. Belongs to one event loop.

    Args:
        score: The model: (n, width) in, (n,) out.
        name: What its threads are called.
        timeout: How long it may take, in seconds.
    """

    def __init__(self, score: Callable[[Floats], Floats], name: str, timeout: float) -> None:
        self._score = score
        self._timeout = timeout
        self._threads = DaemonThreads(THREADS, name)
        self._aside = DaemonThreads(1, name)
        for threads in (self._threads, self._aside):  # Whoever waits for an answer holds it: then nobody does.
            weakref.finalize(self, threads.shutdown).atexit = False
        self._hanging: Future[Any] | None = None
        self._breaker = Breaker()
        self._waiting: deque[_Call] = deque()
        self._rows = 0
        self._timer: asyncio.TimerHandle | None = None
        self._running = 0
        self._late = 0

    async def score(self, matrix: Floats) -> Scored:
        """Return the scores of rows.

        Raises:
            ModelUnavailableError: If the model does not answer, or is left alone.
        """
        loop = asyncio.get_running_loop()
        call = _Call(matrix, loop.create_future())
        self._waiting.append(call)
        self._rows += len(matrix)
        if self._rows >= MOST_ROWS:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(DELAY, self._flush)
        return await call.answer

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of the model's returns, called in a thread beside those that score.

        Raises:
            ModelUnavailableError: If it does not return in time, or an earlier one still has not.
            Exception: What the function raises.
        """
        if self._hanging is not None and not self._hanging.done():
            raise ModelUnavailableError("an earlier call still runs")
        future = self._aside.submit(function, *arguments)
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if not future.cancel():
                self._hanging = future
            raise ModelUnavailableError(f"it took longer than {self._timeout:g} s") from None

    def _flush(self) -> None:
        """Score what waits, as far as there are threads for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and (self._running < THREADS or self._late >= THREADS):
            calls = [self._waiting.popleft()]
            rows = len(calls[0].matrix)
            while self._waiting and rows + len(self._waiting[0].matrix) <= MOST_ROWS:
                calls.append(self._waiting.popleft())
                rows += len(calls[-1].matrix)
            self._rows -= rows
            self._begin(calls)

    def _begin(self, calls: Sequence[_Call]) -> None:
        """Score the rows of calls in a thread."""
        if self._late >= THREADS or not self._breaker.allows():
            _refuse(calls, "the model is left alone for a while, because it keeps taking too long")
            return
        loop = asyncio.get_running_loop()
        matrix = np.concatenate([call.matrix for call in calls]) if len(calls) > 1 else calls[0].matrix
        self._running += 1
        future = self._threads.submit(scored, self._score, matrix)
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            self._late += 1
            self._breaker.failed()
            _refuse(calls, f"the model took longer than {self._timeout:g} s")
            self._flush()

        timer = loop.call_later(self._timeout, give_up)

        def done() -> None:
            timer.cancel()
            self._running -= 1
            if late:
                self._late -= 1
            else:
                self._breaker.succeeded()
                _answer(calls, future.result())
            if self._waiting and self._timer is None:
                self._flush()

        def tell(_: Future[Scored]) -> None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits.
                loop.call_soon_threadsafe(done)

        future.add_done_callback(tell)


def _answer(calls: Sequence[_Call], found: Scored) -> None:
    ends = np.cumsum([len(call.matrix) for call in calls])[:-1]
    for call, scores in zip(calls, np.split(found.scores, ends), strict=True):
        if not call.answer.done():
            call.answer.set_result(Scored(scores, found.error if np.isnan(scores).any() else None))


def _refuse(calls: Sequence[_Call], why: str) -> None:
    for call in calls:
        if not call.answer.done():
            call.answer.set_exception(ModelUnavailableError(why))
