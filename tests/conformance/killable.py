"""Servers that a case may kill: `assay serve` in processes of their own, with spare ones for the next cases."""

import os
import re
import select
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

_ASSAY = Path(sys.executable).parent / "assay"
_LISTENING = re.compile(r"listening on ([^\s\"]+)")
_PATIENCE = 60.0
_SPARE = 2


class _Process:
    """An `assay serve` that has begun to start."""

    def __init__(self, contracts: Path) -> None:
        flags = ("--listen", "127.0.0.1:0", "--admin", "off", "--workers", "1", "--contracts", str(contracts))
        self._process = subprocess.Popen(
            [_ASSAY, "serve", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CONFORMANCE_MAY_DIE": "1"},
        )
        self._output = ""

    @property
    def alive(self) -> bool:
        """Whether nobody has killed it."""
        return self._process.poll() is None

    def address(self) -> str:
        """Return where it listens, as soon as it does."""
        until = time.monotonic() + _PATIENCE
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while "contracts in service" not in self._output:
            readable, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            read = os.read(descriptor, 65536).decode() if readable else ""
            assert read, f"the server does not start:\n{self._output}"
            self._output += read
        match = _LISTENING.search(self._output)
        assert match is not None
        return match[1]

    def close(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


class Killable:
    """Keeps as many servers alive as cases need.

    Args:
        contracts: The folder with the contracts that they serve.
    """

    def __init__(self, contracts: Path) -> None:
        self._contracts = contracts
        self._processes: list[_Process] = []
        self._stack = ExitStack()

    def addresses(self, count: int) -> str:
        """Return where so many listen, with commas between them; others are started, for the next cases."""
        self._processes = [process for process in self._processes if process.alive]
        while len(self._processes) < count + _SPARE:
            process = _Process(self._contracts)
            self._stack.callback(process.close)
            self._processes.append(process)
        return ",".join(process.address() for process in self._processes[:count])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()
