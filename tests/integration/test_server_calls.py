"""Single calls: what they answer to good and bad events, and what they let go."""

import asyncio
import json
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from structlog.testing import capture_logs

from assay.v1 import event_pb2, validation_service_pb2

from .conftest import Start, eventually
from .wire import (
    BATCH,
    CHECK,
    LIST,
    VALIDATE,
    detail,
    event,
    failure,
    reason_of,
    single,
    validate,
)


async def test_a_good_event_is_valid(start: Start) -> None:
    """The verdict echoes the identifier, and names time and contract."""
    local = await start()

    verdict = await validate(local, event())

    assert (verdict.event_id, verdict.valid, len(verdict.findings)) == ("e1", True, 0)
    assert verdict.contract_version.startswith("1.0.0+")
    assert verdict.processed_at.seconds > 1_700_000_000


async def test_a_bad_event_is_an_answer(start: Start) -> None:
    """The findings say where and what, in the order of the layers."""
    local = await start()

    schema = await validate(local, event(payload=b'{"sku": "", "quantity": "x"}'))
    rules = await validate(local, event(payload=b'{"sku": "A1", "quantity": 1001}'))
    unknown = await validate(local, event_pb2.Event(event_type="nobody.knows", payload_json=b"{}"))

    assert [(finding.check, finding.field) for finding in schema.findings] == [
        ("schema.string_too_short", "/sku"),
        ("schema.int_parsing", "/quantity"),
    ]
    assert [(finding.check, finding.message) for finding in rules.findings] == [("rules.not_too_many", "1001 is too many")]
    assert [finding.check for finding in unknown.findings] == ["envelope.unknown_event_type"]
    assert [verdict.valid for verdict in (schema, rules, unknown)] == [False] * 3


async def test_both_encodings_give_the_same_verdict(start: Start) -> None:
    """And a normalised payload in the encoding that came in."""
    local = await start()
    text, struct = event(), event()
    struct.payload.update(json.loads(struct.payload_json))

    from_text = await validate(local, text, return_normalized=True)
    from_struct = await validate(local, struct, return_normalized=True)

    normalized = {"sku": "A1", "quantity": 3, "note": ""}
    assert normalized == json.loads(from_text.normalized_payload_json)
    assert normalized == dict(from_struct.normalized_payload)
    for verdict in (from_text, from_struct):
        verdict.ClearField("normalized_body")
        verdict.ClearField("processed_at")
    assert from_text == from_struct


@pytest.mark.parametrize(("seconds", "nanos"), [(2**62, 0), (-(2**62), 0), (0, -1), (0, 1_000_000_000)])
async def test_a_time_that_protobuf_does_not_allow_is_a_finding(start: Start, seconds: int, nanos: int) -> None:
    """The call itself succeeds."""
    local = await start()
    message = event()
    message.timestamp.seconds, message.timestamp.nanos = seconds, nanos

    verdict = await validate(local, message)

    assert [finding.check for finding in verdict.findings] == ["envelope.timestamp_invalid"]


async def test_a_struct_that_is_too_large_is_a_finding(start: Start) -> None:
    """As the same payload is as JSON text."""
    local = await start()
    struct, text = event(), event(payload=json.dumps({"a": [0] * 200_000}).encode())
    struct.payload.update({"a": [0] * 200_000})

    for message in (struct, text):
        verdict = await validate(local, message)
        assert [finding.check for finding in verdict.findings] == ["envelope.payload_too_large"]


async def test_a_long_event_id_is_cut_and_found(start: Start) -> None:
    """The echo has as many characters as fit into 256 bytes."""
    local = await start()

    verdict = await validate(local, event("ä" * 300))

    assert verdict.event_id == "ä" * 128
    assert "envelope.event_id_too_long" in [finding.check for finding in verdict.findings]


