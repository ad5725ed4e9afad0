"""What every check is: something that looks at a batch of events and reports what it finds."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from assay_server.baselines import Snapshot
from assay_server.contracts import Enforcement, EventContract

from ._batch import Batch
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

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether there is certainly nothing to be said of one event, nor to be done; in a few microseconds.

        The quick look that most single events need no other than. False says nothing: the event is then a batch of its own.

        Args:
            event: The event.
            time: When it happened, or was received, in nanoseconds since 1970.
            snapshot: The history to compare with; None for the newest.
        """

    def close(self) -> None:
        """Let go of what it holds; called when its contract is taken out of service."""
