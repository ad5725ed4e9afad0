"""The validation core: a list of events in, verdicts out, in order. Knows neither gRPC nor protobuf.

from assay_server.engine import Engine, Event

verdicts = Engine.from_folder("contracts").judge([Event("user.registered", {"name": "Ada"})])
"""

from assay_server.checks import (
    AnomalyEvidence,
    Baseline,
    CategoricalEvidence,
    CheckDescription,
    Column,
    Contribution,
    Event,
    EventTable,
    Evidence,
    Explanation,
    Finding,
    Layer,
    Limits,
    PackedEvents,
    Sample,
    SkippedCheck,
    SkipReason,
    StatisticalEvidence,
)
from assay_server.contracts import Enforcement

from ._engine import Engine
from ._pace import Pace
from ._sampling import Sampled
from ._service import ResourceError
from ._shelving import MODEL_OUTCOMES
from ._types import Options, Verdict
from ._verdicts import Judged, Verdicts

__all__ = [
    "MODEL_OUTCOMES",
    "AnomalyEvidence",
    "Baseline",
    "CategoricalEvidence",
    "CheckDescription",
    "Column",
    "Contribution",
    "Enforcement",
    "Engine",
    "Event",
    "EventTable",
    "Evidence",
    "Explanation",
    "Finding",
    "Judged",
    "Layer",
    "Limits",
    "Options",
    "Pace",
    "PackedEvents",
    "ResourceError",
    "Sample",
    "Sampled",
    "SkipReason",
    "SkippedCheck",
    "StatisticalEvidence",
    "Verdict",
    "Verdicts",
]
