"""Teaching from files, forgetting, and what the store knows about itself."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sql

from assay_server.baselines import AlreadyLearnedError, Baselines, History, LearnedFile, Limits, Store, StoreError
from assay_server.baselines.history import Lesson, learned
from assay_server.baselines.store._database import Access, Database
from assay_server.baselines.store._schema import MIGRATIONS, migrate
from tests.integration.databases import postgres, where
from tests.integration.learning import ALL, MOMENTS, NOW, ROWS, WINDOWED, learn, open_baselines, reference, same

__all__ = ["postgres", "where"]

FILE = LearnedFile("january.parquet", "0123")


def all_rows() -> list[History]:
    baselines = reference()
    return [baselines.snapshot[series].history for series in ALL]


def count(baselines: Baselines) -> float:
    return float(sum(samples for _, samples in baselines.snapshot[MOMENTS].groups()))


def test_files_teach_all_or_nothing_and_once(where: str | Path) -> None:
    """A file is recognised by its digest, and refused; said again it counts twice; replaced it starts over."""
    store = Store(where)
    store.prepare()
    serving = open_baselines(where)
    store.teach("flight", all_rows(), [FILE])
    serving.exchange()
    same(serving, reference())
    with pytest.raises(AlreadyLearnedError, match=r"already learned: again\.parquet\. Leave them out") as caught:
        store.teach("flight", all_rows(), [LearnedFile("new", "4567"), LearnedFile("again.parquet", FILE.digest)])
    assert caught.value.files == ["again.parquet"]
    serving.exchange()
    assert count(serving) == ROWS
    assert store.files("flight") == [FILE]
    store.teach("flight", all_rows(), [FILE], again=True)
    serving.exchange()
    assert count(serving) == 2 * ROWS
    store.teach("flight", all_rows(), [FILE], replace=True)
    serving.exchange()
    same(serving, reference())
    assert store.files("other") == []
    store.close()
    serving.close()


def test_what_fails_half_way_teaches_nothing(where: str | Path) -> None:
    """An exception in the middle leaves neither values nor files."""
    store = Store(where)
    store.prepare()

    def fail(_: History) -> History:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        store.teach("flight", all_rows(), [FILE], refer=fail)
    assert (store.files("flight"), store.series()) == ([], [])
    after = open_baselines(where)
    assert count(after) == 0
    after.close()
    store.close()


def test_teaching_sets_the_reference_of_all_that_is_known(where: str | Path) -> None:
    """What verdicts may not move far from is history with all that was learned before, live or from files."""
    store = Store(where)
    serving = open_baselines(where)
    learn(serving, range(1000))
    serving.publish()
    serving.exchange()
    seen: Counter[str] = Counter()

    def refer(history: History) -> History:
        seen[history.series.check] = history.samples
        keys = history.groups.all()[:2]
        return history.with_references(keys, np.ones((2, 4)), np.full(2, NOW)) if history.series == MOMENTS else history

    store.teach("flight", all_rows(), [FILE], refer=refer)
    assert set(seen.values()) == {ROWS + 1000}
    serving.exchange()
    view = serving.snapshot[MOMENTS]
    assert view.references([name for name, _ in view.groups()]).known.sum() == 2
    assert count(serving) == ROWS + 1000
    store.teach("flight", all_rows(), [FILE], again=True)
    serving.exchange()
    assert len(serving.snapshot[MOMENTS].history.references) == 0, "a reference is as of the last time"
    serving.close()
    store.close()


def test_forgetting_forgets_what_is_on_its_way_too(where: str | Path) -> None:
    """After a reset nothing that was learned before comes back, from any worker; what is learned afterwards counts."""
    store = Store(where)
    workers = [open_baselines(where) for _ in range(2)]
    for worker in workers:
        learn(worker, range(500))
        worker.publish()
        worker.exchange()
    learn(workers[0], range(500))
    workers[0].publish()
    learn(workers[1], range(500))
    store.forget("flight")
    for worker in workers:
        worker.exchange()
        worker.publish()
        worker.exchange()
    learn(workers[0], range(7))
    workers[0].publish()
    workers[0].exchange()
    for worker in workers:
        worker.exchange()
        assert count(worker) == 7
        worker.close()
    store.close()


def test_one_series_may_be_forgotten(where: str | Path) -> None:
    """The others keep what they were taught, and the files stay known."""
    store = Store(where)
    store.prepare()
    store.teach("flight", all_rows(), [FILE])
    store.forget("flight", [WINDOWED])
    after = open_baselines(where)
    assert count(after) == ROWS
    assert after.snapshot[WINDOWED].groups() == []
    assert store.files("flight") == [FILE]
    assert store.series("flight") == sorted(ALL, key=lambda series: series.name)
    assert store.series("other") == []
    after.close()
    store.close()


def test_limits_hold_for_what_the_store_has(where: str | Path) -> None:
    """A process keeps no more groups than its cap, whatever others wrote."""
    store = Store(where)
    store.prepare()
    lessons = [Lesson([f"g{number}" for number in range(300)], np.ones(300), None)]
    store.teach("flight", [learned(MOMENTS, lessons, NOW, Counter())])
    small = open_baselines(where, limits=Limits(groups=100))
    assert len(small.snapshot[MOMENTS].groups()) == 100
    small.close()
    store.close()


def test_groups_that_others_made_up_push_out_none_that_is_known(where: str | Path) -> None:
    """Where workers together wrote more groups than one keeps, whoever reads them all keeps the most frequent."""
    workers = [open_baselines(where, limits=Limits(groups=100)) for _ in range(3)]
    workers[0].learn(MOMENTS, ["~ by name the last"] * 40, np.arange(40.0), None)
    for number, worker in enumerate(workers):
        worker.learn(MOMENTS, [f"{number} {made_up}" for made_up in range(99)], np.ones(99), None)
        worker.publish()
    for worker in workers:
        assert worker.exchange().error is None
    later = open_baselines(where, limits=Limits(groups=100))
    view = later.snapshot[MOMENTS]
    assert len(view.groups()) == 100
    assert view.moments(["~ by name the last"], None).n.tolist() == [40]
    for worker in (*workers, later):
        worker.close()


def test_a_newer_schema_is_refused(where: str | Path) -> None:
    """A store that a newer program has made is left alone, with what to do."""
    database = Database(where)
    database.make_room()
    migrate(database, [*MIGRATIONS, lambda _: None])
    store = Store(where)
    newer = len(MIGRATIONS) + 1
    with pytest.raises(StoreError, match=rf"has schema {newer}, and this program knows none beyond {newer - 1}: upgrade"):
        store.prepare()
    baselines = Baselines(store)
    assert f"has schema {newer}" in str(baselines.exchange().error)
    baselines.close()
    database.close()


def test_an_older_schema_is_upgraded(where: str | Path) -> None:
    """What is there stays; the steps that are missing are taken, once."""
    store = Store(where)
    store.prepare()
    store.teach("flight", all_rows(), [FILE])
    store.close()
    taken = []

    def step(connection: sql.Connection) -> None:
        taken.append(connection.execute(sql.text("SELECT count(*) FROM assay_files")).scalar())

    database = Database(where)
    for _ in range(2):
        migrate(database, [*MIGRATIONS, step])
    assert taken == [1]
    with database.transaction(Access.READ) as connection:
        assert connection.execute(sql.text("SELECT version FROM assay_schema")).scalars().all() == [len(MIGRATIONS) + 1]
    database.close()


@pytest.mark.parametrize("url", ["mysql://host/db", "no url", "sqlite://", "sqlite:///:memory:"])
def test_other_stores_are_refused(url: str) -> None:
    """What can be no store is told with what can."""
    with pytest.raises(StoreError, match=r"write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE\."):
        Store(url)


def test_no_password_is_told() -> None:
    """Neither the name of a store nor the error of one that cannot be reached has its password."""
    store = Store("postgresql://somebody:secret@127.0.0.1:1/assay")
    status = Baselines(store).exchange()
    assert "secret" not in f"{store.name}{status}"
    assert "***" in store.name
    assert status.error is not None
    store.close()
