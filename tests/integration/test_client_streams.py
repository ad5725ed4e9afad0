"""Streams of both clients: order, gathering, bounds, and what is left when they end."""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest

from assay.v1 import validation_service_pb2 as validation
from assay.v1 import verdict_pb2
from assay_client import AsyncClient, Client, EncodingError, Enforcement, Event, InternalError, StreamTuning, Verdict
from tests.unit.client.doing import Collect, collect_async, collect_sync, no_thread_left, numbered, numbers
from tests.unit.client.scripted_server import ScriptedServer

both = pytest.mark.parametrize("collect", [collect_sync, collect_async])


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@both
@pytest.mark.parametrize("count", [1, 499, 500, 501, 7003])
def test_every_event_gets_its_verdict_in_order(collect: Collect, server: ScriptedServer, count: int) -> None:
    """And travels in messages as full as they may be."""
    verdicts = collect(server.address, numbered(count))

    assert list(range(count)) == numbers(verdicts)
    assert all(len(message.events) <= 500 for message in server.messages)
    assert list(range(1, len(server.messages) + 1)) == [message.sequence for message in server.messages]


@both
def test_fast_input_fills_its_messages(collect: Collect, server: ScriptedServer) -> None:
    """Many in one message cost far less than one in each."""
    collect(server.address, numbered(2000), tuning=StreamTuning(max_delay=60, max_events_per_message=300))

    assert [len(message.events) for message in server.messages] == [300, 300, 300, 300, 300, 300, 200]


@both
def test_large_events_make_smaller_messages(collect: Collect, server: ScriptedServer) -> None:
    """None of more than a mebibyte, unless one event is."""
    events = [Event("x", {"text": "x" * 300_000}, event_id=str(number)) for number in range(20)]
    events.insert(10, Event("x", {"text": "x" * 1_200_000}, event_id="10"))

    verdicts = collect(server.address, events)

    assert len(verdicts) == 21
    assert max(message.ByteSize() for message in server.messages if len(message.events) > 1) <= 1 << 20


@both
def test_an_empty_stream_makes_no_call(collect: Collect, server: ScriptedServer) -> None:
    """There is nothing to ask."""
    assert collect(server.address, []) == []
    assert server.calls == []


@both
def test_options_apply_to_the_whole_stream(collect: Collect, server: ScriptedServer) -> None:
    """They are sent once."""
    verdicts = collect(server.address, numbered(1200), return_normalized=True, reject_from=Enforcement.WARN)

    assert [{"number": number} for number in range(1200)] == [verdict.normalized for verdict in verdicts]
    assert [True] + [False] * (len(server.messages) - 1) == [each.HasField("options") for each in server.messages]


@both
def test_a_bad_event_is_an_answer(collect: Collect, server: ScriptedServer) -> None:
    """The stream goes on."""
    verdicts = collect(server.address, [Event("x", {"name": ""}), Event("x", {"name": "y"}), {"payload": b"{}"}])

    assert [verdict.valid for verdict in verdicts] == [False, True, True]


@both
@pytest.mark.parametrize("limits", [{"max_events_per_message": 1}, {"look_ahead": 1}, {"max_delay": 0}])
def test_the_smallest_figures_work(collect: Collect, server: ScriptedServer, limits: dict[str, int]) -> None:
    """One event at a time, if need be."""
    verdicts = collect(server.address, numbered(50), tuning=StreamTuning(**limits))

    assert list(range(50)) == numbers(verdicts)
    assert len(server.messages) == 50


# An input that yields an event only once the one before it is answered shows, without a clock, that no event waits for
# others to fill its message.


def test_a_slow_endless_input_is_answered_as_it_goes(server: ScriptedServer) -> None:
    """Not when it ends, which it never does."""
    answered = threading.Semaphore(1)

    def one_by_one() -> Iterator[Event]:
        for number in itertools.count():
            answered.acquire()
            yield numbered(1, start=number)[0]

    with no_thread_left(), Client(server.address) as client:
        verdicts = client.validate_stream(one_by_one())
        for number in range(20):
            assert str(number) == next(verdicts).event_id
            answered.release()
        verdicts.close()
        answered.release()  # Lets the input go on, which lets its thread end.


async def test_a_slow_endless_asynchronous_input_is_answered_as_it_goes(server: ScriptedServer) -> None:
    """Likewise."""
    answered = asyncio.Semaphore(1)

    async def one_by_one() -> AsyncIterator[Event]:
        for number in itertools.count():
            await answered.acquire()
            yield numbered(1, start=number)[0]

    async with AsyncClient(server.address) as client, contextlib.aclosing(client.validate_stream(one_by_one())) as verdicts:
        for number in range(20):
            assert str(number) == (await anext(verdicts)).event_id
            answered.release()


@both
def test_the_input_is_not_read_beyond_the_look_ahead(collect: Collect, server: ScriptedServer) -> None:
    """However long it is; the input itself keeps watch."""
    taken = 0

    def watching() -> Iterator[Event]:
        for number, event in enumerate(numbered(1000)):
            assert number - taken < 20
            yield event

    def count(verdict: Any) -> Any:
        nonlocal taken
        taken += 1
        return verdict

    tuning = StreamTuning(look_ahead=20, max_events_per_message=7)
    if collect is collect_sync:
        with Client(server.address) as client:
            verdicts = [count(verdict) for verdict in client.validate_stream(watching(), tuning=tuning)]
    else:

        async def main() -> list[Any]:
            async with AsyncClient(server.address) as client:
                return [count(verdict) async for verdict in client.validate_stream(watching(), tuning=tuning)]

        verdicts = asyncio.run(main())

    assert list(range(1000)) == numbers(verdicts)


