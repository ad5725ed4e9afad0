"""A worker's end of the line to its supervisor."""

import contextlib
import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from itertools import count
from queue import SimpleQueue
from time import sleep
from typing import Any

import structlog

from assay_server.admin import Source

from ._report import Report

ASKING = b"?"
"""What a line begins with that asks the supervisor something."""

_ORPHANED = 1
_REARM = 1.0  # Seconds.

_log = structlog.stdlib.get_logger(__name__)


class Link:
    """Answers the supervisor from a thread of its own, asks it, and notices when it is gone.

    Each line from the supervisor that is empty is answered with one that tells how the worker is. What the worker asks, and the
    answer, are lines with a number and data in JSON.

    Attributes:
        source: What is told of, once there is something to tell.
        lost: What to do when the supervisor is gone: end the process, until there is something better.

    Args:
        descriptor: The socket to the supervisor.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._sending = threading.Lock()
        self._numbers = count()
        self._asked: dict[int, SimpleQueue[Any]] = {}
        self.source: Source | None = None
        self.lost: Callable[[], None] = lambda: os._exit(_ORPHANED)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._answer, name="link", daemon=True).start()

    def ask(self, question: Any) -> Any:
        """Return the supervisor's answer to a question, which it gives to all workers that ask the same; blocks.

        Args:
            question: JSON data.

        Returns:
            JSON data; None if it has no answer.
        """
        number, answer = next(self._numbers), SimpleQueue[Any]()
        self._asked[number] = answer
        self._send(ASKING + json.dumps([number, question]).encode() + b"\n")
        return answer.get()

    def _answer(self) -> None:
        with contextlib.suppress(ConnectionError), self._socket.makefile("rb") as lines:
            for line in lines:
                if line == b"\n":
                    self._send(self._report().encode())
                else:
                    number, answer = json.loads(line)
                    self._asked.pop(number).put(answer)
        self.lost()

    def _send(self, line: bytes) -> None:
        with self._sending:
            self._socket.sendall(line)

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
