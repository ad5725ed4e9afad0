"""How calls fail: what is wrong with the call itself, or with the server."""

import asyncio
import gzip
from collections.abc import Sequence
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from assay.v1 import validation_service_pb2
from assay_server.contracts import load
from assay_server.engine import Engine, Event, Options, Verdicts

from .conftest import Start
from .wire import (
    BASELINE,
    BATCH,
    CHECK,
    GET,
    LIST,
    VALIDATE,
    connected,
    event,
    failure,
    fields_of,
    metadata_of,
    reason_of,
    validate,
)


@pytest.mark.parametrize("method", [VALIDATE, BATCH, LIST, GET, BASELINE, CHECK])
@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\x0a\x7fcut off"])
async def test_bytes_that_are_no_message_are_malformed(start: Start, method: str, data: bytes) -> None:
    """The caller is not told what the parser says."""
    local = await start()

    error = await failure(local.unary(method)(data))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert fields_of(error) == [""]
    assert "parsing" not in str(error)


async def test_an_identifier_that_is_no_utf8_is_malformed(start: Start) -> None:
    """Protobuf refuses the whole message, and the server goes on."""
    local = await start()
    request = (
        validation_service_pb2.ValidateRequest(event=event("late")).SerializeToString().replace(b"late", b"\xff\xfe\xfd\xfc")
    )

    error = await failure(local.unary(VALIDATE)(request))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert (await validate(local, event())).valid


def field(number: int, content: bytes) -> bytes:
    """Return a field as protobuf encodes it."""
    length = len(content)
    encoded = bytearray([number << 3 | 2])
    while length > 127:
        encoded.append(length & 127 | 128)
        length >>= 7
    return bytes([*encoded, length]) + content


async def test_a_struct_nested_too_deeply_for_protobuf_is_malformed(start: Start) -> None:
    """It cannot be decoded."""
    local = await start()
    value = b"\x1a\x04deep"
    for _ in range(200):  # A Value whose list_value has this one among its values.
        value = field(6, field(1, value))
    struct = field(1, field(1, b"a") + field(2, value))

    error = await failure(local.unary(VALIDATE)(field(1, field(4, struct))))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")


async def test_a_request_without_an_event_is_malformed(start: Start) -> None:
    """The field that it lacks is named."""
    local = await start()

    error = await failure(local.unary(VALIDATE)(b""))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert fields_of(error) == ["event"]


@pytest.mark.parametrize("field", ["report_from", "reject_from"])
async def test_an_unknown_enum_number_is_malformed(start: Start, field: str) -> None:
    """It is wrong with the call, not with the event."""
    local = await start()

    error = await failure(validate(local, event(), **{field: 9}))

    assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert [f"options.{field}"] == fields_of(error)


async def test_more_events_than_a_message_may_hold_are_malformed(start: Start) -> None:
    """Exactly as many as allowed are judged; with two million empty ones nothing is even unpacked."""
    local = await start(max_events=100)
    call = local.unary(BATCH)

    allowed = await call(b"\x0a\x00" * 100)
    assert len(validation_service_pb2.ValidateBatchResponse.FromString(allowed).verdicts) == 100

    for count in (101, 2_000_000):
        error = await failure(call(b"\x0a\x00" * count))
        assert reason_of(error) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
        assert fields_of(error) == ["events"]


async def test_a_message_above_the_limit_is_refused(start: Start) -> None:
    """By gRPC, before it is read."""
    local = await start(max_request_bytes="64KiB")

    error = await failure(local.unary(VALIDATE)(b"x" * 70_000))

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is error.code()
    assert (await validate(local, event())).valid


async def test_a_compressed_bomb_is_refused(start: Start) -> None:
    """What counts is the length that it unpacks to."""
    local = await start()
    bomb = b"\x00" * (64 << 20)
    assert len(gzip.compress(bomb)) < 100_000

    async with connected(local.address, compression=grpc.Compression.Gzip) as channel:
        error = await failure(channel.unary_unary(f"/{VALIDATE}")(bomb))

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is error.code()
    assert (await validate(local, event())).valid


async def test_twenty_kilobytes_of_metadata_are_refused(start: Start) -> None:
    """By gRPC; the server goes on."""
    local = await start()

    error = await failure(local.unary(VALIDATE)(b"", metadata=[("x-large", "x" * 20_000)]))

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is error.code()
    assert (await validate(local, event())).valid


async def test_an_unknown_method_is_unimplemented(start: Start) -> None:
    """As gRPC has it."""
    local = await start()

    error = await failure(local.unary("assay.v1.ValidationService/Guess")(b""))

    assert grpc.StatusCode.UNIMPLEMENTED is error.code()


DEFAULTS = Options()


class _Faulty(Engine):
    """An engine with a fault in it."""

    def __init__(self, folder: Path, cause: BaseException) -> None:
        super().__init__(load(folder))
        self._cause = cause

    async def answer(self, events: Sequence[Event], options: Options = DEFAULTS) -> Verdicts:
        raise self._cause


@pytest.mark.parametrize("cause", [RuntimeError("secret"), asyncio.CancelledError("secret"), StopAsyncIteration("secret")])
async def test_a_fault_is_an_incident(start: Start, folder: Path, cause: BaseException) -> None:
    """The caller gets its number and a constant text; the log has the same number and the cause."""
    local = await start(engine=_Faulty(folder, cause))

    with capture_logs() as logs:
        error = await failure(validate(local, event()))

    assert (*reason_of(error), error.details()) == (grpc.StatusCode.INTERNAL, "INTERNAL", "internal error")
    [entry] = logs
    assert (metadata_of(error)["incident"], cause) == (entry["incident"], entry["exc_info"])
    assert "secret" not in str(error)
