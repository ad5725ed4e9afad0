"""Keeps what the server learns."""

import asyncio
from collections.abc import Callable

import structlog

from assay_server.baselines import Baselines, StoreStatus

_INTERVAL = 0.75
"""In seconds: less than one, so that what was learned a second ago is kept although writing takes its time too."""

_log = structlog.stdlib.get_logger(__name__)


class Keeper:
    """Puts what is learned where verdicts read it, and hands it to the store, somewhat more often than once a second.

    Both happen in threads: neither holds up the event loop, and a store that takes its time does not hold up what verdicts
    read. A store that cannot be reached is said in the log, once, and so is that it can be again.

    Args:
        baselines: What learns.
        needed: Whether any contract compares with history; until one does, the store is left alone.
        interval: How often, in seconds.
    """

    def __init__(self, baselines: Baselines, needed: Callable[[], bool], *, interval: float = _INTERVAL) -> None:
        self._baselines = baselines
        self._needed = needed
        self._interval = interval
        self._used = False
        self._keeping: asyncio.Task[None] | None = None
        self._exchanging: asyncio.Task[None] | None = None
        self._reachable = True

    async def start(self) -> None:
        """Read what the store holds, and begin to keep what is learned."""
        await self._publish()
        await self._exchange()
        self._keeping = asyncio.create_task(self._keep(), name="keep baselines")

    async def stop(self) -> None:
        """Hand over a last time."""
        tasks = [task for task in (self._keeping, self._exchanging) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not self._used:
            return
        await asyncio.to_thread(self._baselines.close)
        if (status := self._baselines.status).waiting:
            _log.error("values that were learned are lost", values=status.waiting, store=status.store)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._interval
        while True:
            await asyncio.sleep(due - loop.time())
            await self._publish()
            if self._exchanging is None or self._exchanging.done():
                self._exchanging = asyncio.create_task(self._exchange(), name="exchange baselines")
            due = next_due(due, loop.time(), self._interval)

    async def _publish(self) -> None:
        self._used = self._used or self._needed()
        if self._used:
            await asyncio.to_thread(self._baselines.publish)

    async def _exchange(self) -> None:
        if self._used:
            self._tell(await asyncio.to_thread(self._baselines.exchange))

    def _tell(self, status: StoreStatus) -> None:
        if status.reachable != self._reachable:
            self._reachable = status.reachable
            if status.reachable:
                _log.info("the store of baselines can be reached again", store=status.store)
            else:
                _log.error(
                    "the store of baselines cannot be reached: what is learned waits in memory",
                    store=status.store,
                    cause=status.error,
                    waiting=status.waiting,
                )


def next_due(due: float, now: float, interval: float) -> float:
    """Return when the round after one that was due at `due`, and is done at `now`, begins: all in seconds.

    What a round takes does not put off the next, but for one that takes so long that it would leave less than half of an
    interval to what else the server does.
    """
    return max(due + interval, now + interval / 2)
