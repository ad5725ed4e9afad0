"""Rules that take time: concurrent, bounded in time and number, and left alone while they keep failing."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from assay_server.checks import Batch, Report
from assay_server.checks._breaker import Breaker
from assay_server.checks._slow_rules import CONCURRENT, THREADS, AsyncRule, BlockingRule, SlowRule
from assay_server.contracts import EventContract
from assay_server.engine import Engine, Event
from tests.unit.checks.making import catalog_of, checks, engine_of, one, skipped, until

CONTRACTS = """
class Shared:
    '''What a test and the rules of its contract see of each other.'''

class A(EventContract, event_type="a", version="1.0.0"):
    case: str = ""

    @rule(timeout="50ms")
    async def later(self):
        await asyncio.sleep(0)
        match self.case:
            case "false": return False
            case "text": return "no good"
            case "value": raise ValueError("the event's own")
            case "broken": raise OSError("the rule's own")
            case "timeout": raise TimeoutError("a library's own")
            case "cancel": raise asyncio.CancelledError
            case "exit": raise SystemExit(1)
            case "stop": raise StopIteration
            case "never": await asyncio.Event().wait()
            case "number": return 1
        return True

class B(EventContract, event_type="b", version="1.0.0"):
    case: str = ""

    @rule(blocking=True, timeout="50ms")
    def elsewhere(self):
        match self.case:
            case "false": return False
            case "text": return "no good"
            case "value": raise ValueError("the event's own")
            case "broken": raise OSError("the rule's own")
            case "timeout": raise TimeoutError("a library's own")
            case "cancel": raise asyncio.CancelledError
            case "exit": raise SystemExit(1)
            case "stop": next(iter(()))
            case "never": threading.Event().wait(5)
            case "number": return 1
            case "main": return threading.current_thread() is not threading.main_thread()
        return True
"""


@pytest.fixture
def engine() -> Any:
    with engine_of(CONTRACTS) as made:
        yield made


@pytest.mark.parametrize("kind", ["a", "b"])
@pytest.mark.parametrize(
    ("case", "finds", "skips"),
    [
        ("", False, False),
        ("main", False, False),
        ("false", True, False),
        ("text", True, False),
        ("value", True, True),
        ("broken", True, True),
        ("timeout", True, True),
        ("cancel", True, True),
        ("exit", True, True),
        ("stop", True, True),
        ("never", True, True),
        ("number", True, True),
    ],
)
def test_slow_rules_mean_what_rules_in_line_mean(engine: Engine, kind: str, case: str, finds: bool, skips: bool) -> None:
    """Alone and in a batch, beside events that nothing is wrong with; a rule that cancels itself does not end the call."""
    name = "rules.later" if kind == "a" else "rules.elsewhere"
    verdicts = [one(engine, {"case": case}, event_type=kind)]
    verdicts += engine.judge([Event(kind, {"case": part}) for part in ("", case, "")])[1:2]
    for verdict in verdicts:
        assert checks(verdict) == ([name] if finds else [])
        assert skipped(verdict) == ([(name, "UNAVAILABLE")] if skips else [])
        assert verdict.valid is not finds


def test_message_tells_a_timeout_from_other_failures(engine: Engine) -> None:
    """An exception of the rule's own that is called TimeoutError is not its timeout."""
    late = one(engine, {"case": "never"}, event_type="b")
    failed = one(engine, {"case": "timeout"}, event_type="b")
    assert late.skipped_checks[0].message == "the rule took longer than 0.05 s"
    assert failed.skipped_checks[0].message == "the rule failed"


def _rule(kind: str, function: Callable[[Any], Any], breaker: Breaker | None = None, timeout: float = 5.0) -> SlowRule:
    """Return a slow rule that applies `function` to events of a contract with one field, `case`."""
    contract = catalog_of(CONTRACTS).find("a" if kind == "async" else "b")
    assert contract is not None
    made: SlowRule = (AsyncRule if kind == "async" else BlockingRule)(contract, contract.rules[0])
    made.function = function
    made._timeout = timeout
    made._breaker = breaker or Breaker()
    return made


