"""Real servers on ports of their own: in the test's process, to look inside, or as `assay serve`, to send it signals."""

import asyncio
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from grpc import aio

from assay.v1 import event_pb2
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.rpc import Server
from assay_server.settings import Settings

ORDER = '''
from typing import Annotated

from pydantic import Field

from assay_server.contracts import EventContract, rule


class OrderPlaced(EventContract, event_type="order.placed", version="1.0.0"):
    """A customer has placed an order."""

    model_config = {"json_schema_extra": {"examples": [{"sku": "A1", "quantity": 2}]}}

    sku: Annotated[str, Field(min_length=2)]
    quantity: Annotated[int, Field(gt=0)] = 1
    note: str = ""

    @rule
    def not_too_many(self) -> bool | str:
        """Nobody orders more than a thousand."""
        return self.quantity <= 1000 or f"{self.quantity} is too many"
'''
"""A contract to send events to."""

SLOW = '''
import asyncio
import pathlib

from assay_server.contracts import EventContract, rule


class Slow(EventContract, event_type="slow", version="1.0.0"):
    """Takes its time."""

    path: str

    @rule(timeout="1h")
    async def waits(self) -> bool:
        """It waits until a file is there."""
        folder = pathlib.Path(self.path)
        (folder / "begun").touch()
        try:
            while not (folder / "go").exists():
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            (folder / "dropped").touch()
            raise
        return True
'''
"""A contract whose events are judged once there is a file `go` in the folder that they name."""

ASSAY = Path(sys.executable).parent / "assay"
ROOT = Path(__file__).parents[2]
"""The project's own folder."""

_PATIENCE = 60.0
_ADMIN = re.compile(r"metrics and health at (http://[^\s\"]+)")
_LISTENING = re.compile(r"listening on ([^\s\"]+)")


async def eventually(condition: Callable[[], Any], what: str) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110  # There is no event to wait for outside of this process.
            await asyncio.sleep(0.01)
    assert condition(), what


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the contract of `order.placed`."""
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "orders.py").write_text(ORDER)
    return contracts


@pytest.fixture
def slow(folder: Path, tmp_path: Path) -> event_pb2.Event:
    """An event that is judged once there is a file `go` in tmp_path; files `begun` and `dropped` tell how far it got."""
    (folder / "slow.py").write_text(SLOW)
    return event_pb2.Event(event_type="slow", payload_json=json.dumps({"path": str(tmp_path)}).encode())


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("ASSAY_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def grpcurl() -> str:
    """The real grpcurl."""
    found = shutil.which("grpcurl", path=f"{ROOT / '.tools/bin'}:{os.environ['PATH']}")
    if found is None:
        assert os.environ.get("CI") != "true", "grpcurl is not there: make tools"
        pytest.skip("grpcurl is not there: it needs Go")
    return found


@dataclass
class Local:
    """A server in this process, and a channel to it."""

    server: Server
    engine: Engine
    address: str
    channel: Any
    """Untyped: its methods take and give bytes, which its stubs cannot say."""

    def unary(self, method: str) -> Any:
        """Return a method that takes and gives bytes, such as "assay.v1.ValidationService/Validate"."""
        return self.channel.unary_unary(f"/{method}")

    def stream(self, method: str) -> Any:
        """Return a method with streams of bytes."""
        return self.channel.stream_stream(f"/{method}")


Start = Callable[..., Awaitable[Local]]


@pytest.fixture
async def start(folder: Path) -> AsyncIterator[Start]:
    """Start servers in this process, each with the settings given, and stop them in the end.

    Take `engine` to be served instead of one that has loaded `folder`.
    """
    started: list[Local] = []

    async def start(*, engine: Engine | None = None, **settings: Any) -> Local:
        settings = {"listen": ["127.0.0.1:0"], "contracts": folder, **settings}
        loaded = Settings.load(**settings)
        engine = engine or Engine(load(folder), limits=loaded.limits)
        await engine.start()
        server = Server(engine, loaded)
        await server.start()
        local = Local(server, engine, server.addresses[0], aio.insecure_channel(server.addresses[0]))
        started.append(local)
        return local

    yield start
    for local in started:
        await local.channel.close()
        await local.server.stop(5)
        await local.engine.close()


@dataclass
class Remote:
    """An `assay serve` of its own."""

    process: subprocess.Popen[str]
    output: str = ""
    addresses: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens first."""
        return self.addresses[0]

    @property
    def admin(self) -> str:
        """The URL of its metrics and health."""
        return self.read_until(_ADMIN)[1]

    def read_until(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """Wait for a line in its log, and return what matches."""
        until = time.monotonic() + _PATIENCE
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while not (match := re.search(pattern, self.output)):
            readable, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            assert readable, f"no {pattern} in:\n{self.output}"
            read = os.read(descriptor, 65536).decode()
            assert read, f"the server has ended, without {pattern}:\n{self.output}"
            self.output += read
        return match

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return the exit code, and keep the rest of the log."""
        rest, _ = self.process.communicate(timeout=_PATIENCE)
        self.output += rest
        return self.process.returncode


Spawn = Callable[..., Remote]


@pytest.fixture
def spawn(folder: Path, tmp_path: Path) -> Iterator[Spawn]:
    """Run `assay serve` with the flags and environment given; those that still run in the end are killed."""
    spawned: list[Remote] = []

    def spawn(*flags: str, listening: bool = True, **environment: str) -> Remote:
        arguments = [*flags] if "--listen" in flags else ["--listen", "127.0.0.1:0", *flags]
        if "--contracts" not in flags:
            arguments += ["--contracts", str(folder)]
        process = subprocess.Popen(
            [ASSAY, "serve", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "ASSAY_ADMIN": "127.0.0.1:0",
                "ASSAY_WORKERS": "1",
                **{f"ASSAY_{name.upper()}": value for name, value in environment.items()},
            },
        )
        remote = Remote(process)
        spawned.append(remote)
        if listening:
            remote.read_until("contracts in service")
            remote.addresses = _LISTENING.findall(remote.output)
        return remote

    yield spawn
    for remote in spawned:
        if remote.process.poll() is None:
            remote.process.kill()
        remote.process.communicate(timeout=_PATIENCE)
