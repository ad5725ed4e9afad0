"""The clients: which there are, and a runner of each as a process that answers line by line."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.turns import turn

ROOT = Path(__file__).parents[2]
_PATIENCE = 90.0
_BUILD = 900.0


@dataclass(slots=True)
class Client:
    """One column of the table.

    Attributes:
        name: What it is called.
        command: What starts its runner.
        folder: Its own folder, if something has to be built.
    """

    name: str
    command: tuple[str, ...]
    folder: Path | None = None
    _lack: str | None = field(default=None, init=False)
    _built: bool = field(default=False, init=False)

    def lack(self) -> str:
        """Return what is missing on this machine to run it; empty if nothing is."""
        if self._lack is None:
            self._lack = "" if self.folder is None else self._missing()
        return self._lack

    def build(self) -> None:
        """Build it, if that was not done.

        Raises:
            RuntimeError: If it does not build.
        """
        if self.folder is None or self._built:
            return
        with turn(self.folder):
            done = _make(self.folder, "build")
        if done.returncode:
            raise RuntimeError(f"make -C {self.folder.relative_to(ROOT)} build fails:\n{done.stdout}")
        self._built = True

    def _missing(self) -> str:
        assert self.folder is not None
        done = _make(self.folder, "available")
        lines = [line for line in done.stdout.splitlines() if line and not line.startswith("make")]
        return " ".join(lines) or "its toolchain is not there" if done.returncode else ""


def _make(folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "--no-print-directory", "-C", folder, target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_BUILD,
        check=False,
        env={key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}},
    )


def clients() -> Iterator[Client]:
    """Yield the Python client, each way that it has, and those of other languages that have a runner."""
    runner = (sys.executable, "-m", "tests.conformance.python_runner")
    yield Client("python", runner)
    yield Client("python-async", (*runner, "--async"))
    yield Client("python-gather", (*runner, "--gather"))
    for language in ("typescript", "go", "java"):
        folder = ROOT / "client" / language
        if (folder / "Makefile").exists():
            command = ("make", "--silent", "--no-print-directory", "-C", str(folder), "conformance")
            yield Client(language, command, folder)


class RunnerError(Exception):
    """A runner has died, or does not answer."""


class Runner:
    """A runner that runs."""

    def __init__(self, client: Client) -> None:
        client.build()
        self.client = client
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # It lives as long as the runner.
        self._process = subprocess.Popen(
            client.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            bufsize=0,
            start_new_session=True,  # To end it with all that it has begun.
        )
        self._rest = b""

    @property
    def session(self) -> int:
        """The session that its processes, and no others, belong to."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            RunnerError: If there is none.
        """
        assert self._process.stdin is not None
        try:
            view = memoryview(json.dumps(request).encode() + b"\n")
            while view:
                view = view[self._process.stdin.write(view) :]
        except OSError as error:
            raise self._failed("has ended") from error
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def close(self) -> None:
        """Let it end.

        Raises:
            RunnerError: If it does not end well: some thread or handle keeps it, or an error that nobody took.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise self._failed("does not end when its input does") from None
        finally:
            errors = self._tail()
            self.abandon()
        if code:
            raise RunnerError(f"the runner of {self.client.name} ends with {code}:\n{errors}")

    def abandon(self) -> None:
        """End it, with all that it has begun."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._errors.close()

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        until = time.monotonic() + _PATIENCE
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            readable, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                raise self._failed(f"has not answered in {_PATIENCE:.0f} seconds")
            read = os.read(descriptor, 1 << 20)
            if not read:
                raise self._failed("has ended without an answer")
            parts.append(read)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _failed(self, what: str) -> RunnerError:
        errors = self._tail()
        self.abandon()
        return RunnerError(f"the runner of {self.client.name} {what}:\n{errors}")

    def _tail(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-4000:]


class Runners:
    """One runner a client, started when it is first asked, and anew if it has died."""

    def __init__(self) -> None:
        self._running: dict[str, Runner] = {}

    def ask(self, client: Client, request: dict[str, Any]) -> dict[str, Any]:
        """Return a client's answer to a request.

        Raises:
            RunnerError: If there is none.
        """
        runner = self._running.get(client.name)
        if runner is not None and not runner.alive:
            runner.abandon()
            runner = None
        if runner is None:
            runner = self._running[client.name] = Runner(client)
        return runner.ask(request)

    def close(self, client: Client) -> None:
        """Let a client's runner end, if it was started.

        Raises:
            RunnerError: If it does not end well.
        """
        if (runner := self._running.pop(client.name, None)) is not None:
            runner.close()

    def close_all(self) -> None:
        """Let all end."""
        while self._running:
            self._running.popitem()[1].close()
