"""What was found in files, summed up by check."""

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from assay_server.files import Row

from ._judges import Verdict

_STYLES = {"REJECT": "red", "WARN": "yellow"}


@dataclass(slots=True)
class Tally:
    """How many events one check found something in, and the first of it."""

    check: str
    event_type: str
    """Empty where no contract judged the event."""

    enforcement: str
    events: int
    file: str
    row: int
    field: str
    message: str


@dataclass
class Summary:
    """Counts verdicts as they come. Takes memory for each check, not for each event."""

    events: int = 0
    rejected: int = 0
    warned: int = 0
    seconds: float = 0.0
    tallies: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    skipped: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By event type, check and reason."""

    def add(self, row: Row, verdict: Verdict) -> None:
        """Count the verdict on a row."""
        self.events += 1
        findings = verdict.findings
        event_type = row.event.event_type if verdict.contract_version else ""
        if findings:
            self.rejected += not verdict.valid
            self.warned += verdict.valid
            for finding in {finding.check: finding for finding in reversed(findings)}.values():
                self._tally(row, event_type, finding)
        elif not verdict.valid:
            self.rejected += 1
        for skipped in verdict.skipped_checks:
            self.skipped[event_type, skipped.check, skipped.reason.name] += 1

    def _tally(self, row: Row, event_type: str, finding: Any) -> None:
        enforcement = finding.enforcement.name
        tally = self.tallies.get((event_type, finding.check, enforcement))
        if tally is not None:
            tally.events += 1
            return
        self.tallies[event_type, finding.check, enforcement] = Tally(
            finding.check, event_type, enforcement, 1, row.source.name, row.number, finding.field, finding.message
        )

    def most_frequent_first(self) -> list[Tally]:
        """Return the tallies, the one with the most events first."""
        return sorted(self.tallies.values(), key=lambda tally: -tally.events)

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "events": self.events,
            "valid": self.events - self.rejected,
            "warned": self.warned,
            "rejected": self.rejected,
            "seconds": round(self.seconds, 3),
            "checks": [
                {
                    **dataclasses.asdict(tally),
                    "enforcement": f"ENFORCEMENT_{tally.enforcement}",
                    "share": tally.events / self.events,
                }
                for tally in self.most_frequent_first()
            ],
            "skipped_checks": [
                {"check": check, "event_type": event_type, "reason": f"SKIP_REASON_{reason}", "events": count}
                for (event_type, check, reason), count in self.skipped.most_common()
            ],
        }

    def for_people(self) -> RenderableType:
        """Return all of it for people."""
        if not self.events:
            return Text("No events: the files have no rows.")
        parts: list[RenderableType] = [self._overview()]
        if self.tallies:
            parts.append(self.checks_table())
        if self.skipped:
            parts.append(self._skipped_checks())
        return Group(*parts)

    def _overview(self) -> Text:
        plural = "" if self.events == 1 else "s"
        text = Text.assemble((f"{self.events:,} event{plural}", "bold"), f" in {self.seconds:.1f} s")
        if self.seconds >= 1:
            text.append(f", {self.events / self.seconds:,.0f} a second")
        text.append("\n")
        for count, what, style in (
            (self.events - self.rejected - self.warned, "valid", "green"),
            (self.warned, "valid, with a warning", "yellow"),
            (self.rejected, "not valid", "red"),
        ):
            if count:
                text.append(f"\n{count:>9,}  {share_of(count, self.events):>7}  {what}", style)
        text.append("\n")
        return text

    def checks_table(self) -> Table:
        """Return what each check found, the one with the most events first."""
        several = len({tally.event_type for tally in self.tallies.values() if tally.event_type}) > 1
        table = table_of(">events", ">share", "", "check, and where for example")
        for tally in self.most_frequent_first():
            name = f"{tally.check} of {tally.event_type}" if several and tally.event_type else tally.check
            place = f" {tally.field}" if tally.field else ""
            example = Text.assemble((name, "bold"), f"\n{tally.file}:{tally.row}{place}: {tally.message}")
            enforcement = Text(tally.enforcement.lower(), _STYLES.get(tally.enforcement, "dim"))
            table.add_row(f"{tally.events:,}", share_of(tally.events, self.events), enforcement, example)
        return table

    def _skipped_checks(self) -> Table:
        table = table_of(">events", ">share", "could not run", "why")
        for (_, check, reason), count in self.skipped.most_common():
            table.add_row(f"{count:,}", share_of(count, self.events), Text(check), reason)
        return table


def share_of(count: int, total: int) -> str:
    """Return a share in percent."""
    return f"{count / total:.2%}"


def table_of(*headings: str) -> Table:
    """Return a table without rows; headings that begin with > are those of numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        justify: Literal["left", "right"] = "right" if heading.startswith(">") else "left"
        table.add_column(heading.removeprefix(">"), justify=justify, overflow="fold")
    return table
