"""Streams of both clients are carried on when servers drain, die or refuse: nothing lost, nothing twice, in order."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from assay.v1 import validation_service_pb2 as validation
from assay_client import AsyncClient, CallError, Client, Event, OverloadedError, StreamTuning, UnavailableError
from tests.unit.client.doing import Collect, NoTaskLeft, collect_async, collect_sync, no_thread_left, numbered, numbers
from tests.unit.client.scripted_server import ScriptedServer, abort, drain, retry_info

both = pytest.mark.parametrize("collect", [collect_sync, collect_async])

SMALL = StreamTuning(max_events_per_message=10, look_ahead=200)
FEW = StreamTuning(max_events_per_message=10, look_ahead=200, max_attempts=4)


def after(messages: int, act: Callable[[grpc.ServicerContext], None]) -> Callable[[Any, grpc.ServicerContext], None]:
    """Return a hook that acts once, before the answer that follows so many."""
    seen = itertools.count()

    def hook(_: Any, context: grpc.ServicerContext) -> None:
        if next(seen) == messages:
            act(context)

    return hook


@contextmanager
def process(name: str, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a scripted server in a process of its own, which can be killed."""
    command = [sys.executable, "-m", "tests.unit.client.scripted_server", name, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield server, int(server.stdout.readline())
        finally:
            server.kill()


def servers_of(verdicts: list[Any]) -> list[str]:
    """Return which servers have answered, in order."""
    return [name for name, _ in itertools.groupby(verdict.contract_version.partition("+")[2] for verdict in verdicts)]


@both
@pytest.mark.parametrize("answered", [0, 1, 37])
def test_a_draining_server_hands_over_to_another(collect: Collect, answered: int) -> None:
    """From the first message without an answer; the one that drains takes no stream any more."""
    leaving: list[str] = []

    def serve(server: ScriptedServer) -> Callable[[Any, grpc.ServicerContext], None]:
        def hook(_: Any, context: grpc.ServicerContext) -> None:
            if not leaving and len(server.messages) > answered:
                leaving.append(server.name)
            if server.name in leaving:
                drain(context)

        return hook

    with ScriptedServer("a") as a, ScriptedServer("b") as b:
        a.on_message, b.on_message = serve(a), serve(b)

        verdicts = collect(f"ipv4:{a.address},{b.address}", numbered(1000), tuning=SMALL)

    assert list(range(1000)) == numbers(verdicts)
    other = "b" if leaving == ["a"] else "a"
    assert [*leaving[: 1 if answered else 0], other] == servers_of(verdicts)


@both
def test_a_server_that_limits_the_life_of_streams_is_called_again_and_again(collect: Collect) -> None:
    """Every few messages, for as long as there are events."""
    with ScriptedServer() as server:

        def every_third(request: validation.ValidateStreamRequest, context: grpc.ServicerContext) -> None:
            if request.sequence % 3 == 0 and server.messages.count(request) == 1:
                drain(context)

        server.on_message = every_third
        verdicts = collect(server.address, numbered(300), tuning=SMALL)

    assert list(range(300)) == numbers(verdicts)
    assert len(server.calls) == 11


@both
def test_what_was_answered_is_not_sent_again(collect: Collect) -> None:
    """Also where the caller has not yet taken the answers that came before the end of the stream."""
    with ScriptedServer() as server:
        server.on_message = after(50, drain)

        verdicts = collect(server.address, numbered(1000), tuning=SMALL)

    assert list(range(1000)) == numbers(verdicts)
    sequences = [message.sequence for message in server.messages]
    assert list(range(1, 51)) == sequences[:50]
    assert [51, *range(51, 101)] == sequences[50:]


@both
def test_options_are_sent_again_when_a_stream_is_carried_on(collect: Collect) -> None:
    """The new server knows nothing of the old one's."""
    with ScriptedServer() as server:
        server.on_message = after(5, drain)

        verdicts = collect(server.address, numbered(100), tuning=SMALL, return_normalized=True)

    assert [{"number": number} for number in range(100)] == [verdict.normalized for verdict in verdicts]


@both
def test_a_server_that_comes_back_on_its_port_is_found_again(collect: Collect) -> None:
    """Nobody has to tell the client."""
    gone = threading.Event()

    def leave(context: grpc.ServicerContext) -> None:
        gone.set()
        drain(context)

    first = ScriptedServer("first", on_message=after(20, leave))

    with ThreadPoolExecutor(1, thread_name_prefix="scripted-server") as threads:
        answer = threads.submit(collect, first.address, numbered(1000), tuning=SMALL)
        assert gone.wait(60)
        first.stop(grace=5)
        with ScriptedServer("second", port=first.port):
            verdicts = answer.result()

    assert list(range(1000)) == numbers(verdicts)
    assert servers_of(verdicts) == ["first", "second"]


@both
def test_a_killed_server_is_carried_on_from_by_another(collect: Collect) -> None:
    """`kill -9` in mid-stream, with answers on their way."""
    with process("a") as (a, port_a), process("b") as (b, port_b):
        killed = threading.Event()
        first: list[str] = []

        def events() -> Iterator[Event]:
            for event in numbered(20_000):
                if event.event_id == "9000":
                    victim = a if first[0] == "a" else b
                    os.kill(victim.pid, signal.SIGKILL)
                    victim.wait()
                    killed.set()
                yield event

        verdicts = consume(collect, f"ipv4:127.0.0.1:{port_a},127.0.0.1:{port_b}", events(), first)

    assert killed.is_set()
    assert list(range(20_000)) == numbers(verdicts)
    assert len(servers_of(verdicts)) == 2


def consume(collect: Collect, address: str, events: Iterator[Event], first: list[str]) -> list[Any]:
    """Stream `events`, and note which server gave the first answer."""
    taken: list[Any] = []

    def take(verdict: Any) -> None:
        first.extend(servers_of([verdict]))
        taken.append(verdict)

    if collect is collect_sync:
        with Client(address) as client:
            for verdict in client.validate_stream(events, tuning=SMALL):
                take(verdict)
    else:

        async def main() -> None:
            async with AsyncClient(address) as client:
                async for verdict in client.validate_stream(events, tuning=SMALL):
                    take(verdict)

        asyncio.run(main())
    return taken


@both
def test_a_killed_server_is_carried_on_from_by_its_successor(collect: Collect) -> None:
    """On the same port, once it is up."""
    with process("a") as (a, port), ThreadPoolExecutor(1) as threads:
        reached, gone = threading.Event(), threading.Event()

        def events() -> Iterator[Event]:
            for event in numbered(2000):
                if event.event_id == "1000":
                    reached.set()
                    gone.wait(60)
                yield event

        answer = threads.submit(collect, f"127.0.0.1:{port}", events(), tuning=SMALL)
        assert reached.wait(60)
        os.kill(a.pid, signal.SIGKILL)
        a.wait()
        with process("b", port):
            gone.set()
            verdicts = answer.result()

    assert list(range(2000)) == numbers(verdicts)
    assert servers_of(verdicts) == ["a", "b"]


@both
def test_with_no_server_to_go_to_there_is_one_clear_error_in_bounded_time(collect: Collect) -> None:
    """It says how far the stream came, and what the last failure was; nothing is left behind.

    Twenty messages are answered: 200 events, or less where the machine is so busy that a message is sent before it is full.
    """
    server = ScriptedServer()
    stopped: list[threading.Thread] = []

    def die(context: grpc.ServicerContext) -> None:
        stopped.append(threading.Thread(target=server.stop, name="scripted-server-stop"))
        stopped[0].start()
        drain(context)

    server.on_message = after(20, die)
    began = time.monotonic()

    with (
        no_thread_left(),
        pytest.raises(
            UnavailableError,
            match=r"after (200|1?\d{1,2}) events were answered, and 4 attempts in a row .* the last of them: .*",
        ),
    ):
        collect(server.address, numbered(1000), tuning=FEW)

    assert time.monotonic() - began < 30
    stopped[0].join()


@both
def test_a_server_that_was_never_there_is_one_clear_error_too(collect: Collect) -> None:
    """As for one that went away."""
    with ScriptedServer() as server:
        address = server.address

    with pytest.raises(UnavailableError, match=r"after 0 events were answered, and 4 attempts .* refused"):
        collect(address, numbered(1000), tuning=FEW)


@both
def test_an_event_that_kills_every_server_is_not_sent_for_ever(collect: Collect) -> None:
    """The verdicts before it are kept, and it is tried as often as the tuning says."""
    with ScriptedServer() as server:

        def poison(request: validation.ValidateStreamRequest, context: grpc.ServicerContext) -> None:
            if any(event.event_id == "55" for event in request.events):
                drain(context)

        server.on_message = poison
        with pytest.raises(UnavailableError, match=r"after 50 events were answered, and 4 attempts"):
            collect(server.address, numbered(1000), tuning=FEW)

    assert sum(message.sequence == 6 for message in server.messages) == 5


@both
def test_a_malformed_request_ends_the_stream_after_all_before_it_are_answered(collect: Collect) -> None:
    """It is not sent again."""
    with ScriptedServer() as server:

        def refuse(context: grpc.ServicerContext) -> None:
            abort(context, grpc.StatusCode.INVALID_ARGUMENT, "no", "MALFORMED_REQUEST")

        server.on_message = after(5, refuse)
        with pytest.raises(CallError, match="MALFORMED_REQUEST: no"):
            collect(server.address, numbered(1000), tuning=SMALL)

    assert len(server.calls) == 1


@both
def test_the_server_s_own_status_is_told_however_many_messages_are_on_their_way(collect: Collect) -> None:
    """Writes that fail as the call ends do not hide it."""
    with ScriptedServer() as server:

        def refuse(_: Any, context: grpc.ServicerContext) -> None:
            abort(context, grpc.StatusCode.INVALID_ARGUMENT, "no", "MALFORMED_REQUEST")

        server.on_message = refuse
        tuning = StreamTuning(max_events_per_message=1)
        for _ in range(30):
            with pytest.raises(CallError, match="MALFORMED_REQUEST: no"):
                collect(server.address, numbered(500), tuning=tuning)

    assert len(server.calls) == 30


@both
def test_a_busy_server_is_called_again_when_it_says(collect: Collect) -> None:
    """A stream can wait; without a time to wait for, that is an error."""
    with ScriptedServer() as server:

        def busy(_: Any, context: grpc.ServicerContext) -> None:
            if len(server.calls) == 1:
                abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", "OVERLOADED", None, retry_info(0.3))

        server.on_call = busy
        began = time.monotonic()
        assert list(range(100)) == numbers(collect(server.address, numbered(100), tuning=SMALL))
        assert time.monotonic() - began >= 0.3

        def hopeless(_: Any, context: grpc.ServicerContext) -> None:
            abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", "OVERLOADED")

        server.on_call = hopeless
        with pytest.raises(OverloadedError, match="OVERLOADED: busy"):
            collect(server.address, numbered(100), tuning=SMALL)


def test_an_idle_stream_that_is_drained_goes_on_with_the_next_event() -> None:
    """An input that rests is no reason to call again, or to give up, however often the server ends the stream."""
    gate = threading.Semaphore(1)

    def resting() -> Iterator[Event]:
        for event in numbered(6):
            gate.acquire()
            yield event

    with (
        ScriptedServer() as server,
        Client(server.address) as client,
        no_thread_left(),
    ):
        server.on_answered = lambda _, context: drain(context)
        verdicts = client.validate_stream(resting(), tuning=StreamTuning(max_attempts=1))
        for number in range(6):
            assert str(number) == next(verdicts).event_id
            gate.release()
        assert list(verdicts) == []

    assert len(server.calls) == 6


async def test_cancelling_the_caller_between_attempts_leaves_no_task() -> None:
    """It does not have to wait for the back-off."""
    with ScriptedServer() as server:
        address = server.address
    tuning = StreamTuning(initial_backoff=60, max_backoff=60)

    async def consume() -> None:
        async for _ in client.validate_stream(watched(), tuning=tuning):
            pass

    async def watched() -> AsyncIterator[Event]:
        yield numbered(1)[0]
        waiting.set()
        await asyncio.Event().wait()

    waiting = asyncio.Event()
    async with AsyncClient(address) as client:
        tasks = NoTaskLeft()
        task = asyncio.create_task(consume())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await tasks.check()
