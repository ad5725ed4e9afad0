"""Who works on many events lets others have their turns."""

import asyncio
import itertools
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


async def test_calls_have_their_turns_between_any_two_who_go_on() -> None:
    """However many there are: those who wait go on one by one, and each lets calls have their turns first."""
    seen: list[str] = []

    async def chunks(name: str) -> None:
        pace = Pace()
        for _ in range(3):
            time.sleep(0.01)  # noqa: ASYNC251 - A chunk.
            seen.append(name)
            await pace.keep()

    async def calls() -> None:
        while True:
            time.sleep(0.001)  # noqa: ASYNC251 - A step of a call.
            seen.append("call")
            await asyncio.sleep(0)

    calling = asyncio.create_task(calls())
    await asyncio.gather(*(chunks(str(number)) for number in range(4)))
    calling.cancel()

    since_the_first = seen[seen.index("0") + 4 :]  # Nobody is in line yet when they begin.
    apart = [len(list(run)) for is_call, run in itertools.groupby(since_the_first, lambda name: name == "call") if not is_call]
    assert apart, seen
    assert max(apart) == 1, seen


async def test_who_begins_waits_in_line() -> None:
    """Where somebody gives way already; otherwise it goes on at once."""
    pace, others = Pace(), Turns(20, 0.001)
    await pace.begin()
    giving = asyncio.create_task(give_way(60))
    task = asyncio.create_task(others.take())
    await asyncio.sleep(0)
    assert others.left
    await pace.begin()
    assert giving.done()
    assert not others.left
    await task
