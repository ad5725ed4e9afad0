"""Matrices in, scores out: higher is more anomalous, for every kind of estimator and in every form of it."""

from ._agreement import TOLERANCE, difference
from ._compiled import compiled_scorer
from ._forests import ForestScorer
from ._kinds import LARGEST, ModelKind, clipped, raw_scores
from ._percentiles import Percentiles
from ._scorers import EstimatorScorer, OnnxScorer, Scorer

__all__ = [
    "LARGEST",
    "TOLERANCE",
    "EstimatorScorer",
    "ForestScorer",
    "ModelKind",
    "OnnxScorer",
    "Percentiles",
    "Scorer",
    "clipped",
    "compiled_scorer",
    "difference",
    "raw_scores",
]
