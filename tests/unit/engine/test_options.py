"""What a caller may choose: which findings it is told of, and which of them make an event not valid."""

from collections.abc import Iterator
from itertools import product

import pytest

from assay_server.engine import Enforcement, Engine, Event, Limits, Options
from tests.unit.checks.making import checks, engine_of, one, skipped

CONTRACTS = """
class A(EventContract, event_type="a", version="1.0.0"):
    found: set[str] = set()
    items: list[int] = []

    @rule(enforcement="audit")
    def audit(self): return "audit" not in self.found

    @rule(enforcement="warn")
    def warn(self): return "warn" not in self.found

    @rule
    def reject(self): return "reject" not in self.found

    @rule(enforcement="audit")
    def audit_skips(self): return 1 / ("skip" not in self.found) > 0

    @rule(enforcement="warn")
    def warn_skips(self): return 1 / ("skip" not in self.found) > 0

class Clocked(EventContract, event_type="clocked", version="1.0.0"):
    items: list[int] = []
    clock = Clock(max_age="1s", enforcement="warn")
"""
ALL = list(Enforcement)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


@pytest.mark.parametrize(("report_from", "reject_from", "least"), list(product(ALL, ALL, ALL)))
def test_findings_are_told_from_report_from_on_and_always_where_they_make_the_event_not_valid(
    engine: Engine, report_from: Enforcement, reject_from: Enforcement, least: Enforcement
) -> None:
    """In all combinations: valid follows reject_from alone, and whatever made the event not valid is among the findings."""
    present = [enforcement for enforcement in ALL if enforcement >= least]
    payload = {"found": [enforcement.name.lower() for enforcement in present]}
    verdict = one(engine, payload, Options(report_from=report_from, reject_from=reject_from))
    assert verdict.valid == all(enforcement < reject_from for enforcement in present)
    shown = [enforcement for enforcement in present if enforcement >= min(report_from, reject_from)]
    assert [finding.enforcement for finding in verdict.findings] == shown


def test_by_default_warnings_are_told_and_rejections_decide(engine: Engine) -> None:
    """What the wire contract says of options that are unspecified."""
    verdict = one(engine, {"found": ["audit", "warn"]})
    assert (verdict.valid, checks(verdict)) == (True, ["rules.warn"])


@pytest.mark.parametrize(("report_from", "reject_from"), list(product(ALL, ALL)))
def test_skipped_checks_on_trial_are_listed_only_if_report_from_asks(
    engine: Engine, report_from: Enforcement, reject_from: Enforcement
) -> None:
    """Those of other checks are always listed."""
    verdict = one(engine, {"found": ["skip"]}, Options(report_from=report_from, reject_from=reject_from))
    asked = ["rules.audit_skips"] if report_from is Enforcement.AUDIT else []
    assert [name for name, _ in skipped(verdict)] == [*asked, "rules.warn_skips"]


def test_stricter_reject_from_does_not_stop_later_layers(engine: Engine) -> None:
    """Which layers run stays as the contract says: a warning of the envelope does not keep the schema from being read."""
    options = Options(reject_from=Enforcement.AUDIT)
    verdict = one(engine, {"items": ["x"]}, options, event_type="clocked", timestamp=0)
    assert checks(verdict) == ["envelope.clock_skew", "schema.int_parsing"]


def test_rejected_schema_stops_the_rules(engine: Engine) -> None:
    """After a layer with a finding at reject the later ones do not run, and are not listed as skipped."""
    verdict = one(engine, {"found": ["reject", "skip"], "items": ["x"]})
    assert (checks(verdict), verdict.skipped_checks) == (["schema.int_parsing"], [])


def test_what_makes_an_event_not_valid_comes_before_all_else_under_the_cap() -> None:
    """A warning gives way to the errors of the schema, and is counted; what was kept stays in the order of the layers."""
    with engine_of(CONTRACTS, limits=Limits(findings=2)) as engine:
        verdict = one(engine, {"items": ["x", "y", "z"]}, event_type="clocked", timestamp=0)
        assert [finding.field for finding in verdict.findings] == ["/items/0", "/items/1"]
        assert verdict.omitted_findings == 2
        verdict = one(engine, {"items": ["x"]}, event_type="clocked", timestamp=0)
        assert (checks(verdict), verdict.omitted_findings) == (["envelope.clock_skew", "schema.int_parsing"], 0)


def test_findings_kept_back_are_not_counted_as_omitted(engine: Engine) -> None:
    """Only what the cap left out is."""
    verdict = one(engine, {"found": ["audit", "warn"]}, Options(report_from=Enforcement.REJECT))
    assert (verdict.findings, verdict.omitted_findings) == ([], 0)


def test_findings_are_counted_whoever_is_told() -> None:
    """By event type, check and enforcement; what is on trial too, and unknown event types under one name."""
    with engine_of(CONTRACTS) as engine:
        everything = {"found": ["audit", "warn", "reject"]}
        engine.judge([Event("a", everything), Event("a", everything), Event("a", {"items": ["x"]}), Event("b", b"{}")])
        engine.judge([Event("a", b"{}", contract_version="7")], Options(report_from=Enforcement.REJECT))
        assert engine.counts == {
            ("a", "rules.audit", "AUDIT"): 2,
            ("a", "rules.warn", "WARN"): 2,
            ("a", "rules.reject", "REJECT"): 2,
            ("a", "schema.int_parsing", "REJECT"): 1,
            ("", "envelope.unknown_event_type", "REJECT"): 1,
            ("a", "envelope.unknown_contract_version", "REJECT"): 1,
        }
