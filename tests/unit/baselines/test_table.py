"""Tables that share what did not change."""

import threading
import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay_server.baselines.history import Floats
from assay_server.baselines.history._moments import EMPTY
from assay_server.baselines.history._names import ABSENT
from assay_server.baselines.history._table import Table


def rows_of(count: int, start: int) -> Floats:
    """Rows that differ from all others that start elsewhere."""
    return np.arange(start, start + 6 * count, dtype=np.float64).reshape(count, 6)


@given(st.integers(0, 12), st.lists(st.tuples(st.sampled_from(["change", "insert", "branch"]), st.integers(0, 2**12 - 1))))
def test_every_version_keeps_what_it_was_made_with(size: int, steps: list[tuple[str, int]]) -> None:
    """Whatever becomes of a table, also of several from the same one, each has its own rows, and the empty one behind them."""
    table, plain = Table.of(rows_of(size, 0)), rows_of(size, 0)
    versions = [(table, plain)]
    for number, (what, bits) in enumerate(steps, 1):
        chosen = np.array([row for row in range(len(plain)) if bits >> (row % 12) & 1], np.int32)
        if what == "branch":
            table, plain = versions[bits % len(versions)]
            continue
        if what == "insert":
            table, plain = table.with_empty(chosen), np.insert(plain, chosen, EMPTY, axis=0)
        else:
            rows = rows_of(len(chosen), 1000 * number)
            table, plain = table.changed(chosen, rows), plain.copy()
            plain[chosen] = rows
        versions.append((table, plain))
    for table, plain in versions:
        assert len(table) == len(plain)
        np.testing.assert_array_equal(table.all(), plain)
        numbers = np.array([*range(len(plain)), len(plain), ABSENT], np.int32)
        np.testing.assert_array_equal(table.take(numbers), [*plain, EMPTY, EMPTY])
        assert [table.row(row) for row in range(len(plain))] == plain.tolist()
        assert table.row(-1) == EMPTY.tolist()


def test_a_change_of_few_rows_copies_few() -> None:
    """A hundred changes of a thousand rows each never take as much memory as three tables, and leave one and a half."""
    size, few = 100_000, 1000
    tracemalloc.start()
    try:
        table = Table.of(rows_of(size, 0))
        whole, _ = tracemalloc.get_traced_memory()
        for number in range(100):
            table = table.changed(np.arange(number, size, 100, dtype=np.int32), rows_of(few, number))
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 1.5 * whole
    assert peak < 3 * whole
    assert table.row(99) == rows_of(1, 99)[0].tolist()


def test_versions_of_one_table_may_be_made_by_several_threads() -> None:
    """None gets the rows of another."""
    base = Table.of(rows_of(20_000, 0)).changed(np.arange(1, dtype=np.int32), rows_of(1, 0))
    made: dict[int, Table] = {}

    def make(number: int) -> None:
        table = base
        for row in range(1000):
            table = table.changed(np.array([row], np.int32), np.full((1, 6), float(number)))
        made[number] = table

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, table in made.items():
        assert set(table.all()[:1000, 0].tolist()) == {float(number)}
        np.testing.assert_array_equal(table.all()[1000:], rows_of(20_000, 0)[1000:])
