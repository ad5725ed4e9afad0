"""Rules in line: what they may return, and what follows when they fail."""

from collections.abc import Iterator

import pytest

from assay_server.engine import Enforcement, Engine, Event, Layer, Options, SkipReason
from tests.unit.checks.making import checks, engine_of, one, skipped

CONTRACTS = """
class Weird(str):
    def __getitem__(self, item):
        raise RuntimeError("no")

class A(EventContract, event_type="a", version="1.0.0"):
    case: str
    number: int = 0

    @rule
    def holds(self):
        '''It holds for this case.

        And this is nobody's business.
        '''
        match self.case:
            case "true": return True
            case "none": return None
            case "numpy true": return np.True_
            case "false": return False
            case "numpy false": return np.float64(1) > 2
            case "text": return f"no good: {self.number}"
            case "empty": return ""
            case "long": return "x" * 1_000_000
            case "zero": return 0
            case "one": return 1
            case "list": return []
            case "array": return np.array([True, False])
            case "model": return self
            case "coroutine": return NotImplemented
            case "weird": return Weird("x")
            case "raise": raise ValueError("x")
            case "exit": raise SystemExit(3)
            case "cancel": raise asyncio.CancelledError
            case "stop": raise StopIteration
            case "deep": return self.holds()
            case "unspeakable": raise Unspeakable
        return True

class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no")

class B(EventContract, event_type="b", version="1.0.0"):
    which: set[str] = set()

    @rule
    def rejects(self): return "rejects" not in self.which

    @rule(enforcement="warn")
    def warns(self): return "warns" not in self.which

    @rule(enforcement="audit")
    def tries(self): return "tries" not in self.which

    @rule
    def required(self): return 1 / ("required" not in self.which) > 0

    @rule(required=False)
    def optional(self): return 1 / ("optional" not in self.which) > 0

    @rule(enforcement="warn", required=True)
    def warns_failing(self): return 1 / ("warns_failing" not in self.which) > 0

    @rule(enforcement="audit", required=True)
    def tries_failing(self): return 1 / ("tries_failing" not in self.which) > 0

    @rule(enforcement="audit")
    def tries_optional(self): return 1 / ("tries_optional" not in self.which) > 0
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of(CONTRACTS) as made:
        yield made


@pytest.mark.parametrize("case", ["true", "none", "numpy true", "anything else"])
def test_true_and_none_pass(engine: Engine, case: str) -> None:
    """NumPy's own true too."""
    assert one(engine, {"case": case}).valid


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("false", "Does not hold: It holds for this case."),
        ("numpy false", "Does not hold: It holds for this case."),
        ("empty", "Does not hold: It holds for this case."),
        ("text", "no good: 7"),
        ("long", "x" * 1000),
    ],
)
def test_false_or_a_text_is_a_finding(engine: Engine, case: str, message: str) -> None:
    """The text is the message, up to a thousand characters; else the first paragraph of the docstring is."""
    verdict = one(engine, {"case": case, "number": 7})
    [finding] = verdict.findings
    assert (finding.check, finding.layer, finding.enforcement) == ("rules.holds", Layer.RULES, Enforcement.REJECT)
    assert (finding.field, finding.message, finding.skip_reason) == ("", message, None)
    assert (verdict.valid, verdict.skipped_checks) == (False, [])


@pytest.mark.parametrize(
    "case",
    ["zero", "one", "list", "array", "model", "coroutine", "weird", "raise", "exit", "cancel", "stop", "deep", "unspeakable"],
)
def test_rule_that_fails_is_skipped_and_found(engine: Engine, case: str) -> None:
    """Whatever it raises, SystemExit and endless recursion too, or returns that is no answer: it could not be checked."""
    verdict = one(engine, {"case": case})
    assert (verdict.valid, skipped(verdict)) == (False, [("rules.holds", "UNAVAILABLE")])
    [finding] = verdict.findings
    assert (finding.check, finding.skip_reason) == ("rules.holds", SkipReason.UNAVAILABLE)


def test_rule_that_fails_on_one_event_does_not_affect_others(engine: Engine) -> None:
    """Each event of a batch is judged as if it were alone."""
    cases = ["true", "raise", "true", "exit", "text", "true"]
    verdicts = engine.judge([Event("a", {"case": case}) for case in cases])
    assert [verdict.valid for verdict in verdicts] == [True, False, True, False, False, True]


def test_every_rule_runs_and_is_reported_in_the_contracts_order(engine: Engine) -> None:
    """A rule that rejects does not keep others of its layer from running."""
    verdict = one(engine, {"which": ["rejects", "warns", "required", "optional", "warns_failing"]}, event_type="b")
    assert checks(verdict) == ["rules.rejects", "rules.warns", "rules.required", "rules.warns_failing"]
    assert [name for name, _ in skipped(verdict)] == ["rules.required", "rules.optional", "rules.warns_failing"]


@pytest.mark.parametrize(
    ("which", "valid", "expected", "skips"),
    [
        ("rejects", False, ["rules.rejects"], []),
        ("warns", True, ["rules.warns"], []),
        ("tries", True, [], []),
        ("required", False, ["rules.required"], ["rules.required"]),
        ("optional", True, [], ["rules.optional"]),
        ("warns_failing", True, ["rules.warns_failing"], ["rules.warns_failing"]),
        ("tries_failing", True, [], []),
        ("tries_optional", True, [], []),
    ],
)
def test_what_follows_is_the_rules_enforcement_also_where_it_cannot_run(
    engine: Engine, which: str, valid: bool, expected: list[str], skips: list[str]
) -> None:
    """A rule that is required, as one that rejects is by default, has a finding of its own enforcement if it fails."""
    verdict = one(engine, {"which": [which]}, event_type="b")
    assert (verdict.valid, checks(verdict), [name for name, _ in skipped(verdict)]) == (valid, expected, skips)


@pytest.mark.parametrize("which", ["tries", "tries_failing", "tries_optional"])
def test_rules_on_trial_are_shown_to_those_who_ask(engine: Engine, which: str) -> None:
    """Findings and skipped checks at audit, which change nothing else."""
    verdict = one(engine, {"which": [which]}, Options(report_from=Enforcement.AUDIT), event_type="b")
    assert verdict.valid
    assert checks(verdict) == ([] if which == "tries_optional" else [f"rules.{which}"])
    assert [name for name, _ in skipped(verdict)] == ([] if which == "tries" else [f"rules.{which}"])


def test_failures_are_logged_at_once_and_then_counted(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A rule that fails on every event does not fill the log."""
    with engine_of(CONTRACTS) as fresh:
        fresh.judge([Event("a", {"case": "raise"}) for _ in range(100)])
    assert len([record for record in caplog.records if record.message == "check failed"]) == 1
