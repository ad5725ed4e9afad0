"""What every check must do, whatever it finds: one suite for all of them.

A test module inherits from `CheckSuite` and says how its check is made and what it sees:

    class TestThreeSigma(CheckSuite):
        def check(self): ...
        def models(self): ...

Pytest then runs the whole suite for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isclose
from random import Random

from assay_server.checks import (
    AnomalyEvidence,
    Batch,
    CategoricalEvidence,
    Check,
    Evidence,
    Explanation,
    Finding,
    Report,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
)
from assay_server.contracts import Enforcement, EventContract

NOW = 1_700_000_000_000_000_000


@dataclass(frozen=True)
class Said:
    """What a check said of one event."""

    findings: list[Finding] = field(default_factory=list)
    skipped: list[SkippedCheck] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)


class CheckSuite(ABC):
    """What holds for every check. `run` with the same history gives the same answers, whoever else is in the batch."""

    @abstractmethod
    def check(self) -> Check:
        """Return the check, ready to run, made anew and with the same history each time."""

    @abstractmethod
    def models(self) -> Sequence[EventContract]:
        """Return events, among them some that the check finds something in, some that it does not, and some it skips."""

    async def _said(self, models: Sequence[EventContract], *, explain: bool = True, rows: Sequence[int] = ()) -> list[Said]:
        check, report = self.check(), Report(explain=explain)
        rows = rows or range(len(models))
        pending = check.run(Batch(rows, models, [NOW] * len(models)), report)
        assert check.takes_time or pending is None, "a check that says that it takes no time is not awaited"
        if pending is not None:
            await pending
        check.close()
        assert {*report.findings, *report.skipped, *report.explanations} <= set(rows), "it reports on rows of others"
        return [
            Said(report.findings.get(row, []), report.skipped.get(row, []), report.explanations.get(row, [])) for row in rows
        ]

    async def test_events_of_the_suite_show_what_the_check_does(self) -> None:
        """Otherwise the rest of the suite says nothing."""
        said = await self._said(self.models())
        assert any(one.findings and not one.skipped for one in said)
        assert any(not one.findings and not one.skipped for one in said)
        assert any(one.skipped for one in said)

    async def test_same_history_gives_the_same_answers(self) -> None:
        """Made and run twice, it says the same."""
        assert await self._said(self.models()) == await self._said(self.models())

    async def test_batch_gives_what_single_calls_give(self) -> None:
        """To the last bit."""
        together = await self._said(self.models())
        assert together == [(await self._said([model]))[0] for model in self.models()]

    async def test_order_within_a_batch_does_not_matter(self) -> None:
        """Each event gets its own answer wherever it stands."""
        models = list(self.models())
        order = list(range(len(models)))
        Random(7).shuffle(order)
        together = await self._said(models)
        assert await self._said([models[index] for index in order]) == [together[index] for index in order]

    async def test_rows_may_have_any_numbers(self) -> None:
        """A batch is what is left of a call: its rows are not counted from 0, nor without gaps."""
        models = self.models()
        rows = range(1000, 1000 + 3 * len(models), 3)
        assert await self._said(models, rows=rows) == await self._said(models)

    async def test_empty_batch_is_no_trouble(self) -> None:
        """It says nothing."""
        assert await self._said([]) == []

    async def test_findings_are_the_checks_own(self) -> None:
        """With its identifier, layer and field, a message, and its enforcement."""
        description = self.check().description
        for one in await self._said(self.models()):
            for finding in one.findings:
                assert (finding.check, finding.layer, finding.field) == (
                    description.check,
                    description.layer,
                    description.field,
                )
                assert finding.enforcement is description.enforcement
                assert finding.message

    async def test_check_that_cannot_run_is_never_passed_over(self) -> None:
        """It is skipped, with a reason; that is a finding too if it is required, and no other finding is made."""
        description = self.check().description
        for one in await self._said(self.models()):
            assert len(one.skipped) <= 1
            for skipped in one.skipped:
                assert (skipped.check, skipped.field) == (description.check, description.field)
                assert skipped.enforcement is description.enforcement
                assert skipped.message
                reasons: list[SkipReason | None] = [finding.skip_reason for finding in one.findings]
                assert reasons == ([skipped.reason] if description.required else [])
                assert not one.explanations

    async def test_explanations_come_if_asked_for_and_change_nothing_else(self) -> None:
        """A finding's evidence is what the explanation shows."""
        quiet = await self._said(self.models(), explain=False)
        explained = await self._said(self.models(), explain=True)
        for before, after in zip(quiet, explained, strict=True):
            assert before.explanations == []
            assert (before.findings, before.skipped) == (after.findings, after.skipped)
            for finding in after.findings:
                if finding.evidence is not None:
                    assert [one.evidence for one in after.explanations] == [finding.evidence]

    async def test_evidence_adds_up(self) -> None:
        """What is shown agrees with what was found."""
        for one in await self._said(self.models()):
            found = any(finding.skip_reason is None for finding in one.findings)
            for explanation in one.explanations:
                assert_adds_up(explanation.evidence, found=found)

    def test_description_says_what_it_is(self) -> None:
        """In a sentence, and with an enforcement."""
        description = self.check().description
        assert description.check.count(".") == 1
        assert description.description
        assert description.enforcement in Enforcement


def assert_adds_up(evidence: Evidence, *, found: bool) -> None:
    """Check the numbers of evidence against each other, and against whether they made a finding."""
    match evidence:
        case StatisticalEvidence(observed=observed):
            assert evidence.lower <= evidence.expected <= evidence.upper
            assert evidence.sample_count > 0
            if observed is not None:
                assert found == (not evidence.lower <= observed <= evidence.upper)
                assert (evidence.deviation > 0) == (observed > evidence.expected)
        case CategoricalEvidence():
            assert 0 <= evidence.count <= evidence.sample_count
        case AnomalyEvidence():
            assert found == (evidence.score >= evidence.threshold)
            assert 0 <= evidence.percentile <= 1
            amounts = [contribution.amount for contribution in evidence.contributions]
            assert isclose(sum(amounts), evidence.score - evidence.typical_score, rel_tol=1e-6, abs_tol=1e-9)
            assert amounts == sorted(amounts, reverse=True)
