"""The benchmarks notice an answer that is wrong in anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assay.v1.verdict_pb2 import LAYER_ANOMALY, LAYER_STATISTICS, SKIP_REASON_NO_MODEL, Verdict
from benchmarks.answers import Expected, WrongAnswerError, check_peer
from benchmarks.workload import Sample

SAMPLES = [
    Sample("plain", {}, valid=True),
    Sample("rejected", {}, valid=False, found=frozenset({"schema.greater_than"})),
    Sample("unusual", {}, valid=True, found=frozenset({"/amount", "anomaly.unusual"})),
]


def right() -> list[Verdict]:
    """Return verdicts as they should be."""
    verdicts = [Verdict(event_id=sample.event_id, valid=sample.valid, contract_version="1.0.0+0123abcd") for sample in SAMPLES]
    for verdict in verdicts:
        verdict.processed_at.seconds = 1
    verdicts[1].findings.add(check="schema.greater_than", field="/amount")
    statistical = verdicts[2].findings.add(check="statistics.three_sigma", layer=LAYER_STATISTICS, field="/amount")
    statistical.evidence.statistical.sample_count = 100
    anomaly = verdicts[2].findings.add(check="anomaly.unusual", layer=LAYER_ANOMALY)
    anomaly.evidence.anomaly.contributions.add(feature="amount", amount=0.1)
    return verdicts


def test_right_answers_pass() -> None:
    """All that is known of them is as it should be."""
    Expected(SAMPLES).check(right())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda verdicts: verdicts.pop(),
        lambda verdicts: verdicts.reverse(),
        lambda verdicts: setattr(verdicts[0], "event_id", "another"),
        lambda verdicts: setattr(verdicts[0], "valid", False),
        lambda verdicts: setattr(verdicts[1], "valid", True),
        lambda verdicts: setattr(verdicts[0], "contract_version", ""),
        lambda verdicts: setattr(verdicts[0], "contract_version", "2.0.0+0123abcd"),
        lambda verdicts: verdicts[0].ClearField("processed_at"),
        lambda verdicts: verdicts[0].findings.add(check="schema.missing"),
        lambda verdicts: verdicts[0].skipped_checks.add(check="anomaly.unusual", reason=SKIP_REASON_NO_MODEL),
        lambda verdicts: setattr(verdicts[1].findings[0], "check", "schema.less_than"),
        lambda verdicts: verdicts[2].findings.pop(),
        lambda verdicts: setattr(verdicts[2].findings[0], "field", "/fee"),
        lambda verdicts: verdicts[2].findings[0].ClearField("evidence"),
        lambda verdicts: verdicts[2].findings[1].ClearField("evidence"),
        lambda verdicts: setattr(verdicts[2], "omitted_findings", 1),
    ],
)
def test_an_answer_that_is_wrong_in_one_thing_is_noticed(spoil: Callable[[list[Verdict]], object]) -> None:
    """Wherever it is, and whatever it is."""
    verdicts = right()
    spoil(verdicts)

    with pytest.raises(WrongAnswerError):
        Expected(SAMPLES).check(verdicts)


def test_verdicts_of_several_types_name_as_many_contracts() -> None:
    """One that names another's is wrong."""
    samples = [SAMPLES[0], replace(SAMPLES[0], event_type="another")]
    verdicts = [right()[0], right()[0]]

    with pytest.raises(WrongAnswerError, match="2 contracts"):
        Expected(samples).check(verdicts)
    verdicts[1].contract_version = "1.0.0+4567cdef"
    Expected(samples).check(verdicts)


def test_a_peer_names_what_it_finds_but_not_what_breaks_the_schema() -> None:
    """That is its framework's."""
    check_peer(SAMPLES[1], "rejected", valid=False, found=())
    check_peer(SAMPLES[2], "unusual", valid=True, found=("/amount", "anomaly.unusual"))
    with pytest.raises(WrongAnswerError):
        check_peer(SAMPLES[2], "unusual", valid=True, found=("/amount",))
