"""Requests and answers as bytes, as the wire has them."""

from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import aio

from assay.v1 import event_pb2, validation_service_pb2, verdict_pb2

from .conftest import Local

VALIDATE = "assay.v1.ValidationService/Validate"
BATCH = "assay.v1.ValidationService/ValidateBatch"
STREAM = "assay.v1.ValidationService/ValidateStream"
LIST = "assay.v1.CatalogService/ListEventTypes"
GET = "assay.v1.CatalogService/GetEventType"
BASELINE = "assay.v1.CatalogService/GetBaseline"
CHECK = "grpc.health.v1.Health/Check"
WATCH = "grpc.health.v1.Health/Watch"

GOOD = b'{"sku": "A1"}'
BAD = b'{"sku": ""}'


def connected(address: str, **options: Any) -> Any:
    """Return a connection of its own; its methods take and give bytes, which gRPC's stubs cannot say."""
    return aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)], **options)


def event(event_id: str = "e1", payload: bytes = b'{"sku": "A1", "quantity": 3}') -> event_pb2.Event:
    """Return an order."""
    return event_pb2.Event(event_id=event_id, event_type="order.placed", payload_json=payload)


def single(message: event_pb2.Event, **options: Any) -> bytes:
    """Return a ValidateRequest."""
    request = validation_service_pb2.ValidateRequest(event=message)
    if options:
        request.options.CopyFrom(validation_service_pb2.ValidateOptions(**options))
    return request.SerializeToString()


def judged(data: bytes) -> verdict_pb2.Verdict:
    """Return the verdict of a ValidateResponse."""
    return validation_service_pb2.ValidateResponse.FromString(data).verdict


async def validate(local: Local, message: event_pb2.Event, **options: Any) -> verdict_pb2.Verdict:
    """Return the verdict on one event."""
    return judged(await local.unary(VALIDATE)(single(message, **options)))


def message(sequence: int, *events: bytes | event_pb2.Event, **options: Any) -> bytes:
    """Return a ValidateStreamRequest with these events, or orders with these payloads."""
    request = validation_service_pb2.ValidateStreamRequest(sequence=sequence)
    for number, given in enumerate(events):
        request.events.append(event(str(number), given) if isinstance(given, bytes) else given)
    if options:
        request.options.CopyFrom(validation_service_pb2.ValidateOptions(**options))
    return request.SerializeToString()


def answer(data: Any) -> validation_service_pb2.ValidateStreamResponse:
    """Return what a stream has answered, which is not yet its end."""
    assert data is not aio.EOF
    return validation_service_pb2.ValidateStreamResponse.FromString(data)


def detail(error: Any, kind: Any) -> Any:
    """Return the detail of this kind that the status of a failed call has."""
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert (error.code().value[0], error.details()) == (status.code, status.message)
    found: Message = kind()
    assert any(packed.Unpack(found) for packed in status.details)
    return found


def reason_of(error: Any) -> tuple[grpc.StatusCode, str]:
    """Return the code and the reason of a failed call."""
    info = detail(error, error_details_pb2.ErrorInfo)
    assert info.domain == "assay.v1"
    return error.code(), info.reason


def metadata_of(error: Any) -> dict[str, str]:
    """Return what the ErrorInfo of a failed call tells beside the reason."""
    return dict(detail(error, error_details_pb2.ErrorInfo).metadata)


def fields_of(error: Any) -> list[str]:
    """Return the fields that the BadRequest of a failed call names."""
    return [violation.field for violation in detail(error, error_details_pb2.BadRequest).field_violations]


async def failure(call: Awaitable[Any]) -> aio.AioRpcError:
    """Return how a call fails, or how a stream ends when it is read from."""
    with pytest.raises(aio.AioRpcError) as caught:
        await call
    return caught.value
