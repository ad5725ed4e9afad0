"""Any number of processes, in any order, arrive at what one would have."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from assay_server.baselines import Baselines, Series, Store
from tests.integration.databases import new_database, postgres, where
from tests.integration.learning import ALL, MOMENTS, NOW, ROWS, WINDOWED, learn, open_baselines, reference, same

__all__ = ["postgres", "where"]


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_processes_arrive_at_what_one_would_have(where: str | Path, parts: int) -> None:
    """However many learn at once, what they leave has the same counts, and moments within 1e-9."""
    command = [sys.executable, "-m", "tests.integration.learning", str(where)]
    running = [subprocess.Popen([*command, str(part), str(parts)], stderr=subprocess.PIPE) for part in range(parts)]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
    after = open_baselines(where)
    same(after, reference())
    after.close()


def test_a_worker_picks_up_what_others_learn(where: str | Path) -> None:
    """After an exchange each reads what all have learned, in memory as after reading all anew."""
    workers = [open_baselines(where) for _ in range(3)]
    for start in range(0, ROWS, 1000):
        worker = workers[start // 1000 % 3]
        learn(worker, range(start, start + 1000))
        worker.publish()
        worker.exchange()
    for worker in workers:
        assert worker.exchange().waiting == 0
        same(worker, reference())
        worker.close()


def test_a_worker_that_was_away_for_long_reads_all_anew(where: str | Path) -> None:
    """Where the changes that it lacks are gone, it reads everything, and keeps what it has not yet written."""
    away = open_baselines(where)
    clock = [NOW]
    other = Baselines(Store(where, clock=lambda: clock[0]), clock=lambda: clock[0])
    for start in (0, 1000):
        learn(other, range(start, start + 1000))
        other.publish()
        clock[0] += 3600 * 10**9  # Long enough to tidy away the change before.
        assert other.exchange().error is None
    clock[0] += 3600 * 10**9
    other.exchange()
    learn(away, range(2000, ROWS))
    away.publish()
    assert away.exchange().error is None
    same(away, reference())
    away.close()
    other.close()


def test_changes_become_visible_in_their_order(where: str | Path) -> None:
    """Writers and a reader at the same time: the reader never misses a change, and never counts one twice."""
    series = Series(event_type="t", check="c", field="/x")
    writers = [Baselines(Store(where), clock=lambda: NOW) for _ in range(4)]
    reader = Baselines(Store(where), clock=lambda: NOW)
    reader.use([series])
    for baselines in (*writers, reader):
        assert baselines.exchange().error is None
    errors: list[str] = []

    def write(baselines: Baselines) -> None:
        for _ in range(15):
            baselines.learn(series, None, np.ones(3), None)
            baselines.publish()
            if error := baselines.exchange().error:
                errors.append(error)

    threads = [threading.Thread(target=write, args=(baselines,)) for baselines in writers]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads):
        reader.exchange()
        seen.append(reader.snapshot[series].moments(None, None).n[0])
    assert not errors
    for baselines in (*writers, reader):
        baselines.exchange()
        assert baselines.snapshot[series].moments(None, None).n.tolist() == [4 * 15 * 3]
        baselines.close()
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "values",
    [
        [1.3e154, -1.3e154, 1.3e154, 1.0],
        [5e-324, -5e-324, 0.0, 1e-310],
        [1e-160, 1e-150, -1e-155, 1e-170],
        [1.0, 1.0, 1.0, 1.0],
        [1e150, 1.0, 1e-150, -1e150],
    ],
    ids=["largest", "denormal", "tiny squares", "constant", "all sizes"],
)
def test_hostile_values_merge_in_the_database(where: str | Path, values: list[float]) -> None:
    """What is finite in memory is so in the database, one value a flush; PostgreSQL would refuse what overflows."""
    series = Series(event_type="t", check="c", field="/x")
    store = Store(where)
    baselines = Baselines(store, clock=lambda: NOW)
    for value in values * 3:
        baselines.learn(series, None, np.array([value]), None)
        baselines.publish()
        assert baselines.exchange().error is None
    other = Baselines(Store(where), clock=lambda: NOW)
    other.use([series])
    other.exchange()
    mine, stored = (each.snapshot[series].moments(None, None) for each in (baselines, other))
    assert stored.table[0, [0, 3, 4]].tolist() == mine.table[0, [0, 3, 4]].tolist()
    size = max(map(abs, values))
    assert stored.mean[0] == pytest.approx(mine.mean[0], rel=1e-9, abs=max(1e-12 * size, 1e-280))
    assert stored.m2[0] == pytest.approx(mine.m2[0], rel=1e-9, abs=1e-280)
    assert np.isfinite(stored.std).all()
    baselines.close()
    other.close()


def test_references_come_with_what_was_learned(where: str | Path) -> None:
    """A reference that one worker takes is every worker's, and stays: the oldest of those that several take."""
    clock = [NOW]
    workers = [Baselines(Store(where), clock=lambda: clock[0]) for _ in range(3)]
    for worker in workers:
        worker.use(ALL)
        worker.exchange()
        learn(worker, range(100))
        worker.publish()
        worker.exchange()
    group = workers[0].snapshot[MOMENTS].groups()[0][0]
    for number, worker in enumerate((workers[1], workers[0])):
        clock[0] += 1
        value = np.array([float(number)])
        worker.refer(MOMENTS, [group], value, value + 1, value - 3, value + 3)
        worker.publish()
    for worker in (*workers, *workers):
        assert worker.exchange().error is None
    for worker in workers:
        reference_of = worker.snapshot[MOMENTS].references([group])
        assert (reference_of.expected.tolist(), reference_of.since.tolist()) == ([0.0], [NOW + 1])
        worker.close()
    later = open_baselines(where)
    assert later.snapshot[MOMENTS].references([group]).upper.tolist() == [3.0]
    later.close()


def test_old_buckets_leave_the_store(where: str | Path) -> None:
    """What memory keeps no more, the store keeps no more either."""
    clock = [NOW]
    baselines = Baselines(Store(where, clock=lambda: clock[0]), clock=lambda: clock[0])
    width = WINDOWED.bucket_width
    for step in range(40):
        clock[0] = NOW + step * width
        baselines.learn(WINDOWED, ["a\x1fb"], np.array([1.0]), np.array([clock[0]]))
        baselines.publish()
        assert baselines.exchange().error is None
    other = Baselines(Store(where), clock=lambda: NOW)  # Its clock is behind: all that the store holds is news to it.
    other.use([WINDOWED])
    other.exchange()
    buckets = sorted(other.snapshot[WINDOWED].history.buckets)
    assert buckets == [(clock[0] // width) - back for back in reversed(range(32))]
    baselines.close()
    other.close()


def test_a_new_database_is_empty(postgres: object) -> None:
    """Tests of PostgreSQL do not see what others left."""
    store = Store(new_database(postgres))
    store.prepare()
    assert store.series() == []
    store.close()
