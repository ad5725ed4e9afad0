"""Asking for many events at once, of either client, and what comes of each."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assay_client import (
    AsyncClient,
    Client,
    Event,
    GatherTuning,
    Verdict,
)
from tests.unit.client.scripted_server import ScriptedServer

Kind = type[Client | AsyncClient]
Answers = list[Verdict | Exception]


def ask(
    kind: Kind,
    address: str,
    events: Sequence[Event],
    *,
    callers: int = 100,
    gather: bool | GatherTuning = True,
    after: Callable[[int], None] = lambda _: None,
    **keywords: Any,
) -> Answers:
    """Return what comes of each event, asked for by so many callers at a time; `after` each it is told how many there are."""
    answers: dict[int, Verdict | Exception] = {}
    positions = iter(range(len(events)))
    lock = threading.Lock()

    def arguments(position: int) -> tuple[Any, ...]:
        return events[position].event_type, events[position].payload

    if kind is Client:
        with Client(address, gather=gather) as client, ThreadPoolExecutor(callers) as threads:

            def work(_: int) -> None:
                while True:
                    with lock:
                        position = next(positions, None)
                    if position is None:
                        return
                    try:
                        answers[position] = client.validate(
                            *arguments(position), event_id=events[position].event_id, **keywords
                        )
                    except Exception as error:  # noqa: BLE001  # It is looked at by the test.
                        answers[position] = error
                    after(len(answers))

            list(threads.map(work, range(callers)))
    else:

        async def main() -> None:
            async with AsyncClient(address, gather=gather) as client:

                async def work() -> None:
                    for position in positions:
                        event_id = events[position].event_id
                        try:
                            answers[position] = await client.validate(*arguments(position), event_id=event_id, **keywords)
                        except Exception as error:  # noqa: BLE001  # It is looked at by the test.
                            answers[position] = error
                        after(len(answers))

                await asyncio.gather(*(work() for _ in range(callers)))

        asyncio.run(main())
    return [answers[position] for position in range(len(events))]


def check(answers: Answers, events: Sequence[Event]) -> None:
    """Check that each event got the verdict that is its own."""
    assert [answer if isinstance(answer, Exception) else answer.event_id for answer in answers] == [
        event.event_id for event in events
    ]


def methods(server: ScriptedServer) -> list[str]:
    """Return which methods were called."""
    return [method for method, _ in server.calls]


def orders(count: int) -> list[Event]:
    """Return events for a real server; every tenth is not valid."""
    return [Event("order.placed", {"sku": "A1", "quantity": number % 10}, event_id=str(number)) for number in range(count)]
