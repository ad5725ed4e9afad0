"""What every check is: something that looks at a batch of events and reports what it finds."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from assay_server.contracts import Enforcement, EventContract

from ._findings import Evidence, Explanation, Finding, Layer, SkippedCheck, SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDescription:
    """One check of a contract, as the catalog shows it."""

    check: str
    layer: Layer
    enforcement: Enforcement
    field: str
    description: str
    required: bool = True
    """Whether it is a finding too, of the check's own enforcement, that the check could not run."""
    not_ready: SkipReason | None = None
    """Why it cannot run now on any event; None if it can."""


class Batch:
    """Events of one contract that the schema and every layer so far have accepted.

    Attributes:
        rows: Where each event stands in the report.
        models: The events as the contract reads them, as long as `rows`.
        times: When each happened, int64 nanoseconds since 1970, UTC; the time of receipt where the event has none.
    """

    __slots__ = ("_columns", "models", "rows", "times")

    def __init__(self, rows: Sequence[int], models: Sequence[EventContract], times: Sequence[int]) -> None:
        self.rows = rows
        self.models = models
        self.times = times
        self._columns: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, field: str) -> list[Any]:
        """Return a column: the value of a field or feature, or of a nested one ("customer.country"), for each event.

        A value is None where the event has none, or where a part of the path is None.
        """
        if field not in self._columns:
            self._columns[field] = _column(self.models, field)
        return self._columns[field]

    def numbers(self, field: str) -> npt.NDArray[np.float64]:
        """Return a column as float64: NaN where a value is None, infinite where it is too large for a double."""
        values = [np.nan if value is None else value for value in self.values(field)]
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            return np.array([_double(value) for value in values], dtype=np.float64)

    def without(self, rejected: set[int]) -> "Batch":
        """Return the batch without the events at these rows."""
        if rejected.isdisjoint(self.rows):
            return self
        kept = [index for index, row in enumerate(self.rows) if row not in rejected]
        return Batch(
            [self.rows[index] for index in kept],
            [self.models[index] for index in kept],
            [self.times[index] for index in kept],
        )


class Report:
    """What the checks say of the events of one call, by row.

    Attributes:
        explain: Whether the caller wants to know what each check saw, whether or not it found anything.
        findings: The findings of the rows that have any.
        omitted: How many findings of a row were not even made, because there were too many.
        skipped: The checks that could not run.
        explanations: What the checks saw, where the caller wants to know.
        rejected: The rows with a finding at REJECT.
    """

    __slots__ = ("explain", "explanations", "findings", "omitted", "rejected", "skipped")

    def __init__(self, *, explain: bool) -> None:
        self.explain = explain
        self.findings: dict[int, list[Finding]] = {}
        self.omitted: dict[int, int] = {}
        self.skipped: dict[int, list[SkippedCheck]] = {}
        self.explanations: dict[int, list[Explanation]] = {}
        self.rejected: set[int] = set()

    def rows(self) -> set[int]:
        """Return the rows of which anything was said."""
        return {*self.findings, *self.skipped, *self.explanations}

    def add(self, row: int, finding: Finding) -> None:
        """Add a finding as it is."""
        self.findings.setdefault(row, []).append(finding)
        if finding.enforcement is Enforcement.REJECT:
            self.rejected.add(row)

    def found(self, row: int, check: CheckDescription, message: str, evidence: Evidence | None = None) -> None:
        """Say that a check found something."""
        self.add(row, Finding(check.check, check.layer, check.enforcement, check.field, message, evidence))

    def could_not_run(self, row: int, check: CheckDescription, reason: SkipReason, message: str) -> None:
        """Say that a check could not run; if it is required, that is a finding too."""
        skipped = SkippedCheck(check.check, check.field, reason, message, check.enforcement)
        self.skipped.setdefault(row, []).append(skipped)
        if check.required:
            finding = Finding(
                check.check, check.layer, check.enforcement, check.field, f"Could not be checked: {message}", None, reason
            )
            self.add(row, finding)

    def saw(self, row: int, check: CheckDescription, evidence: Evidence) -> None:
        """Say what a check saw."""
        explanation = Explanation(check.check, check.field, evidence, check.enforcement)
        self.explanations.setdefault(row, []).append(explanation)


class Check(Protocol):
    """A check of one contract. It gives each event the verdict that it would give it alone."""

    takes_time: bool
    """Whether `run` may return something to await."""

    @property
    def description(self) -> CheckDescription:
        """What it is, and whether it is ready."""

    def run(self, batch: Batch, report: Report) -> Awaitable[None] | None:
        """Look at a batch and report on it; at once, or when what is returned is awaited."""

    def close(self) -> None:
        """Let go of what it holds; called when its contract is taken out of service."""


def _double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _column(models: Sequence[EventContract], field: str) -> list[Any]:
    first, *rest = field.split(".")
    values = list(map(attrgetter(first), models))
    for name in rest:
        values = [getattr(value, name, None) for value in values]  # A branch of a union may have no such part.
    return values
