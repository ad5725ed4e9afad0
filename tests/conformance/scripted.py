"""A server that answers as a case says, for what no Assay server would do yet; see "script" in README.md."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from assay.v1 import validation_service_pb2 as validation
from assay.v1 import verdict_pb2
from tests.unit.client.scripted_server import ScriptedServer, abort, retry_info


class Scripted(ScriptedServer):
    """Does what `script` says, which is replaced before each case."""

    def __init__(self) -> None:
        self.script: dict[str, Any] = {}
        self._lock = threading.Lock()
        super().__init__(on_call=self._act)

    def use(self, script: dict[str, Any]) -> None:
        """Take another script, and forget the calls."""
        self.script = script
        self.calls.clear()

    def Validate(self, request: validation.ValidateRequest, context: grpc.ServicerContext) -> validation.ValidateResponse:  # noqa: N802 - As in the contract.
        """Answer with the verdict of the script."""
        self._begin("Validate", request, context)
        return validation.ValidateResponse(verdict=self._verdict(request.event.event_id))

    def ValidateBatch(  # noqa: N802 - As in the contract.
        self, request: validation.ValidateBatchRequest, context: grpc.ServicerContext
    ) -> validation.ValidateBatchResponse:
        """Answer with the verdict of the script for each event."""
        self._begin("ValidateBatch", request, context)
        return validation.ValidateBatchResponse(verdicts=[self._verdict(event.event_id) for event in request.events])

    def ValidateStream(  # noqa: N802 - As in the contract.
        self, requests: Iterator[validation.ValidateStreamRequest], context: grpc.ServicerContext
    ) -> Iterator[validation.ValidateStreamResponse]:
        """Answer with the verdict of the script for each event."""
        self._begin("ValidateStream", None, context)
        for request in requests:
            yield validation.ValidateStreamResponse(
                sequence=request.sequence, verdicts=[self._verdict(event.event_id) for event in request.events]
            )

    def _act(self, _: Any, context: grpc.ServicerContext) -> None:
        token, metadata = self.script.get("token"), dict(context.invocation_metadata())
        if token is not None and metadata.get("authorization") != f"Bearer {token}":
            abort(context, grpc.StatusCode.UNAUTHENTICATED, "no credentials that the server accepts", "UNAUTHENTICATED")
        with self._lock:
            calls = len(self.calls)
        error = self.script.get("error")
        if error is None or calls > error.get("times", calls):
            return
        details: list[Message] = []
        if "retry_delay" in error:
            details.append(retry_info(error["retry_delay"]))
        code = grpc.StatusCode[error["code"]]
        if "reason" not in error:
            context.abort(code, error.get("message", "refused"))
        if "fields" in error:
            bad = error_details_pb2.BadRequest()
            for field in error["fields"]:
                bad.field_violations.add(field=field, description="refused")
            details.append(bad)
        abort(context, code, error.get("message", "refused"), error["reason"], error.get("metadata"), *details)

    def _verdict(self, event_id: str) -> verdict_pb2.Verdict:
        verdict = json_format.ParseDict(self.script["verdict"], verdict_pb2.Verdict(event_id=event_id))
        verdict.processed_at.GetCurrentTime()
        return verdict
