"""Rows in the order of their times, whatever order they came in and however many there are."""

import random
from pathlib import Path
from typing import Any

import pytest

from assay_server.engine import Event
from assay_server.files import FileError, Format, Row, RowProblem, RowsInOrder, Source

FIRST, SECOND = Source("first.ndjson", Format.NDJSON), Source("second.ndjson", Format.NDJSON)


def rows(source: Source, *times: int | None) -> list[Row]:
    """Return rows with these times, numbered from 1."""
    return [Row(source, place, Event("a", b'{"n":%d}' % place, time), None) for place, time in enumerate(times, 1)]


def order(ordered: RowsInOrder) -> list[tuple[str, int]]:
    return [(row.source.name[0], row.number) for some in ordered for _, row in some]


def test_rows_of_several_files_are_put_in_the_order_of_their_times() -> None:
    """Those of one time in the order in which they came."""
    with RowsInOrder() as ordered:
        ordered.add(rows(FIRST, 5, 1, 3))
        ordered.add(rows(SECOND, 4, 3, 2))
        assert order(ordered) == [("f", 2), ("s", 3), ("f", 3), ("s", 2), ("s", 1), ("f", 1)]
        assert len(ordered) == 6


def test_rows_without_times_keep_the_order_of_the_file() -> None:
    """All of them if none has one; else each stays behind the row before it in its file."""
    with RowsInOrder() as ordered:
        ordered.add(rows(FIRST, None, None, None))
        assert order(ordered) == [("f", 1), ("f", 2), ("f", 3)]
        assert not ordered.timed
    with RowsInOrder() as ordered:
        ordered.add(rows(FIRST, 20, None, 10, None))
        ordered.add(rows(SECOND, None, 15))
        assert order(ordered) == [("s", 1), ("f", 3), ("f", 4), ("s", 2), ("f", 1), ("f", 2)]
        assert ordered.timed


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_however_many_are_held_in_memory(most: int) -> None:
    """The same rows come back, whole and in the same order, from a folder that is then gone."""
    rng = random.Random(5)
    given: list[Row] = []
    for number in range(700):
        problem = RowProblem("envelope.timestamp_invalid", "odd") if rng.random() < 0.1 else None
        time = None if problem or rng.random() < 0.1 else rng.randrange(300)
        event = Event("a", None if problem else b"%d" % number, time, f"e{number}", "1")
        given.append(Row(FIRST, number + 1, event, object(), problem))
    with RowsInOrder(most=10_000) as ordered:
        ordered.add(given)
        expected = _told(ordered)
    with RowsInOrder(most=most) as ordered:
        for start in range(0, len(given), 5):
            ordered.add(given[start : start + 5])
        folder = Path(ordered._folder.name) if ordered._folder else None
        assert _told(ordered) == expected
        assert (folder is not None) == (most < 700)
    assert folder is None or not folder.exists()
    times = [time for time, *_ in expected if time >= 0]
    assert times == sorted(times)
    assert {row[2] for row in expected} == set(range(1, 701))


def _told(ordered: RowsInOrder) -> list[Any]:
    return [(time, row.source.name, row.number, row.event, row.problem) for some in ordered for time, row in some]


def test_rows_from_a_time_on_are_left_out() -> None:
    """With those that stay behind them."""
    with RowsInOrder(until=3) as ordered:
        ordered.add(rows(FIRST, 1, 3, None, 2, None))
        assert order(ordered) == [("f", 1), ("f", 4), ("f", 5)]
        assert len(ordered) == 3


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what to do about it."""
    with RowsInOrder(most=1) as ordered:
        ordered.add(rows(FIRST, 1))
        assert ordered._folder is not None
        ordered._folder.cleanup()
        with pytest.raises(FileError, match=r"rows cannot be put in order there.*TMPDIR"):
            ordered.add(rows(FIRST, 2))
