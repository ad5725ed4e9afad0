"""Notices that the event loop is held up, and says by what."""

import asyncio
import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable
from time import monotonic
from types import FrameType

import structlog

_BEATS = 4  # In the time after which the loop counts as held up.

_log = structlog.stdlib.get_logger(__name__)


class Watchdog:
    """Logs which code the event loop is stuck in, from a thread of its own.

    Code in C that never lets go of the interpreter stops that thread too. For this there is faulthandler's timer, which
    needs no interpreter: the thread puts it off for as long as it runs, and it prints all stacks once the thread does not.

    Must be made in the loop that it watches.

    Args:
        seconds: For how long the loop may be held up.
        suspect: Names the rule that a stack is in, or None.
    """

    def __init__(self, seconds: float, suspect: Callable[[FrameType], str | None]) -> None:
        self._seconds = seconds
        self._interval = seconds / _BEATS
        self._suspect = suspect
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._beat()

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._timer.cancel()
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        self._beaten = monotonic()
        self._timer = self._loop.call_later(self._interval, self._beat)

    def _watch(self) -> None:
        held_up_since = None
        while not self._stopped.wait(self._interval):
            if sys.__stderr__ is not None:
                faulthandler.dump_traceback_later(2 * self._seconds, file=sys.__stderr__)
            beaten = self._beaten
            if held_up_since is not None and beaten != held_up_since:
                _log.warning("event loop goes on", held_up_seconds=round(beaten - held_up_since, 1))
                held_up_since = None
            elif held_up_since is None and monotonic() - beaten > self._seconds:
                held_up_since = beaten
                self._report()
        faulthandler.cancel_dump_traceback_later()

    def _report(self) -> None:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001  # The documented way to another thread's stack.
        if frame is None:
            return
        stack = "".join(traceback.format_stack(frame))
        code = self._suspect(frame) or f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}"
        _log.error("event loop held up", by=code, seconds=self._seconds, stack=stack)
