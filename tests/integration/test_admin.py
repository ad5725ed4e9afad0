"""Metrics and health of `assay serve`, asked for over HTTP."""

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from assay_server.baselines import Store

from .conftest import ORDER, Remote, Spawn, eventually
from .databases import new_database, postgres
from .test_server_history import LANDED, landed
from .test_server_process import STUCK, STUCK_REQUEST
from .wire import BAD, VALIDATE, connected, event, judged, single

__all__ = ["postgres"]

PROMPT = {"drain_pause": "0", "drain_timeout": "5s"}
UP = "assay_baseline_store_up"
WAITING = "assay_baseline_values_waiting"


def get(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of an answer."""
    with contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


def health(remote: Remote) -> Any:
    return json.loads(get(remote.admin, "/health")[2])


def metric(remote: Remote, name: str, **labels: str) -> float:
    """Return the value of a metric, added up over the labels that are not given."""
    families = text_string_to_metric_families(get(remote.admin, "/metrics")[2])
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


async def teach(channel: Any, carrier: str = "UA", number: int = 40) -> None:
    """Send flights of a carrier; each teaches five values."""
    for delay in range(number):
        await channel.unary_unary(f"/{VALIDATE}")(single(landed(10 + delay % 5, carrier)))


async def odd(channel: Any, carrier: str) -> bool:
    """Return whether an odd flight of a carrier is found odd for the carrier."""
    answer = await channel.unary_unary(f"/{VALIDATE}")(single(landed(500, carrier), dry_run=True))
    groups = [dict(finding.evidence.statistical.group) for finding in judged(answer).findings]
    return {"carrier": carrier} in groups


async def until_odd(channel: Any, carrier: str) -> None:
    async with asyncio.timeout(20):
        while not await odd(channel, carrier):  # noqa: ASYNC110  # There is no event to wait for outside of this process.
            await asyncio.sleep(0.05)


def kept(where: str) -> int:
    """Return how many values of the carriers' baseline a store holds."""
    store = Store(where)
    wanted = [one for one in store.series("landed") if (one.check, one.field) == ("statistics.three_sigma", "/delay")]
    news = store.read("test", None, [], wanted)
    store.close()
    return sum(stored.history.samples for stored in news.whole.values())


async def test_metrics_tell_what_was_found(spawn: Spawn) -> None:
    """As text, or as OpenMetrics for who asks for that; a scrape may name the metrics that it wants."""
    remote = spawn(**PROMPT)
    async with connected(remote.address) as channel:
        for _ in range(3):
            await channel.unary_unary(f"/{VALIDATE}")(single(event(payload=BAD)))
    assert metric(remote, "assay_findings_total", event_type="order.placed", enforcement="reject") == 3
    assert metric(remote, "assay_contract_info", event_type="order.placed") == 1
    assert metric(remote, "process_cpu_seconds_total") > 0

    status, headers, text = get(remote.admin, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/openmetrics-text")
    assert "assay_findings" in {family.name for family in read_openmetrics(text)}  # type: ignore[no-untyped-call]  # As its stubs say.
    named = get(remote.admin, "/metrics?name[]=assay_findings_total")[2]
    assert [family.name for family in text_string_to_metric_families(named)] == ["assay_findings"]


async def test_metrics_tell_what_became_of_changes_to_the_contracts(spawn: Spawn, folder: Path) -> None:
    """Those put in service, and those that left the contracts as they were."""
    remote = spawn(**PROMPT)
    (folder / "orders.py").write_text("this is no contract\n")
    await asyncio.to_thread(remote.read_until, "contracts not replaced")
    assert metric(remote, "assay_contract_reloads_total", outcome="failure") == 1
    (folder / "orders.py").write_text(ORDER.replace("1.0.0", "1.1.0"))
    await asyncio.to_thread(remote.read_until, "contracts replaced")
    assert metric(remote, "assay_contract_reloads_total", outcome="success") == 1
    [contract] = health(remote)["contracts"]
    assert contract["version"].startswith("1.1.0+")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/metrics/", 404), ("POST", "/health", 405), ("POST", "/metrics", 405)],
)
def test_other_requests_are_refused(spawn: Spawn, method: str, path: str, status: int) -> None:
    """With what there is."""
    found, _, text = get(spawn(**PROMPT).admin, path, method)
    assert found == status
    if status == 404:
        assert text == "there are /metrics, /health, /livez and /readyz\n"


async def test_a_server_that_drains_is_alive_and_not_ready(spawn: Spawn) -> None:
    """So that it is sent no more calls, and not restarted."""
    remote = spawn(drain_pause="3s")
    assert (get(remote.admin, "/readyz")[::2], health(remote)["status"]) == ((200, "serving\n"), "serving")
    assert get(remote.admin, "/livez")[0] == 200

    remote.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(remote.read_until, "shutting down")
    assert get(remote.admin, "/readyz")[::2] == (503, "draining\n")
    assert get(remote.admin, "/health")[0] == 503
    assert health(remote)["status"] == "draining"
    assert get(remote.admin, "/livez")[0] == 200
    assert await asyncio.to_thread(remote.wait) == 0


async def test_a_server_whose_event_loop_is_held_up_is_not_alive(spawn: Spawn, folder: Path) -> None:
    """Metrics and health are told all the same."""
    (folder / "stuck.py").write_text(STUCK.format(""))
    remote = spawn(drain_pause="0", drain_timeout="300ms")
    async with connected(remote.address) as channel:
        call = asyncio.ensure_future(channel.unary_unary(f"/{VALIDATE}")(STUCK_REQUEST))
        await asyncio.to_thread(remote.read_until, "event loop held up")
        assert (await asyncio.to_thread(get, remote.admin, "/livez"))[0] == 503
        assert metric(remote, "assay_contract_info") == 2
        assert len(health(remote)["contracts"]) == 2
        assert await asyncio.to_thread(remote.stop) == 1
        with pytest.raises(grpc.aio.AioRpcError):
            await call


async def test_a_store_that_was_never_there_is_told_until_it_is(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """A SQLite file whose folder cannot be made: what is learned waits, and is written later."""
    (folder / "landed.py").write_text(LANDED)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    url = f"sqlite:///{blocked}/baselines.sqlite3"
    remote = spawn("--store", url, **PROMPT)
    assert metric(remote, UP) == 0
    async with connected(remote.address) as channel:
        await teach(channel)
        await eventually(lambda: metric(remote, WAITING) == 40 * 5, "what was learned waits")
        told = health(remote)
        assert (told["status"], get(remote.admin, "/health")[0], get(remote.admin, "/readyz")[0]) == ("degraded", 200, 200)
        assert told["baseline_store"]["reachable"] is False
        assert told["baseline_store"]["name"] == url
        assert told["baseline_store"]["unreachable_since"]

        blocked.unlink()
        await eventually(lambda: metric(remote, UP) == 1, "the store can be reached")
        await eventually(lambda: metric(remote, WAITING) == 0, "nothing waits")
        assert metric(remote, "assay_baseline_store_last_exchange_timestamp_seconds") > 1.7e9
        assert health(remote)["status"] == "serving"
    assert kept(url) == 40
    assert remote.stop() == 0


async def test_a_store_that_goes_away_is_told_until_it_is_back(spawn: Spawn, folder: Path, postgres: Any) -> None:
    """A PostgreSQL that lets nobody into the database: checks go on from memory, and what is learned is written later."""
    (folder / "landed.py").write_text(LANDED)
    url = new_database(postgres)
    database = urlsplit(url).path.lstrip("/")
    remote = spawn("--store", url, **PROMPT)
    async with connected(remote.address) as channel:
        await teach(channel, "UA")
        await eventually(lambda: kept(url) == 40, "what was learned is written")
        assert (metric(remote, UP), health(remote)["status"]) == (1, "serving")

        postgres.psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false;")
        postgres.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}';")
        await eventually(lambda: metric(remote, UP) == 0, "the store cannot be reached")
        await teach(channel, "AA")
        await until_odd(channel, "AA")
        await eventually(lambda: metric(remote, WAITING) == 40 * 5, "what was learned waits")
        told = health(remote)
        assert told["status"] == "degraded"
        assert database in told["baseline_store"]["error"]
        assert told["baseline_store"]["last_exchange"] < told["baseline_store"]["unreachable_since"]

        postgres.psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true;")
        await eventually(lambda: (metric(remote, UP), metric(remote, WAITING)) == (1, 0), "the store is back")
        assert health(remote)["status"] == "serving"
    assert kept(url) == 80
    assert remote.stop() == 0


async def test_a_store_that_takes_its_time_holds_up_nothing(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """While a flush waits for another's transaction, what is learned is read every second all the same."""
    (folder / "landed.py").write_text(LANDED)
    remote = spawn(**PROMPT)
    file = tmp_path / "data" / "baselines.sqlite3"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with connected(remote.address) as channel:
            for carrier in ("UA", "AA", "DL"):
                await teach(channel, carrier)
                await until_odd(channel, carrier)
        other.execute("ROLLBACK")
    assert await asyncio.to_thread(remote.stop) == 0


def test_an_address_in_use_is_said_and_exits_with_2(spawn: Spawn) -> None:
    """With what to do; the one who came first goes on."""
    first = spawn(**PROMPT)
    address = urlsplit(first.admin).netloc
    second = spawn("--admin", address, listening=False)
    assert second.wait() == 2
    assert second.output == (
        f"cannot listen on {address} for metrics and health: Address already in use. "
        "Stop what listens there, or choose another with --admin, or none with --admin off.\n"
    )
    assert get(first.admin, "/livez")[0] == 200


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64, "198.51.100.1"])
def test_a_host_that_is_none_of_this_machine_exits_with_2(spawn: Spawn, host: str) -> None:
    """Whether it has no address, cannot be a name, or is somewhere else."""
    remote = spawn("--admin", f"{host}:1", listening=False)
    assert remote.wait() == 2
    assert remote.output.startswith(f"cannot listen on {host}:1 for metrics and health: ")
    assert "Traceback" not in remote.output


