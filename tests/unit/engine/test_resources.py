"""What rules need for long is opened when its contract comes into service, and closed when nobody uses it any more."""

import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from assay_server.contracts import Catalog
from assay_server.engine import Engine, Event, ResourceError
from tests.unit.checks.making import catalog_of, checks, until

CONTRACTS = """
from contextlib import asynccontextmanager

events = []
gate = asyncio.Event()

class Pool:
    def __init__(self, name):
        self.name = name
        self.open = True

def opening(name, fails_at=""):
    @asynccontextmanager
    async def manage():
        task = asyncio.current_task()
        events.append(f"open {name}")
        if fails_at == "open":
            raise OSError(f"cannot reach {name}")
        if fails_at == "wait":
            await gate.wait()
        pool = Pool(name)
        yield pool
        pool.open = False
        assert asyncio.current_task() is task
        events.append(f"close {name}")
        if fails_at == "close":
            raise OSError(f"cannot leave {name}")
    return manage

shared = Resource(opening("shared"))
SPECIAL

class A(EventContract, event_type="a", version="VERSION"):
    wait: bool = False
    pool = shared
    own = Resource(opening("own"))

    @rule
    async def uses(self):
        if self.wait:
            events.append("waits")
            await gate.wait()
        return (self.pool.open and self.own.open) or "VERSION is closed"

class B(EventContract, event_type="b", version="VERSION"):
    pool = shared

    @rule
    def uses(self):
        return self.pool.name == "shared"
"""


def _catalog(version: str = "1.0.0", special: str = "") -> Catalog:
    return catalog_of(CONTRACTS.replace("SPECIAL", special).replace("VERSION", version))


def _module(catalog: Catalog) -> Any:
    module: ModuleType = sys.modules[next(iter(catalog)).model.__module__]
    return module


FAILING = """
class C(EventContract, event_type="c", version="1.0.0"):
    broken = Resource(opening("broken", fails_at="open"))
"""


async def test_each_is_opened_once_and_closed_once_in_one_task() -> None:
    """Also one that several contracts share; what was opened last is closed first."""
    catalog = _catalog()
    module = _module(catalog)
    engine = Engine(catalog)
    await engine.start()
    verdicts = await engine.judge_async([Event("a", b"{}"), Event("b", b"{}")])
    assert [verdict.valid for verdict in verdicts] == [True, True]
    await engine.close()
    assert module.events == ["open shared", "open own", "close own", "close shared"]


async def test_engine_that_is_not_started_has_none() -> None:
    """A rule that needs one fails, and says so."""
    engine = Engine(_catalog())
    [verdict] = await engine.judge_async([Event("b", b"{}")])
    assert checks(verdict) == ["rules.uses"]
    assert verdict.skipped_checks[0].message == "the rule failed"
    await engine.close()


async def test_start_fails_with_the_place_of_what_cannot_be_opened() -> None:
    """And closes what was open by then."""
    catalog = _catalog(special=FAILING)
    module = _module(catalog)
    engine = Engine(catalog)
    with pytest.raises(ResourceError, match=r"module0\.py: C\.broken: .*cannot reach broken"):
        await engine.start()
    await engine.close()
    assert module.events == ["open shared", "open own", "open broken", "close own", "close shared"]


async def test_replace_that_cannot_open_leaves_the_old_contracts_in_service() -> None:
    """With their resources open."""
    catalog, other = _catalog(), _catalog("2.0.0", FAILING)
    module, other_module = _module(catalog), _module(other)
    engine = Engine(catalog)
    await engine.start()
    with pytest.raises(ResourceError, match="cannot reach broken"):
        await engine.replace(other)
    assert engine.catalog is catalog
    [verdict] = await engine.judge_async([Event("a", b"{}")])
    assert (verdict.valid, verdict.contract_version.partition("+")[0]) == (True, "1.0.0")
    assert module.events == ["open shared", "open own"]
    assert other_module.events[-2:] == ["close own", "close shared"]
    await engine.close()