async def test_a_batch_is_answered_in_its_order(start: Start) -> None:
    """One bad event among them changes nothing for the others."""
    local = await start()
    events = [event(str(number), b"{" if number == 5 else b'{"sku": "A1"}') for number in range(10)]

    answer = await local.unary(BATCH)(validation_service_pb2.ValidateBatchRequest(events=events).SerializeToString())

    verdicts = validation_service_pb2.ValidateBatchResponse.FromString(answer).verdicts
    assert [str(number) for number in range(10)] == [verdict.event_id for verdict in verdicts]
    assert [number != 5 for number in range(10)] == [verdict.valid for verdict in verdicts]


async def test_an_empty_batch_has_no_verdicts(start: Start) -> None:
    """It is no error."""
    local = await start()

    assert await local.unary(BATCH)(b"") == b""


async def test_a_response_stays_within_its_limit(start: Start) -> None:
    """A thousand findings with long messages in each: what does not fit is left out, and said to be."""
    local = await start(max_response_bytes=100_000, max_events=200)
    events = [event(str(number), b'{"sku": "", "quantity": "x", "note": 1}') for number in range(200)]

    options = validation_service_pb2.ValidateOptions(return_normalized=True)
    request = validation_service_pb2.ValidateBatchRequest(events=events * 1, options=options)
    answer = await local.unary(BATCH)(request.SerializeToString())

    verdicts = validation_service_pb2.ValidateBatchResponse.FromString(answer).verdicts
    assert len(answer) <= 100_000
    assert not any(verdict.valid for verdict in verdicts)
    assert {3} == {len(verdict.findings) + verdict.omitted_findings for verdict in verdicts}


async def test_work_is_dropped_when_the_caller_cancels(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """What the rule waits for is cancelled, and the place of the call is free again."""
    local = await start(max_concurrent_calls=1)
    call = local.unary(VALIDATE)(single(slow))
    waiting = asyncio.ensure_future(call)
    await eventually((tmp_path / "begun").exists, "the rule has begun")

    call.cancel()

    await eventually((tmp_path / "dropped").exists, "the rule was cancelled")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await validate(local, event())).valid


async def test_work_is_dropped_at_the_deadline(start: Start, slow: event_pb2.Event, tmp_path: Path) -> None:
    """As if the caller had cancelled."""
    local = await start()

    error = await failure(local.unary(VALIDATE)(single(slow), timeout=0.5))

    assert grpc.StatusCode.DEADLINE_EXCEEDED is error.code()
    await eventually((tmp_path / "dropped").exists, "the rule was cancelled")


async def test_calls_beyond_what_the_server_takes_on_are_turned_away(
    start: Start, slow: event_pb2.Event, tmp_path: Path
) -> None:
    """With when to try again; the health service still answers."""
    local = await start(max_concurrent_calls=2)
    begun = [asyncio.ensure_future(local.unary(VALIDATE)(single(slow))) for _ in range(2)]
    await eventually(lambda: local.server.calls_in_progress == 2, "both calls are in progress")

    for method in (VALIDATE, BATCH, LIST):
        error = await failure(local.unary(method)(b""))
        assert reason_of(error) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert detail(error, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds() == 100
    assert await local.unary(CHECK)(b"")

    (tmp_path / "go").touch()
    await asyncio.gather(*begun)
    assert local.server.calls_in_progress == 0
    assert (await validate(local, event())).valid


async def test_a_line_for_each_call_only_when_debugging(start: Start) -> None:
    """With method, code and duration."""
    quiet, talkative = await start(), await start(log_level="debug")

    with capture_logs() as logs:
        await validate(quiet, event())
        assert logs == []
        await validate(talkative, event())
        await failure(talkative.unary(VALIDATE)(b""))

    assert [(f"/{VALIDATE}", "OK"), (f"/{VALIDATE}", "INVALID_ARGUMENT")] == [
        (entry["method"], entry["code"]) for entry in logs if entry["event"] == "call"
    ]
    assert all(entry["milliseconds"] > 0 for entry in logs)
