"""The example's tables show what verdicts say."""

from datetime import UTC, datetime

from rich.console import Console

from assay.v1 import verdict_pb2
from assay_client import CheckDescription, Enforcement, Layer, Verdict
from examples._report import Report, checks_table, summary, surprises_table


def verdict(*checks: str, valid: bool = True) -> Verdict:
    """Return a verdict with a finding of each check."""
    message = verdict_pb2.Verdict(valid=valid)
    for check in checks:
        message.findings.add(
            check=check,
            enforcement=verdict_pb2.ENFORCEMENT_WARN if valid else verdict_pb2.ENFORCEMENT_REJECT,
            message=f"[{check}] is why",
        )
    return Verdict(message)


def report_on(*verdicts: Verdict) -> Report:
    """Return what is known after these verdicts."""
    report = Report()
    for each in verdicts:
        report.add(each)
    return report


def printed(what: object) -> list[str]:
    """Return the lines that a wide console prints, without blank ones and with single spaces."""
    console = Console(width=150)
    with console.capture() as capture:
        console.print(what)
    return [" ".join(line.split()) for line in capture.get().splitlines() if line.strip()]


def test_flights_are_counted_once_however_much_was_found() -> None:
    """A flight is valid, valid with a warning, or not valid; a check counts the flights that it found something about."""
    report = report_on(verdict(), verdict("a", "a", "b"), verdict("c", valid=False), verdict())
    assert (report.seen, report.warned, report.rejected) == (4, 1, 1)
    assert report.counts == {"a": 1, "b": 1, "c": 1}
    assert printed(summary(report, 0.5)) == [
        "4 flights in 0.5 s: 8 a second, client and server on one machine",
        "2 50.00% valid",
        "1 25.00% valid, with a warning",
        "1 25.00% not valid",
    ]


def test_the_rarest_findings_surprise_most() -> None:
    """Few flights of one check are shown, so that others have a place."""
    report = report_on(*[verdict("often")] * 9, *[verdict("rarely")] * 5, verdict("often", "once"))
    assert [position for position, _ in report.surprises()] == [14, 9, 10, 11, 0, 1, 2]


def test_checks_are_listed_by_what_they_found_and_those_that_found_nothing_last() -> None:
    """A message is printed as it is, though it may look like markup."""
    idle = CheckDescription(
        check="idle", layer=Layer.RULES, enforcement=Enforcement.REJECT, field="", description="", not_ready=None
    )
    report = report_on(verdict("rarely"), verdict("often"), verdict("often"), verdict("never", valid=False), verdict())
    assert printed(checks_table(report, [idle]))[3:] == [
        "often warn 2 40.000% [often] is why",
        "rarely warn 1 20.000% [rarely] is why",
        "never reject 1 20.000% [never] is why",
        "idle reject 0",
    ]


def test_a_surprising_flight_is_shown_with_all_that_was_found_about_it() -> None:
    """One line a finding; the day is New York's."""
    left = datetime(2013, 5, 26, 1, tzinfo=UTC)
    flight = {"carrier": "DL", "flight": 1499, "origin": "LGA", "dest": "ATL", "time_hour": left}
    ((_, findings),) = report_on(verdict("a", "b")).surprises()
    assert printed(surprises_table([(flight, findings)]))[3:] == ["DL 1499 LGA - ATL 25 May 2013 [a] is why", "[b] is why"]