async def test_replace_lets_calls_under_way_go_on_with_what_they_began_with() -> None:
    """The old resources are closed after the last of them; new calls get the new contracts at once."""
    catalog, other = _catalog(), _catalog("2.0.0")
    module = _module(catalog)
    engine = Engine(catalog)
    await engine.start()
    call = asyncio.create_task(engine.judge_async([Event("a", b'{"wait":true}'), *[Event("a", b"{}")] * 2000]))
    await until(lambda: "waits" in module.events)
    await engine.replace(other)
    [after] = await engine.judge_async([Event("a", b"{}")])
    assert after.contract_version.startswith("2.0.0+")
    assert "close own" not in module.events
    module.gate.set()
    before = await call
    assert {verdict.contract_version.partition("+")[0] for verdict in before} == {"1.0.0"}
    assert all(verdict.valid for verdict in before)
    await engine.close()
    assert module.events[-2:] == ["close own", "close shared"]
    assert next(iter(catalog)).model.__module__ not in sys.modules


async def test_verdicts_of_a_call_come_from_one_catalog_while_contracts_are_exchanged() -> None:
    """Again and again, under load: every verdict is valid, and all of one call name one version."""
    engine = Engine(_catalog("0.0.0"))
    await engine.start()
    exchanged = asyncio.Event()
    calls = 0

    async def exchange() -> None:
        for number in range(1, 8):
            await engine.replace(_catalog(f"{number}.0.0"))
            enough = calls + 4
            await until(lambda enough=enough: calls >= enough)  # type: ignore[misc]  # Bound now, not when it is asked.
        exchanged.set()

    async def load() -> set[str]:
        nonlocal calls
        seen: set[str] = set()
        while not exchanged.is_set():
            verdicts = await engine.judge_async([Event("a", b"{}")] * 700)
            assert all(verdict.valid for verdict in verdicts)
            [version] = {verdict.contract_version for verdict in verdicts}
            seen.add(version)
            calls += 1
        return seen

    _, *seen = await asyncio.gather(exchange(), load(), load(), load())
    assert len(set.union(*seen)) == 8
    await engine.close()
    assert not engine._retiring


async def test_close_waits_for_the_calls_under_way() -> None:
    """However often it is called, and even if one who called it gave up."""
    catalog = _catalog()
    module = _module(catalog)
    engine = Engine(catalog)
    await engine.start()
    call = asyncio.create_task(engine.judge_async([Event("a", b'{"wait":true}')]))
    await until(lambda: "waits" in module.events)
    given_up, first, second = (asyncio.create_task(engine.close()) for _ in range(3))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert not any(task.done() for task in (first, second, call))
    module.gate.set()
    [verdict] = await call
    assert verdict.valid
    await asyncio.gather(first, second)
    assert module.events.count("close own") == 1


async def test_cancelled_call_lets_go_of_its_contracts() -> None:
    """Nothing waits for it."""
    catalog = _catalog()
    module = _module(catalog)
    engine = Engine(catalog)
    await engine.start()
    call = asyncio.create_task(engine.judge_async([Event("a", b'{"wait":true}')] * 10))
    await until(lambda: "waits" in module.events)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await engine.close()
    assert module.events[-2:] == ["close own", "close shared"]


async def test_replace_that_is_cancelled_closes_what_it_opened() -> None:
    """And the old contracts stay."""
    waiting = 'class C(EventContract, event_type="c", version="1.0.0"):\n    late = Resource(opening("late", fails_at="wait"))'
    other = _catalog("2.0.0", waiting)
    module = _module(other)
    engine = Engine(_catalog())
    await engine.start()
    replacing = asyncio.create_task(engine.replace(other))
    await until(lambda: "open late" in module.events)
    replacing.cancel()
    await asyncio.sleep(0)
    module.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await replacing
    assert module.events[-3:] == ["close late", "close own", "close shared"]
    [verdict] = await engine.judge_async([Event("a", b"{}")])
    assert verdict.valid
    await engine.close()


async def test_resource_that_cannot_be_closed_is_logged_and_keeps_nothing_else_open(caplog: pytest.LogCaptureFixture) -> None:
    """Neither `close` nor a later `replace` fails for it."""
    special = 'class C(EventContract, event_type="c", version="1.0.0"):\n    bad = Resource(opening("bad", fails_at="close"))'
    catalog = _catalog(special=special)
    module = _module(catalog)
    engine = Engine(catalog)
    await engine.start()
    await engine.replace(_catalog("2.0.0"))
    await engine.close()
    assert module.events[-3:] == ["close bad", "close own", "close shared"]
    [record] = caplog.records
    assert (record.message, record.exc_info and str(record.exc_info[1])) == ("a resource cannot be closed", "cannot leave bad")
