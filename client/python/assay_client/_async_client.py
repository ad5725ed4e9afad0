"""The client for asyncio."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, Unpack, cast

import grpc

from assay.v1 import catalog_service_pb2 as catalog
from assay_client import _methods
from assay_client._async_gathering import AsyncGathering, StreamOfBytes
from assay_client._async_stream import AsyncStream, StreamCall
from assay_client._base import DEFAULT_TUNING, BaseClient, batch_requests, new_book, stream_method, validate_request
from assay_client._catalog import Baseline, EventType, baseline_request
from assay_client._channel import OWN_CONNECTION
from assay_client._events import EventLike, Timestamp
from assay_client._flights import decoded_request, encoded_event, encoded_options
from assay_client._methods import Method, Q, R
from assay_client._options import GatherTuning, StreamTuning, ValidateOptions
from assay_client._payload import Payload
from assay_client._status import call_was_cancelled
from assay_client._verdict import Verdict


class AsyncClient(BaseClient):
    """Asks an Assay server about events, from asyncio. Tasks of one event loop may share a client.

    Everything is as in `Client`, where it is described in full.

    >>> async def main():
    ...     async with AsyncClient("localhost:50051") as client:
    ...         return await client.validate("user.registered", {"name": "", "email": "ada@example.com", "age": 36})
    >>> verdict = asyncio.run(main())
    >>> [finding.check for finding in verdict.findings]
    ['schema.string_too_short']
    """

    def _prepare(self) -> None:
        # A channel of grpc.aio belongs to the event loop it is made in, and there need not be one yet.
        self._bound = False
        self._channels: list[grpc.aio.Channel] = []
        self._gathering: AsyncGathering | None = None

    async def validate(
        self,
        event_type: str,
        payload: Payload,
        *,
        timestamp: Timestamp | None = None,
        event_id: str = "",
        contract_version: str = "",
        timeout: float | None = None,  # noqa: ASYNC109 - It is sent along, so that the server knows it too.
        **options: Unpack[ValidateOptions],
    ) -> Verdict:
        """Check one event: see `Client.validate`."""
        deadline = self._deadline(timeout)
        event = (event_type, payload, timestamp, event_id, contract_version)
        if self._gather is None:
            return Verdict((await self._call(_methods.VALIDATE, validate_request(event, **options), deadline)).verdict)
        if (gathering := self._gathering) is None:
            gathering = self._gathering = self._new_gathering(self._gather)
        if not gathering.has_room:
            await gathering.room(deadline)
        encoded, chosen = encoded_event(event), encoded_options(**options)
        if (verdict := await gathering.ask(encoded, chosen, deadline)) is None:
            verdict = (await self._call(_methods.VALIDATE, decoded_request(encoded, chosen), deadline)).verdict
        return Verdict(verdict)

    async def validate_batch(
        self,
        events: Iterable[EventLike],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - As in validate.
        **options: Unpack[ValidateOptions],
    ) -> list[Verdict]:
        """Check several events, the n-th verdict answering the n-th event: see `Client.validate_batch`."""
        requests = batch_requests(events, **options)
        deadline = self._deadline(timeout)
        responses = [await self._call(_methods.VALIDATE_BATCH, request, deadline) for request in requests]
        return [Verdict(verdict) for response in responses for verdict in response.verdicts]

    def validate_stream(
        self,
        events: AsyncIterable[EventLike] | Iterable[EventLike],
        *,
        tuning: StreamTuning = DEFAULT_TUNING,
        **options: Unpack[ValidateOptions],
    ) -> AsyncGenerator[Verdict, None]:
        """Check events as they come, yielding one verdict for each, in their order: see `Client.validate_stream`.

        The input is read in a task of its own; one that is not asynchronous is read in the event loop, and should not
        block. After leaving the loop early, `contextlib.aclosing` ends the stream at once; without it, asyncio does
        when it comes to it.
        """
        return AsyncStream(self._open_stream, new_book(tuning, **options)).verdicts(events)

    async def list_event_types(self, *, timeout: float | None = None) -> AsyncIterator[EventType]:  # noqa: ASYNC109
        """Yield the contracts in service: see `Client.list_event_types`."""
        request = catalog.ListEventTypesRequest()
        while True:
            page = await self._call(_methods.LIST_EVENT_TYPES, request, self._deadline(timeout))
            for message in page.event_types:
                yield EventType.from_message(message)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def get_event_type(
        self,
        event_type: str,
        contract_version: str = "",
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - As in validate.
    ) -> EventType:
        """Describe one event type: see `Client.get_event_type`."""
        request = catalog.GetEventTypeRequest(event_type=event_type, contract_version=contract_version)
        response = await self._call(_methods.GET_EVENT_TYPE, request, self._deadline(timeout))
        return EventType.from_message(response.event_type)

    async def get_baseline(
        self,
        event_type: str,
        check: str,
        *,
        field: str = "",
        group: Mapping[str, str] | None = None,
        at: Timestamp | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - As in validate.
    ) -> Baseline:
        """Tell what history has taught about one field: see `Client.get_baseline`."""
        request = baseline_request(event_type, check, field, group, at)
        return Baseline.from_message(await self._call(_methods.GET_BASELINE, request, self._deadline(timeout)))

    async def close(self) -> None:
        """Close the connections. Calls that are under way end with an error."""
        self._closed = True
        if self._gathering is not None:
            await self._gathering.close()
        for channel in self._channels:
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _connect(self) -> None:
        if not self._bound:
            self._bound = True
            self._bind(self._new_channel())

    def _new_channel(self, *options: tuple[str, int | str]) -> grpc.aio.Channel:
        settings = self._settings
        if settings.credentials is None:
            channel = grpc.aio.insecure_channel(settings.address, (*settings.options, *options))
        else:
            channel = grpc.aio.secure_channel(settings.address, settings.credentials, (*settings.options, *options))
        self._channels.append(channel)
        return channel

    def _new_gathering(self, tuning: GatherTuning) -> AsyncGathering:
        return AsyncGathering(tuning, [self._new_lane() for _ in range(tuning.connections)], self._late)

    def _new_lane(self) -> Callable[[], StreamOfBytes]:
        method: Any = None

        def open_stream() -> StreamOfBytes:
            nonlocal method
            arguments = self._arguments(math.inf)
            method = method or stream_method(self._new_channel(*OWN_CONNECTION), encoded=True)
            return cast("StreamOfBytes", method(**arguments))

        return open_stream

    async def _call(self, method: Method[Q, R], request: Q, deadline: float) -> R:
        arguments = self._arguments(deadline)
        self._connect()
        try:
            return cast("R", await self._unary[method.path](request, **arguments))
        except grpc.aio.AioRpcError as failed:
            raise self._error(failed) from failed
        except asyncio.CancelledError as cancelled:
            raise call_was_cancelled(cancelled) from None

    def _open_stream(self) -> StreamCall:
        arguments = self._arguments(math.inf)
        self._connect()
        return cast("StreamCall", self._stream(**arguments))
