"""The events of files, counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from assay_server.contracts import Enforcement
from assay_server.files import Row

from ._judges import Verdict
from ._summary import Summary


@dataclass(frozen=True, slots=True)
class _Rejecting:
    """The verdict on a row of history, with no findings but those for which it is left out."""

    verdict: Verdict
    findings: list[Any]

    @classmethod
    def of(cls, verdict: Verdict) -> "_Rejecting":
        """Return a verdict without what only warns."""
        return cls(verdict, [found for found in verdict.findings if found.enforcement >= Enforcement.REJECT])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.verdict, name)


@dataclass(kw_only=True)
class Events:
    """The events of files, counted.

    Attributes:
        event_type: Which are wanted.
        summary: The rows that are events of the type, and why some are left out.
        others: How many events of other types were passed over.
        rows: How many rows of each file are events of the type.
    """

    event_type: str
    summary: Summary = field(default_factory=Summary)
    others: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row, verdict: Verdict) -> None:
        """Count a row."""
        self.rows[row.source.name] += 1
        if verdict.valid:
            self.summary.events += 1
        else:
            self.summary.add(row, _Rejecting.of(verdict))

    @property
    def fit(self) -> int:
        """How many events nothing rejects."""
        return self.summary.events - self.summary.rejected
