"""The process around the event loop: its signals, and its end."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from types import FrameType
from typing import Any

import structlog

_FAILED = 1
_INTERRUPTED = 130
_JOIN = 0.5  # Seconds that threads get to come to their end.
_OBJECTS = 10_000  # That may be new before a search for cycles begins.

_log = structlog.stdlib.get_logger(__name__)


class StopSignals:
    """SIGTERM and SIGINT: the first asks to stop, and a second SIGINT stops at once.

    So does SIGHUP on a terminal, which says that the terminal is gone.

    They are handled as Python does, and not by the event loop, so that a process whose loop is stuck in a rule can be stopped.
    Must be made in the main thread, in the running loop.

    Args:
        seconds: How long stopping may take; after that the process ends as it is.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._asked = False
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.hurried = False
        """Whether there is no time to finish what has begun."""
        for number in (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if on_terminal() else ())):
            signal.signal(number, self._handle)

    async def wait(self) -> None:
        """Wait until one arrives."""
        await self._stop.wait()

    def hurry(self, seconds: float) -> None:
        """Ask to stop, from any thread; the process ends in so many seconds, however far that is by then."""
        self.hurried = True
        self._end_within(seconds)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if not self._asked:
            self._asked = True
            self._end_within(self._seconds)
        elif number == signal.SIGINT:
            os._exit(_INTERRUPTED)

    def _end_within(self, seconds: float) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed, and the process about to end.
            self._loop.call_soon_threadsafe(self._stop.set)
        timer = threading.Timer(seconds, _give_up)
        timer.daemon = True
        timer.start()


def on_terminal() -> bool:
    """Return whether the process is run from a terminal, and is to end with it."""
    return sys.stdin is not None and sys.stdin.isatty()


def _give_up() -> None:
    _log.error("could not shut down in time")
    logging.shutdown()
    os._exit(_FAILED)


def run(work: Coroutine[Any, Any, int], *, busy: bool = False) -> int:
    """Run `work` in a new event loop, as asyncio.run does but for waiting for threads, which may be hung.

    Args:
        work: What to run; its result is returned.
        busy: Whether it has so much to do that a faster event loop than Python's own is worth loading, where there is one.
    """
    loop = _fast_loop() if busy else asyncio.new_event_loop()
    threads = ThreadPoolExecutor(thread_name_prefix="helper")
    loop.set_default_executor(threads)
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        threads.shutdown(wait=False, cancel_futures=True)
        loop.close()


def _fast_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415  # It is not to be had on every platform.
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def wake_gently() -> None:
    """Have the threads of this process not interrupt each other when they wake, where the system knows of such (Linux).

    gRPC hands each message from thread to thread, and on a busy core each of these would begin at once: 18 switches a call,
    and 5 with SCHED_BATCH (sched(7)), which takes an eighth off the CPU time of a call. It holds for this thread and those that
    it starts from now on. A policy that somebody has chosen for the process stays.
    """
    if hasattr(os, "SCHED_BATCH") and os.sched_getscheduler(0) == os.SCHED_OTHER:
        with contextlib.suppress(OSError):  # A sandbox may forbid it.
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def collect_seldom() -> None:
    """Have Python look for cycles of garbage less often, and never among what there is by now: code, contracts, history.

    Each event makes a few objects that are gone once it is answered. By default a search begins whenever 700 are there at a
    time, as they are with a few hundred events, and takes a tenth of all CPU time; now and then one goes through everything,
    and holds all callers up meanwhile.

    Nor may there be many: gRPC leaves five objects in a cycle with each call, and to be rid of 50,000 takes some 50 ms.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])


def leave_behind_hung_threads(code: int) -> None:
    """End the process here, with `code`, if there are threads that its regular end would wait for in vain."""
    until = monotonic() + _JOIN
    threads = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    if hung := [thread.name for thread in threads if thread.is_alive()]:
        _log.warning("leaving threads behind", threads=hung)
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
