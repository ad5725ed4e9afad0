"""Models: features and their encoding, scoring, compilation, explanation, training and evaluation.

Knows nothing of contracts, baselines, checks, the engine or the wire. Loading this package loads what serving takes; what
training takes (`compilation`, `training`, `evaluation`) is imported from there.
"""

from .explanation import Explainer, Typical
from .features import Column, Encoding, FeatureKind, FeatureSpec, Floats, SingleEncoder, fingerprint
from .scoring import (
    LARGEST,
    TOLERANCE,
    EstimatorScorer,
    ModelKind,
    OnnxScorer,
    Percentiles,
    Scorer,
    clipped,
    difference,
    raw_scores,
)

__all__ = [
    "LARGEST",
    "TOLERANCE",
    "Column",
    "Encoding",
    "EstimatorScorer",
    "Explainer",
    "FeatureKind",
    "FeatureSpec",
    "Floats",
    "ModelKind",
    "OnnxScorer",
    "Percentiles",
    "Scorer",
    "SingleEncoder",
    "Typical",
    "clipped",
    "difference",
    "fingerprint",
    "raw_scores",
]
