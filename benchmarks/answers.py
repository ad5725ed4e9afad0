"""Whether answers are right: every verdict of every response, and all that is known of it."""

from collections.abc import Iterable, Sequence

import assay_client
from assay.v1.verdict_pb2 import LAYER_ANOMALY, LAYER_STATISTICS, Finding, Verdict

from .workload import Sample


class WrongAnswerError(Exception):
    """A server's answer is not the right one."""


class Expected:
    """What the verdicts of some events must be, laid out so that it costs little to compare.

    Args:
        samples: The events, in the order in which they are sent.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._ids = [sample.event_id for sample in samples]
        self._valid = [sample.valid for sample in samples]
        self._contracts = len({sample.event_type for sample in samples})
        self._found = {place: sample.found for place, sample in enumerate(samples) if sample.found}

    def check(self, verdicts: Sequence[Verdict]) -> None:
        """Compare verdicts as they came over the wire.

        Raises:
            WrongAnswerError: If one is missing, or wrong in anything.
        """
        if [verdict.event_id for verdict in verdicts] != self._ids:
            raise WrongAnswerError(f"there are {len(verdicts)} verdicts, or they are of other events than the {len(self._ids)}")
        if [verdict.valid for verdict in verdicts] != self._valid:
            wrong = next(place for place, verdict in enumerate(verdicts) if verdict.valid != self._valid[place])
            raise WrongAnswerError(f"{verdicts[wrong]} is not right for {self._samples[wrong]}")
        versions = {verdict.contract_version for verdict in verdicts}
        if len(versions) != self._contracts or "" in versions:
            raise WrongAnswerError(f"there are {self._contracts} contracts, and verdicts name {sorted(versions)}")
        if not all([verdict.processed_at.seconds for verdict in verdicts]):  # noqa: C419  # Twice as fast.
            raise WrongAnswerError("a verdict does not say when it was made")
        said = {place for place, verdict in enumerate(verdicts) if verdict.findings or verdict.skipped_checks}
        for place in said | self._found.keys():
            self._compare(place, verdicts[place])

    def _compare(self, place: int, verdict: Verdict) -> None:
        found = frozenset(map(_named, verdict.findings))
        if found != self._found.get(place, frozenset()) or verdict.skipped_checks or verdict.omitted_findings:
            raise WrongAnswerError(f"{verdict} is not right for {self._samples[place]}")


def check_client(sample: Sample, verdict: assay_client.Verdict) -> None:
    """Compare a verdict as the client's user has it.

    Raises:
        WrongAnswerError: If it is wrong in anything.
    """
    found = {finding.field if finding.layer is assay_client.Layer.STATISTICS else finding.check for finding in verdict.findings}
    right = (verdict.event_id, verdict.valid) == (sample.event_id, sample.valid) and found == sample.found
    if not right or verdict.skipped_checks:
        raise WrongAnswerError(f"{verdict} is not right for {sample}")


def check_peer(sample: Sample, event_id: str, *, valid: bool, found: Iterable[str]) -> None:
    """Compare what a peer answered; it says of an event that breaks the schema no more than that.

    Raises:
        WrongAnswerError: If it is wrong in anything.
    """
    expected = {name for name in sample.found if not name.startswith("schema.")}
    if (event_id, valid, set(found)) != (sample.event_id, sample.valid, expected):
        raise WrongAnswerError(f"{event_id}: {valid=}, {found=} is not right for {sample}")


def _named(finding: Finding) -> str:
    if finding.layer == LAYER_STATISTICS:
        if not finding.evidence.statistical.sample_count:
            raise WrongAnswerError(f"a finding has no evidence: {finding}")
        return finding.field
    if finding.layer == LAYER_ANOMALY and not finding.evidence.anomaly.contributions:
        raise WrongAnswerError(f"a finding has no evidence: {finding}")
    return finding.check
