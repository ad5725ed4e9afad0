"""The server's figures in the terms of Prometheus."""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assay_server.baselines import REFUSALS
from assay_server.engine import MODEL_OUTCOMES

from ._condition import Condition

_SECOND = 10**9
_CHECK = ("event_type", "check", "field")


class Metrics(Collector):
    """Reads the figures when they are asked for; counting them costs those who judge nothing more than they count anyway.

    What may be alerted on is there from the beginning, as 0: an increase from nothing would not be seen.

    Args:
        condition: Where the figures are.
    """

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def collect(self) -> Iterator[Metric]:
        """Return all metrics, as of now."""
        yield from self._contracts()
        yield from self._verdicts()
        yield from self._models()
        yield from self._store()
        yield from self._history()

    def _contracts(self) -> Iterator[Metric]:
        info = GaugeMetricFamily(
            "assay_contract_info", "1 for each contract in service, by its full version.", labels=("event_type", "version")
        )
        for contract in self._condition.engine.catalog:
            info.add_metric((contract.event_type, contract.full_version), 1)
        yield info
        reloads = self._condition.reloads
        yield _counter(
            "assay_contract_reloads",
            "Changes to the contracts folder: those put in service, and those that left the contracts as they were.",
            ("outcome",),
            [(("success",), reloads.successes), (("failure",), reloads.failures)],
        )

    def _verdicts(self) -> Iterator[Metric]:
        engine = self._condition.engine
        yield _counter(
            "assay_findings",
            "Findings, of checks on trial (audit) too.",
            ("event_type", "check", "enforcement"),
            (((*found, enforcement.lower()), count) for (*found, enforcement), count in dict(engine.counts).items()),
        )
        yield _counter(
            "assay_skipped_checks",
            "Checks that could not run on an event.",
            ("event_type", "check", "reason"),
            (((*check, reason.name.lower()), count) for (*check, reason), count in dict(engine.skipped).items()),
        )

    def _models(self) -> Iterator[Metric]:
        models, catalog = self._condition.engine.models, self._condition.engine.catalog
        declared = [(contract.event_type, model.check) for contract in catalog for model in contract.models]
        info = GaugeMetricFamily(
            "assay_model_info",
            "1 for each model in service (active) or on trial, by its version.",
            labels=("event_type", "check", "version", "role"),
        )
        for event_type, check, version, role in models.served(catalog):
            info.add_metric((event_type, check, version, role), 1)
        yield info
        yield _counter(
            "assay_model_changes",
            "Activated models: taken (active, trial), refused, or trained for other features than the contract has (mismatch).",
            ("event_type", "check", "outcome"),
            ({(*check, outcome): 0 for check in declared for outcome in MODEL_OUTCOMES} | dict(models.changes)).items(),
        )

    def _store(self) -> Iterator[Metric]:
        status = self._condition.baselines.status
        up = GaugeMetricFamily(
            "assay_baseline_store_up",
            "1 if the store of baselines could be reached the last time, 0 if not; nothing while no contract needs it.",
        )
        if status.tried:
            up.add_metric((), int(status.reachable))
        yield up
        written = GaugeMetricFamily(
            "assay_baseline_store_last_exchange_timestamp_seconds",
            "When what was learned was last handed to the store, and news picked up.",
        )
        if status.written is not None:
            written.add_metric((), status.written / _SECOND)
        yield written
        yield GaugeMetricFamily(
            "assay_baseline_values_waiting", "Values that were learned and are not in the store yet.", value=status.waiting
        )

    def _history(self) -> Iterator[Metric]:
        engine, baselines = self._condition.engine, self._condition.baselines
        checks = [
            (contract.event_type, statistic.check, statistic.field)
            for contract in engine.catalog
            for statistic in contract.statistics
        ]
        refused = Counter({(*check, reason): 0 for check in checks for reason in REFUSALS})
        for (series, reason), count in dict(baselines.refused).items():
            refused[series.event_type, series.check, series.field, reason] += count
        yield _counter(
            "assay_baseline_values_refused", "Values that taught nothing, by the reason.", (*_CHECK, "reason"), refused.items()
        )
        yield _counter(
            "assay_baseline_drift_bounded",
            "Values compared with what the bound on drift gave, and not with history itself.",
            _CHECK,
            (dict.fromkeys(checks, 0) | dict(engine.bounded)).items(),
        )
        snapshot = baselines.snapshot
        groups = Counter(dict.fromkeys(checks, 0))
        for series in snapshot:
            groups[series.event_type, series.check, series.field] += len(snapshot[series].history.groups)
        kept = GaugeMetricFamily("assay_baseline_groups", "Groups whose history is kept in memory.", labels=_CHECK)
        for check, count in sorted(groups.items()):
            kept.add_metric(check, count)
        yield kept


def _counter(
    name: str, text: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in sorted(counts):
        family.add_metric(values, count)
    return family
