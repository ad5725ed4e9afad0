"""What kinds of models there are, and how each one's estimator scores."""

from enum import Enum
from typing import Any

import numpy as np

from assay_server.models.features import Floats

LARGEST = float(np.finfo(np.float32).max)
"""What models read numbers beyond it as: trees compare in single precision, and estimators refuse what it does not hold."""


class ModelKind(Enum):
    """What a model is, as the contract declares it."""

    ISOLATION_FOREST = "isolation_forest"
    """scikit-learn's isolation forest; scores lie between 0 and 1, and 0.5 is about average."""

    ESTIMATOR = "estimator"
    """Any outlier detector of scikit-learn's, or a pipeline that ends in one."""

    CLASSIFIER = "classifier"
    """Any classifier of scikit-learn's, trained on labels; the score is the probability of the label true."""


def raw_scores(estimator: Any, kind: ModelKind, matrix: Floats) -> Floats:
    """Return the scores that an estimator gives: float64 (n,), higher is more anomalous.

    An outlier detector's score is the negative of `score_samples`, or of `decision_function` where there is none: both are
    lower for what is less normal. A classifier's is its probability of the greater of its two classes, which is true.

    Args:
        estimator: Fitted on a matrix that `clipped` gave.
        kind: What it is.
        matrix: float64 (n, width), without NaN; numbers beyond LARGEST are read as that.

    Raises:
        ValueError: The estimator refuses a row.
    """
    matrix = clipped(matrix)
    with np.errstate(over="ignore", invalid="ignore"):  # Numbers that grow too large in a pipeline are infinite to trees.
        if kind is ModelKind.CLASSIFIER:
            scores = estimator.predict_proba(matrix)[:, -1]
        elif hasattr(estimator, "score_samples"):
            scores = -estimator.score_samples(matrix)
        else:
            scores = -estimator.decision_function(matrix)
    return np.asarray(scores, dtype=np.float64).reshape(len(matrix))


def clipped(matrix: Floats) -> Floats:
    """Return a matrix as models read it: no number beyond LARGEST."""
    return np.clip(matrix, -LARGEST, LARGEST)
