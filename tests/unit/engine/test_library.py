"""The engine from code that has no event loop: a script, a notebook, a job."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assay_server.contracts import ContractsError
from assay_server.engine import Engine, Event, ResourceError
from tests.unit.checks.making import engine_of

CONTRACTS = """
from contextlib import asynccontextmanager

opened = []

@asynccontextmanager
async def pool():
    opened.append("open")
    if len(opened) < FAILURES:
        raise OSError("not yet")
    yield opened
    opened.append("close")

class A(EventContract, event_type="a", version="1.0.0"):
    x: int = 0
    pool = Resource(pool)

    @rule
    async def later(self):
        await asyncio.sleep(0)
        return self.pool == ["open"] * max(1, FAILURES)

    @rule(blocking=True)
    def elsewhere(self):
        return self.x < 10
"""


def _engine(failures: int = 0) -> Engine:
    return engine_of(CONTRACTS.replace("FAILURES", str(failures)))


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "assay engine"}


def test_judges_the_contracts_of_a_folder(tmp_path: Path) -> None:
    """As the engine's documentation shows."""
    (tmp_path / "users.py").write_text(
        "from assay_server.contracts import EventContract\n"
        'class UserRegistered(EventContract, event_type="user.registered", version="1.0.0"):\n'
        "    name: str\n"
    )
    with Engine.from_folder(str(tmp_path)) as engine:
        [good, bad] = engine.judge([Event("user.registered", {"name": "Ada"}), Event("user.registered", {})])
    assert (good.valid, bad.valid) == (True, False)
    assert good.processed_at > 1_700_000_000 * 10**9


def test_folder_that_cannot_be_loaded_raises(tmp_path: Path) -> None:
    """With what is wrong with it."""
    with pytest.raises(ContractsError, match="no such folder"):
        Engine.from_folder(tmp_path / "nowhere")


def test_works_without_with() -> None:
    """Resources open with the first call; they end with the process."""
    engine = _engine()
    assert [verdict.valid for verdict in engine.judge([Event("a", {"x": 1}), Event("a", {"x": 11})])] == [True, False]
    assert engine.judge([Event("a", {})])[0].valid
    with engine:
        pass


def test_with_closes_resources_and_ends_the_thread() -> None:
    """What comes after it is told so."""
    before = _threads()
    with _engine() as engine:
        contract = next(iter(engine.catalog))
        assert engine.judge([Event("a", {})])[0].valid
        [thread] = _threads() - before
        opened = contract.resources["pool"].__get__(object(), object)
    assert opened == ["open", "close"]
    with pytest.raises(RuntimeError, match="the engine is closed"):
        engine.judge([Event("a", {})])
    thread.join(5)
    assert not thread.is_alive()


def test_with_may_be_left_without_a_call() -> None:
    """And twice."""
    with _engine() as engine:
        pass
    with engine:
        pass


def test_resource_that_cannot_be_opened_raises_until_it_can() -> None:
    """Each call tries again; none is judged without it."""
    with _engine(failures=3) as engine:
        for _ in range(2):
            with pytest.raises(ResourceError, match="not yet"):
                engine.judge([Event("a", {})])
        assert engine.judge([Event("a", {})])[0].valid


def test_several_threads_may_judge_at_once() -> None:
    """Also where all of them are the first: resources are opened once."""
    together = threading.Barrier(8)

    def judge(number: int) -> list[bool]:
        together.wait()
        return [engine.judge([Event("a", {"x": number})] * 3)[0].valid for _ in range(5)]

    with _engine() as engine, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(judge, range(6, 14))) == [[number < 10] * 5 for number in range(6, 14)]


async def test_works_in_the_thread_of_a_running_loop() -> None:
    """As in a notebook, where a loop runs already."""
    with _engine() as engine:
        assert engine.judge([Event("a", {})])[0].valid
    await asyncio.sleep(0)
