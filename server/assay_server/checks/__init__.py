"""The checks, a module for each family of them, all behind one protocol that works on a batch."""

from collections.abc import Callable

from assay_server.contracts import Contract, Execution, Rule

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
from ._protocol import Batch, Check, CheckDescription, Report
from ._rules import InlineRule
from ._schema import SchemaCheck
from ._slow_rules import AsyncRule, BlockingRule

__all__ = [
    "AnomalyEvidence",
    "Batch",
    "CategoricalEvidence",
    "Check",
    "CheckDescription",
    "ClockCheck",
    "Contribution",
    "Envelope",
    "Event",
    "Evidence",
    "Explanation",
    "Finding",
    "Layer",
    "Limits",
    "Report",
    "SchemaCheck",
    "SkipReason",
    "SkippedCheck",
    "StatisticalEvidence",
    "checks_of",
]

_RULES: dict[Execution, Callable[[Contract, Rule], Check]] = {
    Execution.INLINE: InlineRule,
    Execution.BLOCKING: BlockingRule,
    Execution.ASYNC: AsyncRule,
}


def checks_of(contract: Contract) -> list[Check]:
    """Return the checks of a contract that work on batches, in the order in which they run.

    By layer, and within one layer in the contract's own order. What a contract declares for a layer becomes a check here.
    """
    return [_RULES[rule.execution](contract, rule) for rule in contract.rules]
