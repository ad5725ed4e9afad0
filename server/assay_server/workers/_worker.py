"""One worker, as its supervisor sees it."""

import asyncio
import contextlib
import json
import pickle
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Sequence
from typing import Any, Self

from assay_server.admin import Phase
from assay_server.settings import Settings

from ._desk import Desk
from ._link import ASKING
from ._report import Report

_LONGEST_REPORT = 1 << 28


class Worker:
    """A process that was started, is asked how it is, and may ask. Made by `start`, and to be closed once it has ended.

    Attributes:
        number: Which of the workers it is, from 1.
        report: What it said last.
        answered: How many times it has answered that its event loop answers.
    """

    def __init__(
        self, number: int, desk: Desk, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number = number
        self._desk = desk
        self._answering: set[asyncio.Task[None]] = set()
        self.report = Report()
        self.answered = 0
        self._process = process
        self._writer = writer
        self._asked: deque[asyncio.Future[None]] = deque()
        self._listening = asyncio.create_task(self._listen(reader), name=f"listen to worker {number}")

    @classmethod
    async def start(cls, number: int, program: Sequence[str], desk: Desk) -> Self:
        """Start a process; it waits for `begin`.

        Args:
            number: Which of the workers it is to be.
            program: The arguments for Python; a descriptor and the number follow them.
            desk: What answers what it asks.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                # Without the working directory on its path, just as the command `assay`.
                arguments = (sys.executable, "-P", *program, str(theirs.fileno()), str(number))
                process = await asyncio.create_subprocess_exec(
                    *arguments, stdin=asyncio.subprocess.PIPE, pass_fds=(theirs.fileno(),)
                )
            except BaseException:
                ours.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_REPORT)
        return cls(number, desk, process, reader, writer)

    async def begin(self, settings: Settings) -> None:
        """Let it serve."""
        stream = self._process.stdin
        assert stream is not None  # noqa: S101  # It is a pipe.
        with contextlib.suppress(ConnectionError):  # It has ended, which is seen elsewhere.
            stream.write(pickle.dumps(settings))
            await stream.drain()
        stream.close()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def phase(self) -> Phase:
        """Where in its life it was when it answered last."""
        return self.report.phase

    def ask(self) -> asyncio.Future[None]:
        """Ask how it is; what is returned is done when `report` is the answer, or no answer will come."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._listening.done():
            future.set_result(None)
        else:
            self._asked.append(future)
            self._writer.write(b"\n")
        return future

    @property
    def asked(self) -> bool:
        """Whether it has not answered yet."""
        return bool(self._asked)

    async def ended(self) -> int:
        """Wait until the process has ended, and return its exit code; for a signal, its number as a negative one."""
        return await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def close(self) -> None:
        """Let go of the line to it."""
        tasks = {self._listening, *self._answering}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self._writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(ASKING):
                    task = asyncio.create_task(self._answer(*json.loads(line.removeprefix(ASKING))), name="answer a worker")
                    self._answering.add(task)
                    task.add_done_callback(self._answering.discard)
                    continue
                self.report = Report.decode(line)
                self.answered += self.report.lives
                _settle(self._asked.popleft())
        except ConnectionError:
            pass
        finally:
            while self._asked:
                _settle(self._asked.popleft())

    async def _answer(self, number: int, question: Any) -> None:
        self._writer.write(json.dumps([number, await self._desk.answer(question)]).encode() + b"\n")


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
