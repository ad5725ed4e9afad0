"""From what the checks report on an event to its verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from assay_server.checks import Event, Explanation, Finding, PackedEvents, Report, SkippedCheck
from assay_server.contracts import Enforcement

from ._plan import Plan
from ._types import Options, Verdict

Ints = npt.NDArray[np.int64]
Normalized = Mapping[int, bytes | dict[str, Any] | None]
"""Payloads as the contract reads them, by row."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged(Sequence[Verdict]):
    """The verdicts on events that were judged together, in their order.

    Of most events there is nothing to say but that they are valid: a verdict on one of those is made when it is asked for.

    Attributes:
        events: The events.
        plans: What each was judged by; None if there is no contract for it.
        at: When the verdicts were reached, in nanoseconds since 1970.
        said: The verdicts of which there is more to say, by the place of the event.
    """

    events: Sequence[Event]
    plans: Sequence[Plan | None]
    at: int
    said: Mapping[int, Verdict]

    def __len__(self) -> int:
        return len(self.events)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...

    @overload
    def __getitem__(self, index: slice) -> list[Verdict]: ...

    def __getitem__(self, index: int | slice) -> Verdict | list[Verdict]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        said = self.said.get(index)
        return Verdict(self.events[index].event_id, True, self.at, _version(self.plans[index])) if said is None else said

    def versions(self) -> tuple[list[str], Ints]:
        """Return which contracts judged the events, "" for none, and which of these judged each, (n,)."""
        first = self.plans[0]
        if self.plans.count(first) == len(self.plans):
            return [_version(first)], np.zeros(len(self.plans), np.int64)
        numbers: dict[str, int] = {}
        which = [numbers.setdefault(version, len(numbers)) for version in map(_version, self.plans)]
        return list(numbers), np.array(which, np.int64)

    def identifiers(self) -> tuple[bytes, Ints, int]:
        """Return the events' identifiers in UTF-8, with whatever is no text replaced.

        Returns:
            What holds them, where each begins and ends in it, (n, 2), and how many bytes they have together, or more.
        """
        events = self.events
        if isinstance(events, PackedEvents):
            return events.data, events.ids, min(len(events.data), len(events) * events.longest_id)
        names = [event.event_id.encode(errors="replace") for event in events]
        ends = np.cumsum([0, *map(len, names)])
        return b"".join(names), np.stack((ends[:-1], ends[1:]), axis=1), int(ends[-1])


def _version(plan: Plan | None) -> str:
    return plan.version if plan is not None else ""


class Verdicts(Sequence[Verdict]):
    """The verdicts of a call, in the order of its events.

    Attributes:
        parts: Those of events that were judged together.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Judged]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[Verdict]:
        return chain.from_iterable(self.parts)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...

    @overload
    def __getitem__(self, index: slice) -> list[Verdict]: ...

    def __getitem__(self, index: int | slice) -> Verdict | list[Verdict]:
        if not isinstance(index, slice):
            return self.parts[0][index] if len(self.parts) == 1 else list(self)[index]
        start, stop, step = index.indices(len(self))
        if step != 1:
            return list(self)[index]
        found: list[Verdict] = []
        for part in self.parts:
            found += part[max(start, 0) : max(stop, 0)]
            start, stop = start - len(part), stop - len(part)
        return found


def judged(
    events: Sequence[Event],
    plans: Sequence[Plan | None],
    report: Report,
    options: Options,
    now: int,
    most: int,
    normalized: Normalized = MappingProxyType({}),
) -> Judged:
    """Return the verdicts on events.

    Args:
        events: The events.
        plans: What each was judged by; None if there is no contract for it.
        report: What the checks said.
        options: What the caller wants to know, and what makes an event not valid.
        now: The time, in nanoseconds since 1970.
        most: How many findings a verdict holds.
        normalized: Their payloads, if the caller wants them.
    """
    rows = range(len(events)) if options.return_normalized else report.rows()
    event_id = events.event_id if isinstance(events, PackedEvents) else lambda row: events[row].event_id
    said = {row: _verdict_of(event_id(row), row, plans[row], report, options, now, most, normalized.get(row)) for row in rows}
    return Judged(events, plans, now, said)


def _verdict_of(
    event_id: str,
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
        if len(findings) > 1:
            findings = sorted(findings, key=lambda finding: (finding.layer, order.get((finding.check, finding.field), 0)))
        if len(skipped) > 1:
            skipped = sorted(skipped, key=lambda check: order.get((check.check, check.field), 0))
        if len(explanations) > 1:
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
        event_id,
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
