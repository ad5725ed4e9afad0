"""What checks say about an event: findings, checks that could not run, and the numbers behind both.

Field by field these are the messages of the same names in the wire contract, without protobuf.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from assay_server.contracts import Enforcement


class Layer(IntEnum):
    """The layers of checks, in the order in which they run."""

    ENVELOPE = 1
    SCHEMA = 2
    RULES = 3
    STATISTICS = 4
    ANOMALY = 5


class SkipReason(IntEnum):
    """Why a check could not run."""

    WARMING_UP = 1
    INPUT_MISSING = 2
    NO_MODEL = 3
    UNAVAILABLE = 4
    GROUP_LIMIT = 5
    MODEL_MISMATCH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticalEvidence:
    """How a number compares with its history."""

    observed: float | None
    expected: float
    deviation: float
    lower: float
    upper: float
    sample_count: int
    group: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalEvidence:
    """How a category compares with its history."""

    observed: str
    count: int
    sample_count: int
    group: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One feature's part in an anomaly score."""

    feature: str
    value: float | None
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyEvidence:
    """What a model made of an event. A higher score is more anomalous."""

    score: float
    threshold: float
    percentile: float
    model_version: str
    typical_score: float
    contributions: tuple[Contribution, ...] = ()


Evidence = StatisticalEvidence | CategoricalEvidence | AnomalyEvidence


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    `field` is a JSON Pointer into the payload, "@" and a name for a derived value, or empty for the event as a whole.
    `skip_reason` is set where the finding is that a required check could not run.
    """

    check: str
    layer: Layer
    enforcement: Enforcement
    field: str
    message: str
    evidence: Evidence | None = None
    skip_reason: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class SkippedCheck:
    """A check that could not run on an event."""

    check: str
    field: str
    reason: SkipReason
    message: str
    enforcement: Enforcement


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a statistical or anomaly check saw, whether or not it found anything."""

    check: str
    field: str
    evidence: Evidence
    enforcement: Enforcement
