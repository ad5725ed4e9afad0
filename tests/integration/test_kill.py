"""A server that is killed while it learns from a stream, again and again: what the store holds is sound."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from grpc import aio

from assay.v1 import event_pb2

from .conftest import Spawn
from .wire import STREAM, answer, connected, message

ROUNDS = int(os.environ.get("ASSAY_TEST_KILL_ROUNDS", "3"))
INTERVAL = 1.0
MARGIN = 1.5
"""Seconds that writing a flush, and a busy machine, may take beside the interval."""

PARCEL = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, QuantileRange, ThreeSigma


class Parcel(EventContract, event_type="parcel", version="1.0.0", learn="live"):
    """A parcel was weighed."""

    depot: Annotated[str, Novelty()]
    weight: Annotated[float, ThreeSigma(by="depot"), QuantileRange(by="depot", window="1d")]
'''
DEPOTS = 40

_log = logging.getLogger(__name__)
EVENTS = [
    event_pb2.Event(event_type="parcel", payload_json=json.dumps({"depot": f"d{depot}", "weight": depot + 0.5}).encode())
    for depot in range(DEPOTS)
]
"""What each message holds: an event for each depot, so that what a message teaches is told from any depot's count."""


@dataclass
class Load:
    """What was sent in one round, and when each message was answered."""

    sent: int = 0
    answered: list[float] = field(default_factory=list)

    async def stream(self, address: str) -> None:
        """Send message after message, some of them on their way at a time, until the server is gone."""
        with contextlib.suppress(aio.AioRpcError, asyncio.InvalidStateError):
            async with connected(address) as channel:
                call = channel.stream_stream(f"/{STREAM}")()
                while True:
                    while self.sent < len(self.answered) + 4:
                        self.sent += 1
                        await call.write(message(self.sent, *EVENTS))
                    verdicts = answer(await call.read()).verdicts
                    assert all(verdict.valid for verdict in verdicts)
                    assert len(verdicts) == DEPOTS
                    self.answered.append(time.monotonic())


def learned(file: Path) -> Counter[tuple[str, int]]:
    """Return how many messages each series of a sound store has learned, as each table that holds it says."""
    found: dict[tuple[str, int], set[int]] = {}
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("assay_moments", "assay_bins", "assay_categories"):
            query = f"SELECT series, group_key, sum(n) FROM {table} GROUP BY series, group_key"
            for series, group, count in connection.execute(query):
                found.setdefault((table, series), set()).add(count if group != "[]" else count // DEPOTS)
    assert all(len(counts) == 1 for counts in found.values()), "what a message teaches is written as a whole or not at all"
    return Counter({series: counts.pop() for series, counts in found.items()})


@pytest.mark.timeout(120 + 30 * ROUNDS)
async def test_a_server_killed_under_load_loses_at_most_an_interval(spawn: Spawn, folder: Path, tmp_path: Path) -> None:
    """Whatever was answered longer ago than that is in the store; nothing is there twice; and the next server goes on."""
    (folder / "parcels.py").write_text(PARCEL)
    random = np.random.default_rng(19)
    before: Counter[tuple[str, int]] = Counter()
    for _ in range(ROUNDS):
        remote, load = spawn(), Load()
        streaming = asyncio.create_task(load.stream(remote.address))
        await asyncio.wait({streaming}, timeout=float(random.uniform(0.3, 3.5)))
        assert not streaming.done(), "it is killed under load"
        remote.process.kill()
        killed = time.monotonic()
        assert remote.wait() == -signal.SIGKILL, remote.output
        await streaming
        now = learned(tmp_path / "data" / "baselines.sqlite3")
        assert len(now) in {0, 5}, "three series, two of which have bins or categories too"
        new = {series: now[series] - before[series] for series in now} or {("none", 0): 0}
        least, most = min(new.values()), max(new.values())
        assert most - least <= 1, "only what was being learned at that moment may be there in part"
        assert 0 <= least <= most <= load.sent, "nothing is counted twice"
        lost = load.answered[least:]
        age = killed - lost[0] if lost else 0.0
        _log.info("answered %d messages, lost %d, the oldest after %.2f s", len(load.answered), len(lost), age)
        assert age <= INTERVAL + MARGIN
        before = now
    assert before, "some was written"
