"""Doing the same with either client, and seeing what it leaves behind."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from assay_client import AsyncClient, Client, Event, Verdict

Collect = Callable[..., list[Verdict]]


def collect_sync(address: str, events: Iterable[Any], **keywords: Any) -> list[Verdict]:
    """Stream `events` through a `Client`."""
    with Client(address) as client:
        return list(client.validate_stream(events, **keywords))


def collect_async(address: str, events: Iterable[Any], **keywords: Any) -> list[Verdict]:
    """Stream `events` through an `AsyncClient`."""

    async def main() -> list[Verdict]:
        async with AsyncClient(address) as client:
            return [verdict async for verdict in client.validate_stream(events, **keywords)]

    return asyncio.run(main())


def call(
    kind: type[Client | AsyncClient], address: str, name: str, *arguments: Any, settings: Any = None, **keywords: Any
) -> Any:
    """Return what one method of one client gives, as a list if it gives one after the other."""
    if kind is Client:
        with Client(address, **(settings or {})) as client:
            result = getattr(client, name)(*arguments, **keywords)
            return list(result) if isinstance(result, Iterator) else result

    async def main() -> Any:
        async with AsyncClient(address, **(settings or {})) as client:
            result = getattr(client, name)(*arguments, **keywords)
            return [each async for each in result] if hasattr(result, "__aiter__") else await result

    return asyncio.run(main())


def numbered(count: int, start: int = 0) -> list[Event]:
    """Return events whose identifiers are their numbers."""
    return [Event("user.registered", {"number": number}, event_id=str(number)) for number in range(start, start + count)]


def numbers(verdicts: Iterable[Verdict]) -> list[int]:
    """Return which events were answered."""
    return [int(verdict.event_id) for verdict in verdicts]


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Check that every thread that is begun within ends, but for those of the server and the one of grpc.aio itself."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if not ("scripted-server" in thread.name or "_poll_wrapper" in thread.name):
            thread.join(10)
            assert not thread.is_alive(), thread


class NoTaskLeft:
    """Checks that every task begun since it was made ends: the client's own at once, grpc's when they come to it."""

    def __init__(self) -> None:
        self._before = asyncio.all_tasks()

    async def check(self, *, at_once: bool = True) -> None:
        """Wait for the tasks that are left; with `at_once`, those of the client must not be among them."""
        while left := asyncio.all_tasks() - self._before - {asyncio.current_task()}:
            assert not at_once or not [task for task in left if task.get_name().startswith("assay-")]
            await asyncio.wait_for(asyncio.wait(left), 10)
