"""A real gRPC server that does what a test tells it to: drain, die, answer late, refuse.

As a program it serves until it is killed: `python -m tests.unit.client.scripted_server NAME PORT`.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, Self

import grpc
from google.protobuf import any_pb2, message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from assay.v1 import catalog_service_pb2 as catalog
from assay.v1 import catalog_service_pb2_grpc, event_pb2, validation_service_pb2_grpc, verdict_pb2
from assay.v1 import validation_service_pb2 as validation

Hook = Callable[[Any, grpc.ServicerContext], None]

_THREADS = 64
"""One for each call, and for each channel that watches the server's health."""


def abort(
    context: grpc.ServicerContext,
    code: grpc.StatusCode,
    text: str,
    reason: str,
    metadata: dict[str, str] | None = None,
    *details: message.Message,
) -> None:
    """End the call as grpc.md says that an Assay server does."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="assay.v1", metadata=metadata or {})
    packed = []
    for detail in (info, *details):
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    status = status_pb2.Status(code=code.value[0], message=text, details=packed)
    context.abort_with_status(rpc_status.to_status(status))


def drain(context: grpc.ServicerContext) -> None:
    """End the call as a server does that shuts down."""
    abort(context, grpc.StatusCode.UNAVAILABLE, "the server is shutting down", "DRAINING")


def retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    """Return the detail that says when to try again."""
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromNanoseconds(int(seconds * 1e9))
    return info


def judge(event: event_pb2.Event, options: validation.ValidateOptions, server: str) -> verdict_pb2.Verdict:
    """Return a verdict: an object whose "name" is the empty string is not valid."""
    verdict = verdict_pb2.Verdict(event_id=event.event_id, valid=True, contract_version=f"1.0.0+{server}")
    verdict.processed_at.GetCurrentTime()
    payload = json.loads(event.payload_json)
    if payload.get("name") == "":
        verdict.valid = False
        verdict.findings.add(
            check="schema.string_too_short",
            layer=verdict_pb2.LAYER_SCHEMA,
            enforcement=verdict_pb2.ENFORCEMENT_REJECT,
            field="/name",
            message="String should have at least 1 character",
        )
    elif options.return_normalized:
        if "email" in payload:
            payload["email"] = payload["email"].lower()
        verdict.normalized_payload_json = json.dumps(payload).encode()
    return verdict


class ScriptedServer(validation_service_pb2_grpc.ValidationServiceServicer, catalog_service_pb2_grpc.CatalogServiceServicer):
    """Serves on 127.0.0.1, and records what it gets.

    `on_call` is called at the beginning of each call, `on_message` before each answer on a stream, `on_answered` after
    it; each may block, or end the call.
    """

    def __init__(
        self,
        name: str = "a",
        *,
        port: int = 0,
        on_call: Hook | None = None,
        on_message: Hook | None = None,
        answer: Callable[[validation.ValidateStreamRequest], validation.ValidateStreamResponse | None] | None = None,
        credentials: grpc.ServerCredentials | None = None,
        address: str | None = None,
        with_health: bool = True,
    ) -> None:
        self.name = name
        self.on_call = on_call
        self.on_message = on_message
        self.on_answered: Hook | None = None
        self.answer = answer
        self.calls: list[tuple[str, dict[str, str | bytes]]] = []
        self.messages: list[validation.ValidateStreamRequest] = []
        self.batches: list[int] = []
        self.stream_ended = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="scripted-server"))
        validation_service_pb2_grpc.add_ValidationServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]  # Generated without annotations.
        catalog_service_pb2_grpc.add_CatalogServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        if with_health:
            # Otherwise it locks itself up when a watcher leaves while it is answered: it sends with its lock held.
            self.health = health.HealthServicer(experimental_non_blocking=False)
            health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
            self.health.set("", health_pb2.HealthCheckResponse.SERVING)
        wanted = address or f"127.0.0.1:{port}"
        if credentials is None:
            self.port = self._server.add_insecure_port(wanted)
        else:
            self.port = self._server.add_secure_port(wanted, credentials)
        self.address = address or f"127.0.0.1:{self.port}"
        self._server.start()

    def stop(self, grace: float | None = None) -> None:
        """Stop, and wait until the port is free."""
        self._server.stop(grace).wait()

    def wait(self) -> None:
        """Wait until the server stops."""
        self._server.wait_for_termination()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _begin(self, method: str, request: Any, context: grpc.ServicerContext) -> None:
        self.calls.append((method, dict(context.invocation_metadata())))
        if self.on_call is not None:
            self.on_call(request, context)

    def Validate(self, request: validation.ValidateRequest, context: grpc.ServicerContext) -> validation.ValidateResponse:  # noqa: N802 - As in the contract.
        """Judge one event."""
        self._begin("Validate", request, context)
        return validation.ValidateResponse(verdict=judge(request.event, request.options, self.name))

    def ValidateBatch(  # noqa: N802 - As in the contract.
        self, request: validation.ValidateBatchRequest, context: grpc.ServicerContext
    ) -> validation.ValidateBatchResponse:
        """Judge several."""
        self._begin("ValidateBatch", request, context)
        self.batches.append(len(request.events))
        verdicts = [judge(event, request.options, self.name) for event in request.events]
        return validation.ValidateBatchResponse(verdicts=verdicts)

    def ValidateStream(  # noqa: N802 - As in the contract.
        self, requests: Iterator[validation.ValidateStreamRequest], context: grpc.ServicerContext
    ) -> Iterator[validation.ValidateStreamResponse]:
        """Judge as they come."""
        self._begin("ValidateStream", None, context)
        context.add_callback(self.stream_ended.set)
        options = validation.ValidateOptions()
        for request in requests:
            self.messages.append(request)
            if request.HasField("options"):
                options = request.options
            if self.on_message is not None:
                self.on_message(request, context)
            if self.answer is not None and (response := self.answer(request)) is not None:
                yield response
                continue
            verdicts = [judge(event, options, self.name) for event in request.events]
            yield validation.ValidateStreamResponse(sequence=request.sequence, verdicts=verdicts)
            if self.on_answered is not None:
                self.on_answered(request, context)

    def ListEventTypes(  # noqa: N802 - As in the contract.
        self, request: catalog.ListEventTypesRequest, context: grpc.ServicerContext
    ) -> catalog.ListEventTypesResponse:
        """Answer with three pages of one each."""
        self._begin("ListEventTypes", request, context)
        page = int(request.page_token or 0)
        response = catalog.ListEventTypesResponse(next_page_token="" if page == 2 else str(page + 1))
        response.event_types.add(event_type=f"type.{page}", contract_version="1.0.0+abc")
        return response

    def GetEventType(self, request: catalog.GetEventTypeRequest, context: grpc.ServicerContext) -> catalog.GetEventTypeResponse:  # noqa: N802 - As in the contract.
        """Describe any event type."""
        self._begin("GetEventType", request, context)
        response = catalog.GetEventTypeResponse()
        kind = response.event_type
        kind.event_type, kind.contract_version = request.event_type, request.contract_version or "1.0.0+abc"
        kind.json_schema = '{"type":"object"}'
        kind.checks.add(check="rules.x", layer=3, enforcement=3, field="/x", not_ready=verdict_pb2.SKIP_REASON_WARMING_UP)
        kind.examples.add(event_type=request.event_type, payload_json=b'{"x":1}').timestamp.FromJsonString(
            "2026-01-02T03:04:05Z"
        )
        kind.examples.add(event_type=request.event_type).payload.update({"x": 1})
        return response

    def GetBaseline(self, request: catalog.GetBaselineRequest, context: grpc.ServicerContext) -> catalog.GetBaselineResponse:  # noqa: N802 - As in the contract.
        """Echo the request."""
        self._begin("GetBaseline", request, context)
        response = catalog.GetBaselineResponse(sample_count=30, mean=2.5)
        response.quantiles.add(rank=0.5, value=2)
        for value in request.group.values():
            response.categories.add(value=value, count=3)
        if request.HasField("at"):
            response.updated_at.CopyFrom(request.at)
        return response


def main() -> None:
    """Serve until killed; prints the port when ready."""
    server = ScriptedServer(sys.argv[1], port=int(sys.argv[2]))
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.wait()


if __name__ == "__main__":
    main()
