"""`assay serve --workers N`: several processes that serve as one."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from assay.v1 import event_pb2
from assay_server.workers import how_many

from .conftest import ORDER, Remote, Spawn, eventually
from .test_admin import get, health, kept, metric, teach
from .test_server_history import LANDED
from .test_server_process import STUCK, STUCK_REQUEST
from .wire import GOOD, STREAM, VALIDATE, answer, connected, failure, judged, message, reason_of, single

PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}

WHO = '''
import os

from assay_server.contracts import EventContract, rule


class Who(EventContract, event_type="who", version="1.0.0"):
    """Tells which process has judged it."""

    @rule
    def process(self) -> str:
        """It is refused by somebody."""
        return str(os.getpid())
'''

ASTRAY = '''
import re

from assay_server.contracts import EventContract, rule


class Astray(EventContract, event_type="astray", version="1.0.0"):
    """Never gets anywhere, in C."""

    @rule
    def goes_astray(self) -> bool:
        """It does."""
        return re.match("(a+)+$", "a" * 60 + "b") is not None
'''

ASTRAY_REQUEST = single(event_pb2.Event(event_type="astray", payload_json=b"{}"))

Crew = dict[int, Any]
"""A connection to each worker, by its process."""


@pytest.fixture(autouse=True)
def who(folder: Path) -> None:
    """A contract that tells who has judged an event."""
    (folder / "who.py").write_text(WHO)


def judge(channel: Any, request: bytes) -> Any:
    return channel.unary_unary(f"/{VALIDATE}")(request)


async def worker_of(channel: Any) -> int:
    """Return the process that a connection leads to."""
    verdict = judged(await judge(channel, single(event_pb2.Event(event_type="who", payload_json=b"{}"))))
    [finding] = verdict.findings
    return int(finding.message)


def workers(remote: Remote) -> list[int]:
    """Return the processes that serve."""
    return [one["pid"] for one in health(remote)["workers"] if one["status"] == "serving"]


async def complete(remote: Remote, number: int = 2) -> None:
    await eventually(lambda: len(workers(remote)) == number, "all workers serve")


@contextlib.asynccontextmanager
async def crew(remote: Remote, *, seconds: float = 20) -> AsyncIterator[Crew]:
    """Connect to each worker, for so many seconds at most."""
    async with contextlib.AsyncExitStack() as stack, asyncio.timeout(seconds):
        found: Crew = {}
        while found.keys() != set(workers(remote)):
            channel = await stack.enter_async_context(connected(remote.address))
            found.setdefault(await worker_of(channel), channel)
        yield found


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(process: int) -> dict[int, str]:
    """Return the states of a process's children."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            if int(parent) == process:
                found[int(stat.parent.name)] = state
    return found


async def test_workers_share_the_calls(spawn: Spawn) -> None:
    """Of callers with a connection each; metrics and health are those of all."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    async with crew(remote) as connections:
        assert len(connections) == 2
        before = metric(remote, "assay_findings_total", event_type="who")
        for channel in connections.values():
            await worker_of(channel)
        assert metric(remote, "assay_findings_total", event_type="who") == before + 2
        assert metric(remote, "assay_contract_info", event_type="who") == 1
        assert metric(remote, "assay_workers_serving") == 2
        assert [get(remote.admin, path)[0] for path in ("/livez", "/readyz", "/health")] == [200, 200, 200]
        assert health(remote)["status"] == "serving"
    assert remote.stop() == 0, remote.output
    assert "Traceback" not in remote.output


async def test_a_worker_that_is_killed_is_replaced(spawn: Spawn) -> None:
    """The callers of others notice nothing, what it has counted is not forgotten, and nothing is left of it."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    async with crew(remote) as connections:
        killed, other = connections
        before = metric(remote, "assay_findings_total", event_type="who")
        os.kill(killed, signal.SIGKILL)
        calls = 0
        while killed in workers(remote) or len(workers(remote)) < 2:
            assert await worker_of(connections[other]) == other
            calls += 1
        assert metric(remote, "assay_findings_total", event_type="who") == before + calls
        assert metric(remote, "assay_workers_replaced_total", reason="died") == 1
        assert [one["replaced"] for one in health(remote)["workers"]].count(1) == 1
    async with crew(remote) as connections:
        assert connections.keys() == set(workers(remote)) == children(remote.process.pid).keys()
        assert "Z" not in children(remote.process.pid).values()
    assert remote.stop() == 0, "what has been replaced is forgiven"
    assert '"exit_code": 137' in remote.output


async def test_a_worker_that_is_stuck_is_replaced(spawn: Spawn, folder: Path) -> None:
    """Whether or not it lets other threads run; the callers of others notice nothing."""
    (folder / "stuck.py").write_text(STUCK.format(""))
    (folder / "astray.py").write_text(ASTRAY)
    remote = spawn("--workers", "2", stuck_after="2s", **PROMPT)
    for number, request in enumerate((STUCK_REQUEST, ASTRAY_REQUEST), 1):
        await complete(remote)
        async with crew(remote) as connections:
            stuck, other = connections
            call = asyncio.ensure_future(judge(connections[stuck], request))
            while not call.done():
                assert await worker_of(connections[other]) == other
            assert (await failure(call)).code() is grpc.StatusCode.UNAVAILABLE
            await eventually(lambda: stuck not in workers(remote) and len(workers(remote)) == 2, "it is replaced")  # noqa: B023
            assert other in workers(remote)
            assert metric(remote, "assay_workers_replaced_total", reason="stuck") == number
            assert metric(remote, "assay_workers_replaced_total", reason="died") == 0
    assert remote.stop() == 0


