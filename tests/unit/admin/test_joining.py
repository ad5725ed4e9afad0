"""Several processes told of as one."""

from typing import Any

import pytest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from assay_server.admin import counters, joined_details, joined_metrics


def counter(**values: float) -> Metric:
    family = CounterMetricFamily("assay_findings", "Findings.", labels=("check",))
    for name, value in values.items():
        family.add_metric((name,), value)
    return family


def values(metrics: list[Metric]) -> dict[Any, float]:
    return {(sample.name, *sample.labels.values()): sample.value for metric in metrics for sample in metric.samples}


def test_counters_add_up() -> None:
    """By their labels, and with what those counted that are gone."""
    [found] = joined_metrics([[counter(a=1, b=2)], [counter(b=3)], [], [counter(c=4)]])
    assert (found.name, found.type, found.documentation) == ("assay_findings", "counter", "Findings.")
    assert values([found]) == {
        ("assay_findings_total", "a"): 1,
        ("assay_findings_total", "b"): 5,
        ("assay_findings_total", "c"): 4,
    }
    gauge = GaugeMetricFamily("assay_baseline_groups", "Groups.", value=1)
    assert counters([gauge, counter(a=1)]) == [counter(a=1)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("assay_baseline_store_up", 0),
        ("assay_baseline_store_last_exchange_timestamp_seconds", 0),
        ("assay_baseline_values_waiting", 5),
        ("process_resident_memory_bytes", 5),
        ("assay_baseline_groups", 3),
        ("assay_contract_info", 3),
    ],
)
def test_of_gauges_is_told_what_an_operator_should_know(name: str, expected: float) -> None:
    """The worst, the sum, or what is the same everywhere."""
    parts = [[GaugeMetricFamily(name, "A gauge.", value=value)] for value in (2, 0, 3)]
    assert values(joined_metrics(parts)) == {(name,): expected}


def details(version: str, store: dict[str, Any]) -> dict[str, Any]:
    unknown = dict.fromkeys(("reachable", "error", "unreachable_since", "last_exchange"))
    return {
        "status": "serving",
        "contracts": [{"event_type": "b", "version": version}, {"event_type": "a", "version": "1"}],
        "contract_reloads": {"success": 1, "failure": 0},
        "baseline_store": {"name": "s", "values_waiting": 0} | unknown | store,
    }


def test_details_are_those_of_the_process_that_is_worst_off() -> None:
    """Contracts are all that serve anywhere, each once."""
    joined = joined_details(
        [
            details("2", {"reachable": True, "last_exchange": "2026-01-02", "values_waiting": 1}),
            details("1", {"reachable": False, "error": "gone", "last_exchange": "2026-01-01", "values_waiting": 2}),
            details("1", {}),
        ]
    )
    assert [(one["event_type"], one["version"]) for one in joined["contracts"]] == [("a", "1"), ("b", "1"), ("b", "2")]
    assert joined["contract_reloads"] == {"success": 3, "failure": 0}
    assert joined["baseline_store"] == {
        "name": "s",
        "reachable": False,
        "error": "gone",
        "unreachable_since": None,
        "last_exchange": "2026-01-01",
        "values_waiting": 3,
    }


def test_of_nobody_nothing_is_told() -> None:
    """As while all start."""
    joined = joined_details([])
    assert joined["contracts"] == []
    assert joined["baseline_store"]["reachable"] is None
