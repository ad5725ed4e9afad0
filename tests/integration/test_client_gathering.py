"""Concurrent calls of clients that gather: as fast as streams, within bounds, and over when the client is."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from assay.v1 import validation_service_pb2 as validation
from assay_client import (
    AsyncClient,
    CallError,
    Client,
    DeadlineExceededError,
    Event,
    GatherTuning,
    Verdict,
)
from tests.integration.conftest import ROOT, Spawn
from tests.unit.client.asking import Kind, ask, check, methods, orders
from tests.unit.client.doing import NoTaskLeft, call, no_thread_left, numbered
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("kind", [Client, AsyncClient])


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@both
def test_a_hundred_callers_get_each_their_own_verdict(kind: Kind, spawn: Spawn) -> None:
    """From a real server; valid or not."""
    events = orders(3000)

    answers = ask(kind, spawn().address, events)

    check(answers, events)
    assert [bool(answer) for answer in answers] == [number % 10 != 0 for number in range(3000)]


@both
def test_concurrent_calls_travel_together(kind: Kind, server: ScriptedServer) -> None:
    """On a few streams, no call of their own; alone, an event goes at once."""
    events = numbered(2000)

    check(ask(kind, server.address, events), events)

    assert set(methods(server)) == {"ValidateStream"}
    assert len(methods(server)) <= 8
    assert len(server.messages) < 1000

    check(ask(kind, server.address, events[:3], callers=1), events[:3])
    assert [len(message.events) for message in server.messages[-3:]] == [1, 1, 1]


@both
def test_options_of_one_call_are_not_those_of_another(kind: Kind, server: ScriptedServer) -> None:
    """Even on one stream."""
    tuning = GatherTuning(connections=1)

    def options(number: int) -> dict[str, Any]:
        return {"return_normalized": number % 2 == 0, "explain": number % 3 == 0}

    if kind is Client:
        with Client(server.address, gather=tuning) as client, ThreadPoolExecutor(50) as threads:
            verdicts = list(threads.map(lambda number: client.validate("x", {"n": number}, **options(number)), range(300)))
    else:

        async def main() -> list[Verdict]:
            async with AsyncClient(server.address, gather=tuning) as client:
                return await asyncio.gather(*(client.validate("x", {"n": number}, **options(number)) for number in range(300)))

        verdicts = asyncio.run(main())

    assert [verdict.normalized for verdict in verdicts] == [{"n": number} if number % 2 == 0 else None for number in range(300)]
    assert methods(server) == ["ValidateStream"]
    assert len(server.messages) < 150


@both
def test_every_connection_is_used_where_events_take_long(kind: Kind) -> None:
    """So that no worker of a server is idle."""
    peers: set[str] = set()
    together = threading.Barrier(4)
    met = threading.Event()

    def meet(_: Any, context: grpc.ServicerContext) -> None:
        peers.add(context.peer())
        if not met.is_set():
            together.wait(60)  # Four messages at once, or none is answered.
            met.set()

    events = numbered(400)
    with ScriptedServer(on_message=meet) as server:
        check(ask(kind, server.address, events, callers=400, gather=GatherTuning(connections=4)), events)

    assert len(peers) == 4


@both
def test_an_event_does_not_wait_for_company_for_long(kind: Kind) -> None:
    """Nor for the two messages that are on their way, which may take for ever."""
    held, release = threading.Semaphore(0), threading.Event()

    def hold(request: validation.ValidateStreamRequest, _: Any) -> None:
        if request.events[0].event_id == "held":
            held.release()
            release.wait(60)

    with ScriptedServer(on_message=hold) as server:
        if kind is Client:
            with Client(server.address, gather=True) as client, ThreadPoolExecutor(2) as threads:
                asked = []
                for _ in range(2):
                    asked.append(threads.submit(client.validate, "x", {}, event_id="held", timeout=60))
                    assert held.acquire(timeout=60)
                assert client.validate("x", {}, event_id="third", timeout=20).event_id == "third"
                release.set()
                assert all(future.result() for future in asked)
        else:

            async def main() -> None:
                async with AsyncClient(server.address, gather=True) as client:
                    asked = []
                    for _ in range(2):
                        asked.append(asyncio.create_task(client.validate("x", {}, event_id="held", timeout=60)))
                        assert await asyncio.to_thread(held.acquire, timeout=60)
                    assert (await client.validate("x", {}, event_id="third", timeout=20)).event_id == "third"
                    release.set()
                    assert all(await asyncio.gather(*asked))

            asyncio.run(main())


@both
def test_an_event_too_large_for_company_goes_by_itself(kind: Kind, server: ScriptedServer) -> None:
    """And is answered as any other."""
    large = [Event("x", {"text": "x" * 2000}, event_id="large")]

    check(ask(kind, server.address, large, gather=GatherTuning(max_bytes_per_message=1000)), large)

    assert methods(server) == ["Validate"]


@both
def test_token_and_metadata_go_with_the_streams(kind: Kind, server: ScriptedServer) -> None:
    """As with every call."""
    settings = {"token": "t0ken", "metadata": {"x-team": "data"}, "gather": True}

    assert call(kind, server.address, "validate", "x", {}, settings=settings)

    [(method, metadata)] = server.calls
    assert (method, metadata["authorization"], metadata["x-team"]) == ("ValidateStream", "Bearer t0ken", "data")


@both
def test_what_waits_is_bounded(kind: Kind) -> None:
    """Who asks beyond that waits for room, and gets it, or the deadline."""
    release = threading.Event()
    waiting: list[int] = []

    def hold(*_: Any) -> None:
        release.wait(60)

    tuning = GatherTuning(connections=1, max_waiting=10, max_events_per_message=20)
    with ScriptedServer(on_message=hold) as server:
        if kind is Client:
            with Client(server.address, gather=tuning) as client, ThreadPoolExecutor(100) as threads:
                gathering = client._gathering
                assert gathering is not None
                asked = [threads.submit(client.validate, "x", {}, timeout=60) for _ in range(99)]
                late = threads.submit(client.validate, "x", {}, timeout=0.5)
                with pytest.raises(DeadlineExceededError):
                    late.result()
                waiting.append(gathering._core.waiting)
                release.set()
                assert all(future.result() for future in asked)
        else:

            async def main() -> None:
                async with AsyncClient(server.address, gather=tuning) as client:
                    asked = [asyncio.create_task(client.validate("x", {}, timeout=60)) for _ in range(99)]
                    await asyncio.sleep(0)
                    with pytest.raises(DeadlineExceededError):
                        await client.validate("x", {}, timeout=0.5)
                    assert client._gathering is not None
                    waiting.append(client._gathering._core.waiting)
                    release.set()
                    assert all(await asyncio.gather(*asked))

            asyncio.run(main())

    # Threads that find room at once may be a few more than there is.
    assert 10 <= waiting[0] <= (20 if kind is Client else 10)


@both
def test_closing_ends_every_call_and_leaves_nothing_behind(kind: Kind) -> None:
    """On its way, waiting to go, or waiting for room: the same error as elsewhere."""
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        arrived.set()
        release.wait(60)

    tuning = GatherTuning(connections=1, max_waiting=10, max_events_per_message=10)
    errors: list[BaseException | None] = []
    with ScriptedServer(on_message=hold) as server:
        if kind is Client:
            with ThreadPoolExecutor(40, thread_name_prefix="scripted-server") as threads, no_thread_left():
                client = Client(server.address, gather=tuning)
                asked = [threads.submit(client.validate, "x", {}) for _ in range(40)]
                assert arrived.wait(60)
                began = time.monotonic()
                client.close()
                assert time.monotonic() - began < 4
                assert not [thread for thread in threading.enumerate() if thread.name == "assay-gathering"]
                errors += [future.exception() for future in asked]
                with pytest.raises(CallError, match="the client is closed"):
                    client.validate("x", {})
        else:

            async def main() -> None:
                tasks = NoTaskLeft()
                client = AsyncClient(server.address, gather=tuning)
                asked = [asyncio.create_task(client.validate("x", {})) for _ in range(40)]
                assert await asyncio.to_thread(arrived.wait, 60)
                await client.close()
                for task in asked:
                    with pytest.raises(CallError) as caught:
                        await task
                    errors.append(caught.value)
                with pytest.raises(CallError, match="the client is closed"):
                    await client.validate("x", {})
                await tasks.check()

            asyncio.run(main())
        assert server.stream_ended.wait(60)
        release.set()

    assert [str(error) for error in errors] == ["CANCELLED: the client is closed"] * 40


def test_an_idle_client_is_closed_at_once(server: ScriptedServer) -> None:
    """With streams open."""
    with no_thread_left():
        check(ask(Client, server.address, numbered(100)), numbered(100))


@both
def test_a_program_that_does_not_close_its_client_ends(kind: Kind, server: ScriptedServer) -> None:
    """Cleanly, without a word."""
    lines = {
        Client: f"c = assay_client.Client({server.address!r}, gather=True); print(c.validate('x', {{}}).valid)",
        AsyncClient: (
            "async def main():\n"
            f"    c = assay_client.AsyncClient({server.address!r}, gather=True); print((await c.validate('x', {{}})).valid)\n"
            "asyncio.run(main())"
        ),
    }
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "GRPC_VERBOSITY": "NONE"}

    done = subprocess.run(
        [sys.executable, "-c", f"import asyncio, assay_client\n{lines[kind]}"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=environment,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "True\n")
    assert not re.search("Traceback|never|destroyed", done.stderr)
