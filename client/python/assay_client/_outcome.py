"""How a stream of grpc.aio ended, told apart from how a write to it failed."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

import grpc

T = TypeVar("T")

_FAILED_WRITE = "Internal error from Core"


class Outcome:
    """The status that the server ended a call with.

    Where the server ends a call while a message is being sent, the failed write replaces the server's status by
    INTERNAL, whichever came first (grpc/grpc#36066). If the server's does, it is kept here, by a callback of the call. If
    not, it mostly comes a moment later. Failing both, all that is known is that the call is gone: UNAVAILABLE.
    """

    def __init__(self, call: grpc.aio.Call) -> None:
        self._call = call
        self._known = False
        self._code = grpc.StatusCode.UNAVAILABLE
        self._details = "the stream broke off"
        self._trailing: list[tuple[str, str | bytes]] = []
        call.add_done_callback(self._note)

    async def settle(self) -> None:
        """Wait for the server's status if a failed write came first: a quarter of a second, at most."""
        for exponent in range(8):
            if self._known:
                return
            await asyncio.sleep(0.001 * 2**exponent)
            self._note(self._call)

    def code(self) -> grpc.StatusCode:
        """Return the status code."""
        return self._code

    def details(self) -> str:
        """Return the status message."""
        return self._details

    def trailing_metadata(self) -> Iterable[tuple[str, str | bytes]]:
        """Return what came with the status."""
        return self._trailing

    def _note(self, call: Any) -> None:
        code, details = _at_once(call.code()), _at_once(call.details())
        if (code, details) != (grpc.StatusCode.INTERNAL, _FAILED_WRITE):
            self._known = True
            self._code, self._details = code, details
            self._trailing = list(_at_once(call.trailing_metadata()))


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine gives that has no need to wait, as is so for all that is asked of a call that is done."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("a call that is done does not know its status")
