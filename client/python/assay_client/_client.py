"""The client for threads."""

import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack, cast

import grpc

from assay.v1 import catalog_service_pb2 as catalog
from assay_client import _methods
from assay_client._base import DEFAULT_TUNING, BaseClient, batch_requests, new_book, stream_method, validate_request
from assay_client._book import Request
from assay_client._catalog import Baseline, EventType, baseline_request
from assay_client._channel import OWN_CONNECTION
from assay_client._events import EventLike, Timestamp
from assay_client._flights import decoded_request, encoded_event, encoded_options
from assay_client._methods import Method, Q, R
from assay_client._options import StreamTuning, ValidateOptions
from assay_client._payload import Payload
from assay_client._status import FailedCall
from assay_client._sync_gathering import OpenStream, SyncGathering
from assay_client._sync_stream import Stream
from assay_client._verdict import Verdict


class Client(BaseClient):
    """Asks an Assay server about events. Threads may share a client; close it when all of them are done.

    >>> with Client("localhost:50051") as client:
    ...     verdict = client.validate("user.registered", {"name": "Ada", "email": "ada@example.com", "age": 36})
    >>> verdict.valid
    True
    """

    def _prepare(self) -> None:
        self._channels: list[grpc.Channel] = []
        self._bind(self._new_channel())
        self._gathering: SyncGathering | None = None
        if (tuning := self._gather) is not None:
            self._gathering = SyncGathering(tuning, [self._new_lane() for _ in range(tuning.connections)], self._late)

    def validate(
        self,
        event_type: str,
        payload: Payload,
        *,
        timestamp: Timestamp | None = None,
        event_id: str = "",
        contract_version: str = "",
        timeout: float | None = None,
        **options: Unpack[ValidateOptions],
    ) -> Verdict:
        """Check one event.

        Args:
            event_type: As in `Event`, and so are the others as far as `contract_version`.
            payload: The event's data.
            timestamp: When the event happened.
            event_id: Echoed on the verdict.
            contract_version: Which version of the contract applies.
            timeout: How many seconds the call may take, in place of the client's own; math.inf for no limit.
            options: How to check and what to report: see `ValidateOptions`.

        Raises:
            EncodingError: If the event cannot be sent.
            CallError: If there is no answer. That an event is not valid is an answer.
        """
        deadline = self._deadline(timeout)
        event = (event_type, payload, timestamp, event_id, contract_version)
        if (gathering := self._gathering) is None:
            return Verdict(self._call(_methods.VALIDATE, validate_request(event, **options), deadline).verdict)
        if not gathering.has_room:
            gathering.room(deadline)
        encoded, chosen = encoded_event(event), encoded_options(**options)
        if (verdict := gathering.ask(encoded, chosen, deadline)) is None:
            verdict = self._call(_methods.VALIDATE, decoded_request(encoded, chosen), deadline).verdict
        return Verdict(verdict)

    def validate_batch(
        self, events: Iterable[EventLike], *, timeout: float | None = None, **options: Unpack[ValidateOptions]
    ) -> list[Verdict]:
        """Check several events: the n-th verdict answers the n-th event.

        More than a thousand events, or a mebibyte, go as several calls one after the other. No event is sent before
        all are read and converted; for more than fit in memory, or than can be answered in `timeout`, there is
        `validate_stream`.

        Args:
            events: The events.
            timeout: How many seconds all of it may take, in place of the client's own; math.inf for no limit.
            options: How to check and what to report: see `ValidateOptions`.

        Raises:
            EncodingError: If an event cannot be sent; its position is in the error.
            CallError: If there is no answer.
        """
        requests = batch_requests(events, **options)
        deadline = self._deadline(timeout)
        responses = [self._call(_methods.VALIDATE_BATCH, request, deadline) for request in requests]
        return [Verdict(verdict) for response in responses for verdict in response.verdicts]

    def validate_stream(
        self,
        events: Iterable[EventLike],
        *,
        tuning: StreamTuning = DEFAULT_TUNING,
        **options: Unpack[ValidateOptions],
    ) -> Generator[Verdict, None, None]:
        """Check events as they come: yields one verdict for each, in their order, for as long as there are events.

        Events are gathered into messages, each sent when it is full or when its first event has waited for
        `tuning.max_delay`. When the server drains or dies, the stream is carried on with another one, or with the same
        one once it is back, from the first event without an answer. (Such an event may have been judged twice, and
        where a contract learns from live events, learned from twice; it is answered once.)

        The input is read in a thread of its own, at most `tuning.look_ahead` events ahead of the verdicts taken. If
        reading it raises, or an event cannot be sent, the verdicts of all events before come first, then the error.
        Leaving the loop early ends the stream; an input that blocks at that moment keeps its thread until it goes on.

        Args:
            events: The events, also without end.
            tuning: How to gather, and how long to try to carry on.
            options: How to check and what to report: see `ValidateOptions`.

        Raises:
            EncodingError: If an event cannot be sent; its position is in the error.
            CallError: If the stream cannot be carried on.
        """
        return Stream(self._open_stream, new_book(tuning, **options)).verdicts(events)

    def list_event_types(self, *, timeout: float | None = None) -> Iterator[EventType]:
        """Yield the contracts in service, one for each version, by event type, newest first, without their details.

        Args:
            timeout: How many seconds each page of the list may take.

        Raises:
            CallError: If there is no answer.
        """
        request = catalog.ListEventTypesRequest()
        while True:
            page = self._call(_methods.LIST_EVENT_TYPES, request, self._deadline(timeout))
            yield from map(EventType.from_message, page.event_types)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def get_event_type(self, event_type: str, contract_version: str = "", *, timeout: float | None = None) -> EventType:
        """Describe one event type: its schema, its checks, examples.

        Args:
            event_type: For example "flight.arrived".
            contract_version: As in `Event`.
            timeout: How many seconds the call may take.

        Raises:
            NotFoundError: If the server has no contract for it.
            CallError: If there is no answer.
        """
        request = catalog.GetEventTypeRequest(event_type=event_type, contract_version=contract_version)
        response = self._call(_methods.GET_EVENT_TYPE, request, self._deadline(timeout))
        return EventType.from_message(response.event_type)

    def get_baseline(
        self,
        event_type: str,
        check: str,
        *,
        field: str = "",
        group: Mapping[str, str] | None = None,
        at: Timestamp | None = None,
        timeout: float | None = None,
    ) -> Baseline:
        """Tell what history has taught about one field.

        Args:
            event_type: For example "flight.arrived".
            check: The check whose baseline is meant, for example "statistics.three_sigma".
            field: The place it looks at, for example "/air_time".
            group: The group's values, for example {"carrier": "UA"}; none if the check is ungrouped.
            at: The time from which the check's window counts back; now, if not given.
            timeout: How many seconds the call may take.

        Raises:
            NotFoundError: If the event type or the check is unknown.
            CallError: If there is no answer.
        """
        request = baseline_request(event_type, check, field, group, at)
        return Baseline.from_message(self._call(_methods.GET_BASELINE, request, self._deadline(timeout)))

    def close(self) -> None:
        """Close the connections. Calls that are under way end with an error."""
        self._closed = True
        if self._gathering is not None:
            self._gathering.close()
        for channel in self._channels:
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _new_channel(self, *options: tuple[str, int | str]) -> grpc.Channel:
        settings = self._settings
        if settings.credentials is None:
            channel = grpc.insecure_channel(settings.address, (*settings.options, *options))
        else:
            channel = grpc.secure_channel(settings.address, settings.credentials, (*settings.options, *options))
        self._channels.append(channel)
        return channel

    def _new_lane(self) -> OpenStream:
        method: Any = None

        def open_stream(messages: Iterator[bytes]) -> Any:
            nonlocal method
            arguments = self._arguments(math.inf)
            method = method or stream_method(self._new_channel(*OWN_CONNECTION), encoded=True)
            return method(messages, **arguments)

        return open_stream

    def _call(self, method: Method[Q, R], request: Q, deadline: float) -> R:
        arguments = self._arguments(deadline)
        try:
            return cast("R", self._unary[method.path](request, **arguments))
        except grpc.RpcError as failed:
            raise self._error(cast("FailedCall", failed)) from failed

    def _open_stream(self, messages: Iterator[Request]) -> Any:
        return self._stream(messages, **self._arguments(math.inf))
