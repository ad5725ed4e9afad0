"""An event loop in a thread, for callers that have none."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Portal:
    """Runs coroutines in an event loop of its own, in a thread that does not keep the process alive.

    Any number of threads may use it. The loop begins with the first of them.

    Args:
        first: What to await before anything else; what it raises is the first caller's, and the next one tries again.
        last: What to await when it is closed.
    """

    def __init__(self, first: Callable[[], Coroutine[Any, Any, None]], last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._first = first
        self._last = last
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = False
        self._closed = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns.

        Raises:
            RuntimeError: If the portal is closed.
        """
        try:
            loop = self._opened()
        except BaseException:
            coroutine.close()
            raise
        return _result(coroutine, loop)

    def close(self) -> None:
        """End the loop and its thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            loop = self._loop or self._begin()
            _result(self._last(), loop)
            loop.call_soon_threadsafe(loop.stop)

    def _opened(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the engine is closed: make a new one")
            loop = self._loop or self._begin()
            if not self._ready:
                _result(self._first(), loop)
                self._ready = True
            return loop

    def _begin(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=_serve, args=(self._loop,), name="assay engine", daemon=True).start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _result(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    finally:
        future.cancel()  # Whoever is interrupted while waiting wants no answer; it changes nothing for one that is there.
