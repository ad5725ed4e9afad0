"""Summing up what two contracts make of the same events."""

from typing import Any

from assay_server.cli._comparing import MOST_SHOWN, Comparison, Count, Name, Side
from assay_server.contracts import Enforcement
from assay_server.engine import (
    CheckDescription,
    Event,
    Explanation,
    Finding,
    Layer,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
    Verdict,
)
from assay_server.files import Format, Row, Source

WARN, REJECT, AUDIT = Enforcement.WARN, Enforcement.REJECT, Enforcement.AUDIT
USUAL = CheckDescription(check="statistics.usual", layer=Layer.STATISTICS, enforcement=WARN, field="/x", description="")
FAR = Name("statistics.usual", "/x")
SOURCE = Source("rows.ndjson", Format.NDJSON)


def row(number: int = 1) -> Row:
    return Row(SOURCE, number, Event("a", b"{}"), None)


def evidence(**group: str) -> StatisticalEvidence:
    return StatisticalEvidence(observed=1.0, expected=0.0, deviation=9.0, lower=0.0, upper=0.5, sample_count=30, group=group)


def verdict(*findings: Finding, seen: bool = True, skipped: SkipReason | None = None, **group: str) -> Verdict:
    """Return a verdict of an event that the one comparison saw, unless it could not."""
    explanations = [Explanation("statistics.usual", "/x", evidence(**group), WARN)] if seen and skipped is None else []
    skips = [SkippedCheck("statistics.usual", "/x", skipped, "", WARN)] if skipped is not None else []
    valid = all(finding.enforcement < REJECT for finding in findings)
    return Verdict("", valid, 0, "1.0.0", findings, 0, skips, None, explanations)


def far(enforcement: Enforcement = WARN, *, reason: SkipReason | None = None, **group: str) -> Finding:
    return Finding("statistics.usual", Layer.STATISTICS, enforcement, "/x", "far", evidence(**group), reason)


def missing(field: str) -> Finding:
    return Finding("schema.missing", Layer.SCHEMA, REJECT, field, "Field required")


def compared(*pairs: tuple[Verdict, Verdict]) -> Comparison:
    comparison = Comparison("a", [Side.of("today", [USUAL]), Side.of("candidate", [USUAL])])
    for number, pair in enumerate(pairs, 1):
        comparison.add(row(number), pair)
    return comparison


def alone(*verdicts: Verdict) -> Side:
    comparison = Comparison("a", [Side.of("today", [USUAL])])
    for one in verdicts:
        assert not comparison.add(row(), [one])
    return comparison.sides[0]


def test_events_are_counted_by_check_and_by_group() -> None:
    """Those that were compared, and those in which something was found."""
    side = alone(verdict(site="a"), verdict(far(site="a"), site="a"), verdict(far(site="b"), site="b"), verdict())
    tally = side.tallies[FAR]
    assert (tally.compared, tally.flagged) == (4, 2)
    assert tally.groups == {(("site", "a"),): Count(2, 1), (("site", "b"),): Count(1, 1)}
    assert (side.warned, side.rejected) == (2, 0)


def test_warming_up_is_counted_apart() -> None:
    """Also where the check is required, so that its not having run is a finding that rejects."""
    required = far(REJECT, reason=SkipReason.WARMING_UP)
    side = alone(verdict(skipped=SkipReason.WARMING_UP), verdict(required, skipped=SkipReason.WARMING_UP))
    tally = side.tallies[FAR]
    assert (tally.compared, tally.flagged, dict(tally.skipped)) == (0, 0, {"WARMING_UP": 2})
    assert (side.warned, side.rejected) == (0, 1)


def test_findings_of_a_schema_are_counted_once_for_an_event_whatever_their_field() -> None:
    """So that memory does not grow with what senders call their keys."""
    side = alone(verdict(missing("/a"), missing("/b"), seen=False), verdict(missing("/c"), seen=False))
    assert {name: tally.flagged for name, tally in side.tallies.items()} == {FAR: 0, Name("schema.missing"): 2}
    assert side.rejected == 2


def test_what_is_on_trial_is_counted_and_warns_of_nothing() -> None:
    """An event in which only such a check found something is valid without a warning."""
    side = alone(verdict(far(AUDIT)))
    assert (side.tallies[FAR].flagged, side.warned, side.rejected) == (1, 0, 0)


def test_two_sides_differ_where_other_checks_find_something_or_one_rejects() -> None:
    """What both find is no difference, whatever the numbers in it."""
    same = verdict(far()), verdict(far())
    only_today = verdict(far()), verdict()
    stricter = verdict(far()), verdict(far(REJECT))
    accepted = verdict(missing("/a"), seen=False), verdict()
    warming = verdict(far(REJECT, reason=SkipReason.WARMING_UP), skipped=SkipReason.WARMING_UP), verdict()
    comparison = compared(same, only_today, stricter, accepted, warming, (verdict(), verdict()))
    today, candidate = comparison.sides
    assert (comparison.events, comparison.differing) == (6, 4)
    assert [difference.row.number for difference in comparison.differences] == [2, 3, 4, 5]
    assert (today.tallies[FAR].flagged, today.tallies[FAR].alone) == (3, 1)
    assert (candidate.tallies[FAR].flagged, candidate.tallies[FAR].alone) == (2, 0)
    assert (today.tallies[Name("schema.missing")].alone, candidate.rejected) == (1, 1)
    assert [[len(findings) for _, findings in one.said] for one in comparison.differences] == [[1, 0], [1, 1], [1, 0], [0, 0]]
    assert [[valid for valid, _ in one.said] for one in comparison.differences] == [
        [True, True],
        [True, False],
        [False, True],
        [False, True],
    ]


def test_only_the_first_differences_are_kept() -> None:
    """So that memory does not grow with the file."""
    comparison = compared(*[(verdict(far()), verdict())] * 50)
    assert (comparison.differing, len(comparison.differences)) == (50, MOST_SHOWN)


def test_checks_stand_in_the_order_of_their_layers() -> None:
    """Whichever side has them."""
    rule = CheckDescription(check="rules.r", layer=Layer.RULES, enforcement=REJECT, field="", description="")
    comparison = Comparison("a", [Side.of("today", [USUAL]), Side.of("candidate", [USUAL, rule])])
    no: Any = verdict(missing("/a"), seen=False)
    comparison.add(row(), [no, no])
    assert comparison.names == [Name("schema.missing"), Name("rules.r"), FAR]
