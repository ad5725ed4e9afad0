"""Streams: order, options, half-close, cancellation, and what ends them."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from grpc import aio

from assay.v1 import event_pb2, validation_service_pb2

from .conftest import Spawn, Start, eventually
from .wire import BAD, GOOD, STREAM, VALIDATE, answer, connected, event, failure, fields_of, message, reason_of, single


async def test_each_message_is_answered_in_turn(start: Start) -> None:
    """With its own sequence, whatever that is, and a verdict for each event."""
    local = await start()
    call = local.stream(STREAM)()
    for sequence, payloads in ((7, [GOOD, BAD]), (0, []), (2**64 - 1, [b"{", GOOD, GOOD])):
        await call.write(message(sequence, *payloads))
        response = answer(await call.read())

        assert sequence == response.sequence
        assert [payload == GOOD for payload in payloads] == [verdict.valid for verdict in response.verdicts]
    await call.done_writing()
    assert await call.read() is aio.EOF
    assert grpc.StatusCode.OK is await call.code()


async def test_an_empty_stream_ends_well(start: Start) -> None:
    """No message, no answer, OK."""
    local = await start()
    call = local.stream(STREAM)()
    await call.done_writing()

    assert await call.read() is aio.EOF
    assert grpc.StatusCode.OK is await call.code()


async def test_an_empty_message_is_a_message(start: Start) -> None:
    """Of no bytes at all: sequence 0, without events."""
    local = await start()
    call = local.stream(STREAM)()
    await call.write(b"")
    await call.done_writing()

    assert await call.read() == b""
    assert await call.read() is aio.EOF


async def test_after_a_half_close_everything_received_is_answered(start: Start) -> None:
    """The caller need not read while it writes."""
    local = await start()
    call = local.stream(STREAM)()
    for sequence in range(200):
        await call.write(message(sequence, GOOD))
    await call.done_writing()

    assert list(range(200)) == [answer(data).sequence async for data in call]
    assert grpc.StatusCode.OK is await call.code()


async def test_options_hold_until_there_are_others(start: Start) -> None:
    """They apply to the message that has them and to all that follow."""
    local = await start()
    call = local.stream(STREAM)()

    async def normalized(data: bytes) -> bool:
        await call.write(data)
        return all(verdict.HasField("normalized_payload_json") for verdict in answer(await call.read()).verdicts)

    assert not await normalized(message(1, GOOD))
    assert await normalized(message(2, GOOD, return_normalized=True))
    assert await normalized(message(3, GOOD))
    assert not await normalized(message(4, GOOD, dry_run=True))
    assert not await normalized(message(5, GOOD))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"\xff\xff", ""),
        (message(3, GOOD, report_from=9), "options.report_from"),
        (message(3, GOOD, reject_from=-1), "options.reject_from"),
        (b"\x12\x00" * 101, "events"),
        (message(3, GOOD).replace(b"order.placed", b"order.pla\xff\xff\xff"), ""),
    ],
)
async def test_a_malformed_message_ends_the_stream_after_those_before_it(start: Start, data: bytes, field: str) -> None:
    """They are answered all the same."""
    local = await start(max_events=100)
    call = local.stream(STREAM)()
    for written in (message(1, GOOD), message(2, BAD), data):
        await call.write(written)

    assert [answer(await call.read()).sequence for _ in range(2)] == [1, 2]
    error = await failure(call.read())
    assert grpc.StatusCode.INVALID_ARGUMENT is error.code()
    assert reason_of(error)[1] == "MALFORMED_REQUEST"
    assert [field] == fields_of(error)


async def test_no_event_ends_a_stream(start: Start) -> None:
    """However bad it is."""
    local = await start()
    call = local.stream(STREAM)()
    request = validation_service_pb2.ValidateStreamRequest(sequence=1)
    request.events.add()
    request.events.add(event_type="nobody.knows", payload_json=b"[")
    request.events.add(event_type="order.placed", payload_json=b"\xff\x00", event_id="x" * 1000).timestamp.seconds = 2**62
    request.events.add(event_type="order.placed", payload_json=b"[" * 100_000)
    request.events.add(event_type="order.placed", payload_json=b"9" * 5000)
    await call.write(request.SerializeToString())

    assert [verdict.valid for verdict in answer(await call.read()).verdicts] == [False] * 5
    await call.write(message(2, GOOD))
    assert answer(await call.read()).verdicts[0].valid


async def test_a_large_message_lets_others_have_their_turn(start: Start) -> None:
    """Fifty thousand events in one message do not hold up a single one for as long as they take."""
    events = 50_000
    local = await start(max_events=events, max_request_bytes="16MiB", max_response_bytes="20MB")
    call = local.stream(STREAM)()
    other = local.unary(VALIDATE)
    answered = 0

    async def singles() -> None:
        nonlocal answered
        while True:
            await other(single(event()))
            answered += 1

    task = asyncio.create_task(singles())
    await eventually(lambda: answered, "single calls are under way")
    await call.write(message(1, *[GOOD] * events))
    before = answered
    assert len(answer(await call.read()).verdicts) == events
    during = answered - before
    task.cancel()

    assert during > 2, "they are answered in between"


async def test_those_who_stream_flat_out_do_not_starve_others(spawn: Spawn) -> None:
    """A hundred calls at once are answered while some messages of a thousand events are, not one with each."""
    calls = 100
    address = spawn().address
    request = message(1, *[GOOD] * 1_000)
    answered = [0] * 4

    async def flat_out(number: int) -> None:
        window = asyncio.Semaphore(8)

        async def messages() -> AsyncIterator[bytes]:
            while True:
                await window.acquire()
                yield request

        async with connected(address) as channel:
            async for _ in channel.stream_stream(f"/{STREAM}")(messages()):
                answered[number] += 1
                window.release()

    streaming = [asyncio.create_task(flat_out(number)) for number in range(len(answered))]
    async with connected(address) as channel:
        call = channel.unary_unary(f"/{VALIDATE}")
        await call(single(event()))
        await eventually(lambda: min(answered) > 20, "the streams are under way")
        before = sum(answered)
        await asyncio.gather(*(call(single(event())) for _ in range(calls)))
        meanwhile = sum(answered) - before
    for task in streaming:
        task.cancel()
    await asyncio.gather(*streaming, return_exceptions=True)

    assert meanwhile < calls


async def test_a_message_does_not_wait_for_what_comes_after_it(start: Start, slow: event_pb2.Event) -> None:
    """Although both have arrived: rules of the second may take as long as they like."""
    local = await start()
    call = local.stream(STREAM)()
    await call.write(message(1, slow))  # While this is judged, the others arrive.
    folder = Path(json.loads(slow.payload_json)["path"])
    await eventually((folder / "begun").exists, "the rule has begun")
    (folder / "begun").unlink()
    later = event_pb2.Event(event_type="slow", payload_json=json.dumps({"path": str(folder / "later")}).encode())
    (folder / "later").mkdir()
    for written in (message(2, *[GOOD] * 20), message(3, later)):
        await call.write(written)
    (folder / "go").touch()

    assert [answer(await call.read()).sequence for _ in range(2)] == [1, 2]
    await eventually((folder / "later" / "begun").exists, "the rule has begun again")
    (folder / "later" / "go").touch()
    assert answer(await call.read()).sequence == 3


async def test_work_is_dropped_when_the_caller_cancels(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """In the midst of judging."""
    local = await start()
    call = local.stream(STREAM)()
    await call.write(message(5, slow))
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    call.cancel()

    await eventually((tmp_path / "dropped").exists, "the rule was cancelled")
    await eventually(lambda: local.server.streams_in_progress == 0, "the stream is gone")


async def test_work_is_dropped_when_the_connection_breaks(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """As if the caller had cancelled."""
    local = await start()
    channel = connected(local.address)
    call = channel.stream_stream(f"/{STREAM}")()
    await call.write(message(5, slow))
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    await channel.close()

    await eventually((tmp_path / "dropped").exists, "the rule was cancelled")
    await eventually(lambda: local.server.streams_in_progress == 0, "the stream is gone")


async def test_cancelled_streams_leave_nothing_behind(start: Start) -> None:
    """Whether they were waiting, or being answered; no task of theirs is left, and no complaint."""
    local = await start()
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def stream(written: int) -> None:
        call = local.stream(STREAM)()
        for sequence in range(written):
            await call.write(message(sequence, GOOD))
        if written:
            await call.read()
        call.cancel()

    async with asyncio.TaskGroup() as group:
        group.create_task(stream(0))
    tasks = len(asyncio.all_tasks())
    for _ in range(20):
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(stream(number % 3))

    await eventually(lambda: local.server.streams_in_progress == 0, "all streams are gone")
    await eventually(lambda: len(asyncio.all_tasks()) <= tasks, "all their tasks are gone")
    gc.collect()
    assert complaints == []


async def test_a_caller_that_does_not_read_is_held_back(start: Start) -> None:
    """Nothing is read on its behalf beyond what flow control lets through, and others are served."""
    local = await start()
    call = local.stream(STREAM)()
    payload = b'{"sku": "A1", "note": "' + b"x" * 10_000 + b'"}'
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            await call.write(message(written, *[payload] * 10, return_normalized=True))
            written += 1

    task = asyncio.create_task(write())
    seen = -1
    while seen != written:  # It is held back when nothing more gets through for a while.
        seen = written
        await asyncio.wait([task], timeout=0.5)

    other = local.stream(STREAM)()
    await other.write(message(1, GOOD))
    assert answer(await other.read()).verdicts[0].valid
    assert written < 1000
    task.cancel()
    call.cancel()


async def test_a_response_stays_within_its_limit(start: Start) -> None:
    """Later verdicts lose details first; none loses what it says of the event."""
    local = await start(max_events=100, max_response_bytes=40_000)
    call = local.stream(STREAM)()
    payload = b'{"sku": "", "quantity": "x", "note": [' + b"1, " * 100 + b"1]}"
    request = message(1, *[payload, GOOD] * 50, return_normalized=True)
    await call.write(request)
    data = await call.read()

    verdicts = answer(data).verdicts
    assert len(data) <= 40_000
    assert [verdict.valid for verdict in verdicts] == [False, True] * 50
    assert all(verdict.findings[0].check == "schema.string_too_short" for verdict in verdicts[::2])
