"""What stands between gRPC and every handler: admission, statuses, and a line a call in the log when debugging.

It is wrapped around a handler once, when the handler is registered. An interceptor of grpc.aio would be awaited for every
call, and could not see a handler's own exceptions without wrapping it each time.

Requests and responses are bytes here: a handler decodes and encodes, so that bytes that are no message get a status of ours
rather than the library's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, NoReturn

import grpc
import structlog
from grpc import aio

from .status import CallError, internal, shutting_down
from .streams import Context, Stream, Streams

UnaryHandler = Callable[[bytes, Context], Awaitable[bytes]]
StreamHandler = Callable[[Stream], Awaitable[None]]

RETRY_AFTER = 0.1
"""The seconds after which a caller that was turned away may try again."""

_log = structlog.stdlib.get_logger(__name__)


class Admission:
    """Counts the unary calls in progress, and turns away those beyond a maximum.

    Streams need no such limit: each has one message in progress, and flow control holds back its caller.
    """

    __slots__ = ("_closed", "in_progress", "maximum")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.in_progress = 0
        self._closed = False

    def close(self) -> None:
        """Turn away all calls from here on."""
        self._closed = True
        self.maximum = 0

    def refusal(self) -> CallError:
        """Return what a call that is turned away is told."""
        if self._closed:
            return shutting_down()
        return CallError("OVERLOADED", "the server has as much work as it takes on", retry_after=RETRY_AFTER)


class Handlers(grpc.GenericRpcHandler):
    """All methods that the server has.

    They are looked up here rather than registered one by one with the server: grpc.aio waits on all registered methods
    anew for each call it accepts.

    Args:
        admission: Limits the unary calls in progress.
        streams: Keeps the streams in progress.
        log_calls: Log a line for each call, at the level debug.
    """

    def __init__(self, admission: Admission, streams: Streams, *, log_calls: bool = False) -> None:
        self._admission = admission
        self._streams = streams
        self._log_calls = log_calls
        self.arrivals = 0
        """How many calls there were."""
        self._methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        """Return the handler of the method called."""
        self.arrivals += 1
        return self._methods.get(handler_call_details.method)

    def add_unary(self, service: str, method: str, handler: UnaryHandler, *, limited: bool = True) -> None:
        """Add a method with one request and one response; `limited` by the number of calls in progress."""
        path = f"/{service}/{method}"
        admission = self._admission if limited else Admission(1 << 31)
        call = _guarded_unary(path, handler, admission)
        self._methods[path] = grpc.unary_unary_rpc_method_handler(self._logged(path, call))

    def add_stream(
        self, service: str, method: str, handler: StreamHandler, response_serializer: Callable[[Any], bytes] | None = None
    ) -> None:
        """Add a method with a stream of responses; its requests are read from the stream, also if there is only one."""
        path = f"/{service}/{method}"
        call = _guarded_stream(path, handler, self._streams)
        self._methods[path] = grpc.stream_stream_rpc_method_handler(
            self._logged(path, call), response_serializer=response_serializer
        )

    def _logged(self, path: str, call: Callable[[Any, Context], Awaitable[Any]]) -> Callable[[Any, Context], Any]:
        if not self._log_calls:
            return call

        async def logged(request: Any, context: Context) -> Any:
            started = perf_counter()
            try:
                return await call(request, context)
            finally:
                milliseconds = round((perf_counter() - started) * 1000, 3)
                code = context.code() or grpc.StatusCode.OK
                _log.debug("call", method=path, code=code.name, milliseconds=milliseconds, peer=context.peer())

        return logged


def _guarded_unary(method: str, handler: UnaryHandler, admission: Admission) -> UnaryHandler:
    async def call(request: bytes, context: Context) -> bytes:
        if admission.in_progress >= admission.maximum:
            await _fail(context, method, admission.refusal())
        admission.in_progress += 1
        try:
            return await handler(request, context)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # No cause may reach the caller.
            await _fail(context, method, error)
        finally:
            admission.in_progress -= 1

    return call


def _guarded_stream(method: str, handler: StreamHandler, streams: Streams) -> Callable[[Any, Context], Awaitable[None]]:
    async def call(_: Any, context: Context) -> None:
        async with streams.open(context) as stream:
            try:
                await handler(stream)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # No cause may reach the caller.
                await _fail(context, method, error)

    return call


async def _fail(context: Context, method: str, error: BaseException) -> NoReturn:
    """End the call with the status that `error` stands for; what is gRPC's own is raised again, as it requires."""
    match error:
        case CallError():
            failure = error
        case aio.BaseError():  # Aborted already, or the caller has gone.
            raise error
        case asyncio.CancelledError() if _cancelled():
            raise error
        case _:  # A cancellation that nobody asked for is a fault like any other, and would leave the call open.
            failure = internal(method, error)
    await context.abort_with_status(failure.status())
    raise error  # Not reached: abort raises.


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
