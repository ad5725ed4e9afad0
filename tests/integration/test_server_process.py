"""`assay serve` as a process: how it starts, what it says, and how it ends."""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2

from assay.v1 import event_pb2, verdict_pb2

from .conftest import ORDER, Spawn, eventually
from .wire import GOOD, STREAM, VALIDATE, WATCH, answer, connected, event, failure, judged, message, reason_of, single

REQUEST = single(event())

PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}
"""No pause for load balancers, which these tests have none of."""


async def judge(channel: Any, request: bytes = REQUEST) -> verdict_pb2.Verdict:
    return judged(await channel.unary_unary(f"/{VALIDATE}")(request))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_stop(spawn: Spawn, number: signal.Signals) -> None:
    """And exits with 0."""
    remote = spawn(**PROMPT)

    async with connected(remote.address) as channel:
        assert (await judge(channel)).valid

    assert remote.stop(number) == 0, remote.output
    assert "shut down" in remote.output
    assert "Traceback" not in remote.output


def test_its_log_is_json_where_nobody_looks(spawn: Spawn) -> None:
    """One object a line, with time, level and event; or for people, if it is told to."""
    remote = spawn(**PROMPT)
    remote.stop()
    entries = [json.loads(line) for line in remote.output.splitlines()]

    assert all(entry.keys() >= {"timestamp", "level", "event", "logger"} for entry in entries)
    [listening] = [entry for entry in entries if entry["event"].startswith("listening on ")]
    assert f"listening on {remote.address}" == listening["event"]
    [serving] = [entry["contracts"] for entry in entries if entry["event"] == "contracts in service"]
    assert serving[0].startswith("order.placed 1.0.0+")

    people = spawn("--log-format", "console", **PROMPT)
    people.stop()
    assert not any(line.startswith("{") for line in people.output.splitlines())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--contracts", "nowhere"], "nowhere: there is no such folder"),
        (["--set", "max_events=none"], "--set max_events: Input should be a valid integer"),
        (["--set", "max_evnts=1"], "--set max_evnts: there is no such setting"),
        (["--set", "max_events"], "write NAME=VALUE"),
        (["--listen", "nonsense"], "--listen: 'nonsense' is no address"),
        (["--listen", "0.0.0.0:0"], "would be answered in plain text"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read as TOML"),
        (["--tls-certificate", "c.pem", "--tls-key", "k.pem"], "c.pem, k.pem: "),
        (["--log-level", "loud"], "--log-level: "),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_2(spawn: Spawn, flags: list[str], said: str) -> None:
    """On one screen, without a stack."""
    remote = spawn(*flags, listening=False)

    assert remote.wait() == 2
    assert said in remote.output
    assert "Traceback" not in remote.output
    assert "listening" not in remote.output


def test_an_address_in_use_exits_with_2(spawn: Spawn) -> None:
    """The one who came first goes on."""
    first = spawn(**PROMPT)
    second = spawn("--listen", first.address, listening=False)

    assert second.wait() == 2
    assert f"cannot listen on {first.address}: it is in use" in second.output
    assert first.stop() == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (ORDER.replace("class OrderPlaced(", "class OrderPlaced(("), "orders.py:"),
        (ORDER.replace('version="1.0.0"', 'version="one"'), "'one' is no version"),
        (ORDER.replace('"quantity": 2', '"quantity": 0'), "OrderPlaced"),
        ("import no_such_module\n", "no_such_module"),
        ("raise SystemExit(0)\n", "orders.py:1"),
    ],
)
def test_contracts_that_do_not_load_exit_with_2(spawn: Spawn, folder: Path, source: str, said: str) -> None:
    """With what is wrong, and where."""
    (folder / "orders.py").write_text(source)
    remote = spawn(listening=False)

    assert remote.wait() == 2
    assert "orders.py" in remote.output
    assert said in remote.output


def test_a_resource_that_does_not_open_exits_with_2(spawn: Spawn, folder: Path) -> None:
    """With what it says itself."""
    (folder / "orders.py").write_text(
        ORDER.replace("import EventContract, rule", "import EventContract, Resource, rule")
        .replace("    @rule", "    pool = Resource(broken)\n\n    @rule")
        .replace(
            "class OrderPlaced",
            "import contextlib\n\n\n@contextlib.asynccontextmanager\nasync def broken():\n"
            '    raise OSError("no database there")\n    yield\n\n\nclass OrderPlaced',
        )
    )
    remote = spawn(listening=False)

    assert remote.wait() == 2
    assert "no database there" in remote.output


