"""Letting other calls have their turn while a large message is read or answered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import perf_counter
from typing import TypeVar

_TURN = 0.001  # Seconds.
_ROUNDS = 4  # Of the event loop, for which another call that is small has something to do.
_SLICE = 128  # Events or verdicts handled without a look at the clock.

T = TypeVar("T")


class Pace:
    """Gives way to other calls every millisecond."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = perf_counter() + _TURN

    async def keep(self) -> None:
        """Let other calls have their turn, if it is time."""
        if perf_counter() > self._until:
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            self._until = perf_counter() + _TURN


async def paced(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """Yield `items` in slices, giving way to other calls between them."""
    pace = Pace()
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]
        await pace.keep()
