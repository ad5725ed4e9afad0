"""What is written to the log when an author's code fails."""

import logging
import time
import traceback

_log = logging.getLogger(__name__)

_PAUSE = 10.0
_LONGEST_CAUSE = 1000


class FailureLog:
    """Logs the failures of one check: the first at once, and then one line every ten seconds at the most.

    Args:
        check: Which check fails, for whoever reads the log.
        discreet: Leave out what exceptions say, which may quote a sensitive value.
    """

    def __init__(self, check: str, *, discreet: bool) -> None:
        self._check = check
        self._discreet = discreet
        self._silent_until = 0.0
        self._unsaid = 0

    def write(self, error: BaseException | str) -> None:
        """Log a failure, unless one was logged just now."""
        now = time.monotonic()
        if now < self._silent_until:
            self._unsaid += 1
            return
        cause = error if isinstance(error, str) else type(error).__name__
        stack = None
        if isinstance(error, BaseException):
            stack = "".join(traceback.format_tb(error.__traceback__))
            if not self._discreet:
                cause = f"{cause}: {_text(error)}"[:_LONGEST_CAUSE]
        _log.error("check failed", extra={"check": self._check, "cause": cause, "stack": stack, "unsaid": self._unsaid})
        self._silent_until = now + _PAUSE
        self._unsaid = 0


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # An author's own error may fail at telling what it is.
        return "it cannot tell"
