"""Timestamps as files have them."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.files import parse_timestamp

SECOND = 1_000_000_000
NEW_YEAR = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01t00:00:00z", NEW_YEAR),
        (" 2026-01-01 00:00:00 UTC ", NEW_YEAR),
        ("2026-01-01T02:00:00+02:00", NEW_YEAR),
        ("2025-12-31T22:30:00-0130", NEW_YEAR),
        ("2026-01-01", NEW_YEAR),
        ("2026-01-01 00:00", NEW_YEAR),
        ("2026-01-01T00:00:00.000000001Z", NEW_YEAR + 1),
        ("2026-01-01T00:00:00.5", NEW_YEAR + SECOND // 2),
        ("2025-12-31T23:59:60Z", NEW_YEAR),
        ("1767225600", NEW_YEAR),
        ("1767225600.000000001", NEW_YEAR + 1),
        ("1767225600000", NEW_YEAR),
        ("1767225600000000", NEW_YEAR),
        ("1767225600000000000", NEW_YEAR),
        ("1.7672256e9", NEW_YEAR),
        ("-1", -SECOND),
        ("0", 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800 * SECOND),
        ("9999-12-31T23:59:59.999999999Z", 253_402_300_800 * SECOND - 1),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    """RFC 3339, dates and numbers in any unit."""
    assert parse_timestamp(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-30T00:00:00Z",
            "26-01-01",
            "2026-W01-1",
            "12:00",
            "nan",
            "1e99",
            "9" * 5000,
            "٣",
        ),
        *(
            "٣",
            "0001-01-01T00:00:00+01:00",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00+99:00",
            "Infinity",
            "1 2",
            "-",
            "0x10",
        ),
    ],
)
def test_what_is_no_time_is_refused_with_a_remedy(text: str) -> None:
    """Other errors than ValueError would stop a whole file."""
    with pytest.raises(ValueError, match="is no time: write RFC 3339"):
        parse_timestamp(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_datetime_comes_back(moment: datetime) -> None:
    """As isoformat writes it, for the whole range of Python's own."""
    nanoseconds = parse_timestamp(moment.isoformat())
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert nanoseconds == (since.days * 86_400 + since.seconds) * SECOND + since.microseconds * 1000


@given(st.text())
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    """Whatever stands in a cell."""
    with contextlib.suppress(ValueError):
        assert isinstance(parse_timestamp(text), int)
