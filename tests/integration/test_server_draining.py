"""How a server takes its leave: what it has begun is finished, and every stream can be carried on elsewhere."""

import asyncio
import gc
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from assay.v1 import event_pb2

from .conftest import Start, eventually
from .wire import GOOD, STREAM, VALIDATE, answer, failure, judged, message, reason_of, single


async def test_a_waiting_stream_is_ended_when_the_server_drains(start: Start) -> None:
    """UNAVAILABLE, so that its caller carries on elsewhere; what it had sent is answered."""
    local = await start()
    idle, busy = local.stream(STREAM)(), local.stream(STREAM)()
    await busy.write(message(3, GOOD))
    assert answer(await busy.read()).sequence == 3
    await eventually(lambda: local.server.streams_in_progress == 2, "both streams are open")

    stopping = asyncio.create_task(local.server.stop(5))

    assert reason_of(await failure(idle.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert reason_of(await failure(busy.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    await asyncio.wait_for(stopping, 2)
    assert local.server.streams_in_progress == 0


async def test_a_stream_that_is_being_judged_is_answered_before_it_is_ended(
    start: Start, slow: event_pb2.Event, tmp_path: Path
) -> None:
    """Draining waits for it."""
    local = await start()
    call = local.stream(STREAM)()
    await call.write(message(5, slow))
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    stopping = asyncio.create_task(local.server.stop(10))
    await eventually(lambda: local.server.draining, "the server drains")
    (tmp_path / "go").touch()

    assert answer(await call.read()).sequence == 5
    assert reason_of(await failure(call.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    await asyncio.wait_for(stopping, 5)


async def test_a_single_call_is_finished_when_the_server_drains(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """No call fails because of a restart."""
    local = await start()
    call = asyncio.ensure_future(local.unary(VALIDATE)(single(slow)))
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    stopping = asyncio.create_task(local.server.stop(10))
    await eventually(lambda: local.server.draining, "the server drains")
    (tmp_path / "go").touch()

    assert judged(await call).valid
    await asyncio.wait_for(stopping, 5)


async def test_what_does_not_finish_is_cut_off(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """In the time that draining may take."""
    local = await start()
    call = local.stream(STREAM)()
    await call.write(message(5, slow))
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    await asyncio.wait_for(local.server.stop(0.1), 5)

    assert (await failure(call.read())).code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    await eventually((tmp_path / "dropped").exists, "the rule was cancelled")


async def test_streams_that_drain_under_load_lose_nothing(start: Start) -> None:
    """Each stream is answered in sequence without a gap, and ends UNAVAILABLE, never OK, wherever it was just then."""
    local = await start()
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    answered = [0] * 10

    def stream(number: int) -> tuple[grpc.StatusCode, str]:
        # The aio client tells INTERNAL of itself if a stream ends while it writes; the other waits for the status.
        step = threading.Semaphore(1)

        def requests() -> Iterator[bytes]:
            for sequence in itertools.count():
                if number % 2:  # One waits for each answer, the other has many under way.
                    step.acquire()
                yield message(sequence, GOOD)

        channel: Any
        with grpc.insecure_channel(local.address) as channel:
            call = channel.stream_stream(f"/{STREAM}")(requests())
            try:
                for response in call:
                    assert answered[number] == answer(response).sequence
                    answered[number] += 1
                    step.release()
            except grpc.RpcError as error:
                return reason_of(error)
            finally:
                step.release(1000)
        return grpc.StatusCode.OK, ""

    with ThreadPoolExecutor(len(answered)) as threads:
        streams = [asyncio.wrap_future(threads.submit(stream, number)) for number in range(len(answered))]
        await eventually(lambda: all(count > 20 for count in answered), "all streams are under way")
        await asyncio.wait_for(local.server.stop(5), 5)

        assert {(grpc.StatusCode.UNAVAILABLE, "DRAINING")} == set(await asyncio.gather(*streams))
    gc.collect()
    assert complaints == []


async def test_a_stream_that_has_grown_old_is_ended(start: Start) -> None:
    """In the same way; the server goes on, and takes it up anew."""
    local = await start(max_stream_age="200ms")
    call = local.stream(STREAM)()
    await call.write(message(1, GOOD))
    assert answer(await call.read()).sequence == 1

    assert reason_of(await failure(call.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")

    again = local.stream(STREAM)()
    await again.write(message(2, GOOD))
    assert answer(await again.read()).sequence == 2
