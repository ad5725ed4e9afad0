"""The engine without transport: what a batch costs, learning as a server does."""

import gc
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

from assay_server.baselines import Baselines, Store
from assay_server.contracts import load
from assay_server.engine import Engine, Event

from .answers import WrongAnswerError
from .load import Load
from .statistics import Folders
from .workload import EVENT_TYPE, Sample

_TIME = 1_700_000_000 * 10**9
_PUBLISHED_EVERY = 1.0


async def judge(folders: Folders, samples: Sequence[Sample], seconds: float, *, size: int) -> Load:
    """Judge batches of so many events for a while, after a while of warming up, and check every verdict."""
    baselines = Baselines(Store(folders.data / "baselines.sqlite3"))
    engine = Engine(load(folders.contracts), baselines=baselines)
    baselines.use(engine.series(EVENT_TYPE))
    baselines.exchange()
    return await _judged(engine, baselines, samples, seconds, size)


async def _judged(engine: Engine, baselines: Baselines, samples: Sequence[Sample], seconds: float, size: int) -> Load:
    await engine.start()
    groups = [samples[start : start + size] for start in range(0, len(samples) - size + 1, size)]
    batches = [[Event(EVENT_TYPE, sample.json(), _TIME, sample.event_id) for sample in group] for group in groups]
    measured = Load()
    gc.freeze()  # A server's collector need not go through what is held here to be sent and compared.
    turn = cycle(range(len(batches)))
    for duration in (min(1.0, seconds / 4), seconds):
        measured = Load()
        for index in _until(duration, turn, baselines):
            cpu, start = time.process_time(), time.perf_counter()
            verdicts = await engine.judge_async(batches[index])
            measured.server_cpu += time.process_time() - cpu
            measured.latencies.append(time.perf_counter() - start)
            measured.events += size
            for sample, verdict in zip(groups[index], verdicts, strict=True):
                found = frozenset(finding.field if verdict.valid else finding.check for finding in verdict.findings)
                if (verdict.valid, found, bool(verdict.skipped_checks)) != (sample.valid, sample.found, False):
                    raise WrongAnswerError(f"{verdict} is not right for {sample}")
        measured.seconds = duration
    await engine.close()
    return measured


def _until(duration: float, turn: Iterator[int], baselines: Baselines) -> Iterator[int]:
    """Yield numbers for a while; publish what was learned as often as a server does."""
    start = published = time.perf_counter()
    while (now := time.perf_counter()) < start + duration:
        if now >= published + _PUBLISHED_EVERY:
            baselines.publish()
            published = now
        yield next(turn)
