"""What a lesson taught, summed up."""

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from assay_server.baselines import History, Series, View
from assay_server.contracts import Enforcement
from assay_server.files import Row

from ._judges import Verdict
from ._summary import Summary, share_of, table_of


@dataclass(frozen=True, slots=True)
class Rejecting:
    """The verdict on a row of history, with no findings but those for which it is left out."""

    verdict: Verdict
    findings: list[Any]

    @classmethod
    def of(cls, verdict: Verdict) -> "Rejecting":
        """Return a verdict without what only warns."""
        return cls(verdict, [found for found in verdict.findings if found.enforcement >= Enforcement.REJECT])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.verdict, name)


@dataclass
class Lesson:
    """What was taken from files.

    Attributes:
        event_type: Whose history it is.
        store: Where it was written to.
        summary: The rows that are events of the type, and why some are left out.
        others: How many events of other types were passed over.
        taught: What each series was taught.
        refused: How many values taught nothing, by series and reason.
    """

    event_type: str
    store: str
    summary: Summary = field(default_factory=Summary)
    others: int = 0
    taught: list[History] = field(default_factory=list)
    refused: Counter[tuple[Series, str]] = field(default_factory=Counter)

    def add_learned(self, events: int) -> None:
        """Count events of which nothing is to be said but that they were learned."""
        self.summary.events += events

    def add(self, row: Row, verdict: Verdict) -> None:
        """Count a row."""
        if verdict.valid:
            self.summary.events += 1
        else:
            self.summary.add(row, Rejecting.of(verdict))

    @property
    def learned(self) -> int:
        """How many events taught something."""
        return self.summary.events - self.summary.rejected

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "event_type": self.event_type,
            "store": self.store,
            "events": self.summary.events,
            "learned": self.learned,
            "left_out": self.summary.rejected,
            "other_event_types": self.others,
            "seconds": round(self.summary.seconds, 3),
            "checks": [dataclasses.asdict(tally) for tally in self.summary.most_frequent_first()],
            "series": [
                {
                    **series_as_json(history.series),
                    "groups": len(View(history).groups()),
                    "values": history.samples,
                    "refused": {reason: count for (series, reason), count in self.refused.items() if series == history.series},
                }
                for history in self.taught
            ],
        }

    def for_people(self) -> RenderableType:
        """Return all of it for people."""
        total, seconds = self.summary.events, self.summary.seconds
        if not total:
            return Text(f"No events of {self.event_type}: nothing is learned.")
        head = Text.assemble(
            (f"Learned {self.learned:,} of {total:,} events", "bold"), f" of {self.event_type} in {seconds:.1f} s"
        )
        if seconds >= 1:
            head.append(f", {total / seconds:,.0f} a second")
        parts: list[RenderableType] = [head]
        if self.others:
            parts.append(Text(f"Passed over {self.others:,} events of other types."))
        parts.append(self._series())
        if self.summary.rejected:
            left = self.summary.rejected
            parts.append(Text(f"Left out {left:,} ({share_of(left, total)}), because of", "yellow"))
            parts.append(self.summary.checks_table())
        return Group(*parts)

    def _series(self) -> RenderableType:
        table = table_of("check", "field", "by", ">groups", ">values", ">refused")
        for history in self.taught:
            series = history.series
            refused = sum(count for (one, _), count in self.refused.items() if one == series)
            groups = f"{len(View(history).groups()):,}" if series.by else ""
            table.add_row(
                series.check,
                series.field,
                ", ".join(series.by),
                groups,
                f"{history.samples:,}",
                f"{refused:,}" if refused else "",
            )
        return table


def series_as_json(series: Series) -> dict[str, Any]:
    """Return what names a series, for programs."""
    return {
        "event_type": series.event_type,
        "check": series.check,
        "field": series.field,
        "by": list(series.by),
        "window_seconds": None if series.window is None else series.window / 1e9,
        "kind": series.kind.name.lower(),
    }
