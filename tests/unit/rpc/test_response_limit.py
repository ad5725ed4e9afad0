"""Answers within the size limit: what is left out of them, and what never is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assay.v1 import verdict_pb2
from assay_server.engine import (
    CategoricalEvidence,
    Enforcement,
    Explanation,
    SkippedCheck,
    SkipReason,
    Verdict,
)
from assay_server.settings import Settings

from .answers import AT, finding, one, several


def large() -> Verdict:
    return Verdict(
        "e1",
        False,
        AT,
        "1.0.0",
        findings=[finding(number, message="m" * 100, evidence=True) for number in range(10)],
        omitted_findings=5,
        skipped_checks=[SkippedCheck("rules.s" * 10, "/s", SkipReason.UNAVAILABLE, "m" * 100, Enforcement.WARN)],
        normalized=b'{"a":"' + b"x" * 1000 + b'"}',
        explanations=[
            Explanation("statistics.x", "", CategoricalEvidence(observed="o" * 500, count=1, sample_count=2), Enforcement.WARN)
        ],
    )


def test_nothing_is_left_out_of_a_response_that_fits() -> None:
    """And nothing says that it was."""
    verdict = one(large())

    assert not verdict.details_omitted
    assert (
        len(verdict.findings),
        verdict.omitted_findings,
        len(verdict.skipped_checks),
        len(verdict.explanations),
    ) == (10, 5, 1, 1)
    assert verdict.normalized_payload_json


def test_first_the_numbers_are_left_out() -> None:
    """Evidence, explanations and the normalised payload; every finding keeps its message."""
    verdict = one(large(), 2500)

    assert verdict.details_omitted
    assert (
        len(verdict.findings),
        verdict.omitted_findings,
        len(verdict.skipped_checks),
        len(verdict.explanations),
    ) == (10, 5, 1, 0)
    assert not any(finding.HasField("evidence") for finding in verdict.findings)
    assert all(finding.message for finding in verdict.findings)
    assert verdict.WhichOneof("normalized_body") is None


def test_then_all_findings_but_the_first() -> None:
    """Its message goes, and the others are counted with those that were left out before."""
    verdict = one(large(), 400)

    assert verdict.details_omitted
    assert [
        verdict_pb2.Finding(
            check="rules.number_0",
            layer=verdict_pb2.LAYER_RULES,
            enforcement=verdict_pb2.ENFORCEMENT_REJECT,
            field="/field",
        )
    ] == list(verdict.findings)
    assert (verdict.omitted_findings, len(verdict.skipped_checks)) == (14, 1)


def test_then_skipped_checks_and_a_long_pointer() -> None:
    """A pointer may be as long as the keys that a caller sent."""
    verdict = large()
    verdict.findings = [finding(field="/" + "k" * 300), *verdict.findings]

    bones = one(verdict, 200)

    assert bones.details_omitted
    assert [finding.check for finding in bones.findings] == ["rules.number_0"]
    assert (bones.findings[0].field, bones.omitted_findings, len(bones.skipped_checks)) == ("", 15, 0)


def test_at_last_every_finding() -> None:
    """They are still counted, and the event is no more valid for it."""
    verdict = one(large(), 45)

    assert (
        verdict.valid,
        verdict.details_omitted,
        verdict.omitted_findings,
        len(verdict.findings),
    ) == (False, True, 15, 0)
    assert (verdict.event_id, verdict.contract_version) == ("e1", "1.0.0")


def test_earlier_verdicts_are_served_first() -> None:
    """Each is told as fully as leaves room for the least of those after it."""
    told = several([large() for _ in range(20)], 20_000)
    levels = [
        0 if not verdict.details_omitted else 1 if len(verdict.findings) > 1 else 2 if verdict.skipped_checks else 3
        for verdict in told
    ]

    assert sorted(levels) == levels
    assert {0, 1, 3} <= set(levels)


def test_a_clean_verdict_among_large_ones_says_that_nothing_was_left_out() -> None:
    """There was nothing to leave out."""
    told = several([large(), Verdict("clean", True, AT, "1.0.0"), large()], 1000)

    assert [verdict.details_omitted for verdict in told] == [True, False, True]
    assert [verdict.valid for verdict in told] == [False, True, False]


verdicts = st.builds(
    Verdict,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.booleans(),
    st.just(AT),
    st.sampled_from(["", "1.0.0+9f3a12c4"]),
    findings=st.lists(
        st.builds(
            finding, st.integers(0, 99), message=st.text(max_size=300), evidence=st.booleans(), field=st.text(max_size=300)
        ),
        max_size=20,
    ),
    omitted_findings=st.integers(0, 1000),
    skipped_checks=st.lists(
        st.builds(
            SkippedCheck, st.just("rules.s"), st.text(), st.sampled_from(SkipReason), st.text(), st.just(Enforcement.WARN)
        ),
        max_size=5,
    ),
    normalized=st.none() | st.binary(max_size=2000),
)


@given(st.lists(verdicts, max_size=20), st.integers(400 * 20, 30_000))
def test_no_response_is_too_large_and_no_finding_goes_uncounted(given_verdicts: Any, limit: Any) -> None:
    """Whatever is left out, `valid` is what it was, and told and omitted findings add up."""
    for given_verdict, told in zip(given_verdicts, several(given_verdicts, limit), strict=True):
        assert given_verdict.valid == told.valid
        assert len(given_verdict.findings) + given_verdict.omitted_findings == len(told.findings) + told.omitted_findings
        assert given_verdict.contract_version == told.contract_version
        if not told.details_omitted:
            assert len(given_verdict.findings) == len(told.findings)
            assert len(given_verdict.skipped_checks) == len(told.skipped_checks)


def test_the_least_limit_has_room_for_the_worst_message() -> None:
    """As many events as a message may have, each with the longest identifier and all that a verdict cannot do without."""
    version = "999999999.999999999.999999999+ffffffff"
    most = Settings.load().max_events
    worst = [Verdict("🛫" * 64, False, 253_402_300_799_999_999_999, version, findings=[finding()] * 100)] * most

    several(worst, 400 * most)


def test_findings_that_can_never_fit_are_not_even_written() -> None:
    """A million of them would take seconds and a gigabyte."""
    verdicts = [Verdict("", False, AT, "1.0.0", findings=[finding()] * 100)] * 2000

    told = several(verdicts, 800_000)

    assert [len(verdict.findings) + verdict.omitted_findings for verdict in told] == [100] * 2000
