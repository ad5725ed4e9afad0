"""validate_stream from threads.

Three threads work on one book, under one lock: the caller's own, which reads answers; one that reads the input, because
an input that blocks must not hold up answers; and the one in which grpc asks for the next message to send.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import cast

import grpc

from assay_client._book import Book, Request, Response
from assay_client._errors import CallError
from assay_client._events import EventLike
from assay_client._status import FailedCall, call_error
from assay_client._verdict import Verdict

_LAST_WAIT = 0.1
"""How many seconds a caller who is done waits for the input's thread: enough, unless the input itself blocks."""


class Stream:
    """One call of `Client.validate_stream`."""

    def __init__(self, open_call: Callable[[Iterator[Request]], grpc.Call], book: Book) -> None:
        self._open_call = open_call
        self._book = book
        self._changed = threading.Condition()
        self._call_number = 0
        self._closed = False

    def verdicts(self, events: Iterable[EventLike]) -> Generator[Verdict, None, None]:
        """Yield a verdict for each of `events`, in their order."""
        reader = threading.Thread(target=self._read, args=(events,), name="assay-stream-input", daemon=True)
        reader.start()
        try:
            while self._has_message(self._call_number):
                delay = yield from self._one_call()
                time.sleep(delay)
        finally:
            with self._changed:
                self._closed = True
                self._changed.notify_all()
            reader.join(_LAST_WAIT)
        if self._book.input_error is not None:
            raise self._book.input_error

    def _one_call(self) -> Generator[Verdict, None, float]:
        """Yield what one call answers, and return after how many seconds to carry on."""
        error: CallError | None = None
        with self._changed:
            self._book.begin_call()
        call = self._open_call(self._messages(self._call_number))
        try:
            for response in cast("Iterable[Response]", call):
                with self._changed:
                    verdicts = self._book.answer(response)
                yield from map(Verdict, verdicts)
                with self._changed:
                    self._book.release(len(verdicts))
                    self._changed.notify_all()
        except grpc.RpcError as failed:
            error = call_error(cast("FailedCall", failed))
        finally:
            with self._changed:
                self._call_number += 1  # Ends the iterator of messages.
                self._changed.notify_all()
            call.cancel()
        with self._changed:
            return self._book.call_ended(error)

    def _messages(self, call_number: int) -> Iterator[Request]:
        """Yield what one call is to send, as it becomes due."""
        while self._has_message(call_number):
            with self._changed:
                message = self._book.next_message() if call_number == self._call_number else None
            if message is not None:
                yield message

    def _has_message(self, call_number: int) -> bool:
        """Wait for a message to send. False if there will be none: the input, the call or the stream has ended."""
        book = self._book
        with self._changed:
            while not self._closed and call_number == self._call_number:
                if book.has_unsent or book.input_ended:
                    return book.has_unsent
                wait = None if book.due is None else book.due - time.monotonic()
                if wait is not None and wait <= 0:
                    book.flush()
                else:
                    self._changed.wait(wait)
        return False

    def _read(self, events: Iterable[EventLike]) -> None:
        """Put the input into the book, as far as there is room."""
        book, changed = self._book, self._changed
        error: BaseException | None = None
        try:
            for event in events:
                with changed:
                    due = book.due
                    book.add(event, time.monotonic())
                    if due != book.due or book.due is None:
                        changed.notify_all()
                    while not (book.has_room or self._closed):
                        changed.wait()
                    if self._closed:
                        return
        except BaseException as raised:  # noqa: BLE001 - It is raised again, in the caller's own thread.
            error = raised
        with changed:
            book.end_input(error)
            changed.notify_all()