def test_it_can_be_off(spawn: Spawn) -> None:
    """Then nothing listens but gRPC."""
    remote = spawn("--admin", "off", **PROMPT)
    assert remote.stop() == 0
    assert "metrics and health" not in remote.output


def test_it_listens_on_ipv6(spawn: Spawn) -> None:
    """As addresses of gRPC are written."""
    remote = spawn("--admin", "[::1]:0", **PROMPT)
    assert remote.admin.startswith("http://[::1]:")
    assert get(remote.admin, "/livez")[0] == 200


def test_peers_that_say_nothing_or_nonsense_do_no_harm(spawn: Spawn) -> None:
    """There is room for sixteen connections; those beyond are closed, and none leaves a stack in the log."""
    remote = spawn(**PROMPT)
    where = urlsplit(remote.admin)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection((str(where.hostname), where.port or 0), 20)) for _ in range(17)]
        assert silent[-1].recv(1) == b""
        for peer in silent[:4]:
            peer.sendall(b"\x16\x03\x01\x00\xff" * 20 + b"\r\n\r\n")
        for peer in silent[:4]:
            assert b"400" in peer.recv(65536)
        assert get(remote.admin, "/livez")[0] == 200
        assert silent[-2].recv(1) == b"", "silence ends a connection"
    assert get(remote.admin, "/readyz")[0] == 200
    assert remote.stop() == 0
    assert "Traceback" not in remote.output
