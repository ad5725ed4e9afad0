"""Rules that take time: asynchronous ones, and blocking ones in threads of their own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from assay_server.contracts import Contract, EventContract, Rule

from ._breaker import Breaker
from ._findings import SkipReason
from ._protocol import Batch, Report
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
        for row, model in queue:
            if not self._allows():
                message = "the rule is left alone for a while, because it keeps failing"
                report.could_not_run(row, self.description, SkipReason.UNAVAILABLE, message)
                continue
            try:
                result = await self._apply(model)
            except TimeoutError:
                self._breaker.failed()
                self.fail("it timed out", row, report, f"the rule took longer than {self._timeout:g} s")
            except Exception as error:  # noqa: BLE001  # An author's own code may raise anything.
                if isinstance(error, _EVENTS_OWN):
                    self._breaker.dropped()
                else:
                    self._breaker.failed()
                self.fail(error, row, report)
            except BaseException:
                self._breaker.dropped()
                raise
            else:
                self._breaker.succeeded()
                self.judge(result, row, report)

    def _allows(self) -> bool:
        return self._breaker.allows()

    @abstractmethod
    async def _apply(self, model: EventContract) -> Any:
        """Return what the rule returns; raise what it raises, or TimeoutError if it takes too long."""


class AsyncRule(SlowRule):
    """A rule that is awaited."""

    _width = CONCURRENT

    async def _apply(self, model: EventContract) -> Any:
        async with asyncio.timeout(self._timeout):
            return await self.function(model)


class BlockingRule(SlowRule):
    """A rule that runs in threads of its own, so that one that never returns costs itself a thread and others nothing."""

    _width = THREADS

    def __init__(self, contract: Contract, rule: Rule) -> None:
        super().__init__(contract, rule)
        self._threads = DaemonThreads(THREADS, self.description.check)
        self._hanging: set[Future[Any]] = set()

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()

    def _allows(self) -> bool:
        self._hanging = {future for future in self._hanging if not future.done()}
        return len(self._hanging) < THREADS and self._breaker.allows()

    async def _apply(self, model: EventContract) -> Any:
        future = self._threads.submit(self.function, model)
        done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=self._timeout)
        if not done:
            if not future.cancel():
                self._hanging.add(future)
            raise TimeoutError
        return done.pop().result()
