"""What a lesson taught, summed up."""

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from assay_server.baselines import History, Series, View
from assay_server.files import Source

from ._events import Events
from ._summary import share_of, table_of


@dataclass(kw_only=True)
class Lesson(Events):
    """What was learned from the events of files.

    Attributes:
        store: Where it was written to.
        taught: What each series was taught.
        refused: How many values taught nothing, by series and reason.
    """

    store: str
    taught: list[History] = field(default_factory=list)
    refused: Counter[tuple[Series, str]] = field(default_factory=Counter)

    def add_learned(self, events: int, source: Source) -> None:
        """Count events of a file of which nothing is to be said but that they were learned."""
        self.rows[source.name] += events
        self.summary.events += events

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "event_type": self.event_type,
            "store": self.store,
            "events": self.summary.events,
            "learned": self.fit,
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
        head = Text.assemble((f"Learned {self.fit:,} of {total:,} events", "bold"), f" of {self.event_type} in {seconds:.1f} s")
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
