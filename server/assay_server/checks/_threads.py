"""Threads for code that may never return."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(Executor):
    """An executor whose threads do not keep the process alive.

    The standard library's waits for its threads when the interpreter ends, and would wait for ever for one that hangs.

    Args:
        size: How many threads there are at the most.
        name: What the threads are called.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._idle = threading.Semaphore(0)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in one of the threads; see `concurrent.futures.Executor.submit`."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **kwargs))
            except StopIteration:
                future.set_exception(RuntimeError("StopIteration was raised"))  # Which no coroutine may raise, or pass on.
            except BaseException as error:  # noqa: BLE001  # It is the caller's, not the thread's.
                future.set_exception(error)

        self._work.put(run)
        self._grow()
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:
        """Let each thread end once it has nothing to do; never waits."""
        del wait, cancel_futures
        for _ in self._threads:
            self._work.put(None)

    def _grow(self) -> None:
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if len(self._threads) < self._size:
                thread = threading.Thread(target=self._serve, name=f"{self._name} {len(self._threads) + 1}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self) -> Any:
        while (run := self._work.get()) is not None:
            run()
            del run
            self._idle.release()
