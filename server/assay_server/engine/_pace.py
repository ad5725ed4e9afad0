"""Letting other calls have their turn while many events are worked on."""

import asyncio
import os
from time import perf_counter

_TURN = 0.002  # Seconds.
_STEPS = 4
_QUIET = 0.0001  # Seconds: a turn of the event loop in which nobody else had anything to do takes less.
_let_threads_run = getattr(os, "sched_yield", lambda: None)


async def give_way(seconds: float = _TURN) -> None:
    """Let other calls have their turns, for as many seconds at most, and as long as there are any.

    A call takes several turns of the event loop: to be accepted, to be read, to be answered, to be sent; and gRPC accepts one
    at a time, by threads that need the core meanwhile. Where turns were few, and each of them ours for milliseconds, calls
    that came faster would wait ever longer.
    """
    until = perf_counter() + seconds
    quiet = 0
    while quiet < _STEPS:
        before = perf_counter()
        _let_threads_run()
        await asyncio.sleep(0)
        now = perf_counter()
        if now > until:
            return
        quiet = quiet + 1 if now - before < _QUIET else 0


class Pace:
    """Gives way to other calls every few milliseconds, for up to twice as long as they were kept waiting."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = perf_counter()

    async def keep(self) -> None:
        """Let other calls have their turn, if it is time."""
        spent = perf_counter() - self._since
        if spent > _TURN:
            await give_way(2 * spent)
            self._since = perf_counter()
