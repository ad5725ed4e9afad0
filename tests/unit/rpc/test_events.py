"""Requests become what the engine takes."""

import asyncio
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2
from assay_server.engine import Enforcement, Event, Limits, Options
from assay_server.rpc.convert import TIMESTAMP_OUT_OF_RANGE, EventReader, decode, read_options
from assay_server.rpc.convert._counting import EventCounter
from assay_server.rpc.status import CallError

READER = EventReader(Limits())
SECOND = 1_000_000_000


def test_every_field_of_an_event_arrives() -> None:
    """JSON text stays bytes, and times are nanoseconds."""
    message = event_pb2.Event(event_id="e1", event_type="order.placed", payload_json=b'{"a": 1}', contract_version="1.2")
    message.timestamp.seconds, message.timestamp.nanos = 1_700_000_000, 5

    assert Event("order.placed", b'{"a": 1}', 1_700_000_000 * SECOND + 5, "e1", "1.2") == READER.read(message)


def test_an_empty_event_has_neither_payload_nor_time() -> None:
    """What is absent stays absent."""
    assert Event("", None, None, "", "") == READER.read(event_pb2.Event())


def test_a_payload_of_no_text_is_not_absent() -> None:
    """An empty payload_json is JSON text that is no JSON."""
    assert READER.read(event_pb2.Event(payload_json=b"")).payload == b""


def test_a_struct_becomes_a_dict() -> None:
    """Even an empty one."""
    struct = struct_pb2.Struct()
    assert READER.read(event_pb2.Event(payload=struct)).payload == {}

    struct.update({"a": [1, "b", None]})
    assert READER.read(event_pb2.Event(payload=struct)).payload == {"a": [1, "b", None]}


def test_a_struct_that_is_too_long_becomes_bytes_that_are_too_long() -> None:
    """The engine then finds that the payload is too large, without anybody having unpacked it."""
    struct = struct_pb2.Struct()
    struct.update({"a": [0] * 100})

    payload = EventReader(Limits(payload_bytes=100)).read(event_pb2.Event(payload=struct)).payload

    assert isinstance(payload, bytes)
    assert len(payload) > 100


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, SECOND - 1))
def test_a_time_that_protobuf_allows_is_exact(seconds: int, nanos: int) -> None:
    """From year 1 to year 9999, to the nanosecond."""
    message = event_pb2.Event()
    message.timestamp.seconds, message.timestamp.nanos = seconds, nanos
    message.timestamp.SetInParent()

    assert seconds * SECOND + nanos == READER.read(message).timestamp


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, SECOND), (2**63 - 1, 0), (-(2**63), 0), (1, 2**31 - 1)],
)
def test_a_time_that_protobuf_does_not_allow_is_out_of_range(seconds: int, nanos: int) -> None:
    """Whatever is wrong with it, it is before year 1 for the engine."""
    message = event_pb2.Event()
    message.timestamp.seconds, message.timestamp.nanos = seconds, nanos

    assert READER.read(message).timestamp == TIMESTAMP_OUT_OF_RANGE
    assert TIMESTAMP_OUT_OF_RANGE < -62_135_596_800 * SECOND


def test_many_events_are_read_in_order() -> None:
    """Slices and pauses do not show."""
    request = validation_service_pb2.ValidateBatchRequest()
    for number in range(1000):
        event = request.events.add(event_id=str(number))
        if number % 2:
            event.payload.update({"n": number})

    events = asyncio.run(READER.read_all(request.events))

    assert [str(number) for number in range(1000)] == [event.event_id for event in events]
    assert events[-1].payload == {"n": 999}


def options(**kwargs: Any) -> validation_service_pb2.ValidateRequest:
    return validation_service_pb2.ValidateRequest(options=validation_service_pb2.ValidateOptions(**kwargs))


def test_options_that_are_absent_or_unspecified_have_their_defaults() -> None:
    """From the contract: report warnings, and reject what rejects."""
    expected = Options(report_from=Enforcement.WARN, reject_from=Enforcement.REJECT)

    assert expected == read_options(validation_service_pb2.ValidateRequest())
    assert expected == read_options(options())


def test_every_option_arrives() -> None:
    """As the contract names them."""
    request = options(
        return_normalized=True,
        explain=True,
        dry_run=True,
        report_from=verdict_pb2.ENFORCEMENT_AUDIT,
        reject_from=verdict_pb2.ENFORCEMENT_WARN,
    )

    assert Options(
        return_normalized=True, explain=True, dry_run=True, report_from=Enforcement.AUDIT, reject_from=Enforcement.WARN
    ) == read_options(request)


def test_a_stream_message_without_options_keeps_those_before_it() -> None:
    """They apply to all that follow."""
    earlier = Options(explain=True)

    assert earlier is read_options(validation_service_pb2.ValidateStreamRequest(), earlier)
    assert Options() == read_options(
        validation_service_pb2.ValidateStreamRequest(options=validation_service_pb2.ValidateOptions()), earlier
    )


@pytest.mark.parametrize("field", ["report_from", "reject_from"])
@pytest.mark.parametrize("number", [4, 99, -1])
def test_an_enum_number_that_the_contract_does_not_have_is_malformed(field: str, number: float) -> None:
    """The caller is told which field it is, again and again."""
    for _ in range(2):
        with pytest.raises(CallError) as caught:
            read_options(options(**{field: number}))

        assert ("MALFORMED_REQUEST", f"options.{field}") == (caught.value.reason, caught.value.field)


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05abc", b"\x0a\x03\x0a\x01\xff"])
def test_bytes_that_are_no_message_are_malformed(data: bytes) -> None:
    """Corrupt, cut off, or with a text that is no UTF-8; the parser's words are kept from the caller."""
    with pytest.raises(CallError) as caught:
        decode(validation_service_pb2.ValidateRequest, data)

    assert caught.value.reason == "MALFORMED_REQUEST"
    assert caught.value.message == "the request cannot be decoded as assay.v1.ValidateRequest"


@pytest.mark.parametrize("kind", [validation_service_pb2.ValidateBatchRequest, validation_service_pb2.ValidateStreamRequest])
def test_events_are_counted_exactly(kind: Any) -> None:
    """As many as the maximum are allowed, and not one more, whatever their size."""
    counter = EventCounter(kind, 10)
    for payload in (b"", b"x" * 100):
        request = kind(events=[event_pb2.Event(payload_json=payload or None)] * 10)
        assert not counter.too_many(request.SerializeToString())

        request.events.add()
        assert counter.too_many(request.SerializeToString())


def test_events_are_counted_whatever_is_between_them() -> None:
    """Other fields, and unknown ones, do not count."""
    counter = EventCounter(validation_service_pb2.ValidateStreamRequest, 2)
    event = b"\x12\x00"

    assert not counter.too_many(b"\x08\x01" + event + b"\x3a\x05hello" + event + b"\x08\x02" * 10)
    assert counter.too_many(b"\x08\x01" + event + b"\x3a\x05hello" + event + b"\x08\x02" * 10 + event)


def test_bytes_that_are_no_message_have_no_events_to_count() -> None:
    """Decoding, which comes next, says what is wrong with them."""
    assert not EventCounter(validation_service_pb2.ValidateBatchRequest, 2).too_many(b"\xff" * 100)