async def test_an_empty_folder_is_served_with_a_warning(spawn: Spawn, folder: Path) -> None:
    """Contracts that come later are taken up."""
    (folder / "orders.py").unlink()
    remote = spawn(**PROMPT)
    assert "no contracts" in remote.output

    async with connected(remote.address) as channel:
        assert [finding.check for finding in (await judge(channel)).findings] == ["envelope.unknown_event_type"]

        (folder / "orders.py").write_text(ORDER)
        remote.read_until("contracts replaced")

        assert (await judge(channel)).valid
    assert remote.stop() == 0


async def test_settings_come_from_flags_environment_and_file(spawn: Spawn, tmp_path: Path) -> None:
    """As the command runs in the folder that has the file."""
    (tmp_path / "assay.toml").write_text('max_events = 5\nlog_format = "console"\n')
    remote = spawn(log_format="json", **PROMPT)
    assert '"event"' in remote.output

    for server, limit in ((remote, 5), (spawn("--set", "max_events=4", max_events="3", **PROMPT), 4)):
        async with connected(server.address) as channel:
            with pytest.raises(aio.AioRpcError, match=f"at most {limit} events"):
                await channel.unary_unary("/assay.v1.ValidationService/ValidateBatch")(b"\x0a\x00" * 6)


async def test_it_drains(spawn: Spawn, slow: event_pb2.Event, tmp_path: Path) -> None:
    """Health says so first, and calls are still taken for a while; then streams end, and what has begun is finished."""
    remote = spawn(drain_pause="1s", drain_timeout="8s")
    async with connected(remote.address) as channel:
        stream = channel.stream_stream(f"/{STREAM}")()
        await stream.write(message(1, GOOD))
        assert answer(await stream.read()).sequence == 1
        watch = channel.unary_stream(f"/{WATCH}")(b"")
        await watch.read()
        begun = asyncio.ensure_future(judge(channel, single(slow)))
        await eventually((tmp_path / "begun").exists, "the rule has begun")

        remote.process.send_signal(signal.SIGTERM)

        not_serving = health_pb2.HealthCheckResponse.FromString(await watch.read())
        assert not_serving.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await judge(channel)).valid
        await stream.write(message(2, GOOD))
        assert answer(await stream.read()).sequence == 2
        assert reason_of(await failure(stream.read())) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        (tmp_path / "go").touch()
        assert (await begun).valid
    assert remote.wait() == 0


async def test_no_call_fails_for_another_reason_than_that_the_server_is_gone(spawn: Spawn) -> None:
    """While callers call without pause, it is told to stop: whatever is not answered is UNAVAILABLE, and can be sent again."""
    remote = spawn(**PROMPT)
    answered = 0
    codes: list[grpc.StatusCode] = []

    async def call() -> None:
        nonlocal answered
        async with connected(remote.address) as channel:
            while True:
                try:
                    assert (await judge(channel)).valid
                    answered += 1
                except aio.AioRpcError as error:
                    codes.append(error.code())
                    return

    callers = [asyncio.create_task(call()) for _ in range(30)]
    await eventually(lambda: answered > 300, "calls are under way")
    remote.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*callers)

    assert {grpc.StatusCode.UNAVAILABLE} == set(codes)
    assert await asyncio.to_thread(remote.wait) == 0
    assert "error" not in remote.output.lower()


async def test_a_second_interrupt_quits_at_once(spawn: Spawn, slow: event_pb2.Event, tmp_path: Path) -> None:
    """Whatever is still in progress."""
    remote = spawn(drain_timeout="60s")
    async with connected(remote.address) as channel:
        call = asyncio.ensure_future(judge(channel, single(slow)))
        await eventually((tmp_path / "begun").exists, "the rule has begun")
        remote.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(remote.read_until, "shutting down")

        assert await asyncio.to_thread(remote.stop, signal.SIGINT) == 130
        with pytest.raises(aio.AioRpcError):
            await call


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has it")
@pytest.mark.parametrize(("value", "policy"), [("true", "SCHED_BATCH"), ("false", "SCHED_OTHER")])
async def test_threads_that_carry_calls_do_not_interrupt_each_other(spawn: Spawn, value: str, policy: str) -> None:
    """Unless the settings say otherwise."""
    remote = spawn(batch_scheduling=value, workers="1", **PROMPT)

    async with connected(remote.address) as channel:
        await judge(channel)

    names = _threads(remote.process.pid)
    carrying = [thread for thread, name in names.items() if name == "event_engine" or thread == remote.process.pid]
    assert len(carrying) > 1
    assert {os.sched_getscheduler(thread) for thread in carrying} == {getattr(os, policy)}


