"""Letting other calls have their turn while many events are worked on."""

import asyncio
from time import perf_counter

_TURN = 0.002  # Seconds.
_STEPS = 4


async def give_way() -> None:
    """Let other calls have their turn.

    A call takes several turns of the event loop: to be accepted, to be read, to be answered, to be sent.
    """
    for _ in range(_STEPS):
        await asyncio.sleep(0)


class Pace:
    """Gives way to other calls every few milliseconds."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = perf_counter() + _TURN

    async def keep(self) -> None:
        """Let other calls have their turn, if it is time."""
        if perf_counter() > self._until:
            await give_way()
            self._until = perf_counter() + _TURN
