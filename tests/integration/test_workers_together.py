"""Several workers take what is new together, under load, and serve by TLS."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio

from assay.v1 import event_pb2, verdict_pb2
from assay_server.models.registry import Registry

from .conftest import ORDER, Spawn, eventually
from .models import EVENT_TYPE, NAME, PARCEL, add_model, parcel, parcels
from .test_admin import metric
from .test_server_listening import authority, files, secure
from .test_workers import PROMPT, WHO, complete, crew, judge, worker_of, workers
from .wire import GOOD, STREAM, answer, connected, judged, message, single

__all__ = ["authority", "files"]

pytestmark = pytest.mark.timeout(300)  # A model is trained, and tried in a process of its own.

_TOGETHER = 1.0
"""Seconds within which all workers have what is new."""


@pytest.fixture(autouse=True)
def contracts(folder: Path) -> None:
    """A contract that tells who has judged an event, and one with a model."""
    (folder / "who.py").write_text(WHO)
    (folder / "parcels.py").write_text(PARCEL)


@contextlib.asynccontextmanager
async def busy(channels: list[Any]) -> AsyncIterator[None]:
    """Stream events over each of some connections meanwhile; none is refused, and no stream ends."""

    async def stream(channel: Any) -> None:
        call = channel.stream_stream(f"/{STREAM}")()
        for number in range(1, 1_000_000):
            await call.write(message(number, *[event_pb2.Event(event_type="order.placed", payload_json=GOOD)] * 50))
            assert all(verdict.valid for verdict in answer(await call.read()).verdicts)
            await asyncio.sleep(0.01)  # Else the load takes what the trial needs.

    streaming = [asyncio.create_task(stream(channel)) for channel in channels]
    try:
        yield
        assert not any(task.done() for task in streaming)
    finally:
        for task in streaming:
            task.cancel()
        await asyncio.wait(streaming)


async def when(channel: Any, event: event_pb2.Event, version: Callable[[verdict_pb2.Verdict], str], awaited: str) -> float:
    """Return when the verdicts on an event, over one connection, begin to tell of a version."""
    request = single(event, explain=True)
    async with asyncio.timeout(120):
        while not version(judged(await judge(channel, request))).startswith(awaited):  # noqa: ASYNC110  # Nothing tells.
            await asyncio.sleep(0.01)
    return time.monotonic()


def model_of(verdict: verdict_pb2.Verdict) -> str:
    """Return the version of the model that was asked; an empty text if there was none."""
    return "".join(explanation.evidence.anomaly.model_version for explanation in verdict.explanations)


def contract_of(verdict: verdict_pb2.Verdict) -> str:
    """Return the version of the contract."""
    return verdict.contract_version


async def test_all_workers_have_a_new_model_within_a_second_of_each_other(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """However long it is tried: once, for all of them."""
    registry = Registry(tmp_path / "data" / "models")
    version = add_model(folder, registry)
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    event = parcel(parcels(1)[0])
    async with crew(remote, seconds=200) as connections:
        channels = list(connections.values())
        async with busy(channels):
            activated = await asyncio.to_thread(registry.activate, EVENT_TYPE, NAME, version)
            times = await asyncio.gather(*(when(channel, event, model_of, activated) for channel in channels))
        assert max(times) - min(times) < _TOGETHER
        assert connections.keys() == set(workers(remote)), "none was replaced"
    assert remote.stop() == 0, remote.output


async def test_all_workers_have_new_contracts_within_a_second_of_each_other_under_load(spawn: Spawn, folder: Path) -> None:
    """Streams go on with the contracts that are there; SIGHUP has all of them loaded anew."""
    remote = spawn("--workers", "2", **PROMPT)
    await complete(remote)
    event = event_pb2.Event(event_type="order.placed", payload_json=GOOD)
    async with crew(remote, seconds=200) as connections:
        channels = list(connections.values())
        async with busy(channels):
            for number in (2, 3):
                (folder / "orders.py").write_text(ORDER.replace("1.0.0", f"{number}.0.0"))
                if number == 3:
                    remote.process.send_signal(signal.SIGHUP)
                times = await asyncio.gather(*(when(channel, event, contract_of, f"{number}.0.0+") for channel in channels))
                assert max(times) - min(times) < _TOGETHER
        await eventually(
            lambda: metric(remote, "assay_contract_reloads_total", outcome="success") >= 4, "all have loaded them twice"
        )
        assert metric(remote, "assay_contract_reloads_total", outcome="failure") == 0
    assert remote.stop() == 0, remote.output


async def test_workers_share_a_port_with_tls(spawn: Spawn, files: dict[str, Path], authority: Any) -> None:
    """Each has the certificate; whoever speaks plain text reaches none."""
    settings = {name: str(path) for name, path in files.items()}
    remote = spawn("--workers", "2", **PROMPT, **settings)
    await complete(remote)
    found: set[int] = set()
    async with asyncio.timeout(60):
        while found != set(workers(remote)):
            async with secure(remote.address, authority) as channel:
                found.add(await worker_of(channel))
    async with connected(remote.address) as plain:
        with pytest.raises(aio.AioRpcError) as refused:
            await worker_of(plain)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert remote.stop() == 0, remote.output
