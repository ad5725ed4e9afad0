"""Servers under measurement: started on a core of their own, their CPU time read from the system's accounting."""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

_CORES = os.sched_getaffinity(0)  # Before whoever imports this stays on one of them.
_SERVER_CORE, _LOAD_CORE = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 90.0
_PORTS = range(20_000, 30_000)


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    def cpu_seconds(self) -> float:
        """Return how much CPU time it has used so far, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def started(*command: str, core: int | None) -> Iterator[Server]:
    """Run a command on one core, or on all, until the block ends; "{port}" in it stands for a free port."""
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        with staying_on(_CORES if core is None else {core}):
            process = subprocess.Popen([part.format(port=port) for part in command], stdout=output, stderr=output)
        try:
            _wait(process, port)
            yield Server(process, port)
        except BaseException:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            raise
        finally:
            process.terminate()
            process.wait(_PATIENCE)


@contextmanager
def staying_on(cores: set[int]) -> Iterator[None]:
    """Have processes that this thread starts in the block stay on some cores.

    They get them from the thread. A function to call between fork and exec would make Python copy the process, which gRPC does
    not survive.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _free_port() -> int:
    """Return a port that is free, and that no connection is given as its own end: a server takes it later."""
    for port in random.sample(_PORTS, len(_PORTS)):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("there is no free port")


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def on_cores(console: Console) -> int:
    """Keep this process, which makes the load, on one core, and return the core for servers."""
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {_LOAD_CORE})
    else:
        console.print("[yellow]One core only: server and load share it, and the rates say little; compare CPU time.")
    return _SERVER_CORE


def assay(contracts: Path, data: Path | None = None, *, workers: int | None = 1) -> tuple[str, ...]:
    """Return the command that starts Assay with these contracts, and with what is kept in `data`, as a user would.

    With so many workers; None for as many as it takes by itself.
    """
    program = Path(sys.executable).with_name("assay")
    where = ("--listen", "127.0.0.1:{port}", "--admin", "127.0.0.1:0", "--contracts", str(contracts))
    command = (str(program), "serve", *(() if workers is None else ("--workers", str(workers))), *where)
    return command if data is None else (*command, "--data", str(data))


def module(name: str) -> tuple[str, ...]:
    """Return the command that starts one of the peers."""
    return (sys.executable, "-m", name, "{port}")
