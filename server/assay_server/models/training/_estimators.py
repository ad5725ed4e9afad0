"""Making and fitting the estimators that a contract declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from assay_server.models.features import Floats
from assay_server.models.scoring import ModelKind, clipped

from ._errors import TrainingError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What to train."""

    kind: ModelKind

    factory: Callable[[], Any] | None = None
    """Makes the estimator or pipeline; None for an isolation forest."""

    contamination: float = 0.001
    """The share of the training events that may be flagged: it gives the threshold, unless there is one."""

    threshold: float | None = None
    """The score from which on an event is flagged; a classifier needs it."""

    trees: int = 100
    """How many trees an isolation forest has."""

    samples: int = 256
    """How many events each of them is grown from, if there are as many."""


def fitted(spec: ModelSpec, matrix: Floats, labels: NDArray[np.bool_] | None, seed: int) -> Any:
    """Return a new estimator, fitted.

    Args:
        spec: What it is.
        matrix: What it sees; float64 (n, width).
        labels: What a classifier learns; (n,).
        seed: For every `random_state` in it that its author did not fix.

    Raises:
        TrainingError: It cannot be made, or be fitted.
    """
    estimator = _made(spec, len(matrix), seed)
    try:
        if spec.kind is ModelKind.CLASSIFIER:
            estimator.fit(clipped(matrix), _both(labels))
        else:
            estimator.fit(clipped(matrix))
    except TrainingError:
        raise
    except Exception as error:  # Of an author's estimator; any kind.
        raise TrainingError(f"{type(estimator).__name__} cannot be fitted: {error}") from error
    wanted = ("predict_proba",) if spec.kind is ModelKind.CLASSIFIER else ("score_samples", "decision_function")
    if not any(hasattr(estimator, name) for name in wanted):
        raise TrainingError(
            f"{type(estimator).__name__} gives no scores: it needs {' or '.join(wanted)}"
            + (", which LocalOutlierFactor has with novelty=True" if "LocalOutlierFactor" in repr(estimator) else "")
        )
    return estimator


def _made(spec: ModelSpec, rows: int, seed: int) -> Any:
    if spec.kind is ModelKind.ISOLATION_FOREST:
        return IsolationForest(n_estimators=spec.trees, max_samples=min(spec.samples, rows), random_state=seed)
    if spec.factory is None:
        raise TrainingError("a model that is no isolation forest needs a factory of its estimator")
    try:
        estimator = spec.factory()
        parameters = estimator.get_params(deep=True)
        free = [
            name
            for name, value in parameters.items()
            if name.rpartition("__")[2] == "random_state" and not isinstance(value, int | np.integer)
        ]
        return estimator.set_params(**dict.fromkeys(free, seed))
    except Exception as error:
        raise TrainingError(f"the factory gives no estimator of scikit-learn's: {type(error).__name__}: {error}") from error


def _both(labels: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return labels of which some are true and some are false."""
    if labels is None:
        raise TrainingError("a classifier learns from labels, and there are none")
    if labels.all() or not labels.any():
        raise TrainingError(f"every event has the label {bool(labels[0])}: a classifier needs events of both kinds")
    return labels
