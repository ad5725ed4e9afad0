"""Timestamps as files have them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

FIRST_TIME = -62_135_596_800_000_000_000
"""0001-01-01T00:00:00Z in nanoseconds since 1970: the first that the wire contract has."""

LAST_TIME = 253_402_300_799_999_999_999
"""9999-12-31T23:59:59.999999999Z."""

_SECOND = 1_000_000_000
_TEXT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)? ?([Zz]|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)

# A number below the first of these counts seconds: they reach to the year 2603, and the same in milliseconds from August 1970.
_UNITS = ((20_000_000_000, _SECOND), (20_000_000_000_000, 1_000_000), (20_000_000_000_000_000, 1000))


def parse_timestamp(value: str) -> int:
    """Return a timestamp in nanoseconds since 1970, UTC.

    Args:
        value: RFC 3339 text, with a space for the T and without seconds or zone if need be; a date; or a number
            that counts from 1970 in seconds, milli-, micro- or nanoseconds.

    Raises:
        ValueError: If it is none of these, or outside the years 1 to 9999.
    """
    text = value.strip()
    match = _TEXT.fullmatch(text)
    if match is None:
        if _NUMBER.fullmatch(text):
            return _from_number(text)
        raise ValueError(_message(value))
    date, minutes, seconds, fraction, zone = match.groups()
    if zone is None or zone in {"Z", "z", "UTC"}:
        zone = "+00:00"
    # A leap second is the one after it, as in Unix time.
    leap = seconds == "60"
    try:
        moment = datetime.fromisoformat(f"{date}T{minutes or '00:00'}:{'59' if leap else seconds or '00'}{zone}")
    except ValueError:
        raise ValueError(_message(value)) from None
    since = moment - _EPOCH
    nanoseconds = (since.days * 86_400 + since.seconds + leap) * _SECOND + int((fraction or "0").ljust(9, "0"))
    return _in_range(nanoseconds, value)


def _from_number(text: str) -> int:
    try:
        number = Decimal(text)
        size = abs(number)
        factor = next((factor for limit, factor in _UNITS if size <= limit), 1)
        return _in_range(int(number * factor), text)
    except (ArithmeticError, ValueError):
        raise ValueError(_message(text)) from None


def _in_range(nanoseconds: int, value: str) -> int:
    if not FIRST_TIME <= nanoseconds <= LAST_TIME:
        raise ValueError(_message(value))
    return nanoseconds


def _message(value: str) -> str:
    return f"{value[:100]!r} is no time: write RFC 3339, such as 2026-01-31T12:00:00Z, or a number of seconds since 1970"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
