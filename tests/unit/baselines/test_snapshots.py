"""What verdicts read is not changed by what is learned meanwhile."""

import threading

import numpy as np

from assay_server.baselines import Baselines, Kind
from tests.unit.baselines.making import NOW, a_series

SERIES = a_series(Kind.HISTOGRAM, by=("shop",))


def test_what_is_learned_is_read_after_publish_only() -> None:
    """Learning changes no snapshot; publishing makes another one, and leaves alone those that are held."""
    baselines = Baselines(clock=lambda: NOW)
    before = baselines.snapshot
    baselines.learn(SERIES, ["a", "b"], np.array([1.0, 2.0]), None)
    assert before[SERIES].moments(["a"], None).n.tolist() == [0]
    first = baselines.publish()
    baselines.learn(SERIES, ["c", "a"], np.array([5.0, 3.0]), None)
    second = baselines.publish()
    assert before[SERIES].moments(["a", "c"], None).n.tolist() == [0, 0]
    assert first[SERIES].moments(["a", "b", "c"], None).n.tolist() == [1, 1, 0]
    assert second[SERIES].moments(["a", "b", "c"], None).n.tolist() == [2, 1, 1]
    assert first[SERIES].quantiles(["a"], None, (1.0,)).tolist() == [[1.0]]
    assert second[SERIES].quantiles(["a"], None, (1.0,)).tolist() == [[3.0]]
    assert first[SERIES].groups() == [("a", 1), ("b", 1)]


def test_nothing_learned_changes_nothing() -> None:
    """Without anything new the snapshot stays the same, with all that was worked out for it."""
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(SERIES, ["a"], np.array([1.0]), None)
    assert baselines.publish() is baselines.publish()


def test_order_does_not_matter() -> None:
    """A column learned in any order, in one part or many, gives the same counts, and the same moments but for rounding."""
    rng = np.random.default_rng(2)
    values, groups = rng.normal(0, 1, 20_000), [f"g{number}" for number in rng.integers(0, 30, 20_000)]
    together, apart = Baselines(clock=lambda: NOW), Baselines(clock=lambda: NOW)
    together.learn(SERIES, groups, values, None)
    for part in np.array_split(rng.permutation(20_000), 77):
        apart.learn(SERIES, [groups[row] for row in part], values[part], None)
        if len(part) % 2:
            apart.publish()
    names = sorted(set(groups))
    one, other = together.publish()[SERIES], apart.publish()[SERIES]
    np.testing.assert_array_equal(one.moments(names, None).n, other.moments(names, None).n)
    np.testing.assert_allclose(one.moments(names, None).std, other.moments(names, None).std, rtol=1e-12)
    ranks = (0.01, 0.5, 0.99)
    np.testing.assert_array_equal(one.quantiles(names, None, ranks), other.quantiles(names, None, ranks))


def test_publishing_in_another_thread_loses_nothing() -> None:
    """While one thread learns and reads, another may publish: each value is there once in the end."""
    baselines = Baselines(clock=lambda: NOW)
    done = threading.Event()

    def publish() -> None:
        while not done.is_set():
            baselines.publish()

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for number in range(500):
            baselines.learn(SERIES, [f"g{number % 50}"] * 40, np.ones(40), None)
            counts = baselines.snapshot[SERIES].moments([f"g{number % 50}"], None)
            assert counts.n[0] % 40 == 0
    finally:
        done.set()
        thread.join()
    view = baselines.publish()[SERIES]
    assert view.moments([f"g{number}" for number in range(50)], None).n.tolist() == [400] * 50


def test_categories_are_counted_by_group() -> None:
    """Each category has its count in its group, and the group its total; the most frequent come first."""
    series = a_series(Kind.CATEGORIES, by=("shop",))
    baselines = Baselines(clock=lambda: NOW)
    baselines.learn(series, ["a", "a", "a", "b"], ["x", "y", "y", "x" * 1000], None)
    view = baselines.publish()[series]
    found = view.categories(["a", "a", "b", "b", "c"], None, ["y", "z", "x", "x" * 1000, "x"])
    assert found.counts.tolist() == [2, 0, 0, 1, 0]
    assert found.totals.tolist() == [3, 3, 1, 1, 0]
    assert view.top_categories("a") == [("y", 2), ("x", 1)]
    assert view.top_categories("a", most=1) == [("y", 2)]
    assert view.top_categories("c") == []
