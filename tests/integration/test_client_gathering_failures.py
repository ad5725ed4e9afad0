"""Concurrent calls of clients that gather fail, end and are carried on elsewhere as single calls are."""

import asyncio
import itertools
import math
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from assay.v1 import validation_service_pb2 as validation
from assay_client import (
    AsyncClient,
    CallError,
    Client,
    DeadlineExceededError,
    EncodingError,
    Event,
    GatherTuning,
    OverloadedError,
    UnavailableError,
    Verdict,
)
from tests.integration.conftest import Spawn
from tests.unit.client.asking import Kind, ask, check, methods, orders
from tests.unit.client.doing import NoTaskLeft, call, numbered
from tests.unit.client.scripted_server import ScriptedServer, abort, drain, retry_info

both = pytest.mark.parametrize("kind", [Client, AsyncClient])


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@both
@pytest.mark.parametrize(
    ("code", "reason", "details"),
    [
        (grpc.StatusCode.NOT_FOUND, "EVENT_TYPE_NOT_FOUND", ()),
        (grpc.StatusCode.INTERNAL, "INTERNAL", ()),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", ()),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", ()),
        (grpc.StatusCode.UNAVAILABLE, "DRAINING", ()),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", (retry_info(0.25),)),
        (
            grpc.StatusCode.INVALID_ARGUMENT,
            "MALFORMED_REQUEST",
            (
                error_details_pb2.BadRequest(
                    field_violations=[error_details_pb2.BadRequest.FieldViolation(field="event", description="is bad")]
                ),
            ),
        ),
    ],
)
def test_errors_are_those_of_single_calls(kind: Kind, code: grpc.StatusCode, reason: str, details: tuple[Any, ...]) -> None:
    """Class, code, text, reason, metadata, delay and violations."""

    def refuse(_: Any, context: grpc.ServicerContext) -> None:
        abort(context, code, "text", reason, {"key": "value"}, *details)

    with ScriptedServer(on_call=refuse) as server:
        [single] = ask(kind, server.address, numbered(1), gather=False)
        gathered = ask(kind, server.address, numbered(5), callers=5)

    assert isinstance(single, CallError)
    assert single.reason == reason
    for error in gathered:
        assert type(error) is type(single)
        assert vars(error) == vars(single)


@both
def test_an_event_that_cannot_be_sent_harms_nobody_else(kind: Kind, server: ScriptedServer) -> None:
    """Its caller alone gets the error, without a position among events that are none of its business."""
    events = [Event("x", {"a": math.nan if number == 7 else number}, event_id=str(number)) for number in range(50)]

    answers = ask(kind, server.address, events, callers=50)

    assert isinstance(answers[7], EncodingError)
    assert answers[7].position is None
    check([*answers[:7], *answers[8:]], [*events[:7], *events[8:]])


@both
def test_a_server_that_answers_wrongly_is_asked_one_by_one(kind: Kind, server: ScriptedServer) -> None:
    """No caller gets what is not its own."""
    server.answer = lambda request: validation.ValidateStreamResponse(sequence=request.sequence)
    events = numbered(50)

    check(ask(kind, server.address, events), events)

    assert methods(server).count("Validate") == 50


@both
@pytest.mark.parametrize("refuses", ["streams", "everything"])
def test_a_server_that_is_busy_is_asked_once_more_and_then_left_to_the_caller(kind: Kind, refuses: str) -> None:
    """A stream that is refused is none of a caller's business; a call that is, is."""

    def refuse(request: Any, context: grpc.ServicerContext) -> None:
        if request is None or refuses == "everything":
            abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", "OVERLOADED", None, retry_info(60))

    events = numbered(200)
    with ScriptedServer(on_call=refuse) as server:
        answers = ask(kind, server.address, events)

    if refuses == "streams":
        check(answers, events)
    else:
        assert [answer.retry_delay if isinstance(answer, OverloadedError) else answer for answer in answers] == [60] * 200
    assert methods(server).count("Validate") == 200
    assert methods(server).count("ValidateStream") <= 8  # Each connection is told to wait.


@both
def test_a_killed_server_is_replaced_by_another(kind: Kind, spawn: Spawn) -> None:
    """`kill -9` with calls on their way; all are answered, in time."""
    servers = [spawn(), spawn()]
    events = orders(6000)
    killed = threading.Event()

    def kill(count: int) -> None:
        if count >= 2000 and not killed.is_set():
            killed.set()
            servers[0].process.send_signal(signal.SIGKILL)
            servers[0].process.wait()

    check(ask(kind, f"ipv4:{servers[0].address},{servers[1].address}", events, after=kill, timeout=60), events)
    assert killed.is_set()


@both
def test_a_killed_server_without_another_is_waited_for(kind: Kind, spawn: Spawn) -> None:
    """As single calls do: what was on its way, and what is asked meanwhile."""
    first = spawn()
    events = orders(3000)
    successor: list[Any] = []

    def replace(count: int) -> None:
        if count >= 1000 and not successor:
            successor.append(None)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
            successor[0] = spawn("--listen", first.address, listening=False)

    check(ask(kind, first.address, events, after=replace, timeout=60), events)
    assert successor


@both
def test_a_killed_server_that_is_not_replaced_is_an_error_in_time(kind: Kind, spawn: Spawn) -> None:
    """The same that single calls get."""
    server = spawn()

    def kill(count: int) -> None:
        if count == 200:
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()

    began = time.monotonic()
    answers = ask(kind, server.address, orders(400), after=kill, timeout=1.5)

    failed = [answer for answer in answers if not isinstance(answer, Verdict)]
    assert failed
    assert {type(error) for error in failed} <= {DeadlineExceededError, UnavailableError}
    assert time.monotonic() - began < 30


