"""From what the checks report on an event to its verdict."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assay_server.checks import Event, Explanation, Finding, Report, SkippedCheck
from assay_server.contracts import Enforcement

from ._plan import Plan
from ._types import Options, Verdict

Normalized = Mapping[int, bytes | dict[str, Any] | None]
"""Payloads as the contract reads them, by row."""


def verdicts_of(
    events: Sequence[Event],
    plans: Sequence[Plan | None],
    report: Report,
    options: Options,
    now: int,
    most: int,
    normalized: Normalized = MappingProxyType({}),
) -> list[Verdict]:
    """Return the verdicts on events, in their order.

    Args:
        events: The events.
        plans: What each was judged by; None if there is no contract for it.
        report: What the checks said.
        options: What the caller wants to know, and what makes an event not valid.
        now: The time, in nanoseconds since 1970.
        most: How many findings a verdict holds.
        normalized: Their payloads, if the caller wants them.
    """
    said = report.rows()
    return [
        _verdict_of(event, row, plan, report, options, now, most, normalized.get(row))
        if row in said or plan is None or options.return_normalized
        else Verdict(event.event_id, True, now, plan.version)
        for row, (event, plan) in enumerate(zip(events, plans, strict=True))
    ]


def _verdict_of(
    event: Event,
    row: int,
    plan: Plan | None,
    report: Report,
    options: Options,
    now: int,
    most: int,
    normalized: bytes | dict[str, Any] | None,
) -> Verdict:
    """Return the verdict on the event at a row."""
    findings: Sequence[Finding] = report.findings.get(row, ())
    skipped: Sequence[SkippedCheck] = report.skipped.get(row, ())
    explanations: Sequence[Explanation] = report.explanations.get(row, ())
    if plan is not None and plan.takes_time:  # Its checks report in whatever order they are done.
        order = plan.order
        findings = sorted(findings, key=lambda finding: (finding.layer, order.get((finding.check, finding.field), 0)))
        skipped = sorted(skipped, key=lambda check: order.get((check.check, check.field), 0))
        explanations = sorted(explanations, key=lambda found: order.get((found.check, found.field), 0))
    valid = all(finding.enforcement < options.reject_from for finding in findings)
    # What makes an event not valid is reported whatever the caller asks for.
    shown_from = min(options.report_from, options.reject_from)
    findings = [finding for finding in findings if finding.enforcement >= shown_from]
    omitted = report.omitted.get(row, 0)
    if len(findings) > most:
        omitted += len(findings) - most
        findings = _weightiest(findings, options.reject_from, most)
    trials_shown = options.report_from is Enforcement.AUDIT
    return Verdict(
        event.event_id,
        valid,
        now,
        plan.version if plan is not None else "",
        findings,
        omitted,
        [check for check in skipped if trials_shown or check.enforcement > Enforcement.AUDIT],
        normalized,
        [found for found in explanations if trials_shown or found.enforcement > Enforcement.AUDIT],
    )


def _weightiest(findings: Sequence[Finding], reject_from: Enforcement, most: int) -> list[Finding]:
    """Return at most so many findings, in order: those that make the event not valid before all others."""
    ranks = sorted(range(len(findings)), key=lambda index: findings[index].enforcement < reject_from)
    return [findings[index] for index in sorted(ranks[:most])]
