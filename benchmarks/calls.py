"""What an event costs by each kind of call and with each of the layers, beside the floor, the peer and the limit."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console

from assay_client import Client

from . import comparison, h2load, http_load, load
from .answers import WrongAnswerError
from .comparison import BY_H2LOAD, FAST_FLOOR, FLOOR, LIMIT, PEER, Row
from .layers import Layers, Work, prepared
from .limit_process import Limit
from .running import Measure, Results, Settings, as_json, measured
from .servers import Server, assay, module, started
from .workload import EVENT_TYPE, Sample

_EVENTS = 10_000
_CALLERS = 100
_BATCH = 100
_SIZES = (1, 10, 100, 1000)
_PATIENCE = 10.0


def show(console: Console, settings: Settings) -> dict[str, Any]:
    """Measure everything, print the table, and return what is to be kept of it."""
    rows, results = measure(console, settings)
    console.print(comparison.table(rows, results))
    console.print(comparison.steps(results[LIMIT]))
    return as_json(results)


def measure(console: Console, settings: Settings) -> tuple[list[Row], Results]:
    """Start everything and measure it; return the rows and what they gave."""
    if not h2load.there():
        console.print("[yellow]There is no h2load here (Debian's nghttp2-client): a Python client drives all unary calls.")
    seconds, core = settings.seconds, settings.core
    with ExitStack() as stack:
        with console.status("history …") as status:
            work = stack.enter_context(prepared(_EVENTS, report=status.update))
            status.update("servers …")
            services = {layers: stack.enter_context(serving(work, layers, core)) for layers in Layers}
            limit = stack.enter_context(Limit(work, core=core))
            rows = [Row(LIMIT, None, limit.measure), *_peers(stack, work, seconds, core)]
            for layers, service in services.items():
                rows += _rows(service, layers, work.samples_for(layers), seconds)
            rows = [row for row in rows if not row.limited or any(text in row.name for text in settings.only or [""])]
        learning = [services[layers] for layers in Layers if any(row.layers is layers for row in rows if row.learns)]
        before = [_learned(service) for service in learning]
        results = measured({row.name: row.measure for row in rows}, settings.rounds, console)
        for service, count in zip(learning, before, strict=True):
            _check_learning(service, count)
    return rows, results


@contextmanager
def serving(work: Work, layers: Layers, core: int) -> Iterator[Server]:
    """Run a server with these layers until the block ends, ready to judge with all that it has learned."""
    with work.copy() as data, started(*assay(work.contracts[layers], data), core=core) as server:
        asyncio.run(load.ready(server, work.samples_for(layers)[0]))
        yield server


def _peers(stack: ExitStack, work: Work, seconds: float, core: int) -> Iterator[Row]:
    """Start what the service is compared with."""
    for name, loop in ((FLOOR, ()), (FAST_FLOOR, ("uvloop",))):
        floor = stack.enter_context(started(*module("benchmarks.peers.floor"), *loop, core=core))
        yield from _floor(floor, name, work.samples, seconds)
    for layers, learned in ((Layers.STATISTICS, (work.peer,)), (Layers.ALL, (work.peer, work.estimator))):
        command = (*module("benchmarks.peers.fastapi_service"), *map(str, learned))
        yield from _peer(stack.enter_context(started(*command, core=core)), layers, work.samples_for(layers), seconds)


def _floor(floor: Server, name: str, samples: Sequence[Sample], seconds: float) -> Iterator[Row]:
    yield Row(name, None, lambda: load.unary(floor, samples, seconds, check=False))
    if h2load.there():
        yield Row(name + BY_H2LOAD, None, lambda: h2load.unary(floor, samples[0], seconds, check=False))


def _peer(peer: Server, layers: Layers, samples: Sequence[Sample], seconds: float) -> Iterator[Row]:
    yield Row(PEER, layers, lambda: http_load.http(peer, samples, seconds))
    if h2load.there() and layers is not Layers.ALL:  # With the model, the peer answers so few calls that any client keeps up.
        yield Row(PEER + BY_H2LOAD, layers, lambda: h2load.http(peer, samples[0], seconds))


def _rows(service: Server, layers: Layers, samples: Sequence[Sample], seconds: float) -> Iterator[Row]:
    def streamed(size: int, *, struct: bool) -> Measure:
        return lambda: load.stream(service, samples, seconds, per_message=size, struct=struct)

    yield Row("Validate", layers, lambda: load.unary(service, samples, seconds))
    if h2load.there():
        yield Row(f"Validate{BY_H2LOAD}", layers, lambda: h2load.unary(service, samples[0], seconds))
    yield Row(f"ValidateBatch of {_BATCH}", layers, lambda: load.batch(service, samples, seconds, size=_BATCH))
    for struct in (False, True):
        for size in _SIZES:
            yield Row(f"stream, {size:,} a message{' (Struct)' * struct}", layers, streamed(size, struct=struct))
    yield Row(
        f"gathering client, {_CALLERS} callers", layers, lambda: load.gathered(service, samples, seconds, callers=_CALLERS)
    )


def _check_learning(service: Server, before: int) -> None:
    """See that what was judged has taught history: what is learned is published about once a second."""
    deadline = time.monotonic() + _PATIENCE
    while _learned(service) <= before:
        if time.monotonic() > deadline:
            raise WrongAnswerError("events taught nothing")
        time.sleep(0.1)


def _learned(service: Server) -> int:
    with Client(f"127.0.0.1:{service.port}") as client:
        group = {"currency": "EUR"}
        return client.get_baseline(EVENT_TYPE, "statistics.three_sigma", field="/amount", group=group).sample_count
