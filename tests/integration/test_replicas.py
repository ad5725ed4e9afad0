"""Several servers on one PostgreSQL, and `assay learn` beside them."""

import asyncio
import json
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay_client import Baseline, Client, Event, Verdict

from .conftest import ASSAY, Spawn, eventually
from .databases import new_database, postgres

__all__ = ["postgres"]

CONTRACT = '''
from typing import Annotated

from assay_server.contracts import EventContract, Novelty, QuantileRange, ThreeSigma


class Sold(EventContract, event_type="sold", version="1.0.0", learn="live"):
    """Something was sold."""

    shop: Annotated[str, Novelty()]
    price: Annotated[float, ThreeSigma(by="shop"), QuantileRange(window="90d")]
'''
SOON = 5.0
"""Seconds: one until a server looks, and what a busy machine takes besides."""


@pytest.fixture
def replicas(spawn: Spawn, folder: Path, postgres: Any) -> tuple[str, Callable[[], Client]]:
    """The URL of a database, and what starts servers on it."""
    (folder / "sold.py").write_text(CONTRACT)
    store = new_database(postgres)
    return store, lambda: Client(spawn("--store", store, drain_pause="0").address)


def sales(seed: int, count: int) -> list[dict[str, Any]]:
    """Return payloads whose prices are so even that none is clipped."""
    prices = np.random.default_rng(seed).uniform(50, 150, count)
    return [{"shop": "ab"[number % 2], "price": price} for number, price in enumerate(prices.tolist())]


def shop_a(client: Client) -> Baseline:
    return client.get_baseline("sold", "statistics.three_sigma", field="/price", group={"shop": "a"})


def look(client: Client, payload: dict[str, Any]) -> Verdict:
    return client.validate("sold", payload, dry_run=True)


async def test_what_assay_learn_writes_is_read_by_a_server_soon(
    replicas: tuple[str, Callable[[], Client]], folder: Path, tmp_path: Path
) -> None:
    """Without a restart."""
    store, start = replicas
    rows = sales(1, 400)
    (tmp_path / "past.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [str(ASSAY), "learn", "sold", "past.ndjson", "--contracts", str(folder), "--store", store]
    with start() as client:
        assert shop_a(client).sample_count == 0
        learning = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=PIPE, stderr=PIPE)
        _, errors = await learning.communicate()
        assert (learning.returncode, errors) == (0, b"")
        since = time.monotonic()
        await eventually(lambda: shop_a(client).sample_count, "it is read")
        assert time.monotonic() - since < SOON
        prices = np.array([row["price"] for row in rows if row["shop"] == "a"])
        found = shop_a(client)
        assert (found.sample_count, found.minimum, found.maximum) == (200, prices.min(), prices.max())
        assert found.mean == pytest.approx(prices.mean(), rel=1e-9)
        assert found.standard_deviation == pytest.approx(prices.std(ddof=1), rel=1e-9)
        assert [finding.check for finding in look(client, {"shop": "a", "price": 900}).findings] == ["statistics.three_sigma"]
        assert [finding.check for finding in look(client, {"shop": "c", "price": 100}).findings] == ["statistics.novelty"]


async def test_servers_that_learn_live_agree(replicas: tuple[str, Callable[[], Client]]) -> None:
    """Each learns traffic of its own, and a second later both read what one would that had it all; so does one that is new."""
    _, start = replicas
    first, second = start(), start()
    rows = [sales(2, 300), sales(3, 500)]
    for _ in range(2):
        for client, mine in zip((first, second), rows, strict=True):
            for payloads in (mine[start:][:100] for start in range(0, len(mine), 100)):
                assert all(client.validate_batch([Event("sold", payload) for payload in payloads]))
    await eventually(lambda: shop_a(first).sample_count == shop_a(second).sample_count == 800, "both have read it all")
    third = start()
    prices = np.array([row["price"] for mine in rows for row in mine if row["shop"] == "a"] * 2)
    upper = prices.mean() + 3 * prices.std(ddof=1)
    quantiles = first.get_baseline("sold", "statistics.quantile_range", field="/price").quantiles
    for client in (first, second, third):
        found = shop_a(client)
        assert (found.sample_count, found.minimum, found.maximum) == (800, prices.min(), prices.max())
        assert found.mean == pytest.approx(prices.mean(), rel=1e-9)
        assert found.standard_deviation == pytest.approx(prices.std(ddof=1), rel=1e-9)
        assert client.get_baseline("sold", "statistics.quantile_range", field="/price").quantiles == quantiles
        categories = client.get_baseline("sold", "statistics.novelty", field="/shop").categories
        assert [(category.value, category.count) for category in categories] == [("a", 800), ("b", 800)]
        for price, checks in ((upper - 1e-3, 0), (upper + 1e-3, 1)):
            findings = look(client, {"shop": "a", "price": price}).findings
            assert sum(finding.check == "statistics.three_sigma" for finding in findings) == checks
        client.close()
