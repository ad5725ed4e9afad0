"""Messages of a stream, read before they are asked for."""

import asyncio
from typing import Any

import pytest

from assay_server.rpc import arrivals
from assay_server.rpc.arrivals import Arrivals
from assay_server.rpc.status import CallError, shutting_down
from assay_server.rpc.streams import END


class Source:
    """What a stream's caller sends, whenever the test has it sent."""

    def __init__(self, *sent: bytes | CallError | None) -> None:
        self.sent = asyncio.Queue[Any]()
        self.read_so_far = 0
        for one in sent:
            self.sent.put_nowait(one)

    async def read(self) -> bytes | None:
        """Return the next, or raise it."""
        one: bytes | CallError | None = await self.sent.get()
        self.read_so_far += 1
        if isinstance(one, CallError):
            raise one
        return one


def ahead(source: Source) -> Arrivals:
    """Read from a source instead of a stream."""
    return Arrivals(source)  # type: ignore[arg-type]  # It reads, as a stream does.


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_has_arrived_is_taken_together() -> None:
    """In its order; then whoever takes waits for more, or for the end."""
    source = Source(b"1", b"2", b"3")
    async with ahead(source) as waiting:
        await settle()
        assert await waiting.take() == [b"1", b"2", b"3"]

        later = asyncio.create_task(waiting.take())
        await settle()
        assert not later.done()
        source.sent.put_nowait(b"4")
        assert await later == [b"4"]

        source.sent.put_nowait(END)
        assert await waiting.take() is END
        assert await waiting.take() is END


async def test_what_had_arrived_before_an_end_comes_before_it() -> None:
    """Whether the stream was told to end, or its caller has no more to say."""
    async with ahead(Source(b"1", shutting_down())) as waiting:
        await settle()
        assert await waiting.take() == [b"1"]
        with pytest.raises(CallError):
            await waiting.take()
    async with ahead(Source(b"1", END)) as waiting:
        await settle()
        assert await waiting.take() == [b"1"]
        assert await waiting.take() is END


async def test_a_caller_is_held_back() -> None:
    """No more is read than so many bytes, and the message that goes beyond them, until somebody takes what there is."""
    half = b"x" * (arrivals._AHEAD // 2 + 1)
    source = Source(*[half] * 5)
    async with ahead(source) as waiting:
        await settle()
        assert source.read_so_far == 2

        assert await waiting.take() == [half, half]
        await settle()
        assert source.read_so_far == 4


async def test_nothing_reads_on_once_it_is_over() -> None:
    """Also if it was waiting for a message, or for room."""
    for sent in ((), (b"x" * arrivals._AHEAD,)):
        async with ahead(Source(*sent)) as waiting:
            await settle()
        assert waiting._task.done()
