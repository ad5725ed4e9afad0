"""What the metrics say, read as Prometheus reads them."""

import itertools
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from assay_server.admin.serving import Condition, Metrics
from assay_server.baselines import REFUSALS, Baselines, Limits, Series
from assay_server.engine import SkipReason
from tests.unit.checks.history import DAY, Taught
from tests.unit.checks.making import NOW, engine_of, one
from tests.unit.checks.modelled import Modelled

X = "x: Annotated[float, ThreeSigma()]"
BY_SHOP = "shop: str\nx: Annotated[float, ThreeSigma(by='shop')]"
THREE_SIGMA = {"event_type": "a", "check": "statistics.three_sigma", "field": "/x"}


def condition_of(taught: Taught) -> Condition:
    return Condition(taught.engine, taught.baselines)


def registry_of(condition: Condition) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=True)
    registry.register(Metrics(condition))
    return registry


def scraped(condition: Condition) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return labels and values of all samples, by the name of the metric."""
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(generate_latest(registry_of(condition)).decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((sample.labels, sample.value))
    return samples


def value(condition: Condition, metric: str, **labels: str) -> float:
    """Return the value of the one sample with these labels."""
    [found] = [found for given, found in scraped(condition)[metric] if given == labels]
    return found


def test_findings_are_counted_by_check_and_enforcement() -> None:
    """Those on trial too; an event of a type that there is not has none."""
    engine = engine_of(
        'class A(EventContract, event_type="a", version="1.0.0"):\n'
        "    x: float\n"
        '    @rule(enforcement="audit")\n    def positive(self): return self.x > 0\n'
    )
    one(engine, {"x": "no"})
    for _ in range(2):
        one(engine, {"x": -1.0})
    one(engine, {"x": 1.0}, event_type="whatever was sent")
    condition = Condition(engine, Baselines())

    assert value(condition, "assay_findings_total", event_type="a", check="schema.float_parsing", enforcement="reject") == 1
    assert value(condition, "assay_findings_total", event_type="a", check="rules.positive", enforcement="audit") == 2
    assert {labels["event_type"] for labels, _ in scraped(condition)["assay_findings_total"]} == {"a", ""}
    [(labels, number)] = scraped(condition)["assay_contract_info"]
    assert (labels["event_type"], labels["version"].partition("+")[0], number) == ("a", "1.0.0", 1)


def test_groups_beyond_the_cap_are_counted() -> None:
    """Both the values that taught nothing, and the events that could not be compared; the groups that are kept are told."""
    taught = Taught(BY_SHOP, learn="live", limits=Limits(groups=2))
    for shop in ("a", "b", "c", "c", "d"):
        taught.one({"shop": shop, "x": 1.0})
    condition = condition_of(taught)

    assert value(condition, "assay_baseline_values_refused_total", **THREE_SIGMA, reason="group_limit") == 3
    assert value(condition, "assay_baseline_groups", **THREE_SIGMA) == 2
    skipped = {labels["reason"]: count for labels, count in scraped(condition)["assay_skipped_checks_total"]}
    assert skipped == {"warming_up": 2, "group_limit": 3}


def test_the_bound_on_drift_is_counted_where_it_acts() -> None:
    """It is 0 until then."""
    taught = Taught(X, learn="live")
    taught.teach({"x": value} for value in np.random.default_rng(5).normal(0, 1, 1000).tolist())
    condition = condition_of(taught)
    taught.one({"x": 1.0})
    assert value(condition, "assay_baseline_drift_bounded_total", **THREE_SIGMA) == 0

    for _ in range(10):
        taught.judge([{"x": 2.99}] * 1000)
    acted = taught.engine.bounded["a", "statistics.three_sigma", "/x"]
    assert acted > 0
    assert value(condition, "assay_baseline_drift_bounded_total", **THREE_SIGMA) == acted


def test_what_may_be_alerted_on_is_there_before_it_happens() -> None:
    """An increase from nothing is none, to Prometheus."""
    samples = scraped(condition_of(Taught(X)))
    refused = [({**THREE_SIGMA, "reason": reason}, 0.0) for reason in sorted(REFUSALS)]
    assert sorted(samples["assay_baseline_values_refused_total"], key=lambda sample: sample[0]["reason"]) == refused
    assert samples["assay_baseline_drift_bounded_total"] == [(THREE_SIGMA, 0.0)]
    outcomes = [({"outcome": "failure"}, 0.0), ({"outcome": "success"}, 0.0)]
    assert samples["assay_contract_reloads_total"] == outcomes


def test_a_store_is_neither_up_nor_down_until_it_is_used() -> None:
    """The metric has no value then."""
    samples = scraped(condition_of(Taught(X)))
    assert "assay_baseline_store_up" not in samples
    assert "assay_baseline_store_last_exchange_timestamp_seconds" not in samples
    assert samples["assay_baseline_values_waiting"] == [({}, 0.0)]


def test_every_reason_for_which_values_teach_nothing_is_known() -> None:
    """Those that are counted are those that are listed."""
    baselines = Baselines(limits=Limits(groups=1, categories=1, counts=1), clock=lambda: NOW)
    series = Series(event_type="a", check="c", field="/x", by=("shop",), window=16 * DAY)
    times = np.array([NOW, NOW, -(2**63), NOW + 90 * DAY, NOW])
    baselines.learn(series, ["a", "b", "a", "a", "a"], np.array([1.0, 1.0, 1.0, 1.0, np.nan]), times)
    baselines.publish()
    baselines.learn(series, ["a"], np.ones(1), np.array([NOW - 900 * DAY]))
    baselines.publish()
    assert {reason for _, reason in baselines.refused} == {"not_finite", "no_time", "too_far_ahead", "too_old", "group_limit"}
    assert {reason for _, reason in baselines.refused} < set(REFUSALS)


def test_histories_of_one_check_are_added_up() -> None:
    """As when a contract that goes by another field has replaced one: two samples with the same labels are refused."""
    taught = Taught(BY_SHOP)
    taught.teach([{"shop": "a", "x": 1.0}, {"shop": "b", "x": 1.0}])
    before = replace(taught.engine.series("a")[0], by=("till",))
    taught.baselines.learn(before, ["1", "2", "3"], np.array([1.0, 2.0, np.inf]), None)
    taught.baselines.publish()

    assert value(condition_of(taught), "assay_baseline_groups", **THREE_SIGMA) == 4
    assert value(condition_of(taught), "assay_baseline_values_refused_total", **THREE_SIGMA, reason="not_finite") == 1


def test_the_text_is_openmetrics_as_well() -> None:
    """Names, types and labels pass the strict reader."""
    taught = Taught(X, learn="live")
    taught.one({"x": 1.0})
    text = generate_openmetrics(registry_of(condition_of(taught))).decode()  # type: ignore[no-untyped-call]  # As its stubs say.
    families = list(read_openmetrics(text))  # type: ignore[no-untyped-call]
    assert {family.type for family in families} == {"counter", "gauge"}
    assert all(family.documentation for family in families)


@pytest.fixture
def counting() -> Iterator[Any]:
    """Count new keys in a thread of its own, which has its turn often, for as long as the test runs."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    stop = threading.Event()
    threads = []

    def start(*counters: tuple[Any, Any]) -> None:
        def count() -> None:
            for number in itertools.takewhile(lambda _: not stop.is_set(), itertools.count()):
                for counter, last in counters:
                    counter["a", f"rules.{number % 500}", last] += 1
                    if number % 500 == 0:
                        counter.clear()

        threads.append(threading.Thread(target=count))
        threads[0].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)


