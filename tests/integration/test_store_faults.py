"""A store that fails: nothing is lost that was written, nothing is counted twice, and checks go on."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from assay_server.baselines import Baselines, Limits, Series, Store
from assay_server.baselines.store import Flush
from tests.integration.databases import postgres, where
from tests.integration.learning import DAY, NOW, ROWS, learn, open_baselines, reference, same

__all__ = ["postgres", "where"]

SERIES = Series(event_type="t", check="c", field="/x", by=("group",))
ROUNDS = int(os.environ.get("ASSAY_TEST_KILL_ROUNDS", "20"))

LEARNER = """
import sys
from pathlib import Path
import numpy as np
from assay_server.baselines import Baselines, Series, Store

baselines = Baselines(Store(Path(sys.argv[1])))
series = Series(event_type="t", check="c", field="/x", by=("group",))
baselines.exchange()
groups = [f"g{number}" for number in range(100)]
while True:
    print("learned", flush=True)
    baselines.learn(series, groups, np.ones(100), None)
    baselines.publish()
    if baselines.exchange().waiting == 0:
        print("written", flush=True)
"""
"""A process that learns a value for each of a hundred groups, and writes, again and again."""


class LostAnswer(Store):
    """A store whose connection breaks after it has committed, as often as `broken` says."""

    broken = 0

    def write(self, flush: Flush) -> None:
        super().write(flush)
        if self.broken:
            self.broken -= 1
            raise OperationalError("COMMIT", None, Exception("connection lost"))


def total(baselines: Baselines) -> float:
    return float(sum(count for _, count in baselines.snapshot[SERIES].groups()))


def test_a_flush_whose_answer_was_lost_is_counted_once(where: str | Path) -> None:
    """It is written again, until the answer comes; the store knows it by its number."""
    store = LostAnswer(where)
    baselines = Baselines(store, clock=lambda: NOW)
    baselines.exchange()
    store.broken = 3
    for _ in range(5):
        baselines.learn(SERIES, ["a", "b"], np.ones(2), None)
        baselines.publish()
        status = baselines.exchange()
    assert (status.error, status.waiting, total(baselines)) == (None, 0, 10)
    after = Baselines(Store(where), clock=lambda: NOW)
    after.use([SERIES])
    after.exchange()
    assert total(after) == 10
    after.close()
    baselines.close()


def test_a_store_that_forgot_its_writers_counts_nothing_twice(where: str | Path) -> None:
    """A flush of which nobody knows whether it was written is then dropped; what is learned later is written."""
    store = LostAnswer(where)
    baselines = Baselines(store, clock=lambda: NOW)
    baselines.exchange()
    store.broken = 1
    baselines.learn(SERIES, ["a"], np.ones(1), None)
    baselines.publish()
    assert "connection lost" in str(baselines.exchange().error)
    later = Store(where, clock=lambda: NOW + 10**18)
    later.prepare()
    later.tidy({})
    for _ in range(2):
        baselines.learn(SERIES, ["a"], np.ones(1), None)
        baselines.publish()
        baselines.exchange()
    after = Baselines(later, clock=lambda: NOW)
    after.use([SERIES])
    after.exchange()
    assert total(after) == 3
    after.close()
    baselines.close()


def killed(file: Path, lines: int, delay: float) -> list[str]:
    """Run a learner until it has said so many lines and a moment longer, kill it, and return all that it said."""
    command = [sys.executable, "-c", LEARNER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        process.kill()
        said += process.stdout.read().splitlines()
    assert process.returncode == -signal.SIGKILL
    return said


@pytest.mark.timeout(900)
def test_kill_loses_at_most_what_was_not_written(tmp_path: Path) -> None:
    """Killed at any moment, under load: the file is sound, all that was written is there, and nothing twice."""
    file = tmp_path / "baselines.sqlite3"
    rng = np.random.default_rng(13)
    before = 0
    for _ in range(ROUNDS):
        said = killed(file, int(rng.integers(2, 8)), float(rng.uniform(0, 0.02)))
        learned, written = (sum(line.startswith(word) for line in said) for word in ("learned", "written"))
        with contextlib.closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            counts = {count for (count,) in connection.execute("SELECT n FROM assay_moments")}
        assert len(counts) == 1, "a flush is written as a whole or not at all"
        now = counts.pop()
        assert written <= now - before <= learned
        assert learned - written <= 1
        before = now


def test_checks_go_on_while_the_store_is_away(tmp_path: Path) -> None:
    """What is learned meanwhile is read, waits, and is written when the store is back; the status tells."""
    file = tmp_path / "data" / "baselines.sqlite3"
    baselines = open_baselines(file)
    learn(baselines, range(5000))
    baselines.publish()
    assert baselines.exchange().reachable
    baselines._store.close()  # type: ignore[union-attr]  # So that the next exchange has to open the file.
    aside = file.parent.rename(tmp_path / "aside")
    file.parent.write_text("no folder")
    for start in range(5000, ROWS, 5000):
        learn(baselines, range(start, start + 5000))
        baselines.publish()
        status = baselines.exchange()
        assert not status.reachable
        assert "unable to open database file" in str(status.error)
    same(baselines, reference())
    assert status.waiting > 0
    file.parent.unlink()
    aside.rename(file.parent)
    status = baselines.exchange()
    assert (status.error, status.waiting) == (None, 0)
    after = open_baselines(file)
    same(after, reference())
    after.close()
    baselines.close()


def test_postgresql_that_goes_away_and_comes_back(postgres: object) -> None:
    """Connections that the server ends are made anew; nothing is lost, nothing counted twice."""
    from tests.integration.databases import new_database

    url = new_database(postgres)
    baselines = open_baselines(url)
    failed = 0
    for start in range(0, ROWS, 2000):
        learn(baselines, range(start, start + 2000))
        baselines.publish()
        postgres.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'assay';")  # type: ignore[attr-defined]  # It has.
        failed += not baselines.exchange().reachable
    assert baselines.exchange().waiting == 0
    after = open_baselines(url)
    same(after, reference())
    assert failed < 10
    after.close()
    baselines.close()


def test_what_waits_for_a_store_that_stays_away_is_bounded(tmp_path: Path) -> None:
    """A hundred buckets of time, each with groups of its own: no more waits than may be kept, and one flush beside it."""
    series = replace(SERIES, window=16 * DAY)
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    now = [NOW]
    baselines = Baselines(Store(blocked / "baselines.sqlite3"), limits=Limits(groups=200), clock=lambda: now[0])
    most = 0
    for day in range(100):
        for part in range(3):
            groups = ["known", *(f"{day} {part} {number}" for number in range(99))]
            baselines.learn(series, groups, np.ones(100), np.full(100, now[0]))
            baselines.publish()
            assert not baselines.exchange().reachable
        waiting = baselines._waiting.get(series)
        if waiting is not None:
            assert len(waiting.groups) <= 200
            assert len(waiting.buckets) <= 32
        most = max(most, baselines.status.waiting)
        now[0] += DAY
    assert baselines.refused[series, "group_limit"] > 0
    assert 200 < most < 600
    blocked.unlink()
    status = baselines.exchange()
    assert (status.error, status.waiting) == (None, 0)
    baselines.close()
