"""Durations as authors write them."""

import re
from datetime import timedelta

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(value: timedelta | str) -> timedelta:
    """Return the duration that `value` stands for: a timedelta, or a number with ms, s, m, h or d such as "90d".

    Raises:
        ValueError: If it is neither, or not above zero.
    """
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, str) and (match := _PATTERN.fullmatch(value)):
        try:
            duration = timedelta(seconds=float(match[1]) * _UNITS[match[2]])
        except OverflowError:
            message = f"{value!r} is longer than any duration can be"
            raise ValueError(message) from None
    else:
        message = f"{value!r} is no duration: write a timedelta, or a number with ms, s, m, h or d, such as '200ms' or '7d'"
        raise ValueError(message)
    if duration <= timedelta(0):
        message = f"{value!r} is no duration above zero"
        raise ValueError(message)
    return duration
