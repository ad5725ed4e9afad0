"""What workers ask their supervisor: answered once for all of them, and to all at the same time."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog

Answers = Callable[[Any], Any]
"""Answers a question, both JSON data; blocks."""

_log = structlog.stdlib.get_logger(__name__)


class Desk:
    """Answers questions in threads; one that is asked again while it is being answered gets the same answer.

    Args:
        answers: What knows the answers.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._answering: dict[str, asyncio.Task[Any]] = {}

    async def answer(self, question: Any) -> Any:
        """Return the answer to a question; None if there is none."""
        text = json.dumps(question)
        task = self._answering.get(text)
        if task is None:
            task = self._answering[text] = asyncio.create_task(
                asyncio.to_thread(self._answers, question), name="answer workers"
            )
            task.add_done_callback(lambda _: self._answering.pop(text))
        try:
            return await asyncio.shield(task)
        except Exception:  # noqa: BLE001  # Whoever asked must not wait for ever.
            _log.exception("a worker's question cannot be answered")
            return None