async def test_workers_do_not_outlive_their_supervisor(spawn: Spawn, slow: event_pb2.Event, tmp_path: Path) -> None:
    """They end within a second, however it has ended and whatever they do; callers are told UNAVAILABLE."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    async with crew(remote) as connections:
        call = asyncio.ensure_future(judge(next(iter(connections.values())), single(slow)))
        await eventually((tmp_path / "begun").exists, "the rule has begun")

        began = time.monotonic()
        remote.process.kill()
        await eventually(lambda: not any(map(alive, connections)), "the workers are gone")
        assert time.monotonic() - began < 3, "a second, and what a busy machine adds"
        assert (await failure(call)).code() is grpc.StatusCode.UNAVAILABLE


async def test_a_worker_that_is_stuck_does_not_outlive_its_supervisor_for_long(spawn: Spawn, folder: Path) -> None:
    """Even where no thread of its own can run: it would keep the port, and answer nobody."""
    (folder / "astray.py").write_text(ASTRAY)
    remote = spawn("--workers", "2", stuck_after="2s", **PROMPT)
    await complete(remote)
    async with crew(remote) as connections:
        calls = [asyncio.ensure_future(judge(channel, ASTRAY_REQUEST)) for channel in connections.values()]
        await eventually(lambda: get(remote.admin, "/readyz") and not any(map(idle, connections)), "they are stuck")
        remote.process.kill()
        await eventually(lambda: not any(map(alive, connections)), "the workers are gone")
        for call in calls:
            assert (await failure(call)).code() is grpc.StatusCode.UNAVAILABLE


def idle(process: int) -> bool:
    """Return whether a process waits, and does not compute."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "S"


