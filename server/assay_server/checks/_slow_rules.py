"""Rules that take time: asynchronous ones, and blocking ones in threads of their own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import Future
from time import monotonic
from typing import Any, cast

from assay_server.contracts import Contract, EventContract, Rule

from ._batch import Batch
from ._breaker import Breaker
from ._findings import SkipReason
from ._protocol import Report
from ._rules import RuleCheck
from ._threads import DaemonThreads

CONCURRENT = 100
"""How many events of a batch an asynchronous rule is applied to at a time."""

THREADS = 4
"""How many threads a blocking rule has."""

# What Python raises where a value is not as expected is taken for that event's own fault, so that nobody can have a rule
# skipped for others by sending events that it fails on.
_EVENTS_OWN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


class SlowRule(RuleCheck, ABC):
    """What asynchronous and blocking rules share: concurrency, a timeout and a breaker."""

    takes_time = True
    _width: int

    def __init__(self, contract: Contract, rule: Rule) -> None:
        super().__init__(contract, rule)
        self._timeout = rule.timeout.total_seconds()
        self._breaker = Breaker()

    async def run(self, batch: Batch, report: Report) -> None:
        """Apply the rule to all events of a batch, several at a time."""
        queue = iter(zip(batch.rows, batch.models, strict=True))
        if len(batch) == 1:
            await self._work(queue, report)
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._width, len(batch))):
                group.create_task(self._work(queue, report))

    async def _work(self, queue: Iterator[tuple[int, EventContract]], report: Report) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        for row, model in queue:
            if not self._allows():
                message = "the rule is left alone for a while, because it keeps failing"
                report.could_not_run(row, self.description, SkipReason.UNAVAILABLE, message)
                continue
            cancellations = task.cancelling()
            try:
                async with asyncio.timeout(self._timeout) as limit:
                    result = await self._apply(model)
            except (KeyboardInterrupt, GeneratorExit):
                raise
            except BaseException as error:
                if task.cancelling() > cancellations:  # The call was cancelled; else it is the rule's own doing.
                    self._breaker.dropped()
                    raise asyncio.CancelledError from error
                self._failed(error, row, report, late=limit.expired())
            else:
                self._breaker.succeeded()
                self.judge(result, row, report)

    def _failed(self, error: BaseException, row: int, report: Report, *, late: bool) -> None:
        if late:
            self._breaker.failed()
            self.fail("it timed out", row, report, f"the rule took longer than {self._timeout:g} s")
            return
        if isinstance(error, _EVENTS_OWN):
            self._breaker.dropped()
        else:
            self._breaker.failed()
        self.fail(error, row, report)

    def _allows(self) -> bool:
        return self._breaker.allows()

    @abstractmethod
    async def _apply(self, model: EventContract) -> Any:
        """Return what the rule returns; raise what it raises."""


class AsyncRule(SlowRule):
    """A rule that is awaited."""

    _width = CONCURRENT

    async def _apply(self, model: EventContract) -> Any:
        return await self.function(model)


class BlockingRule(SlowRule):
    """A rule that runs in threads of its own, so that one that never returns costs itself a thread and others nothing."""

    _width = THREADS

    def __init__(self, contract: Contract, rule: Rule) -> None:
        super().__init__(contract, rule)
        self._threads = DaemonThreads(THREADS, self.description.check)
        self._left: dict[Future[Any], float] = {}  # What runs though nobody waits for it, and until when it may.

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()

    def _allows(self) -> bool:
        if self._left:
            self._left = {future: until for future, until in self._left.items() if not future.done()}
            if sum(until <= monotonic() for until in self._left.values()) >= THREADS:
                return False
        return self._breaker.allows()

    async def _apply(self, model: EventContract) -> Any:
        until = monotonic() + self._timeout
        future = self._threads.submit(self.function, model)
        try:
            return await asyncio.wrap_future(future)
        finally:
            if not future.done() and not future.cancel():
                self._left[future] = until
