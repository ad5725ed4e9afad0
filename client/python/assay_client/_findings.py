"""What a verdict is made of: findings, checks that could not run, explanations, and the numbers behind them.

Field by field these are the messages of the same names in the wire contract.
"""

from dataclasses import dataclass
from typing import Self

from assay.v1 import verdict_pb2
from assay_client._enums import Enforcement, Layer, SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticalEvidence:
    """How a number compares with its history.

    `deviation` is in the check's own unit, standard deviations for a sigma check; it is infinite where all of history
    is one value and this is another. `observed` is None for a field marked sensitive.
    """

    observed: float | None
    expected: float
    deviation: float
    lower: float
    upper: float
    sample_count: int
    group: dict[str, str]

    @classmethod
    def from_message(cls, message: verdict_pb2.StatisticalEvidence) -> Self:
        """Return what `message` says."""
        return cls(
            observed=message.observed if message.HasField("observed") else None,
            expected=message.expected,
            deviation=message.deviation,
            lower=message.lower,
            upper=message.upper,
            sample_count=message.sample_count,
            group=dict(message.group),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalEvidence:
    """How a category compares with its history: it was seen `count` times among `sample_count` values."""

    observed: str
    count: int
    sample_count: int
    group: dict[str, str]

    @classmethod
    def from_message(cls, message: verdict_pb2.CategoricalEvidence) -> Self:
        """Return what `message` says."""
        return cls(
            observed=message.observed,
            count=message.count,
            sample_count=message.sample_count,
            group=dict(message.group),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one feature added to an anomaly score. `value` is None for a field marked sensitive."""

    feature: str
    value: float | None
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyEvidence:
    """What a model made of an event. A higher score is more anomalous; `percentile` is a share, 0 to 1."""

    score: float
    threshold: float
    percentile: float
    model_version: str
    typical_score: float
    contributions: tuple[Contribution, ...]

    @classmethod
    def from_message(cls, message: verdict_pb2.AnomalyEvidence) -> Self:
        """Return what `message` says."""
        return cls(
            score=message.score,
            threshold=message.threshold,
            percentile=message.percentile,
            model_version=message.model_version,
            typical_score=message.typical_score,
            contributions=tuple(
                Contribution(feature=each.feature, value=each.value if each.HasField("value") else None, amount=each.amount)
                for each in message.contributions
            ),
        )


Evidence = StatisticalEvidence | CategoricalEvidence | AnomalyEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found.

    `check` is stable: programs match on it. `field` is a JSON Pointer (RFC 6901) into the payload, "@" and a name for a
    derived value, or empty for the event as a whole. `evidence` is None for layers that have no numbers to show.
    `skip_reason` is set if the finding is that a required check could not run.
    """

    check: str
    layer: Layer
    enforcement: Enforcement
    field: str
    message: str
    evidence: Evidence | None
    skip_reason: SkipReason | None

    @classmethod
    def from_message(cls, message: verdict_pb2.Finding) -> Self:
        """Return what `message` says."""
        return cls(
            check=message.check,
            layer=Layer(message.layer),
            enforcement=Enforcement(message.enforcement),
            field=message.field,
            message=message.message,
            evidence=_evidence(message.evidence) if message.HasField("evidence") else None,
            skip_reason=SkipReason(message.skip_reason) if message.skip_reason else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedCheck:
    """A check that could not run on the event, and why."""

    check: str
    field: str
    reason: SkipReason
    message: str

    @classmethod
    def from_message(cls, message: verdict_pb2.SkippedCheck) -> Self:
        """Return what `message` says."""
        return cls(check=message.check, field=message.field, reason=SkipReason(message.reason), message=message.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a statistical or anomaly check saw, whether or not it found anything.

    `evidence` is None if it is of a kind that this client does not know.
    """

    check: str
    field: str
    evidence: Evidence | None

    @classmethod
    def from_message(cls, message: verdict_pb2.Explanation) -> Self:
        """Return what `message` says."""
        return cls(check=message.check, field=message.field, evidence=_evidence(message.evidence))


def _evidence(message: verdict_pb2.Evidence) -> Evidence | None:
    match message.WhichOneof("kind"):
        case "statistical":
            return StatisticalEvidence.from_message(message.statistical)
        case "categorical":
            return CategoricalEvidence.from_message(message.categorical)
        case "anomaly":
            return AnomalyEvidence.from_message(message.anomaly)
    return None