async def test_all_workers_drain(spawn: Spawn, slow: event_pb2.Event, tmp_path: Path) -> None:
    """Streams are ended UNAVAILABLE and can be carried on elsewhere, calls in progress are finished; exit code 0."""
    remote = spawn("--workers", "2", drain_pause="0", drain_timeout="8s")
    await complete(remote)
    async with crew(remote) as connections:
        streams = [channel.stream_stream(f"/{STREAM}")() for channel in connections.values()]
        for stream in streams:
            await stream.write(message(1, GOOD))
            assert answer(await stream.read()).sequence == 1
        begun = asyncio.ensure_future(judge(next(iter(connections.values())), single(slow)))
        await eventually((tmp_path / "begun").exists, "the rule has begun")

        remote.process.send_signal(signal.SIGTERM)

        for stream in streams:
            assert reason_of(await failure(stream.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert get(remote.admin, "/readyz")[::2] == (503, "draining\n")
        (tmp_path / "go").touch()
        assert judged(await begun).valid
    assert await asyncio.to_thread(remote.wait) == 0


async def test_it_ends_with_the_worst_exit_code(spawn: Spawn, folder: Path) -> None:
    """That of a worker that could not stop in time."""
    (folder / "stuck.py").write_text(STUCK.format(""))
    remote = spawn("--workers", "2", drain_pause="0", drain_timeout="300ms")
    await complete(remote)
    async with crew(remote) as connections:
        call = asyncio.ensure_future(judge(next(iter(connections.values())), STUCK_REQUEST))
        await asyncio.to_thread(remote.read_until, "event loop held up")
        assert await asyncio.to_thread(remote.stop) == 1
        assert (await failure(call)).code() is grpc.StatusCode.UNAVAILABLE
    assert remote.output.count('"shut down"') == 1
    assert remote.output.count("could not shut down in time") == 1


async def test_a_second_interrupt_quits_at_once(spawn: Spawn, slow: event_pb2.Event, tmp_path: Path) -> None:
    """The workers too."""
    remote = spawn("--workers", "2", drain_timeout="60s")
    await complete(remote)
    async with crew(remote) as connections:
        call = asyncio.ensure_future(judge(next(iter(connections.values())), single(slow)))
        await eventually((tmp_path / "begun").exists, "the rule has begun")
        remote.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(remote.read_until, "shutting down")
        assert await asyncio.to_thread(remote.stop, signal.SIGINT) == 130
        assert (await failure(call)).code() is grpc.StatusCode.UNAVAILABLE
        await eventually(lambda: not any(map(alive, connections)), "the workers are gone")


async def test_all_workers_have_new_contracts_within_a_second_of_each_other(spawn: Spawn, folder: Path) -> None:
    """No call fails meanwhile."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    request = single(event_pb2.Event(event_type="order.placed", payload_json=GOOD))

    async def changed(channel: Any) -> float:
        while not judged(await judge(channel, request)).contract_version.startswith("2.0.0+"):  # noqa: ASYNC110  # Nothing tells.
            await asyncio.sleep(0.01)
        return time.monotonic()

    async with crew(remote) as connections:
        watching = [asyncio.create_task(changed(channel)) for channel in connections.values()]
        (folder / "orders.py").write_text(ORDER.replace("1.0.0", "2.0.0"))
        times = await asyncio.wait_for(asyncio.gather(*watching), 20)
    assert max(times) - min(times) < 1
    assert [one["version"].partition("+")[0] for one in health(remote)["contracts"]] == ["2.0.0", "1.0.0"]
    assert metric(remote, "assay_contract_reloads_total", outcome="success") == 2


@pytest.mark.parametrize("number", [1, 2])
async def test_sighup_loads_the_contracts_anew(spawn: Spawn, number: int) -> None:
    """In all workers, changed or not; nothing ends."""
    remote = spawn("--workers", str(number), **PROMPT)
    await eventually(lambda: metric(remote, "assay_workers_serving") == number or number == 1, "all serve")
    remote.process.send_signal(signal.SIGHUP)
    await eventually(
        lambda: metric(remote, "assay_contract_reloads_total", outcome="success") == number, "all have loaded them anew"
    )
    assert remote.stop() == 0


async def test_a_worker_that_cannot_come_back_is_tried_again(spawn: Spawn, folder: Path) -> None:
    """As long as the folder does not load; the others serve on with the contracts that they have."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    async with crew(remote) as connections:
        killed, other = connections
        (folder / "orders.py").write_text("this is no contract\n")
        os.kill(killed, signal.SIGKILL)
        await asyncio.to_thread(remote.read_until, '"exit_code": 2')
        assert await worker_of(connections[other]) == other
        assert (get(remote.admin, "/readyz")[0], health(remote)["status"]) == (200, "degraded")
        (folder / "orders.py").write_text(ORDER)
        await complete(remote)
        assert health(remote)["status"] == "serving"
    assert remote.stop() == 0


async def test_what_workers_learn_adds_up(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """In one SQLite file."""
    (folder / "landed.py").write_text(LANDED)
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    url = f"sqlite:///{tmp_path}/data/baselines.sqlite3"
    async with crew(remote) as connections:
        await asyncio.gather(*(teach(channel, number=60) for channel in connections.values()))
        await eventually(lambda: kept(url) == 120, "what was learned is written")
    assert metric(remote, "assay_baseline_store_up") == 1
    assert remote.stop() == 0
    assert "cannot be reached" not in remote.output


async def test_a_port_of_other_workers_is_taken(spawn: Spawn) -> None:
    """Those who came first go on; nobody shares a port who was not told to."""
    first = spawn("--workers", "2", **PROMPT)
    for second in [spawn("--workers", number, "--listen", first.address, listening=False) for number in ("1", "2")]:
        assert second.wait() == 2
        assert second.output.splitlines()[-1].startswith(f"cannot listen on {first.address}: it is in use")
        assert "Traceback" not in second.output
    await complete(first)
    assert first.stop() == 0


def test_a_port_of_somebody_else_is_taken(spawn: Spawn) -> None:
    """No worker is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        remote = spawn("--workers", "2", "--listen", f"127.0.0.1:{other.getsockname()[1]}", listening=False)
        assert remote.wait() == 2
    assert remote.output.count("it is in use") == 1
    assert "starting workers" not in remote.output


def test_contracts_that_do_not_load_are_said_once(spawn: Spawn, folder: Path) -> None:
    """Exit code 2, as of one process."""
    (folder / "orders.py").write_text("import no_such_module\n")
    remote = spawn("--workers", "2", listening=False)
    assert remote.wait() == 2
    assert remote.output.count("no_such_module") == 1
    assert "Traceback" not in remote.output


async def test_it_listens_on_several_ports(spawn: Spawn) -> None:
    """All workers on all of them."""
    remote = spawn("--workers", "2", "--listen", "127.0.0.1:0", "--listen", "[::1]:0", **PROMPT)
    await complete(remote)
    for address in set(remote.addresses):
        async with connected(address) as channel:
            assert await worker_of(channel) in workers(remote)
    assert len(set(remote.addresses)) == 2
    assert remote.stop() == 0


async def test_there_is_one_a_core_by_default(spawn: Spawn) -> None:
    """A machine with one core needs no supervisor."""
    remote = spawn(workers="", **PROMPT)
    number = how_many(None, [remote.address])
    if number > 1:
        await complete(remote, number)
    assert len(children(remote.process.pid)) == (number if number > 1 else 0)
    assert remote.stop() == 0


def test_a_unix_socket_is_served_by_one(spawn: Spawn, tmp_path: Path) -> None:
    """Processes cannot share one: by default there is no second, and to ask for one is an error."""
    address = f"unix:{tmp_path}/assay.sock"
    alone = spawn("--listen", address, workers="", **PROMPT)
    assert children(alone.process.pid) == {}
    assert alone.stop() == 0

    refused = spawn("--listen", address, "--workers", "2", listening=False)
    assert refused.wait() == 2
    assert f"workers: processes cannot share {address}: set workers to 1" in refused.output
