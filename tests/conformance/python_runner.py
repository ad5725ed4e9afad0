"""The runner of the Python client: `python -m tests.conformance.python_runner [--async | --gather]`."""

import asyncio
import gc
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assay_client import AssayError, AsyncClient, Client, Event, Verdict
from tests.conformance import python_answers as printed
from tests.conformance import python_requests as read

_PATIENCE = 10.0


class Taken:
    """The verdicts that have come, or only how many."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._brief = request.get("brief", False)
        self._verdicts: list[Verdict] = []
        self.count = self._valid = 0
        self._begun = time.perf_counter()

    def add(self, verdict: Verdict) -> None:
        """Take one."""
        self.count += 1
        self._valid += verdict.valid
        if not self._brief:
            self._verdicts.append(verdict)

    def answer(self) -> dict[str, Any]:
        """Return what is to be said of them."""
        seconds = time.perf_counter() - self._begun
        told = {} if self._brief else {"verdicts": [printed.verdict(verdict) for verdict in self._verdicts]}
        return {**told, "count": self.count, "validCount": self._valid, "seconds": seconds}


def catalog(request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the method for a call of the catalog, and what it takes."""
    arguments: dict[str, Any] = {"timeout": request.get("timeout")}
    match request["call"]:
        case "listEventTypes":
            return "list_event_types", arguments
        case "getEventType":
            arguments |= {"event_type": request["eventType"], "contract_version": request.get("contractVersion", "")}
            return "get_event_type", arguments
        case "getBaseline":
            arguments |= {name: request[key] for key, name in _BASELINE if key in request}
            return "get_baseline", arguments
    sys.exit(f"unknown call {request['call']!r}")


_BASELINE = (("eventType", "event_type"), ("check", "check"), ("field", "field"), ("group", "group"))


def catalog_answer(result: Any) -> dict[str, Any]:
    """Return what the catalog has told."""
    if isinstance(result, list):
        return {"eventTypes": [printed.event_type(one) for one in result]}
    if hasattr(result, "sample_count"):
        return {"baseline": printed.baseline(result)}
    return {"eventType": printed.event_type(result)}


def call(client: Client, request: dict[str, Any]) -> dict[str, Any]:
    """Make a call, and return what came of it."""
    events = read.events(request)
    taken = Taken(request)
    chosen = read.options(request)
    try:
        match request["call"]:
            case "validate":
                for verdict in _each(client, request, events):
                    taken.add(verdict)
            case "validateBatch":
                for verdict in client.validate_batch(events, timeout=request.get("timeout"), **chosen):
                    taken.add(verdict)
            case "validateStream":
                stream = client.validate_stream(events, tuning=read.tuning(request), **chosen)
                for verdict in stream:
                    taken.add(verdict)
                    if taken.count == request.get("cancelAfter"):
                        break
                stream.close()
            case _:
                name, arguments = catalog(request)
                result = getattr(client, name)(**arguments)
                return catalog_answer(list(result) if isinstance(result, Iterator) else result)
    except AssayError as failed:
        return {**taken.answer(), "error": printed.error(failed)}
    return taken.answer()


def _each(client: Client, request: dict[str, Any], events: list[Event]) -> Iterator[Verdict]:
    arguments: dict[str, Any] = {"timeout": request.get("timeout"), **read.options(request)}

    def one(event: Event) -> Verdict:
        return client.validate(**dict(read.single(event)), **arguments)

    if request.get("concurrency", 1) == 1:
        yield from map(one, events)
        return
    with ThreadPoolExecutor(request["concurrency"]) as threads:
        yield from threads.map(one, events)


async def call_async(client: AsyncClient, request: dict[str, Any]) -> dict[str, Any]:
    """Make a call, and return what came of it."""
    events = read.events(request)
    taken = Taken(request)
    chosen = read.options(request)
    try:
        match request["call"]:
            case "validate":
                async for verdict in _each_async(client, request, events):
                    taken.add(verdict)
            case "validateBatch":
                for verdict in await client.validate_batch(events, timeout=request.get("timeout"), **chosen):
                    taken.add(verdict)
            case "validateStream":
                stream = client.validate_stream(events, tuning=read.tuning(request), **chosen)
                async for verdict in stream:
                    taken.add(verdict)
                    if taken.count == request.get("cancelAfter"):
                        break
                await stream.aclose()
            case _:
                name, arguments = catalog(request)
                result = getattr(client, name)(**arguments)
                return catalog_answer([one async for one in result] if hasattr(result, "__aiter__") else await result)
    except AssayError as failed:
        return {**taken.answer(), "error": printed.error(failed)}
    return taken.answer()


async def _each_async(client: AsyncClient, request: dict[str, Any], events: list[Event]) -> AsyncIterator[Verdict]:
    arguments: dict[str, Any] = {"timeout": request.get("timeout"), **read.options(request)}
    if (concurrency := request.get("concurrency", 1)) == 1:
        for event in events:
            yield await client.validate(**dict(read.single(event)), **arguments)
        return
    verdicts: dict[int, Verdict] = {}
    positions = iter(range(len(events)))

    async def work() -> None:
        for position in positions:
            verdicts[position] = await client.validate(**dict(read.single(events[position])), **arguments)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
    for position in range(len(events)):
        yield verdicts[position]


def key(request: dict[str, Any]) -> str:
    """Return what distinguishes one client from another."""
    return json.dumps([request["address"], request.get("client")], sort_keys=True)


def answer(text: dict[str, Any]) -> None:
    """Write an answer."""
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def run(*, gather: bool) -> None:
    """Answer requests with `Client`, until there are no more."""
    kept: dict[str, Client] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if not request.get("fresh"):
            if (name := key(request)) not in kept:
                kept[name] = Client(read.address(request), gather=gather, **read.settings(request))
            answer(call(kept[name], request))
            continue
        before = set(threading.enumerate())
        with Client(read.address(request), gather=gather, **read.settings(request)) as client:
            told = call(client, request)
        if request.get("leaks"):
            told["leaks"] = _left(before)
        answer(told)
    for client in kept.values():
        client.close()


async def run_async() -> None:
    """Answer requests with `AsyncClient`, until there are no more."""
    kept: dict[str, AsyncClient] = {}
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        if not request.get("fresh"):
            if (name := key(request)) not in kept:
                kept[name] = AsyncClient(read.address(request), **read.settings(request))
            answer(await call_async(kept[name], request))
            continue
        before = asyncio.all_tasks()
        async with AsyncClient(read.address(request), **read.settings(request)) as client:
            told = await call_async(client, request)
        if request.get("leaks"):
            if left := asyncio.all_tasks() - before:
                await asyncio.wait(left, timeout=_PATIENCE)
            told["leaks"] = [task.get_name() for task in asyncio.all_tasks() - before]
        del client
        gc.collect()  # An error that was raised holds on to its call, and that to the connection, as long as it is there.
        answer(told)
    for client in kept.values():
        await client.close()


def _left(before: set[threading.Thread]) -> list[str]:
    """Return the names of threads that were not there before, and do not end by themselves."""
    for thread in set(threading.enumerate()) - before:
        thread.join(_PATIENCE)
    return [thread.name for thread in set(threading.enumerate()) - before]


if __name__ == "__main__":
    if "--async" in sys.argv:
        asyncio.run(run_async())
    else:
        run(gather="--gather" in sys.argv)
