"""A circuit breaker."""

import time
from collections.abc import Callable


class Breaker:
    """Says when to leave a thing alone that keeps failing.

    After some failures in a row it opens: nothing is allowed for a while, then one trial. A trial that fails opens it again,
    for twice as long; one that succeeds closes it.

    Args:
        failures: How many failures in a row open it.
        pause: How long it stays open at first, in seconds.
        longest: How long it stays open at the most, in seconds.
        clock: Seconds that never go back.
    """

    def __init__(
        self, failures: int = 5, pause: float = 1.0, longest: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._first_pause = pause
        self._longest_pause = longest
        self._clock = clock
        self._failures = 0
        self._pause = pause
        self._open_until = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether it holds anything back."""
        return self._failures >= self._most

    def allows(self) -> bool:
        """Return whether to go ahead; what goes ahead must be told of by `succeeded`, `failed` or `dropped`."""
        if not self.is_open:
            return True
        if self._trying or self._clock() < self._open_until:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Take note that the thing works."""
        self._failures = 0
        self._pause = self._first_pause
        self._trying = False

    def failed(self) -> None:
        """Take note that the thing failed."""
        self._failures += 1
        if self._failures > self._most and self._trying:
            self._pause = min(self._pause * 2, self._longest_pause)
        if self.is_open:
            self._open_until = self._clock() + self._pause
        self._trying = False

    def dropped(self) -> None:
        """Take note that nobody waited for how it went."""
        self._trying = False
