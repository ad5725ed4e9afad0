"""The checks, a module for each family of them, all behind one protocol that works on a batch."""

from collections.abc import Callable

from assay_server.contracts import (
    Contract,
    Execution,
    HistoryMarker,
    Novelty,
    QuantileRange,
    RobustSigma,
    Rule,
    Statistic,
    ThreeSigma,
)
from assay_server.models.registry import Shelf

from ._anomaly import AnomalyCheck
from ._baseline import Baseline, baseline_of
from ._batch import Batch
from ._column_batch import ColumnBatch
from ._columns import SchemaColumns
from ._envelope import ClockCheck, Envelope
from ._event import Event, Limits
from ._findings import (
    AnomalyEvidence,
    CategoricalEvidence,
    Contribution,
    Evidence,
    Explanation,
    Finding,
    Layer,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
)
from ._inputs import features_of
from ._novelty import NoveltyCheck
from ._packed import PackedEvents
from ._past import Past
from ._protocol import Check, CheckDescription, Report
from ._quantile_range import QuantileRangeCheck
from ._robust_sigma import RobustSigmaCheck
from ._rules import InlineRule
from ._sample import Sample, sample_of
from ._schema import SchemaCheck
from ._slow_rules import AsyncRule, BlockingRule
from ._statistical import StatisticalCheck
from ._table import Column, EventTable
from ._three_sigma import ThreeSigmaCheck

__all__ = [
    "AnomalyCheck",
    "AnomalyEvidence",
    "Baseline",
    "Batch",
    "CategoricalEvidence",
    "Check",
    "CheckDescription",
    "ClockCheck",
    "Column",
    "ColumnBatch",
    "Contribution",
    "Envelope",
    "Event",
    "EventTable",
    "Evidence",
    "Explanation",
    "Finding",
    "Layer",
    "Limits",
    "PackedEvents",
    "Past",
    "Report",
    "Sample",
    "SchemaCheck",
    "SchemaColumns",
    "SkipReason",
    "SkippedCheck",
    "StatisticalCheck",
    "StatisticalEvidence",
    "baseline_of",
    "checks_of",
    "features_of",
    "sample_of",
]

_RULES: dict[Execution, Callable[[Contract, Rule], Check]] = {
    Execution.INLINE: InlineRule,
    Execution.BLOCKING: BlockingRule,
    Execution.ASYNC: AsyncRule,
}


_STATISTICS: dict[type[HistoryMarker], Callable[[Contract, Statistic, Past], StatisticalCheck]] = {
    ThreeSigma: ThreeSigmaCheck,
    RobustSigma: RobustSigmaCheck,
    QuantileRange: QuantileRangeCheck,
    Novelty: NoveltyCheck,
}


def checks_of(contract: Contract, past: Past | None = None, shelf: Shelf | None = None) -> list[Check]:
    """Return the checks of a contract that work on batches, in the order in which they run.

    By layer, and within one layer in the contract's own order. What a contract declares for a layer becomes a check here.

    Args:
        contract: The contract.
        past: The history that statistical checks read; without one they are warming up.
        shelf: What holds the models; without it there is none for any check.
    """
    past = past or Past()
    rules: list[Check] = [_RULES[rule.execution](contract, rule) for rule in contract.rules]
    statistics = [_STATISTICS[type(statistic.marker)](contract, statistic, past) for statistic in contract.statistics]
    return [*rules, *statistics, *(AnomalyCheck(contract, declaration, shelf) for declaration in contract.models)]
