"""The figures of several processes as those of one server."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from prometheus_client.core import Metric

_Labels = tuple[tuple[str, str], ...]

_GAUGES: Mapping[str, Callable[[float, float], float]] = {
    "assay_baseline_store_last_exchange_timestamp_seconds": min,
    "assay_baseline_store_up": min,
    "assay_baseline_values_waiting": float.__add__,
    "process_max_fds": min,
    "process_open_fds": float.__add__,
    "process_resident_memory_bytes": float.__add__,
    "process_start_time_seconds": min,
    "process_virtual_memory_bytes": float.__add__,
}
"""How gauges go together: the worst of them, or their sum. The largest of all others, which are the same everywhere."""


def joined_metrics(parts: Iterable[Iterable[Metric]]) -> list[Metric]:
    """Return the metrics of several processes as one: counters add up, and of gauges what an operator should know."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, _Labels], float]] = {}
    for part in parts:
        for metric in part:
            family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
            join = float.__add__ if family.type == "counter" else _GAUGES.get(family.name, max)
            known = values.setdefault(metric.name, {})
            for sample in metric.samples:
                key = sample.name, tuple(sample.labels.items())
                known[key] = join(known[key], float(sample.value)) if key in known else float(sample.value)
    for name, family in families.items():
        for (sample_name, labels), value in values[name].items():
            family.add_sample(sample_name, dict(labels), value)
    return list(families.values())


def counters(metrics: Iterable[Metric]) -> list[Metric]:
    """Return those that count on when their process has ended and another goes on."""
    return [metric for metric in metrics if metric.type == "counter"]


def joined_details(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the health of several processes as one, but for its status.

    The contracts are those that any of them has in service, the reloads those of all; the store is as the process has it that
    is worst off.
    """
    contracts = {(one["event_type"], one["version"]): one for part in parts for one in part["contracts"]}
    stores = [part["baseline_store"] for part in parts]
    return {
        "contracts": [contract for _, contract in sorted(contracts.items())],
        "contract_reloads": {
            outcome: sum(part["contract_reloads"][outcome] for part in parts) for outcome in ("success", "failure")
        },
        "baseline_store": {
            "name": _first(stores, "name"),
            "reachable": min(_known(stores, "reachable"), default=None),
            "error": _first(stores, "error"),
            "unreachable_since": min(_known(stores, "unreachable_since"), default=None),
            "last_exchange": min(_known(stores, "last_exchange"), default=None),
            "values_waiting": sum(_known(stores, "values_waiting")),
        },
    }


def _known(parts: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    return [part[name] for part in parts if part[name] is not None]


def _first(parts: Iterable[Mapping[str, Any]], name: str) -> Any:
    return next(iter(_known(parts, name)), None)
