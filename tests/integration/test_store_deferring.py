"""Large flushes, whose rows are put into the tables later: whoever reads the store reads them all the same, and once."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sql

from assay_server.baselines import Baselines, History, Lesson, Store
from assay_server.baselines.history import learned
from assay_server.baselines.store._database import Access, Database
from assay_server.baselines.store._schema import MIGRATIONS, migrate
from tests.integration.databases import postgres, where
from tests.integration.learning import MOMENTS, NOW, ROWS, learn, open_baselines, reference, same

__all__ = ["postgres", "where"]

_DEFERRING = "assay_server.baselines.store._deferring"


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every flush counts as large."""
    monkeypatch.setattr(f"{_DEFERRING}._LARGE", 0)


@pytest.fixture
def database(where: str | Path) -> Iterator[Database]:
    """The database itself."""
    database = Database(where)
    yield database
    database.close()


def count(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    with database.transaction(Access.READ) as connection:
        return int(connection.execute(sql.text(f"SELECT count(*) FROM {table}")).scalar_one())


def learned_by_workers(where: str | Path) -> None:
    """Have two workers learn all rows in turn, in parts."""
    workers = [open_baselines(where) for _ in range(2)]
    for number, start in enumerate(range(0, ROWS, 2000)):
        worker = workers[number % 2]
        learn(worker, range(start, start + 2000))
        worker.publish()
        assert worker.exchange().error is None
    for worker in workers:
        assert worker.exchange().waiting == 0
        same(worker, reference())
        worker.close()


def test_what_is_deferred_is_read_as_all_else_is(where: str | Path, database: Database) -> None:
    """Those that learn meanwhile and those that come later read all of it, though no table holds any of it."""
    learned_by_workers(where)
    assert (count(database, "assay_deferred"), count(database, "assay_moments"), count(database, "assay_bins")) == (10, 0, 0)
    later = open_baselines(where)
    same(later, reference())
    later.close()


def test_what_is_deferred_is_put_into_the_tables_when_it_is_much(
    where: str | Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flush that makes it too much brings all of it into the tables, merged: nothing is lost, and nothing counted twice."""
    learned_by_workers(where)
    monkeypatch.setattr(f"{_DEFERRING}._MOST", 1)
    last = open_baselines(where)
    last.learn(MOMENTS, ["another"], np.ones(1), None)
    last.publish()
    assert last.exchange().error is None
    assert count(database, "assay_deferred") == 0
    assert count(database, "assay_moments") > 0
    later = open_baselines(where)
    for baselines in (last, later):
        same(baselines, reference())
        assert baselines.snapshot[MOMENTS].moments(["another"], None).n.tolist() == [1]
        baselines.close()


def test_what_was_deferred_for_long_is_put_into_the_tables(where: str | Path, database: Database) -> None:
    """A change that is old is kept for as long as its rows are nowhere else, and no longer."""
    clock = [NOW]
    baselines = Baselines(Store(where, clock=lambda: clock[0]), clock=lambda: clock[0])
    learn(baselines, range(ROWS))
    for minutes, left in ((0, 1), (9, 1), (2, 0)):
        clock[0] += minutes * 60 * 10**9
        baselines.publish()
        assert baselines.exchange().error is None
        assert count(database, "assay_deferred") == left
        assert count(database, "assay_changes") == left, (
            "a change that others have had time to read goes, once it is not needed"
        )
        later = open_baselines(where)
        same(later, reference())
        later.close()
    baselines.close()


def test_settling_at_once_counts_everything_once(
    where: str | Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes may find that it is much at the same moment."""
    learned_by_workers(where)
    monkeypatch.setattr(f"{_DEFERRING}._MOST", 1)
    stores = [Store(where) for _ in range(3)]
    together = threading.Barrier(len(stores))

    def settle(store: Store) -> None:
        together.wait()
        store._settle_if_due()

    threads = [threading.Thread(target=settle, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database, "assay_deferred") == 0
    later = open_baselines(where)
    same(later, reference())
    later.close()
    for store in stores:
        store.close()


def test_teaching_and_forgetting_know_what_is_deferred(where: str | Path, database: Database) -> None:
    """References rest on it too; and what is forgotten does not come back."""
    serving = open_baselines(where)
    serving.learn(MOMENTS, ["a", "b"], np.array([1.0, 2.0]), None)
    serving.publish()
    serving.exchange()
    seen: dict[str, int] = {}

    def refer(history: History) -> History:
        seen.update(zip(history.groups.all(), history.samples_of_groups().astype(int).tolist(), strict=True))
        return history

    store = Store(where)
    store.teach("flight", [learned(MOMENTS, [Lesson(["a"], np.ones(1), None)], NOW, Counter())], refer=refer)
    assert seen == {"a": 2, "b": 1}
    serving.learn(MOMENTS, ["a"], np.ones(1), None)
    serving.publish()
    serving.exchange()
    assert count(database, "assay_deferred") == 1
    store.forget("flight")
    serving.exchange()
    later = open_baselines(where)
    for baselines in (serving, later):
        assert baselines.snapshot[MOMENTS].groups() == []
        baselines.close()
    store.close()


def test_a_store_made_before_large_flushes_were_deferred_is_upgraded(where: str | Path, database: Database) -> None:
    """What it holds stays, and large flushes are deferred from then on."""
    database.make_room()
    migrate(database, MIGRATIONS[:1])
    with database.transaction(Access.ALONE) as connection:
        connection.execute(sql.text("DROP TABLE assay_deferred"))
    learned_by_workers(where)
    assert count(database, "assay_deferred") == 10
