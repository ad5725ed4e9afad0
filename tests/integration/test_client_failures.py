"""Single calls of both clients that fail, wait, are tried again or are cancelled."""

import asyncio
import math
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from assay_client import (
    AsyncClient,
    CallError,
    Client,
    DeadlineExceededError,
    InternalError,
    MalformedRequestError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)
from tests.unit.client.doing import call, numbered
from tests.unit.client.scripted_server import ScriptedServer, abort, drain, retry_info

both = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client | AsyncClient]


@pytest.fixture(name="server")
def new_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@both
@pytest.mark.parametrize(
    ("code", "reason", "metadata", "error"),
    [
        (grpc.StatusCode.NOT_FOUND, "EVENT_TYPE_NOT_FOUND", {"event_type": "x"}, NotFoundError),
        (grpc.StatusCode.INTERNAL, "INTERNAL", {"incident": "1f"}, InternalError),
    ],
)
def test_a_failed_call_raises_what_the_server_said(
    kind: Kind, code: grpc.StatusCode, reason: str, metadata: dict[str, str], error: type[CallError]
) -> None:
    """Class, reason and metadata; and it is not tried again."""
    with (
        ScriptedServer(on_call=lambda _, context: abort(context, code, "text", reason, metadata)) as server,
        pytest.raises(error) as caught,
    ):
        call(kind, server.address, "validate", "x", {})

    assert (reason, metadata) == (caught.value.reason, caught.value.metadata)
    assert len(server.calls) == 1


@both
def test_violations_reach_the_caller(kind: Kind) -> None:
    """By field."""
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="event", description="is required")

    def refuse(_: Any, context: grpc.ServicerContext) -> None:
        abort(context, grpc.StatusCode.INVALID_ARGUMENT, "malformed", "MALFORMED_REQUEST", None, bad)

    with ScriptedServer(on_call=refuse) as server, pytest.raises(MalformedRequestError, match="event: is required"):
        call(kind, server.address, "validate", "x", {})


@both
def test_a_busy_server_is_left_to_the_caller(kind: Kind) -> None:
    """The delay that it asks for is in the error; nothing is sent again."""

    def refuse(_: Any, context: grpc.ServicerContext) -> None:
        abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", "OVERLOADED", None, retry_info(0.25))

    with ScriptedServer(on_call=refuse) as server, pytest.raises(OverloadedError) as caught:
        call(kind, server.address, "validate", "x", {})

    assert caught.value.retry_delay == 0.25
    assert len(server.calls) == 1


@both
def test_an_unavailable_server_is_tried_again(kind: Kind) -> None:
    """Up to four times in all."""
    tries: list[int] = []

    def refuse_twice(_: Any, context: grpc.ServicerContext) -> None:
        tries.append(1)
        if len(tries) <= 2:
            drain(context)

    with ScriptedServer(on_call=refuse_twice) as server:
        assert call(kind, server.address, "validate", "x", {}).valid
    assert len(tries) == 3

    with ScriptedServer(on_call=lambda _, context: drain(context)) as server, pytest.raises(UnavailableError) as caught:
        call(kind, server.address, "validate", "x", {})
    assert (caught.value.reason, len(server.calls)) == ("DRAINING", 4)


@both
def test_a_call_waits_for_a_server_that_is_not_there_yet(kind: Kind) -> None:
    """As long as its timeout allows."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(call, kind, f"127.0.0.1:{port}", "validate", "x", {}, timeout=60)
        with ScriptedServer(port=port):
            assert answer.result().valid


@both
@pytest.mark.parametrize(
    ("settings", "keywords"), [({"timeout": 0.2}, {}), ({"timeout": None}, {"timeout": 0.2}), ({}, {"timeout": 0.2})]
)
def test_a_call_without_an_answer_ends_with_its_timeout(kind: Kind, settings: Any, keywords: Any) -> None:
    """The client's, or its own."""
    release = threading.Event()

    def hold(*_: Any) -> None:
        release.wait(60)

    with ScriptedServer(on_call=hold) as server:
        began = time.monotonic()
        with pytest.raises(DeadlineExceededError, match=r"127\.0\.0\.1:\d+ did not answer in time"):
            call(kind, server.address, "validate", "x", {}, settings=settings, **keywords)
        took = time.monotonic() - began
        release.set()

    assert 0.19 <= took < 5


@both
@pytest.mark.parametrize(("settings", "keywords"), [({"timeout": None}, {}), ({}, {"timeout": math.inf})])
def test_a_call_without_a_timeout_does_not_wait_for_a_server(kind: Kind, settings: Any, keywords: Any) -> None:
    """It would wait for ever; and the server is told no deadline."""
    left: list[Any] = []
    with ScriptedServer(on_call=lambda _, context: left.append(context.time_remaining())) as server:
        call(kind, server.address, "validate", "x", {}, settings=settings, **keywords)
    assert left[0] > 1e9

    with pytest.raises(UnavailableError, match=r"refused"):
        call(kind, server.address, "validate", "x", {}, settings=settings, **keywords)


@both
def test_a_closed_client_says_so(kind: Kind, server: ScriptedServer) -> None:
    """Whatever is asked of it."""
    if kind is Client:
        client = Client(server.address)
        client.close()
        client.close()
        with pytest.raises(CallError, match="CANCELLED: the client is closed"):
            client.validate("x", {})
        with pytest.raises(CallError, match="CANCELLED: the client is closed"):
            list(client.validate_stream(numbered(1)))
    else:

        async def main() -> None:
            client = AsyncClient(server.address)
            await client.close()
            with pytest.raises(CallError, match="CANCELLED: the client is closed"):
                await client.validate("x", {})
            with pytest.raises(CallError, match="CANCELLED: the client is closed"):
                [verdict async for verdict in client.validate_stream(numbered(1))]

        asyncio.run(main())


def test_closing_ends_what_other_tasks_wait_for() -> None:
    """With an error, not as if they had been cancelled."""
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        arrived.set()
        release.wait(60)

    async def main() -> None:
        client = AsyncClient(server.address)
        waiting = asyncio.create_task(client.validate("x", {}))
        await asyncio.to_thread(arrived.wait, 60)
        await client.close()
        with pytest.raises(CallError, match="the client is closed"):
            await waiting

    with ScriptedServer(on_call=hold) as server:
        asyncio.run(main())
        release.set()


def test_a_cancelled_call_stays_cancelled() -> None:
    """The task's own cancellation goes on."""
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        arrived.set()
        release.wait(60)

    async def main() -> None:
        async with AsyncClient(server.address) as client:
            waiting = asyncio.create_task(client.validate("x", {}))
            await asyncio.to_thread(arrived.wait, 60)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    with ScriptedServer(on_call=hold) as server:
        asyncio.run(main())
        release.set()
