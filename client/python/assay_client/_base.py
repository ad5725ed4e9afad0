"""What both clients are made of: settings, and how a call is made and fails."""

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

import grpc

from assay.v1 import validation_service_pb2
from assay_client._book import Book
from assay_client._channel import Tls, channel_settings
from assay_client._errors import CallError, DeadlineExceededError
from assay_client._events import EventLike, Fields, batches, write
from assay_client._methods import UNARY, VALIDATE_STREAM
from assay_client._options import GatherTuning, StreamTuning, ValidateOptions, options_message
from assay_client._status import FailedCall, call_error, closed_error

DEFAULT_ADDRESS = "localhost:50051"
DEFAULT_TIMEOUT = 10.0
DEFAULT_TUNING = StreamTuning()


class CallArguments(TypedDict):
    """What each call takes beside its request."""

    timeout: float | None
    metadata: tuple[tuple[str, str | bytes], ...]
    wait_for_ready: bool


class BaseClient:
    """What both clients have in common."""

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        tls: Tls | None = None,
        plaintext: bool = False,
        timeout: float | None = DEFAULT_TIMEOUT,
        token: str | None = None,
        metadata: Mapping[str, str | bytes] | None = None,
        channel_options: Mapping[str, int | str] | None = None,
        gather: bool | GatherTuning = False,
    ) -> None:
        """Make a client. It connects when it is first used.

        Args:
            address: Where the server is, as a gRPC target: "host:port"; "dns:///host:port", which spreads calls over
                all addresses of the name; "ipv4:10.0.0.1:50051,10.0.0.2:50051"; "unix:/run/assay.sock".
            tls: How to encrypt, and whom to trust.
            plaintext: Not to encrypt. Has to be said for any address that is not on this machine.
            timeout: How many seconds a call may take, streams excepted; None for as long as it takes. While there is
                time left, a call waits for a server to be there.
            token: Sent with every call as "authorization: Bearer <token>".
            metadata: Sent with every call.
            channel_options: gRPC channel arguments, in place of this client's own choice for them.
            gather: Whether concurrent calls of `validate` travel together, on streams of several connections, which costs
                client and server a fraction of what a call for each does; a `GatherTuning` says how. Answers, errors and
                timeouts are as without. An event whose stream breaks off before its answer is sent again by a call of its
                own, so it may have been judged twice, as with `validate_stream`. Events that travel together are
                answered together: one whose rules take long holds up its companions. Not for streams and batches.

        Raises:
            ValueError: If neither `tls` nor `plaintext` is given for an address that is not on this machine; or both.
            OSError: If a file that `tls` names cannot be read.
        """
        self._settings = channel_settings(address, tls, plaintext, token, metadata or {}, channel_options or {})
        self._timeout = timeout
        self._gather = GatherTuning() if gather is True else gather or None
        self._closed = False
        self._prepare()

    def _prepare(self) -> None:
        """Do what else a client needs when it is made."""

    def _bind(self, channel: Any) -> None:
        """Take the methods from a channel, which both kinds of channel offer in the same way."""
        self._unary = {
            method.path: channel.unary_unary(
                method.path,
                request_serializer=method.request.SerializeToString,
                response_deserializer=method.response.FromString,
            )
            for method in UNARY
        }
        self._stream = stream_method(channel)

    def _deadline(self, timeout: float | None) -> float:
        """Return when, by time.monotonic(), a call has to have its answer."""
        chosen = self._timeout if timeout is None else timeout
        return math.inf if chosen is None else time.monotonic() + chosen

    def _arguments(self, deadline: float) -> CallArguments:
        if self._closed:
            raise closed_error()
        unbounded = math.isinf(deadline)
        return {
            "timeout": None if unbounded else deadline - time.monotonic(),
            "metadata": self._settings.metadata,
            # Without a deadline, to wait for a server that is not there would be to wait for ever.
            "wait_for_ready": not unbounded,
        }

    def _error(self, failed: FailedCall) -> CallError:
        error = call_error(failed)
        if error.code is grpc.StatusCode.DEADLINE_EXCEEDED and not error.reason:
            return self._late()
        return error

    def _late(self) -> CallError:
        text = f"{self._settings.address} did not answer in time, or is not there"
        return DeadlineExceededError(grpc.StatusCode.DEADLINE_EXCEEDED, text)


def stream_method(channel: Any, *, encoded: bool = False) -> Any:
    """Return ValidateStream, of either kind of channel; it takes messages, or those that are encoded already."""
    return channel.stream_stream(
        VALIDATE_STREAM.path,
        request_serializer=None if encoded else VALIDATE_STREAM.request.SerializeToString,
        response_deserializer=VALIDATE_STREAM.response.FromString,
    )


def validate_request(event: Fields, **options: Unpack[ValidateOptions]) -> validation_service_pb2.ValidateRequest:
    """Return the request for one verdict.

    Raises:
        EncodingError: If the event cannot be written.
    """
    request = validation_service_pb2.ValidateRequest()
    if options and (chosen := options_message(**options)) is not None:
        request.options.CopyFrom(chosen)
    write(request.event, event)
    request.event.SetInParent()
    return request


def new_book(tuning: StreamTuning, **options: Unpack[ValidateOptions]) -> Book:
    """Return the book of a stream that begins."""
    return Book(tuning, options_message(**options))


def batch_requests(
    events: Iterable[EventLike], **options: Unpack[ValidateOptions]
) -> list[validation_service_pb2.ValidateBatchRequest]:
    """Return the requests for verdicts on `events`, in their order.

    Raises:
        EncodingError: If an event cannot be written.
    """
    return batches(events, options_message(**options))
