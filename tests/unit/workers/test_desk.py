"""What workers ask is answered once for all."""

import asyncio
import threading
from typing import Any

from assay_server.workers._desk import Desk


async def test_a_question_is_answered_once_for_all_who_ask_meanwhile() -> None:
    """And again for those who ask later."""
    asked: list[Any] = []
    go = threading.Event()

    def answers(question: Any) -> Any:
        asked.append(question)
        assert go.wait(30)
        return [question, len(asked)]

    desk = Desk(answers)
    together = [asyncio.create_task(desk.answer(question)) for question in ("a", "a", ["b"])]
    while len(asked) < 2:  # noqa: ASYNC110  # Nothing tells.
        await asyncio.sleep(0.001)
    go.set()
    first, second, other = await asyncio.gather(*together)
    assert first == second
    assert {first[0], other[0][0]} == {"a", "b"}
    assert (await desk.answer("a"))[1] == 3


async def test_who_asks_what_has_no_answer_does_not_wait_for_ever() -> None:
    """A fault in what answers is no answer."""

    def answers(question: Any) -> Any:
        raise ValueError(question)

    desk = Desk(answers)
    assert [*await asyncio.gather(desk.answer(1), desk.answer(1))] == [None, None]


async def test_who_stops_waiting_takes_nothing_from_others() -> None:
    """As a worker that has died while its question was being answered."""
    go = threading.Event()

    def answers(question: Any) -> Any:
        assert go.wait(30)
        return question

    desk = Desk(answers)
    gone, waiting = (asyncio.create_task(desk.answer(1)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait((gone,))
    go.set()
    assert await waiting == 1
