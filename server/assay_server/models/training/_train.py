"""Training: encode, fit, score, compile, and keep what serving and verifying take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_server.models.compilation import Compiled, compile_estimator
from assay_server.models.explanation import Explainer, Typical
from assay_server.models.features import Column, Encoding, FeatureSpec, Floats
from assay_server.models.scoring import EstimatorScorer, ModelKind, Percentiles, Scorer, compiled_scorer, raw_scores

from ._canaries import Canaries
from ._errors import TrainingError
from ._estimators import ModelSpec, fitted
from ._threshold import threshold_of

LEAST_ROWS = 30
"""From fewer events nothing is learned."""

_CHUNK = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model: its estimator, how events are encoded for it, and what there is to know of its scores."""

    kind: ModelKind
    encoding: Encoding
    estimator: Any
    compiled: Compiled
    threshold: float
    percentiles: Percentiles
    typical: Typical
    canaries: Canaries
    scores: Floats
    """Of the training events, as the estimator gives them; float64 (n,)."""

    seed: int

    @property
    def scorer(self) -> Scorer:
        """The form in which it serves, loaded anew."""
        model = self.compiled.model
        return EstimatorScorer(self.estimator, self.kind) if model is None else compiled_scorer(model)

    @property
    def explainer(self) -> Explainer:
        """What explains its scores, loaded anew."""
        return Explainer(self.scorer, self.typical, self.encoding.owners)


def train(
    spec: ModelSpec,
    features: Sequence[FeatureSpec],
    columns: Mapping[str, Column],
    *,
    labels: NDArray[np.bool_] | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train a model. The same events in the same order with the same seed give the same scores.

    Args:
        spec: What to train.
        features: What it looks at.
        columns: The values of each feature by its name; (n,) each, none missing.
        labels: What a classifier learns; (n,).
        seed: Whatever is random is so from this number.
        progress: Is told what is being done.

    Raises:
        TrainingError: There are too few events, labels of one kind only, or an estimator that does not fit them.
    """
    rows = len(columns[features[0].name])
    if rows < LEAST_ROWS:
        raise TrainingError(f"{rows} events are too few: a model needs at least {LEAST_ROWS}")
    if spec.kind is ModelKind.CLASSIFIER and spec.threshold is None:
        raise TrainingError("a classifier needs a threshold")
    progress("encoding")
    encoding = Encoding.fit(features, columns)
    matrix = encoding.encode(columns)
    progress("fitting")
    estimator = fitted(spec, matrix, labels, seed)
    progress("scoring")
    scores = _scores(estimator, spec.kind, matrix)
    progress("compiling")
    compiled = compile_estimator(estimator, spec.kind, matrix, scores=scores, seed=seed)
    progress("choosing canaries")
    return Trained(
        kind=spec.kind,
        encoding=encoding,
        estimator=estimator,
        compiled=compiled,
        threshold=threshold_of(scores, spec.contamination) if spec.threshold is None else spec.threshold,
        percentiles=Percentiles.of(scores),
        typical=Typical.of(matrix),
        canaries=Canaries.of(estimator, spec.kind, matrix, scores, seed),
        scores=scores,
        seed=seed,
    )


def _scores(estimator: Any, kind: ModelKind, matrix: Floats) -> Floats:
    """Return the estimator's scores of the training events, all finite."""
    try:
        parts = [raw_scores(estimator, kind, matrix[start : start + _CHUNK]) for start in range(0, len(matrix), _CHUNK)]
    except Exception as error:  # Of an author's estimator; any kind.
        raise TrainingError(f"{type(estimator).__name__} cannot score what it was fitted on: {error}") from error
    scores = np.concatenate(parts)
    if not np.isfinite(scores).all():
        raise TrainingError(f"{type(estimator).__name__} gives scores that are not finite for events that it was fitted on")
    return scores