def _threads(process: int) -> dict[int, str]:
    return {int(task.name): (task / "comm").read_text().strip() for task in Path(f"/proc/{process}/task").iterdir()}


STUCK = """
import time

from assay_server.contracts import EventContract, rule


class Stuck(EventContract, event_type="stuck", version="1.0.0"):
    \"\"\"Never gets anywhere.\"\"\"

    @rule{}
    def turns_in_circles(self) -> bool:
        \"\"\"It does.\"\"\"
        while True:
            time.sleep(0)
"""


STUCK_REQUEST = single(event_pb2.Event(event_type="stuck", payload_json=b"{}"))


async def test_a_rule_that_holds_up_the_loop_is_named_in_the_log(spawn: Spawn, folder: Path) -> None:
    """And a process that cannot shut down in time ends all the same."""
    (folder / "stuck.py").write_text(STUCK.format(""))
    remote = spawn(stall_after="200ms", drain_pause="0", drain_timeout="300ms")
    async with connected(remote.address) as channel:
        call = asyncio.ensure_future(judge(channel, STUCK_REQUEST))
        entry = await asyncio.to_thread(remote.read_until, r'\{.*"event": "event loop held up".*\}')

        assert json.loads(entry[0])["by"] == "stuck rules.turns_in_circles"
        assert "turns_in_circles" in json.loads(entry[0])["stack"]
        assert await asyncio.to_thread(remote.stop) == 1
        assert "could not shut down in time" in remote.output
        with pytest.raises(aio.AioRpcError):
            await call


async def test_a_rule_that_never_returns_does_not_hold_up_the_end(spawn: Spawn, folder: Path) -> None:
    """It has a thread of its own, which is left behind."""
    (folder / "stuck.py").write_text(STUCK.format("(blocking=True, timeout='200ms')"))
    remote = spawn(**PROMPT)
    async with connected(remote.address) as channel:
        verdict = await judge(channel, STUCK_REQUEST)
        assert [skipped.check for skipped in verdict.skipped_checks] == ["rules.turns_in_circles"]

    began = time.monotonic()
    assert await asyncio.to_thread(remote.stop) == 0
    assert time.monotonic() - began < 4


async def test_contracts_are_replaced_under_load_without_one_failed_call(spawn: Spawn, folder: Path) -> None:
    """Every verdict names the version that gave it; what does not load leaves the contracts as they are, and is logged."""
    remote = spawn(**PROMPT)
    seen: list[str] = []

    async def call() -> None:
        async with connected(remote.address) as channel:
            while True:
                verdict = await judge(channel)
                assert verdict.valid
                seen.append(verdict.contract_version.partition("+")[0])

    callers = [asyncio.create_task(call()) for _ in range(4)]
    try:
        await eventually(lambda: "1.0.0" in seen, "the first version judges")

        (folder / "orders.py").write_text("this is no contract\n")
        await asyncio.to_thread(remote.read_until, "contracts not replaced")
        seen.clear()
        await eventually(lambda: "1.0.0" in seen, "the first version still judges")

        for version in ("1.1.0", "1.2.0", "1.3.0"):
            (folder / "orders.py").write_text(ORDER.replace("1.0.0", version))
            await eventually(lambda: version in seen, "the next version judges")  # noqa: B023
        assert not any(caller.done() for caller in callers)
    finally:
        for caller in callers:
            caller.cancel()
        ends = await asyncio.gather(*callers, return_exceptions=True)

    assert {asyncio.CancelledError} == {type(end) for end in ends}
    assert await asyncio.to_thread(remote.stop) == 0
    assert '"failures": 1' in remote.output
    assert "order.placed 1.3.0+" in remote.output
