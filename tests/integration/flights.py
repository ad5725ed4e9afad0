"""The sample of flights as history: its contract, what NumPy says of its rows, and a process that learns some of them."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest

from assay_server.baselines import Baselines, Series, Store
from assay_server.checks import Baseline
from assay_server.contracts import load
from assay_server.engine import Engine, Event
from tests.integration.conftest import ROOT

FLIGHTS = ROOT / "examples" / "data" / "flights.parquet"

CONTRACT = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, QuantileRange, ThreeSigma


class Flight(EventContract, event_type="flight", version="1.0.0"):
    """A flight, compared with all others, with those of its carrier, and with those of its route."""

    carrier: Annotated[str, Novelty(by="origin")]
    origin: str
    dest: str
    arr_delay: Annotated[
        float | None,
        ThreeSigma(name="all"),
        ThreeSigma(by="carrier", name="carrier"),
        ThreeSigma(by=("origin", "dest"), name="route"),
    ] = None
    air_time: Annotated[
        float | None,
        QuantileRange(name="all"),
        QuantileRange(by="carrier", name="carrier"),
        QuantileRange(by=("origin", "dest"), name="route"),
    ] = None
'''


class Group(NamedTuple):
    """The rows of one group, as NumPy sees them."""

    series: Series
    group: dict[str, str]
    values: np.ndarray[Any, np.dtype[np.float64]]


def rows(count: int | None = None) -> list[dict[str, Any]]:
    """Return the rows of the sample in a random order, or some of them."""
    table = pq.read_table(FLIGHTS, columns=["carrier", "origin", "dest", "arr_delay", "air_time"])
    return table.take(np.random.default_rng(17).permutation(table.num_rows)[:count]).to_pylist()


def groups(series: Sequence[Series], flights: Sequence[Mapping[str, Any]]) -> Iterator[Group]:
    """Yield each group of each series that compares numbers."""
    for one in series:
        field = one.field.removeprefix("/")
        if field not in {"arr_delay", "air_time"}:
            continue
        values: dict[tuple[str, ...], list[float]] = {}
        for flight in flights:
            if flight[field] is not None:
                values.setdefault(tuple(flight[by] for by in one.by), []).append(flight[field])
        for key, mine in values.items():
            yield Group(one, dict(zip(one.by, key, strict=True)), np.array(mine, np.float64))


def assert_as_numpy_says(found: Baseline, group: Group) -> None:
    """Count, least and greatest are the same, moments agree within 1e-9, and quantiles within the 1 % of the bins."""
    values = group.values
    assert (found.sample_count, found.minimum, found.maximum) == (len(values), values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(), rel=1e-9, abs=1e-12)
    assert found.standard_deviation == pytest.approx(values.std(ddof=1) if len(values) > 1 else 0, rel=1e-9, abs=1e-12)
    for rank, value in found.quantiles:
        assert value == pytest.approx(np.quantile(values, rank, method="lower"), rel=0.0101, abs=1e-12)


def opened(where: str, contracts: str) -> tuple[Engine, Baselines]:
    """Return an engine over a store, with all that the store holds."""
    baselines = Baselines(Store(where))
    engine = Engine(load(Path(contracts)), baselines=baselines)
    assert baselines.exchange().error is None
    return engine, baselines


async def learn(where: str, contracts: str, part: int, parts: int, count: int) -> None:
    """Learn the rows of one of some processes, in an order of its own, some at a time, and hand over now and then."""
    engine, baselines = opened(where, contracts)
    flights = rows(count)
    whose = np.random.default_rng(parts).integers(0, parts, len(flights))  # The same for all: each row is one process's.
    mine = np.random.default_rng(part).permutation(np.flatnonzero(whose == part))
    for some in np.array_split(mine, 7):
        await engine.teach([Event("flight", json.dumps(flights[row])) for row in some.tolist()])
        baselines.publish()
        status = baselines.exchange()
        assert status.error is None, status.error
    baselines.close()


if __name__ == "__main__":
    asyncio.run(learn(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
    sys.stdout.flush()
    os._exit(0)
