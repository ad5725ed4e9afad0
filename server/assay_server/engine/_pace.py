"""Letting other calls have their turn while many events are worked on."""

import asyncio
import os
from time import perf_counter
from weakref import WeakKeyDictionary

_TURN = 0.002  # Seconds.
_STEPS = 8  # Quiet turns in a row, after which nobody is taken to wait.
_SHORTEST = 5e-6  # Seconds.
_AS_QUIET = 2.0  # Times the shortest turn.
_FORGET = 1.05
_let_threads_run = getattr(os, "sched_yield", lambda: None)


class _Turns:
    """What is known of the turns of one event loop, and who wants to go on with many events: one after the other.

    A turn in which nobody else had anything to do is about as short as any. It takes a few microseconds, one with a step of a
    call some tens. How many depends on the machine, and on how fast it is at the moment, so the shortest is forgotten little by
    little.

    Attributes:
        line: Whoever wants to go on gives way in it first. So calls have their turns between any two chunks, however many
            callers stream.
        given: When somebody last gave way.
    """

    __slots__ = ("_shortest", "given", "line")

    def __init__(self) -> None:
        self.line = asyncio.Lock()
        self.given = 0.0
        self._shortest = _SHORTEST

    def forget(self) -> None:
        """Let somewhat longer turns count as the shortest."""
        self._shortest *= _FORGET

    def was_quiet(self, seconds: float) -> bool:
        """Return whether nobody had anything to do in a turn that took so long."""
        self._shortest = min(self._shortest, seconds)
        return seconds < _AS_QUIET * self._shortest


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


def _turns_here() -> _Turns:
    loop = asyncio.get_running_loop()
    if (turns := _turns.get(loop)) is None:
        turns = _turns[loop] = _Turns()
    return turns


async def give_way(seconds: float) -> None:
    """Let other calls have their turns, for as many seconds at most, and as long as there are any.

    A call takes a dozen turns of the event loop: to be accepted, to be read, to be answered, to be sent; and gRPC accepts one
    at a time, by threads that need the core meanwhile. Where turns were few, and each of them ours for milliseconds, calls
    that came faster would wait ever longer. Threads take a turn or two to hand over what they have, so that one quiet turn does
    not say that nobody waits.
    """
    turns = _turns_here()
    async with turns.line:
        until = perf_counter() + seconds
        in_a_row = 0
        turns.forget()
        while in_a_row < _STEPS:
            before = perf_counter()
            _let_threads_run()
            await asyncio.sleep(0)
            now = perf_counter()
            if now > until:
                break
            in_a_row = in_a_row + 1 if turns.was_quiet(now - before) else 0
        turns.given = perf_counter()


class Pace:
    """Gives way to other calls every few milliseconds, for up to twice as long as they were kept waiting."""

    __slots__ = ("_since", "_turns")

    def __init__(self) -> None:
        self._turns = _turns_here()
        self._since = perf_counter()

    async def begin(self) -> None:
        """Wait in line before the first of many events, if there is one."""
        if self._turns.line.locked():
            await give_way(_TURN)
            self._since = perf_counter()

    async def keep(self) -> None:
        """Let other calls have their turn, if it is time."""
        spent = perf_counter() - max(self._since, self._turns.given)
        if spent > _TURN:
            await give_way(2 * spent)
            self._since = perf_counter()
