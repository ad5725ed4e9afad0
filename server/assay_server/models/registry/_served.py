"""A model in memory, ready to score."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from assay_server.models.explanation import Explainer
from assay_server.models.features import Encoding, FeatureSpec, Floats
from assay_server.models.scoring import TOLERANCE, EstimatorScorer, Percentiles, Scorer, compiled_scorer, difference

from ._errors import ModelRefusedError
from ._kept import Kept
from ._manifest import ESTIMATOR, Manifest
from .inspection import read_estimator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """A model that was tried, and may be asked from any thread."""

    version: str
    """Which one it is, "7+51c0de42"."""

    features: tuple[FeatureSpec, ...]
    """What it looks at, in the author's order."""

    fingerprint: str
    """Which kind and features it was trained for."""

    encoding: Encoding
    scorer: Scorer
    threshold: float
    """The score from which an event is anomalous."""

    percentiles: Percentiles
    explainer: Explainer
    manifest: Manifest

    @property
    def typical_score(self) -> float:
        """The score of a typical event, which others are compared with."""
        return self.explainer.typical_score

    def percentile(self, score: float) -> float:
        """Return the share of training events with a lower score, between 0 and 1."""
        return self.percentiles(score)

    def explain(self, row: Floats) -> Floats:
        """Return what each feature added to the score of a row: (features,) for (width,), by `features`.

        The amounts add up to the score less the typical score.
        """
        return self.explainer.amounts(row)

    @classmethod
    def load(cls, kept: Kept) -> Self:
        """Return a version that was tried, in the form that serves: compiled if it has that.

        Raises:
            ModelRefusedError: If its scores of the canaries are others here.
        """
        manifest = kept.manifest
        scorer = compiled_scorer(kept.compiled) if kept.compiled is not None else estimator_scorer(kept)
        check_canaries(kept, scorer)
        return cls(
            version=kept.version,
            features=manifest.features,
            fingerprint=manifest.fingerprint,
            encoding=manifest.encoder,
            scorer=scorer,
            threshold=manifest.threshold,
            percentiles=Percentiles.from_json(list(manifest.percentiles)),
            explainer=Explainer(scorer, manifest.typical_event, manifest.encoder.owners),
            manifest=manifest,
        )


def estimator_scorer(kept: Kept) -> Scorer:
    """Return the estimator itself of a version.

    Raises:
        ModelRefusedError: If it holds anything that is not known to be harmless.
    """
    return EstimatorScorer(read_estimator(kept.files[ESTIMATOR]), kept.manifest.kind)


def check_canaries(kept: Kept, scorer: Scorer) -> None:
    """Have the canaries scored.

    Raises:
        ModelRefusedError: If a score differs from what it was in training, or is no number.
    """
    rows, expected = kept.canaries()
    scores = scorer.score(rows)
    form = "model.onnx" if scorer.compiled else "estimator.skops"
    if scores.shape != expected.shape or not np.isfinite(scores).all():
        raise ModelRefusedError(f"{form} gives a score that is no finite number")
    if not (largest := difference(expected, scores)) <= TOLERANCE:
        raise ModelRefusedError(f"{form} gives a canary a score that differs by {largest:.2g}, and may by {TOLERANCE:g}")
