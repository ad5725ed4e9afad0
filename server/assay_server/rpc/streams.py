"""The streams in progress, and ending them in good order."""

import asyncio
import types
from collections.abc import AsyncIterator, Awaitable, Generator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from grpc import aio

from .status import CallError, grown_old, shutting_down

T = TypeVar("T")
Context = aio.ServicerContext[bytes, Any]

END: Final = None
"""What a stream gives after its caller's last message."""


class Stream:
    """One stream, which can be told to end while it waits for its caller.

    A task for each read, to wait for a message or the end of the stream, would cost more than judging a small message does.
    So the stream keeps hold of the future that its read waits for, and cancels that. Unlike cancelling the handler's task
    it never drops a message that has already arrived, and cannot be mistaken for the caller's own cancellation.
    """

    __slots__ = ("_context", "_ended", "_waiting_for")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting_for: asyncio.Future[Any] | None = None
        self._ended: CallError | None = None

    def end(self, why: CallError) -> None:
        """Have the next, or present, `read` or `interruptible` raise `why`."""
        self._ended = why
        if self._waiting_for is not None:
            self._waiting_for.cancel()

    async def read(self) -> bytes | None:
        """Return the next message, or END.

        Raises:
            CallError: If the stream was told to end.
        """
        message: Any = await self.interruptible(self._context.read())
        if message is aio.EOF:
            # A caller that has gone looks like one that has finished; its cancellation arrives with the next await.
            await asyncio.sleep(0)
            return END
        received: bytes = message
        return received

    async def write(self, message: Any) -> None:
        """Send `message`, waiting while the caller reads more slowly than it is answered."""
        await self._context.write(message)

    @types.coroutine
    def interruptible(self, work: Awaitable[T]) -> Generator[Any, Any, T]:
        """Await `work`, unless the stream is told to end.

        Raises:
            CallError: If the stream was told to end.
        """
        steps = work.__await__()
        try:
            if self._ended is not None:
                steps.throw(asyncio.CancelledError())
            self._waiting_for = next(steps)
            while True:
                try:
                    yield self._waiting_for
                except BaseException as error:  # noqa: BLE001  # Whatever is thrown in is for the work to handle.
                    self._waiting_for = steps.throw(error)
                else:
                    self._waiting_for = next(steps)
        except StopIteration as finished:
            result: T = finished.value
            return result
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._ended is None or (task is not None and task.cancelling()):
                raise
            raise self._ended from None
        finally:
            self._waiting_for = None


class Streams:
    """All streams in progress.

    Args:
        max_age: The seconds after which a stream is ended, or None.
    """

    def __init__(self, max_age: float | None = None) -> None:
        self._max_age = max_age
        self._open: set[Stream] = set()
        self.draining = False
        """Whether all streams are being ended."""

    def __len__(self) -> int:
        return len(self._open)

    def drain(self) -> None:
        """End every stream, and each that is opened from here on, as soon as it has answered what it has received."""
        self.draining = True
        for stream in self._open:
            stream.end(shutting_down())

    @asynccontextmanager
    async def open(self, context: Context) -> AsyncIterator[Stream]:
        """Count a stream among those in progress while its handler runs."""
        stream = Stream(context)
        self._open.add(stream)
        timer = None
        if self.draining:
            stream.end(shutting_down())
        elif self._max_age is not None:
            timer = asyncio.get_running_loop().call_later(self._max_age, stream.end, grown_old())
        try:
            yield stream
        finally:
            self._open.remove(stream)
            if timer is not None:
                timer.cancel()
