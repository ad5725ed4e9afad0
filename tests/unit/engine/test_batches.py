"""Many events at once: each judged as if alone, answered in order, and never holding up the event loop."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay_server.engine import Engine, Event, Options, Verdict, _pace
from assay_server.engine._chunks import EVENTS, chunks
from tests.unit.checks.making import NOW, checks, engine_of

CONTRACTS = """
class Plain(EventContract, event_type="plain", version="1.0.0"):
    x: float = 0
    items: list[int] = []

    @rule
    def small(self): return self.x < 10

class PlainOld(EventContract, event_type="plain", version="0.9.0"):
    x: int

class Slow(EventContract, event_type="slow", version="1.0.0"):
    x: int = 0
    clock = Clock(max_age="1d", enforcement="warn")

    @rule(enforcement="warn")
    async def later(self):
        for _ in range(self.x % 3):
            await asyncio.sleep(0)
        return self.x < 2

    @rule
    def at_once(self):
        return 10 / (self.x - 3) < 10

    @rule(blocking=True, required=False)
    def elsewhere(self):
        if self.x == 4:
            raise ValueError
        return self.x < 5

class Later(EventContract, event_type="later", version="1.0.0"):
    x: str = ""

    @rule
    async def known(self):
        return self.x == "" or f"{self.x} is not known"
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


_PAYLOADS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.binary(max_size=4),
    st.fixed_dictionaries({"x": st.integers(-1, 12) | st.text(max_size=2)}),
    st.fixed_dictionaries({"x": st.integers(-1, 6)}).map(lambda payload: json.dumps(payload).encode()),
    st.fixed_dictionaries({"items": st.lists(st.integers() | st.text(max_size=1), max_size=4)}),
)
_EVENTS = st.builds(
    Event,
    event_type=st.sampled_from(["plain", "slow", "later", "unheard of", ""]),
    payload=_PAYLOADS,
    timestamp=st.sampled_from([None, NOW, 0, 10**30]),
    event_id=st.text(max_size=3),
    contract_version=st.sampled_from(["", "1", "0.9", "7"]),
)
_OPTIONS = st.builds(Options, return_normalized=st.booleans(), explain=st.booleans())


@settings(max_examples=150, deadline=None)
@given(events=st.lists(_EVENTS, max_size=12), options=_OPTIONS)
def test_batch_gives_what_single_calls_give(engine: Engine, events: list[Event], options: Options) -> None:
    """In the same order, with several contracts and slow rules mixed, to the last letter."""
    together = engine.judge(events, options)
    alone = [engine.judge([event], options)[0] for event in events]
    assert [_plain(verdict) for verdict in together] == [_plain(verdict) for verdict in alone]


@settings(max_examples=50, deadline=None)
@given(events=st.lists(_EVENTS, max_size=8), order=st.randoms())
def test_order_within_a_batch_does_not_matter(engine: Engine, events: list[Event], order: Any) -> None:
    """Each event gets its own verdict wherever it stands."""
    shuffled = list(range(len(events)))
    order.shuffle(shuffled)
    together = engine.judge(events)
    mixed = engine.judge([events[index] for index in shuffled])
    assert [_plain(mixed[place]) for place in range(len(events))] == [_plain(together[index]) for index in shuffled]


def _plain(verdict: Verdict) -> Verdict:
    return replace(verdict, findings=[*verdict.findings], skipped_checks=[*verdict.skipped_checks])


def test_batch_of_none_has_no_verdicts(engine: Engine) -> None:
    """An empty list in, an empty list out."""
    assert engine.judge([]) == []


def test_verdicts_stand_in_the_order_of_the_events_across_chunks(engine: Engine) -> None:
    """Whatever their types, and however they are cut."""
    kinds = ["plain", "slow", "later", "unheard of"]
    events = [Event(kinds[number % 4], b"{}", NOW, event_id=str(number)) for number in range(2000)]
    verdicts = engine.judge(events)
    assert [verdict.event_id for verdict in verdicts] == [str(number) for number in range(2000)]
    assert [verdict.valid for verdict in verdicts] == [number % 4 != 3 for number in range(2000)]


async def _turns(engine: Engine, events: list[Event]) -> int:
    """Return how often another task had its turn while events were judged."""
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await engine.judge_async(events)
    ticking.cancel()
    return turns


async def test_other_tasks_have_their_turns_between_chunks_of_a_large_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is time, by the number of events, and by the size of their payloads as text of either kind."""
    monkeypatch.setattr(_pace, "_TURN", 0.0)
    engine = engine_of(CONTRACTS)
    assert await _turns(engine, [Event("plain", b"{}")] * EVENTS) <= 1
    assert await _turns(engine, [Event("plain", b"{}")] * EVENTS * 10) >= 9
    large = b'{"ignored":"' + b"x" * 200_000 + b'"}'
    for payload in (large, large.decode()):
        assert await _turns(engine, [Event("plain", payload)] * 10) >= 9


async def test_other_tasks_have_their_turns_while_many_errors_are_told() -> None:
    """A batch in which everything is wrong costs a hundred times one that is right, and is cut by the time it takes."""
    engine = engine_of(CONTRACTS)
    bad = b'{"items":[' + b'"x",' * 99 + b'"x"]}'
    assert await _turns(engine, [Event("plain", bad)] * 256) >= 5


def test_chunks_are_cut_by_number_and_by_size() -> None:
    """At most so many events, and at most 256 KiB unless one event alone has more."""
    events = [Event("a", b"{}")] * (2 * EVENTS + 7)
    assert [len(chunk) for chunk in chunks(events)] == [EVENTS, EVENTS, 7]
    sizes = [200_000, 200_000, 10, 50_000, 300_000, 1, 262_143, 1]
    found = [[len(event.payload or "") for event in chunk] for chunk in chunks([Event("a", b"x" * size) for size in sizes])]
    assert found == [[200_000], [200_000, 10, 50_000], [300_000], [1, 262_143], [1]]
    assert list(chunks([])) == []


async def test_all_events_of_a_call_were_received_at_one_time() -> None:
    """However long the first of them take: a Clock compares with the time of the call."""
    now = [NOW]
    engine = engine_of(CONTRACTS, clock=lambda: now[0])
    call = asyncio.create_task(engine.judge_async([Event("slow", b'{"x":1}', NOW)] * 2000))
    while not call.done():
        now[0] += 86_400 * 10**9
        await asyncio.sleep(0)
    assert {tuple(checks(verdict)) for verdict in await call} == {()}
    await engine.close()
