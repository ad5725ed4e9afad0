"""A worker's end of the line to its supervisor."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable
from time import sleep

import structlog

from assay_server.admin import Source

from ._report import Report

_ORPHANED = 1
_REARM = 1.0  # Seconds.

_log = structlog.stdlib.get_logger(__name__)


class Link:
    """Answers the supervisor, each byte with a line, from a thread of its own; notices when the supervisor is gone.

    Attributes:
        source: What is told of, once there is something to tell.
        lost: What to do when the supervisor is gone: end the process, until there is something better.

    Args:
        descriptor: The socket to the supervisor.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self.source: Source | None = None
        self.lost: Callable[[], None] = lambda: os._exit(_ORPHANED)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._answer, name="link", daemon=True).start()

    def _answer(self) -> None:
        with contextlib.suppress(ConnectionError):
            while questions := self._socket.recv(64):
                for _ in questions:
                    self._socket.sendall(self._report().encode())
        self.lost()

    def _report(self) -> Report:
        source = self.source
        try:
            return Report.of(source)
        except Exception:  # noqa: BLE001  # A fault in the figures is no reason to stop serving.
            _log.exception("figures cannot be told")
            return Report() if source is None else Report(source.phase, source.lives())

    def guard(self, seconds: float) -> None:
        """Have the system end this process once no thread of Python's has run for so many seconds of its computing.

        Code in C that never lets go of the interpreter, such as a regular expression that goes astray, would keep a worker from
        noticing that its supervisor is gone.
        """

        def put_off() -> None:
            while True:
                signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
                sleep(min(_REARM, seconds / 4))

        threading.Thread(target=put_off, name="guard", daemon=True).start()
