"""What a model is trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from assay_server.checks import AnomalyCheck, Batch, Report, Sample, sample_of

from ._plan import Plan
from ._types import Verdict


class Sampled(NamedTuple):
    """The verdicts on events of the past, and what a model sees of those that are fit to train it."""

    verdicts: list[Verdict]
    sample: Sample


def sampled(check: AnomalyCheck, batches: Iterable[tuple[Plan, Batch]], report: Report) -> Sample:
    """Return what the model of a check sees of batches, each of one contract.

    Events of a contract whose model of that name has other features are left out.
    """
    name = check.declaration.name
    fit = [batch for plan, batch in batches if name in plan.anomalies and plan.anomalies[name].wanted == check.wanted]
    return Sample.joined([sample_of(check, batch, report) for batch in fit] or [_nothing(check)])


def joined(parts: Sequence[Sampled], check: AnomalyCheck) -> Sampled:
    """Return several samples as one."""
    verdicts: list[Verdict] = []
    samples = []
    for part in parts:
        samples.append(replace(part.sample, rows=part.sample.rows + len(verdicts)))
        verdicts += part.verdicts
    return Sampled(verdicts, Sample.joined(samples or [_nothing(check)]))


def _nothing(check: AnomalyCheck) -> Sample:
    return sample_of(check, Batch([], [], []), Report(explain=False))
