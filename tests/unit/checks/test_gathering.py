"""Models that take time: asked for several calls at once, bounded in time, and left alone while they hang."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from assay_server.checks._gathering import MOST_ROWS, THREADS, Gathering, ModelUnavailableError, scored
from assay_server.models import Floats
from tests.unit.checks.making import until

LONG = 20.0
"""A timeout that does not come."""

SOON = 0.05
"""A timeout for models that hang, in seconds."""


class Model:
    """Scores a row with the sum of its features; fails on rows that begin with -1, and hangs on those that begin with -2."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.let_go = threading.Event()

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of rows."""
        self.asked.append(len(matrix))
        if (matrix[:, 0] == -1).any():
            raise ValueError("a row that cannot be scored")
        if (matrix[:, 0] == -2).any():
            self.let_go.wait(10)
        return np.asarray(matrix.sum(axis=1))

    async def was_asked(self, times: int) -> None:
        """Wait until it has been asked so often."""
        await until(lambda: len(self.asked) >= times)


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.let_go.set()


def rows(*firsts: float) -> Floats:
    """Return rows that begin so, and go on with 1."""
    return np.column_stack([np.array(firsts, np.float64), np.ones(len(firsts))])


async def test_calls_at_the_same_time_are_one_to_the_model(model: Model) -> None:
    """Each gets the scores of its own rows, in their order."""
    gathering = Gathering(model.score, "model", LONG)
    found = await asyncio.gather(*(gathering.score(rows(*range(number, number + 3))) for number in range(50)))
    assert model.asked == [150]
    for number, one in enumerate(found):
        assert one.scores.tolist() == [number + 1, number + 2, number + 3]
        assert one.error is None


async def test_a_call_alone_does_not_wait_for_ever(model: Model) -> None:
    """Nor do those after it."""
    gathering = Gathering(model.score, "model", LONG)
    for number in range(3):
        assert (await gathering.score(rows(number))).scores.tolist() == [number + 1]
    assert model.asked == [1, 1, 1]


async def test_so_many_rows_are_scored_at_once_at_the_most(model: Model) -> None:
    """But for a call that has more by itself; nothing is lost."""
    gathering = Gathering(model.score, "model", LONG)
    sizes = [100] * 25 + [MOST_ROWS + 500] + [100] * 5
    found = await asyncio.gather(*(gathering.score(rows(*[float(place)] * size)) for place, size in enumerate(sizes)))
    assert [(len(one.scores), set(one.scores.tolist())) for one in found] == [
        (size, {place + 1}) for place, size in enumerate(sizes)
    ]
    assert sum(model.asked) == sum(sizes)
    assert sorted(size for size in model.asked if size > MOST_ROWS) == [MOST_ROWS + 500]
    assert len(model.asked) < len(sizes) / 2


async def test_calls_gather_while_all_threads_are_at_work(model: Model) -> None:
    """However long that takes."""
    gathering = Gathering(model.score, "model", LONG)
    busy = []
    for number in range(1, THREADS + 1):
        busy.append(asyncio.create_task(gathering.score(rows(-2))))
        await model.was_asked(number)
    waiting = []
    for number in range(20):
        waiting.append(asyncio.create_task(gathering.score(rows(number))))
        await asyncio.sleep(0.003)  # Longer than a call waits for others: each would be asked alone.
    assert len(model.asked) == THREADS
    model.let_go.set()
    assert [one.scores.tolist() for one in await asyncio.gather(*waiting)] == [[number + 1] for number in range(20)]
    assert model.asked[THREADS:] == [20]
    await asyncio.gather(*busy)


@pytest.mark.parametrize("faulty", [{0}, {7}, {0, 1, 2}, {3, 11, 15}, set(range(16))])
async def test_a_row_that_the_model_fails_on_costs_no_other_its_score(model: Model, faulty: set[int]) -> None:
    """Whichever call it came with, and whatever is in the batch beside it."""
    gathering = Gathering(model.score, "model", LONG)
    calls = [rows(*(-1 if place in faulty else place for place in (2 * number, 2 * number + 1))) for number in range(8)]
    found = await asyncio.gather(*map(gathering.score, calls))
    for number, one in enumerate(found):
        for place, score in zip((2 * number, 2 * number + 1), one.scores.tolist(), strict=True):
            assert np.isnan(score) if place in faulty else score == place + 1
        assert isinstance(one.error, ValueError) == np.isnan(one.scores).any()


def test_a_fault_does_not_depend_on_who_is_asked_beside_it(model: Model) -> None:
    """Alone and in any batch, each row has the same score."""
    matrix = rows(*np.random.default_rng(2).integers(-1, 5, 200).astype(float))
    together = scored(model.score, matrix).scores
    alone = [scored(model.score, matrix[place : place + 1]).scores[0] for place in range(len(matrix))]
    np.testing.assert_array_equal(together, alone)


async def test_a_model_that_hangs_is_given_up_on(model: Model) -> None:
    """Those who came with it are told; another thread serves the others."""
    gathering = Gathering(model.score, "model", timeout=SOON)
    with pytest.raises(ModelUnavailableError, match="longer than"):
        await gathering.score(rows(-2))
    assert (await gathering.score(rows(3))).scores.tolist() == [4]


async def test_a_model_whose_threads_all_hang_is_left_alone_until_one_returns(model: Model) -> None:
    """Nobody waits for it meanwhile."""
    gathering = Gathering(model.score, "model", timeout=SOON)
    for _ in range(THREADS):
        with pytest.raises(ModelUnavailableError, match="longer than"):
            await gathering.score(rows(-2))
    asked = len(model.asked)
    with pytest.raises(ModelUnavailableError, match="left alone"):
        await gathering.score(rows(3))
    assert len(model.asked) == asked
    model.let_go.set()
    await until(lambda: gathering._late == 0)
    assert (await gathering.score(rows(3))).scores.tolist() == [4]


async def test_calls_that_waited_for_threads_that_hang_are_told(model: Model) -> None:
    """Once it is known."""
    gathering = Gathering(model.score, "model", timeout=SOON)
    stuck = []
    for number in range(THREADS):
        stuck.append(asyncio.create_task(gathering.score(rows(-2))))
        await model.was_asked(number + 1)
    waiting = asyncio.create_task(gathering.score(rows(3)))
    for answer in await asyncio.gather(*stuck, waiting, return_exceptions=True):
        assert isinstance(answer, ModelUnavailableError)


async def test_a_model_that_keeps_taking_too_long_is_left_alone_for_a_while(model: Model) -> None:
    """Also if each call does end."""
    gathering = Gathering(model.score, "model", timeout=SOON)
    for _ in range(5):
        model.let_go.clear()
        with pytest.raises(ModelUnavailableError, match="longer than"):
            await gathering.score(rows(-2))
        model.let_go.set()
        await until(lambda: gathering._late == 0)
    with pytest.raises(ModelUnavailableError, match="left alone"):
        await gathering.score(rows(3))


async def test_whoever_does_not_wait_any_more_costs_others_nothing(model: Model) -> None:
    """The rest of the batch is answered."""
    gathering = Gathering(model.score, "model", LONG)
    calls = [asyncio.create_task(gathering.score(rows(number))) for number in range(3)]
    await asyncio.sleep(0)
    calls[1].cancel()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(found[1], asyncio.CancelledError)
    assert [one.scores.tolist() for one in (found[0], found[2]) if not isinstance(one, BaseException)] == [[1], [3]]


async def test_what_else_a_model_does_is_bounded_in_time_too(model: Model) -> None:
    """It has a thread of its own, and is not begun again while that hangs; what it raises is the caller's."""
    gathering = Gathering(model.score, "model", timeout=SOON)
    assert await gathering.run(lambda one, two: one + two, 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        await gathering.run(lambda: 1 / 0)
    with pytest.raises(ModelUnavailableError, match="longer than"):
        await gathering.run(model.let_go.wait, 10)
    with pytest.raises(ModelUnavailableError, match="still runs"):
        await gathering.run(lambda: 1)
    assert (await gathering.score(rows(3))).scores.tolist() == [4]
    model.let_go.set()
    await until(lambda: gathering._hanging is not None and gathering._hanging.done())
    assert await gathering.run(lambda: 1) == 1


async def test_threads_end_once_nobody_waits_for_the_model(model: Model) -> None:
    """As when another one serves in its place."""
    gathering = Gathering(model.score, "the model that went", LONG)
    alive = threads("the model that went")
    await gathering.score(rows(1))
    await gathering.run(lambda: 1)
    assert len(alive()) == 2
    call = asyncio.create_task(gathering.score(rows(2)))
    await asyncio.sleep(0)
    del gathering
    gc.collect()
    assert (await call).scores.tolist() == [3]
    del call
    await until(lambda: gc.collect() is None or not alive())


def threads(name: str) -> Callable[[], list[str]]:
    """Return what tells the threads of a name that are alive."""
    return lambda: [thread.name for thread in threading.enumerate() if thread.name.startswith(name)]
