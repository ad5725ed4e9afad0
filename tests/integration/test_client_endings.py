"""How streams of both clients end before their input does, and that they leave nothing behind."""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from assay_client import AsyncClient, CallError, Client, Event
from tests.unit.client.doing import NoTaskLeft, collect_async, collect_sync, no_thread_left, numbered
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("collect", [collect_sync, collect_async])


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


class TroubleError(Exception):
    """What a caller raises."""


def test_leaving_the_loop_early_leaves_nothing_behind(server: ScriptedServer) -> None:
    """No thread on this side, no call on the other."""
    with Client(server.address) as client, no_thread_left():
        for verdict in client.validate_stream(Event("x", {}, event_id=str(number)) for number in itertools.count()):
            if verdict.event_id == "2000":
                break
        del verdict
        assert server.stream_ended.wait(60)


def test_an_exception_in_the_loop_leaves_nothing_behind(server: ScriptedServer) -> None:
    """Once the iterator is gone."""
    with Client(server.address) as client, no_thread_left():
        with pytest.raises(TroubleError):
            stumble(client)
        assert server.stream_ended.wait(60)


def stumble(client: Client) -> None:
    for _ in client.validate_stream(map(numbered_one, itertools.count())):
        raise TroubleError


def numbered_one(number: int) -> Event:
    return Event("x", {}, event_id=str(number))


async def test_leaving_the_loop_early_leaves_no_task(server: ScriptedServer) -> None:
    """At once with aclosing; without it, as soon as the loop has come to it."""
    async with AsyncClient(server.address) as client:
        tasks = NoTaskLeft()
        events = map(numbered_one, itertools.count())
        async with contextlib.aclosing(client.validate_stream(events)) as verdicts:
            async for verdict in verdicts:
                if verdict.event_id == "2000":
                    break
        await tasks.check()

        async for _ in client.validate_stream(map(numbered_one, itertools.count())):
            break
        await tasks.check(at_once=False)
    assert await asyncio.to_thread(server.stream_ended.wait, 60)


async def test_cancelling_the_caller_leaves_no_task(server: ScriptedServer) -> None:
    """While it waits for an answer, and while it waits for the input."""
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    release = threading.Event()

    def hold(*_: Any) -> None:
        loop.call_soon_threadsafe(arrived.set)
        release.wait(60)

    async def never() -> AsyncIterator[Event]:
        arrived.set()
        await asyncio.Event().wait()
        yield numbered_one(0)

    async def consume(events: Any) -> None:
        async for _ in client.validate_stream(events):
            pass

    async with AsyncClient(server.address) as client:
        tasks = NoTaskLeft()
        server.on_message = hold
        for events in (numbered(10), never()):
            arrived.clear()
            task = asyncio.create_task(consume(events))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await tasks.check()
        release.set()


async def test_an_input_that_swallows_its_cancellation_is_left_all_the_same(server: ScriptedServer) -> None:
    """It is not asked for another event."""
    asked = 0
    asking = asyncio.Event()

    async def stubborn() -> AsyncIterator[Event]:
        nonlocal asked
        yield numbered_one(0)
        while True:
            asked += 1
            asking.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            yield numbered_one(asked)

    async with AsyncClient(server.address) as client:
        tasks = NoTaskLeft()
        async with contextlib.aclosing(client.validate_stream(stubborn())) as verdicts:
            await anext(verdicts)
            await asking.wait()
        await tasks.check()
    assert asked == 1


def test_closing_the_client_ends_its_streams(server: ScriptedServer) -> None:
    """With an error, in whichever thread reads them."""
    with no_thread_left():
        client = Client(server.address)
        verdicts = client.validate_stream(map(numbered_one, itertools.count()))
        next(verdicts)
        client.close()
        with pytest.raises(CallError, match="CANCELLED: the client is closed"):
            list(verdicts)


async def test_closing_the_async_client_ends_its_streams(server: ScriptedServer) -> None:
    """With the same error."""
    client = AsyncClient(server.address)
    tasks = NoTaskLeft()
    verdicts = client.validate_stream(map(numbered_one, itertools.count()))
    await anext(verdicts)
    await client.close()
    with pytest.raises(CallError, match="CANCELLED: the client is closed"):
        [verdict async for verdict in verdicts]
    await tasks.check()
