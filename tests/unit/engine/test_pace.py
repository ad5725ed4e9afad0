"""Who works on many events lets others have their turns."""

import asyncio
import time
from time import perf_counter

import pytest

from assay_server.engine import Pace
from assay_server.engine._pace import give_way


class Turns:
    """Something that takes so many turns of the event loop, each of so many seconds."""

    def __init__(self, turns: int, seconds: float) -> None:
        self.left = turns
        self._seconds = seconds

    async def take(self) -> None:
        """Take them all."""
        while self.left:
            until = perf_counter() + self._seconds
            while perf_counter() < until:
                pass
            self.left -= 1
            await asyncio.sleep(0)


@pytest.mark.parametrize("seconds", [0.0005, 0.00005])
async def test_others_have_as_many_turns_as_they_need(seconds: float) -> None:
    """A call takes a dozen, most of them short, and calls come one by one: a few turns would let them wait ever longer."""
    others = Turns(100, seconds)
    task = asyncio.create_task(others.take())
    await give_way(60)
    assert not others.left
    await task


async def test_it_goes_on_after_so_many_seconds_whatever_others_do() -> None:
    """They are not to keep it waiting for ever either."""
    others = Turns(1_000_000, 0.001)
    task = asyncio.create_task(others.take())
    await asyncio.sleep(0)
    await give_way(0.05)
    assert others.left
    task.cancel()


async def test_who_is_alone_goes_on_at_once() -> None:
    """Where nobody else has anything to do, a minute to spare is not spent."""
    begun = perf_counter()
    await give_way(60)
    assert perf_counter() - begun < 30


async def test_the_longer_others_were_kept_waiting_the_longer_they_have() -> None:
    """Twice as long, after a chunk of some milliseconds; and nobody waits for a turn after one of less."""
    pace, others = Pace(), Turns(1_000_000, 0.001)
    task = asyncio.create_task(others.take())
    before = others.left
    await pace.keep()
    assert others.left == before, "no time has passed"
    time.sleep(0.05)  # noqa: ASYNC251 - A chunk.
    await pace.keep()
    assert before - others.left >= 20
    task.cancel()