def test_figures_are_read_while_they_change(counting: Any) -> None:
    """A scrape comes from another thread than the one that counts."""
    taught = Taught(X)
    engine = taught.engine
    counting((engine.counts, "REJECT"), (engine.skipped, SkipReason.UNAVAILABLE), (engine.bounded, "/x"))
    metrics = Metrics(condition_of(taught))
    for _ in range(20):
        assert list(metrics.collect())


def test_models_are_told_by_version_and_what_became_of_those_that_were_activated() -> None:
    """From the beginning, as 0; and a model that serves as 1."""
    modelled = Modelled('x: float\nunusual = IsolationForest(("x",))')
    condition = Condition(modelled.engine, Baselines())
    check = {"event_type": "a", "check": "anomaly.unusual"}
    for outcome in ("active", "trial", "refused", "mismatch"):
        assert value(condition, "assay_model_changes_total", **check, outcome=outcome) == 0
    assert "assay_model_info" not in scraped(condition)

    served = modelled.trained({"x": float(number)} for number in range(100))
    modelled.serve(active=served, trial=served)
    modelled.engine.models.changes["a", "anomaly.unusual", "refused"] += 2
    assert value(condition, "assay_model_changes_total", **check, outcome="refused") == 2
    for role in ("active", "trial"):
        assert value(condition, "assay_model_info", **check, version=served.version, role=role) == 1


def test_events_that_were_not_scored_are_counted_by_the_reason() -> None:
    """As for any check."""
    modelled = Modelled('x: float\nunusual = IsolationForest(("x",))')
    modelled.serve(mismatch="7+51c0de42")
    modelled.judge([{"x": 1}] * 3)
    condition = Condition(modelled.engine, Baselines())
    assert value(condition, "assay_skipped_checks_total", event_type="a", check="anomaly.unusual", reason="model_mismatch") == 3