@both
def test_a_server_that_drains_loses_no_call(kind: Kind, spawn: Spawn) -> None:
    """SIGTERM; another serves."""
    servers = [spawn(), spawn()]
    events = orders(8000)
    told = threading.Event()

    def terminate(count: int) -> None:
        if count >= 1000 and not told.is_set():
            told.set()
            servers[0].process.send_signal(signal.SIGTERM)

    check(ask(kind, f"ipv4:{servers[0].address},{servers[1].address}", events, after=terminate, timeout=60), events)
    assert servers[0].wait() == 0


@both
def test_streams_that_are_ended_for_their_age_are_opened_again(kind: Kind, server: ScriptedServer) -> None:
    """Between two messages or in one: every call is answered."""
    seen = itertools.count(1)

    def every_fifth(_: Any, context: grpc.ServicerContext) -> None:
        if next(seen) % 5 == 0:
            drain(context)

    server.on_message = server.on_answered = every_fifth
    events = numbered(3000)

    check(ask(kind, server.address, events), events)

    assert methods(server).count("ValidateStream") > 5
    assert methods(server).count("Validate") < 3000


@both
def test_deadlines_hold_for_each_call(kind: Kind) -> None:
    """Whatever those beside it allow; and a stream that is stuck is replaced."""
    release = threading.Event()

    def hold(*_: Any) -> None:
        release.wait(60)

    with ScriptedServer(on_message=hold) as server:
        began = time.monotonic()
        if kind is Client:
            with Client(server.address, gather=GatherTuning(connections=1)) as client, ThreadPoolExecutor(20) as threads:
                asked = [threads.submit(client.validate, "x", {}, timeout=0.2 + 0.01 * number) for number in range(20)]
                for future in asked:
                    with pytest.raises(DeadlineExceededError, match=r"127\.0\.0\.1:\d+ did not answer in time"):
                        future.result()
                took = time.monotonic() - began
                server.on_message = None
                assert client.validate("x", {}, event_id="next").event_id == "next"
                release.set()
                assert client.validate("x", {}, event_id="later").event_id == "later"
        else:

            async def main() -> float:
                async with AsyncClient(server.address, gather=GatherTuning(connections=1)) as client:
                    asked = [asyncio.create_task(client.validate("x", {}, timeout=0.2 + 0.01 * number)) for number in range(20)]
                    for task in asked:
                        with pytest.raises(DeadlineExceededError, match=r"127\.0\.0\.1:\d+ did not answer in time"):
                            await task
                    took = time.monotonic() - began
                    server.on_message = None
                    assert (await client.validate("x", {}, event_id="next")).event_id == "next"
                    release.set()
                    assert (await client.validate("x", {}, event_id="later")).event_id == "later"
                return took

            took = asyncio.run(main())

    assert 0.38 < took < 10


@both
def test_a_call_that_is_sent_again_has_what_is_left_of_its_time(kind: Kind) -> None:
    """The server is told."""
    left: list[float] = []

    def take_a_while(request: Any, context: grpc.ServicerContext) -> None:
        if request is not None:
            left.append(context.time_remaining())

    def break_off(_: Any, context: grpc.ServicerContext) -> None:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            threading.Event().wait(0.01)
        drain(context)

    with ScriptedServer(on_call=take_a_while, on_message=break_off) as server:
        assert call(kind, server.address, "validate", "x", {}, timeout=5, settings={"gather": True})

    assert 3 < left[0] < 4.75


async def test_cancelled_calls_are_forgotten_and_harm_nobody() -> None:
    """Half of those in one message, and of those that wait; the task's own cancellation goes on."""
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        arrived.set()
        release.wait(60)

    with ScriptedServer(on_message=hold) as server:
        tasks = NoTaskLeft()
        async with AsyncClient(server.address, gather=GatherTuning(connections=1)) as client:
            first = [asyncio.create_task(client.validate("x", {}, event_id=str(number))) for number in range(50)]
            assert await asyncio.to_thread(arrived.wait, 60)
            second = [asyncio.create_task(client.validate("x", {}, event_id=str(number))) for number in range(50, 100)]
            await asyncio.sleep(0)
            cancelled = [*first[::2], *second[::2]]
            for task in cancelled:
                task.cancel()
            done = await asyncio.gather(*cancelled, return_exceptions=True)
            assert all(isinstance(each, asyncio.CancelledError) for each in done)
            assert client._gathering is not None
            assert len(client._gathering._core._calls()) == 50
            release.set()
            kept = await asyncio.gather(*first[1::2], *second[1::2])
            assert [verdict.event_id for verdict in kept] == [str(number) for number in range(1, 100, 2)]
            assert client._gathering._core._calls() == []
        await tasks.check()

    assert [len(message.events) for message in server.messages] == [50, 25]


async def test_a_caller_that_leaves_alone_takes_its_work_along() -> None:
    """The server is told, as by the cancellation of a single call."""
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        arrived.set()
        release.wait(60)

    with ScriptedServer(on_message=hold) as server:
        async with AsyncClient(server.address, gather=True) as client:
            task = asyncio.create_task(client.validate("x", {}))
            assert await asyncio.to_thread(arrived.wait, 60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(server.stream_ended.wait, 60)
            release.set()
