"""What an isolation forest adds to an event: the service without transport, with the model and without it, in turn."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import joblib
import numpy as np

from assay.v1.validation_service_pb2 import (
    ValidateBatchRequest,
    ValidateBatchResponse,
    ValidateRequest,
    ValidateResponse,
)
from assay_server.baselines import Baselines, Store
from assay_server.contracts import load
from assay_server.engine import Engine
from assay_server.models.registry import Registry, Shelf
from assay_server.rpc.validation import ValidationService
from assay_server.settings import Settings

from .answers import Expected
from .layers import Layers, Work
from .workload import FEATURES

_SINGLE, _BATCH = 400, 1_000
_NO_CONTEXT: Any = None


@dataclass(frozen=True, slots=True)
class Added:
    """Microseconds of CPU that the model adds to an event, medians over rounds; and what scikit-learn takes to score one.

    Attributes:
        single: To one event in `Validate`.
        batch: To an event in a thousand.
        peer_single: scikit-learn's `score_samples`, one row.
        peer_batch: A row of a thousand.
    """

    single: float
    batch: float
    peer_single: float
    peer_batch: float


def added(work: Work, rounds: int) -> Added:
    """Measure it on the events of the work, those in which the model finds something included, and check every verdict."""
    with work.copy() as data:
        return asyncio.run(_added(work, data, rounds))


async def _added(work: Work, data: Path, rounds: int) -> Added:
    sides = [await _side(work, layers, data) for layers in (Layers.STATISTICS, Layers.ALL)]
    estimator, rows = joblib.load(work.estimator), np.random.default_rng(1).random((_BATCH, len(FEATURES)))
    gc.freeze()  # As a server does.
    found: list[tuple[float, ...]] = []
    for _ in range(rounds):
        (base_single, base_batch), (single, batch) = [(await one(), await many()) for one, many, _, _ in sides]
        peers = [_timed(partial(estimator.score_samples, rows[:size])) / size for size in (1, _BATCH)]
        found.append((single - base_single, batch - base_batch, *peers))
        for _, _, baselines, _ in sides:
            baselines.publish()
    for _, _, _, engine in sides:
        await engine.close()
    return Added(*(median(each) for each in zip(*found, strict=True)))


Measure = Callable[[], Coroutine[None, None, float]]


async def _side(work: Work, layers: Layers, data: Path) -> tuple[Measure, Measure, Baselines, Engine]:
    """Return what measures an event alone and in a thousand, in microseconds of CPU."""
    settings = Settings.load(contracts=work.contracts[layers], data=data)
    baselines = Baselines(Store(settings.baselines))
    models = Shelf(Registry(settings.models))
    engine = Engine(load(settings.contracts), limits=settings.limits, baselines=baselines, models=models)
    service = ValidationService(engine, settings.limits, max_events=settings.max_events, max_response_bytes=4 << 20)
    await engine.start()
    baselines.exchange()
    samples = work.samples_for(layers)[:_BATCH]
    singles = [(Expected([sample]), ValidateRequest(event=sample.event()).SerializeToString()) for sample in samples[:_SINGLE]]
    batch = ValidateBatchRequest(events=[sample.event() for sample in samples]).SerializeToString()
    expected = Expected(samples)

    async def one() -> float:
        start = time.process_time()
        answers = [await service.validate(request, _NO_CONTEXT) for _, request in singles]
        taken = (time.process_time() - start) / _SINGLE
        for (each, _), answer in zip(singles, answers, strict=True):
            each.check([ValidateResponse.FromString(answer).verdict])
        return taken * 1e6

    async def many() -> float:
        start = time.process_time()
        answer = await service.validate_batch(batch, _NO_CONTEXT)
        taken = (time.process_time() - start) / _BATCH
        expected.check(ValidateBatchResponse.FromString(answer).verdicts)
        return taken * 1e6

    return one, many, baselines, engine


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e6
