"""Rules that run in line."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay_server.baselines import Snapshot
from assay_server.contracts import Contract, EventContract, Rule

from ._batch import Batch
from ._failures import FailureLog
from ._findings import Layer, SkipReason
from ._protocol import CheckDescription, Report

_LONGEST_MESSAGE = 1000

_PASSED = frozenset({bool, type(None)})


class RuleCheck:
    """What all rules share: how they are described, and what follows from what they return.

    Args:
        contract: The contract that the rule is of.
        rule: The rule.
    """

    takes_time = False

    def __init__(self, contract: Contract, rule: Rule) -> None:
        self.description = CheckDescription(
            check=f"rules.{rule.name}",
            layer=Layer.RULES,
            enforcement=rule.enforcement,
            field="",
            description=rule.description,
            required=rule.required,
        )
        self.function = rule.function
        self._message = f"Does not hold: {rule.description}"
        self._discreet = rule.name in contract.discreet_rules
        self._failures = FailureLog(f"{contract.event_type} {contract.version} rules.{rule.name}", discreet=self._discreet)

    def judge(self, result: Any, row: int, report: Report) -> None:
        """Report on what the rule returned: True or None passes, False or a text is a finding."""
        if result is True or result is None:
            return
        if isinstance(result, str):
            report.found(row, self.description, (not self._discreet and result[:_LONGEST_MESSAGE]) or self._message)
        elif isinstance(result, bool | np.bool_):
            if not result:
                report.found(row, self.description, self._message)
        else:
            self.fail(f"it returned {type(result).__name__}: return True, False or a text", row, report)

    def fail(self, error: BaseException | str, row: int, report: Report, message: str = "the rule failed") -> None:
        """Report that the rule could not be applied, and log why."""
        self._failures.write(error)
        report.could_not_run(row, self.description, SkipReason.UNAVAILABLE, message)

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return False: what takes time takes a batch."""
        del event, time, snapshot
        return False

    def close(self) -> None:
        """Let go of nothing: a rule in line holds nothing."""


class InlineRule(RuleCheck):
    """A rule that is applied to one event after another, in the event loop."""

    def run(self, batch: Batch, report: Report) -> None:
        """Apply the rule: to all in one go, and if it fails for one, once more to each."""
        results = self._results(batch.models)
        if results is not None and _PASSED.issuperset(map(type, results)) and False not in results:
            return
        for place, (row, model) in enumerate(zip(batch.rows, batch.models, strict=True)):
            try:
                result = self.function(model) if results is None else results[place]
                if result is not True and result is not None:
                    self.judge(result, row, report)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # An author's own code may raise anything, SystemExit too.
                self.fail(error, row, report)

    def _results(self, models: Sequence[EventContract]) -> list[Any] | None:
        """Return what the rule returns for each event; None if it fails for one."""
        try:
            results = list(map(self.function, models))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # It comes up again, and is told.
            return None
        return results if len(results) == len(models) else None  # StopIteration ends a list.

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether the rule holds; where it fails, it is applied once more to tell why."""
        del time, snapshot
        try:
            result = self.function(event)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # An author's own code may raise anything, SystemExit too.
            return False
        return result is True or result is None