class _Case(EventContract):
    case: str = ""


def _batch(*cases: str) -> Batch:
    return Batch(range(len(cases)), [_Case(case=case) for case in cases], [0] * len(cases))


async def test_async_rule_is_applied_to_many_events_at_a_time() -> None:
    """To as many as CONCURRENT of a batch, and no more."""
    together = asyncio.Barrier(CONCURRENT)
    running = most = 0

    async def meet(model: Any) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await together.wait()
        running -= 1
        return True

    report = Report(explain=False)
    await _rule("async", meet).run(_batch(*[""] * (3 * CONCURRENT)), report)
    assert (most, report.findings) == (CONCURRENT, {})


async def test_blocking_rule_is_applied_in_several_threads() -> None:
    """In as many as THREADS, and no more, for all calls together."""
    together = threading.Barrier(THREADS)
    names: set[str] = set()

    def meet(model: Any) -> bool:
        names.add(threading.current_thread().name)
        together.wait(5)
        return True

    made = _rule("blocking", meet)
    reports = [Report(explain=False) for _ in range(3)]
    await asyncio.gather(*(made.run(_batch(*[""] * THREADS), report) for report in reports))
    assert len(names) == THREADS
    assert not any(report.findings for report in reports)
    made.close()


async def test_rules_of_one_layer_run_at_the_same_time() -> None:
    """Two rules that wait for each other both pass."""
    engine = engine_of("""
        met = asyncio.Barrier(3)

        class A(EventContract, event_type="a", version="1.0.0"):
            @rule
            async def first(self): await met.wait()

            @rule
            async def second(self): await met.wait()

        class B(EventContract, event_type="b", version="1.0.0"):
            @rule
            async def third(self): await met.wait()
    """)
    verdicts = await engine.judge_async([Event("a", b"{}"), Event("b", b"{}")])
    assert [verdict.valid for verdict in verdicts] == [True, True]
    await engine.close()


async def test_findings_stand_in_the_contracts_order_whichever_rule_is_done_first() -> None:
    """So do skipped checks; a batch gives what single calls give."""
    engine = engine_of("""
        class A(EventContract, event_type="a", version="1.0.0"):
            @rule
            async def slowest(self):
                await asyncio.sleep(0.02)
                raise ValueError

            @rule(blocking=True)
            def slower(self):
                time.sleep(0.01)
                raise ValueError

            @rule
            async def slow(self):
                raise ValueError

            @rule
            def quick(self):
                raise ValueError
    """)
    [alone] = await engine.judge_async([Event("a", b"{}")])
    names = ["rules.slowest", "rules.slower", "rules.slow", "rules.quick"]
    assert checks(alone) == names
    assert [name for name, _ in skipped(alone)] == names
    await engine.close()


async def test_cancelled_call_leaves_no_task_behind() -> None:
    """Rules under way are cancelled with the call, and done before it ends."""
    started, ended = asyncio.Semaphore(0), 0

    async def wait(model: Any) -> bool:
        nonlocal ended
        started.release()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended += 1
        return True

    before = asyncio.all_tasks()
    for size in (1, 7):
        call = asyncio.create_task(_rule("async", wait).run(_batch(*[""] * size), Report(explain=False)))
        for _ in range(size):
            await started.acquire()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert (ended, asyncio.all_tasks()) == (8, before)


