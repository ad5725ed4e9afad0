"""What was found among the flights, as tables for people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from assay_client import AnomalyEvidence, CheckDescription, Enforcement, Finding, Verdict

NEW_YORK = ZoneInfo("America/New_York")

SURPRISES = 12
SURPRISES_OF_ONE_CHECK = 3
ANOMALIES = 8

Findings = tuple[Finding, ...]


@dataclass
class Report:
    """Counts verdicts as they come, and keeps what was found."""

    seen: int = 0
    rejected: int = 0
    warned: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Finding] = field(default_factory=dict)
    flagged: list[tuple[int, Findings]] = field(default_factory=list)
    """The position of each flight about which something was found, and what."""

    def add(self, verdict: Verdict) -> None:
        """Count the verdict on the next flight."""
        findings = verdict.findings
        if findings:
            self.flagged.append((self.seen, findings))
            self.counts.update({finding.check for finding in findings})
            for finding in findings:
                self.examples.setdefault(finding.check, finding)
        self.rejected += not verdict.valid
        self.warned += verdict.valid and bool(findings)
        self.seen += 1

    def surprises(self) -> list[tuple[int, Findings]]:
        """Return the flights with the rarest findings, few of any one check."""

        def rarity(findings: Findings) -> float:
            return sum(1 / self.counts[finding.check] for finding in findings)

        chosen: list[tuple[int, Findings]] = []
        shown: Counter[str] = Counter()
        for position, findings in sorted(self.flagged, key=lambda flight: -rarity(flight[1])):
            rarest = min((finding.check for finding in findings), key=lambda check: self.counts[check])
            shown[rarest] += 1
            if shown[rarest] <= SURPRISES_OF_ONE_CHECK:
                chosen.append((position, findings))
        return chosen[:SURPRISES]

    def anomalies(self) -> list[tuple[int, AnomalyEvidence]]:
        """Return the most anomalous flights, by the model's score, with what each feature added to it."""
        found = [
            (position, finding.evidence)
            for position, findings in self.flagged
            for finding in findings
            if isinstance(finding.evidence, AnomalyEvidence)
        ]
        return sorted(found, key=lambda flight: -flight[1].score)[:ANOMALIES]


def summary(report: Report, seconds: float) -> Text:
    """Return how many flights there were, how fast they were judged, and with what result."""
    text = Text.assemble((f"{report.seen:,} flights", "bold"), f" in {seconds:.1f} s: ")
    text.append(f"{report.seen / seconds:,.0f} a second", "bold")
    text.append(", client and server on one machine\n\n")
    plain = report.seen - report.warned - report.rejected
    for count, what, style in (
        (plain, "valid", "green"),
        (report.warned, "valid, with a warning", "yellow"),
        (report.rejected, "not valid", "red"),
    ):
        text.append(f"{count:>9,}  {count / report.seen:6.2%}  {what}\n", style)
    return text


def checks_table(report: Report, checks: Iterable[CheckDescription]) -> Table:
    """Return what each check found, the most frequent first; `checks` adds those that found nothing."""
    table = Table(title="What the checks found", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left", title_style="bold")
    table.add_column("check", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("flights", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("for example")
    for check, count in report.counts.most_common():
        finding = report.examples[check]
        share = f"{count / report.seen:.3%}"
        table.add_row(check, _enforcement(finding.enforcement), f"{count:,}", share, Text(_said(finding)))
    for description in checks:
        if description.check not in report.counts:
            table.add_row(description.check, _enforcement(description.enforcement), "0", "", "", style="dim")
    return table


def surprises_table(flights: Iterable[tuple[Mapping[str, Any], Findings]]) -> Table:
    """Return a few flights, with all that was found about each."""
    table = Table(
        title="Some surprising flights", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left", title_style="bold"
    )
    for heading in ("flight", "route", "day"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what was found")
    for flight, findings in flights:
        table.add_row(*_flight_cells(flight), Text("\n".join(_said(finding) for finding in findings)))
    return table


def anomalies_table(flights: Iterable[tuple[Mapping[str, Any], AnomalyEvidence]]) -> Table:
    """Return the most anomalous flights, with why they are."""
    table = Table(
        title="The most anomalous flights, and what each feature added to their score",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_justify="left",
        title_style="bold",
    )
    for heading in ("flight", "route", "day"):
        table.add_column(heading, no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("why")
    for flight, evidence in flights:
        parts = [
            f"{part.feature} {part.value:.6g} {part.amount:+.3f}" for part in evidence.contributions if part.value is not None
        ]
        table.add_row(
            *_flight_cells(flight), f"{evidence.score:.3f}", f"typical {evidence.typical_score:.3f}, {', '.join(parts)}"
        )
    return table


def _flight_cells(flight: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return flight, route and day."""
    return (
        f"{flight['carrier']} {flight['flight']}",
        f"{flight['origin']} - {flight['dest']}",
        f"{flight['time_hour'].astimezone(NEW_YORK):%d %b %Y}",
    )


def _said(finding: Finding) -> str:
    """Return what was found, and where, if it is one place."""
    return f"{finding.field.lstrip('/@')}: {finding.message}" if finding.field else finding.message


def _enforcement(enforcement: Enforcement) -> Text:
    style = {Enforcement.REJECT: "red", Enforcement.WARN: "yellow"}.get(enforcement, "dim")
    return Text(enforcement.name.lower(), style)
