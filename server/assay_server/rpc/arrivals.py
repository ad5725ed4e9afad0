"""Reading a stream ahead, so that messages that have arrived together are judged together.

A message costs some tenths of a millisecond whatever is in it, most of it spent on looking at its events as a batch. A
caller that sends many small ones, as fast as they are answered, finds that shared among all that wait.
"""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from .streams import END, Stream

_AHEAD = 131_072
"""How many bytes are read ahead, and one message: beyond that flow control holds the caller back."""


class Arrivals:
    """The messages of a stream, read as they come by a task of its own.

    Args:
        stream: The stream, which nothing else reads from.
    """

    __slots__ = ("_failure", "_messages", "_over", "_room", "_size", "_some", "_stream", "_task")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._messages: deque[bytes] = deque()
        self._size = 0
        self._over = False
        self._failure: BaseException | None = None
        self._some: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    async def take(self) -> list[bytes] | None:
        """Return the messages that have arrived, one or more, waiting for one if need be; END after the last.

        Raises:
            CallError: If the stream was told to end, and all that had arrived before was taken.
        """
        while not self._messages:
            if self._failure is not None:
                raise self._failure
            if self._over:
                return END
            self._some = asyncio.get_running_loop().create_future()
            await self._some
        taken = list(self._messages)
        self._messages.clear()
        self._size = 0
        _wake(self._room)
        return taken

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait((self._task,))

    async def _read(self) -> None:
        try:
            while (message := await self._stream.read()) is not END:
                self._messages.append(message)
                self._size += len(message)
                _wake(self._some)
                while self._size >= _AHEAD:
                    self._room = asyncio.get_running_loop().create_future()
                    await self._room
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # It is for whoever takes to handle.
            self._failure = error
        finally:
            self._over = True
            _wake(self._some)


def _wake(waiting: "asyncio.Future[None] | None") -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