def test_a_caller_that_stops_taking_stops_the_input(server: ScriptedServer) -> None:
    """Even one without end: it is held at the look-ahead, until the caller goes on."""
    read: list[int] = []
    full = threading.Event()

    def endless() -> Iterator[Event]:
        for number in itertools.count():
            read.append(number)
            if len(read) == 100:
                full.set()
            yield Event("x", {}, event_id=str(number))

    with no_thread_left(), Client(server.address) as client:
        verdicts = client.validate_stream(endless(), tuning=StreamTuning(look_ahead=100, max_events_per_message=10))
        next(verdicts)
        assert full.wait(60)
        assert len(read) == 100
        assert list(range(1, 500)) == numbers(itertools.islice(verdicts, 499))
        verdicts.close()


class TroubleError(Exception):
    """What an input raises."""


@both
def test_an_exception_of_the_input_reaches_the_caller_after_the_verdicts_before_it(
    collect: Collect, server: ScriptedServer
) -> None:
    """The very same exception."""
    trouble = TroubleError()
    taken: list[Verdict] = []

    def troubled() -> Iterator[Event]:
        yield from numbered(700)
        raise trouble

    def take() -> None:
        with Client(server.address) as client:
            taken.extend(client.validate_stream(troubled()))

    async def take_async() -> None:
        async with AsyncClient(server.address) as client:
            await extend(taken, client.validate_stream(troubled()))

    with pytest.raises(TroubleError) as caught:
        take() if collect is collect_sync else asyncio.run(take_async())

    assert trouble is caught.value
    assert list(range(700)) == numbers(taken)


async def extend(taken: list[Verdict], verdicts: AsyncIterator[Verdict]) -> None:
    async for verdict in verdicts:
        taken.append(verdict)  # noqa: PERF401 - What was taken before an exception is the point.


async def test_an_exception_of_an_asynchronous_input_reaches_the_caller_too(server: ScriptedServer) -> None:
    """As does a cancellation that comes from within it."""

    async def troubled(trouble: BaseException) -> AsyncIterator[Event]:
        yield numbered(1)[0]
        raise trouble

    async with AsyncClient(server.address) as client:
        for trouble in (TroubleError(), asyncio.CancelledError()):
            taken: list[Verdict] = []
            with pytest.raises(type(trouble)):
                await extend(taken, client.validate_stream(troubled(trouble)))
            assert numbers(taken) == [0]


@both
@pytest.mark.parametrize("events", [None, 17])
def test_an_input_that_is_none_is_a_type_error(collect: Collect, server: ScriptedServer, events: Any) -> None:
    """Raised to the caller, not lost with a thread."""
    with pytest.raises(TypeError, match="not iterable"):
        collect(server.address, events)


@both
def test_an_event_that_cannot_be_sent_is_named_by_its_position(collect: Collect, server: ScriptedServer) -> None:
    """All events before it are answered first."""
    events = [*numbered(1234), Event("x", {"a": float("nan")}), *numbered(5)]

    with pytest.raises(EncodingError, match=r"event at position 1234: .* NaN"):
        collect(server.address, events)

    assert sum(len(message.events) for message in server.messages) == 1234


@both
def test_answers_that_do_not_fit_are_an_error(collect: Collect, server: ScriptedServer) -> None:
    """Rather than verdicts for the wrong events."""

    def skip_one(request: validation.ValidateStreamRequest) -> validation.ValidateStreamResponse:
        return validation.ValidateStreamResponse(sequence=request.sequence + 1, verdicts=[verdict_pb2.Verdict()])

    server.answer = skip_one
    with no_thread_left(), pytest.raises(InternalError, match="broke the contract: 1 verdicts for sequence 1 was due"):
        collect(server.address, numbered(1))


def test_a_newer_server_can_say_what_this_client_does_not_know(server: ScriptedServer) -> None:
    """It never reads as valid, and breaks nothing."""

    def newer(request: validation.ValidateStreamRequest) -> validation.ValidateStreamResponse:
        response = validation.ValidateStreamResponse(sequence=request.sequence)
        response.verdicts.add(valid=True).findings.add(enforcement=7, layer=8, skip_reason=9)
        return response

    server.answer = newer
    (verdict,) = collect_sync(server.address, numbered(1))

    assert not verdict.valid
    assert (verdict.findings[0].enforcement.name, verdict.findings[0].layer.name) == ("UNKNOWN_7", "UNKNOWN_8")


def test_several_streams_of_one_async_client_run_at_once(server: ScriptedServer) -> None:
    """Each with its own answers."""

    async def main() -> list[list[int]]:
        async with AsyncClient(server.address) as client:

            async def one(start: int) -> list[int]:
                return [int(each.event_id) async for each in client.validate_stream(numbered(1500, start=start))]

            return await asyncio.gather(*(one(start) for start in range(0, 80_000, 10_000)))

    assert [list(range(start, start + 1500)) for start in range(0, 80_000, 10_000)] == asyncio.run(main())


def test_a_deadline_is_never_put_on_a_stream() -> None:
    """It may go on for as long as there are events."""
    left: list[float] = []

    def note(_: Any, context: grpc.ServicerContext) -> None:
        left.append(context.time_remaining())

    with ScriptedServer(on_call=note) as server, Client(server.address, timeout=1) as client:
        list(client.validate_stream(numbered(1)))

    assert left[0] > 1e9
