"""validate_stream from tasks.

The caller's own task reads answers. Two more work on the same book: one reads the input, and one, for each call, sends.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from typing import Any, cast

import grpc

from assay_client._book import Book, Request, Response
from assay_client._events import EventLike
from assay_client._outcome import Outcome
from assay_client._status import call_error, call_was_cancelled
from assay_client._verdict import Verdict

StreamCall = grpc.aio.StreamStreamCall[Request, Response]


class AsyncStream:
    """One call of `AsyncClient.validate_stream`."""

    def __init__(self, open_call: Callable[[], StreamCall], book: Book) -> None:
        self._open_call = open_call
        self._book = book
        self._sendable = asyncio.Event()
        self._roomy = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def verdicts(self, events: AsyncIterable[EventLike] | Iterable[EventLike]) -> AsyncGenerator[Verdict, None]:
        """Yield a verdict for each of `events`, in their order."""
        book = self._book
        reader = asyncio.create_task(self._read(events), name="assay-stream-input")
        try:
            while await self._has_message():
                book.begin_call()
                call = self._open_call()
                outcome = Outcome(call)
                sender = asyncio.create_task(self._send(call), name="assay-stream-output")
                try:
                    # To iterate, unlike to read(), gives what came before a failed write too.
                    async with contextlib.aclosing(cast("AsyncGenerator[Response, None]", aiter(call))) as responses:
                        async for response in responses:
                            verdicts = book.answer(response)
                            for verdict in verdicts:
                                yield Verdict(verdict)
                            book.release(len(verdicts))
                            self._roomy.set()
                except grpc.aio.AioRpcError:
                    await outcome.settle()
                except asyncio.CancelledError as cancelled:
                    raise call_was_cancelled(cancelled) from None
                finally:
                    call.cancel()
                    await _end(sender)
                ended_well = outcome.code() is grpc.StatusCode.OK
                await asyncio.sleep(book.call_ended(None if ended_well else call_error(outcome)))
        finally:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            await _end(reader)
        if book.input_error is not None:
            raise book.input_error

    async def _has_message(self) -> bool:
        """Wait for a message to send. False if there will be none: the input has ended."""
        while not self._book.has_unsent:
            if self._book.input_ended:
                return False
            self._sendable.clear()
            await self._sendable.wait()
        return True

    async def _send(self, call: StreamCall) -> None:
        """Send on one call what is to be sent, as it becomes due."""
        try:
            while await self._has_message():
                if (message := self._book.next_message()) is not None:
                    await call.write(message)
            await call.done_writing()
        except (grpc.RpcError, grpc.aio.BaseError, asyncio.InvalidStateError):
            return  # The call has ended. Whoever reads from it learns why.

    async def _read(self, events: AsyncIterable[EventLike] | Iterable[EventLike]) -> None:
        """Put the input into the book, as far as there is room."""
        try:
            if isinstance(events, AsyncIterable):
                async for event in events:
                    if self._take(event):
                        await self._pause()
                    if self._closed:  # The input may have swallowed this task's cancellation.
                        return
            else:
                for event in events:
                    if self._take(event):
                        await self._pause()
            self._book.end_input()
        except Exception as error:  # noqa: BLE001 - It is raised again, in the caller's own task.
            self._book.end_input(error)
        except BaseException as error:
            self._book.end_input(error)
            raise
        finally:
            self._sendable.set()

    def _take(self, event: EventLike) -> bool:
        """Put an event into the book. True if a message came of it, or if there is no room for another event."""
        book = self._book
        book.add(event, asyncio.get_running_loop().time())
        if book.due is None:
            self._sendable.set()
            return True
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(book.due, self._on_due)
        return not book.has_room

    def _on_due(self) -> None:
        # The message that the timer was set for may have filled up and gone, and another been begun.
        self._timer = None
        if self._book.due is None:
            return
        if self._book.due > asyncio.get_running_loop().time():
            self._timer = asyncio.get_running_loop().call_at(self._book.due, self._on_due)
        else:
            self._book.flush()
            self._sendable.set()

    async def _pause(self) -> None:
        """Let the other tasks run, and wait until there is room for an event."""
        await asyncio.sleep(0)
        while not self._book.has_room:
            self._roomy.clear()
            await self._roomy.wait()


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # Marks it as seen; what matters has reached the caller by way of the book.
