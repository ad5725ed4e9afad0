"""A real server in a process of its own, for as long as a block lasts."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from grpc_health.v1 import health_pb2

PREFERRED_PORT = 50051
PREFERRED_ADMIN_PORT = 9464
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15


class ServerError(Exception):
    """The server did not start, or did not go on; its text ends with what the server said."""


class Server:
    """`assay serve` on loopback: started and serving within a `with` block, stopped after it.

    Settings in the environment (`ASSAY_*`) are left out, so that the example runs the same everywhere.

    Raises:
        ServerError: At the block's beginning, if the server does not start; at its end, if it does not stop cleanly.
    """

    def __init__(self, *, contracts: Path, data: Path) -> None:
        self.address = f"127.0.0.1:{_free_port(PREFERRED_PORT)}"
        self.admin = f"127.0.0.1:{_free_port(PREFERRED_ADMIN_PORT)}"
        command = [Path(sys.executable).with_name("assay"), "serve", "--workers", "1"]
        command += ["--listen", self.address, "--admin", self.admin]
        command += ["--contracts", contracts, "--data", data, "--log-format", "console"]
        self._command = list(map(str, command))
        self._said: deque[str] = deque(maxlen=100)
        self._aloud = threading.Event()

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
        try:
            # In a process group of its own, so that Ctrl-C reaches this process only, which then stops the server.
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                process_group=0,
            )
        except FileNotFoundError:
            raise ServerError(f"there is no {self._command[0]}: run `make setup` first") from None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait_until_serving()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()
        if error is None and self._process.returncode != 0:
            raise self._ended()

    def foreground(self) -> None:
        """Pass on what the server says until it ends, which it does not by itself.

        Raises:
            ServerError: If it ends.
        """
        self._aloud.set()
        self._process.wait()
        raise self._ended()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def ended(self) -> ServerError | None:
        """Return why the server is gone, or None if it is there."""
        return None if self._process.poll() is None else self._ended()

    def _wait_until_serving(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        with grpc.insecure_channel(self.address) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            while time.monotonic() < deadline:
                if self._process.poll() is not None:
                    raise self._ended()
                try:
                    answer = check(health_pb2.HealthCheckRequest(), timeout=0.5, wait_for_ready=True)
                except grpc.RpcError:
                    continue
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                time.sleep(0.05)
        raise ServerError(f"the server was not ready within {SECONDS_TO_START} seconds{self._last_words()}")

    def _ended(self) -> ServerError:
        self._reader.join(timeout=1)
        return ServerError(f"the server ended with exit code {self._process.returncode}{self._last_words()}")

    def _last_words(self) -> str:
        if self._aloud.is_set():
            return ""
        return ". It said:\n\n" + "".join(self._said) if self._said else ", and said nothing"

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with self._process.stdout as lines:
            for line in lines:
                self._said.append(line)
                if self._aloud.is_set():
                    sys.stderr.write(line)

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=1)


def _free_port(preferred: int) -> int:
    """Return the usual port, or any other if that one is taken."""
    for port in (preferred, 0):
        with socket.socket() as listener:
            # As the server does: a port that was just left is no taken one.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            taken: int = listener.getsockname()[1]
            return taken
    raise ServerError("this machine has no free port on 127.0.0.1")