async def test_cancelled_call_leaves_no_work_waiting_for_threads() -> None:
    """What had not begun never begins: callers that give up cannot pile up work behind a rule that hangs."""
    release, begun = threading.Event(), threading.Semaphore(0)
    calls: list[str] = []

    def hang(model: Any) -> bool:
        calls.append(model.case)
        begun.release()
        release.wait(10)
        return True

    made = _rule("blocking", hang)
    first = asyncio.create_task(made.run(_batch(*["first"] * THREADS), Report(explain=False)))
    await asyncio.to_thread(lambda: [begun.acquire() for _ in range(THREADS)])
    second = asyncio.create_task(made.run(_batch("second"), Report(explain=False)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for call in (first, second):
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    release.set()
    await made.run(_batch("third"), Report(explain=False))
    assert calls == ["first"] * THREADS + ["third"]
    made.close()


async def test_threads_that_never_return_cost_their_own_slots_and_then_the_rule_is_skipped() -> None:
    """Other rules go on; with all slots taken, nobody waits for the rule any more, until a slot is free again."""
    release = threading.Event()

    def hang(model: Any) -> bool:
        return model.case != "hang" or release.wait(10)

    made = _rule("blocking", hang, Breaker(failures=1000), timeout=0.01)
    report = Report(explain=False)
    await made.run(_batch(*["hang"] * (THREADS - 1), ""), report)
    assert sorted(report.skipped) == list(range(THREADS - 1))
    await made.run(_batch("", "hang"), report)
    left = Report(explain=False)
    began = time.monotonic()
    await made.run(_batch(*[""] * 1000), left)
    assert len(left.skipped) == 1000
    assert "left alone" in left.skipped[0][0].message
    assert time.monotonic() - began < 1
    release.set()
    await until(made._allows)  # A thread is free once it has come back, which it does in its own time.
    again = Report(explain=False)
    await made.run(_batch(""), again)
    assert again.skipped == {}
    made.close()


async def test_result_that_comes_too_late_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    """Nor does asyncio log it as an exception that nobody retrieved."""
    release, ended = threading.Event(), threading.Event()

    def late(model: Any) -> bool:
        release.wait(10)
        ended.set()
        raise OSError("too late")

    made = _rule("blocking", late, timeout=0.01)
    await made.run(_batch(""), Report(explain=False))
    release.set()
    await asyncio.to_thread(ended.wait)
    made.close()
    await asyncio.sleep(0)
    gc.collect()
    assert [record.message for record in caplog.records] == ["check failed"]


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("kind", ["async", "blocking"])
async def test_rule_that_keeps_failing_is_left_alone_and_then_tried_again(kind: str) -> None:
    """After five failures in a row it is skipped; after a pause one event tries it; once it works it is applied to all."""
    clock = _Clock()
    calls = 0
    works = False

    def apply(model: Any) -> bool:
        nonlocal calls
        calls += 1
        if not works:
            raise OSError
        return True

    async def apply_later(model: Any) -> bool:
        return apply(model)

    made = _rule(kind, apply_later if kind == "async" else apply, Breaker(clock=clock))

    async def skips(count: int) -> int:
        report = Report(explain=False)
        for row in range(count):
            await made.run(Batch([row], [_Case()], [0]), report)
        return len(report.skipped)

    assert (await skips(20), calls) == (20, 5)
    clock.now = 1.0
    assert (await skips(20), calls) == (20, 6)
    clock.now = 2.9
    assert (await skips(20), calls) == (20, 6)
    clock.now, works = 3.0, True
    assert (await skips(20), calls) == (0, 26)
    made.close()


@pytest.mark.parametrize("kind", ["async", "blocking"])
@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError, ZeroDivisionError, AttributeError, AssertionError])
async def test_failures_that_are_an_events_own_do_not_open_the_breaker(kind: str, error: type[Exception]) -> None:
    """Nobody can have a rule skipped for others by sending events that it fails on."""

    def apply(model: Any) -> bool:
        if model.case == "bad":
            raise error
        return True

    async def apply_later(model: Any) -> bool:
        return apply(model)

    made = _rule(kind, apply_later if kind == "async" else apply)
    report = Report(explain=False)
    await made.run(_batch(*["bad"] * 50, "good"), report)
    assert sorted(report.skipped) == list(range(50))
    assert {check.message for [check] in report.skipped.values()} == {"the rule failed"}
    made.close()
