"""The nine kinds of models, labelled public sets to train them on, and how tests train."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import EllipticEnvelope
from sklearn.datasets import load_breast_cancer, load_digits, make_blobs, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from assay_server.models import FeatureKind, FeatureSpec, Floats, ModelKind
from assay_server.models.training import ModelSpec, Trained, train

SEED = 7


def detector(factory: Callable[[], Any]) -> ModelSpec:
    """Return a detector of a factory's, which flags one event in twenty."""
    return ModelSpec(kind=ModelKind.ESTIMATOR, factory=factory, contamination=0.05)


def classifier(factory: Callable[[], Any]) -> ModelSpec:
    """Return a classifier of a factory's."""
    return ModelSpec(kind=ModelKind.CLASSIFIER, factory=factory, threshold=0.5)


KINDS = {
    "IsolationForest": ModelSpec(kind=ModelKind.ISOLATION_FOREST, contamination=0.05),
    "LocalOutlierFactor": detector(lambda: make_pipeline(StandardScaler(), LocalOutlierFactor(novelty=True))),
    "OneClassSVM": detector(lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.05))),
    "SGDOneClassSVM": detector(lambda: make_pipeline(StandardScaler(), SGDOneClassSVM(nu=0.05))),
    "EllipticEnvelope": detector(lambda: make_pipeline(StandardScaler(), EllipticEnvelope(support_fraction=0.9))),
    "GaussianMixture": detector(lambda: make_pipeline(StandardScaler(), GaussianMixture(3))),
    "HistGradientBoostingClassifier": classifier(HistGradientBoostingClassifier),
    "RandomForestClassifier": classifier(RandomForestClassifier),
    "LogisticRegression": classifier(lambda: make_pipeline(StandardScaler(), LogisticRegression())),
}
"""A specification of each of the nine."""


@dataclass(frozen=True)
class Labelled:
    """A labelled set: events and which of them are anomalous."""

    matrix: Floats
    labels: NDArray[np.bool_]

    def halves(self) -> tuple["Labelled", "Labelled"]:
        """Return every second event, and the others."""
        first = np.arange(len(self.matrix)) % 2 == 0
        return Labelled(self.matrix[first], self.labels[first]), Labelled(self.matrix[~first], self.labels[~first])


def _breast_cancer() -> Labelled:
    matrix, target = load_breast_cancer(return_X_y=True)
    return Labelled(matrix[:, :10], target == 0)


def _digits() -> Labelled:
    matrix, target = load_digits(return_X_y=True)
    return Labelled(PCA(6, random_state=0).fit_transform(matrix[:800]), target[:800] == 0)


def _blobs() -> Labelled:
    matrix, _ = make_blobs(600, n_features=4, centers=3, random_state=0)
    rng = np.random.default_rng(0)
    outliers = rng.uniform(matrix.min(), matrix.max(), size=(60, 4))
    order = rng.permutation(660)
    return Labelled(np.concatenate([matrix, outliers])[order], (order >= 600))


def _classification() -> Labelled:
    matrix, target = make_classification(800, 6, n_informative=4, n_redundant=0, weights=[0.9], class_sep=1.5, random_state=0)
    return Labelled(matrix, target == 1)


SETS: dict[str, Callable[[], Labelled]] = {
    "breast_cancer": _breast_cancer,
    "digits": _digits,
    "blobs": _blobs,
    "classification": _classification,
}
"""What scikit-learn ships, or makes."""


def numbers(width: int) -> tuple[FeatureSpec, ...]:
    """Return that many features that are numbers, named x0 and so on."""
    return tuple(FeatureSpec(name=f"x{place}", kind=FeatureKind.NUMBER, source=f"x{place}") for place in range(width))


def columns_of(matrix: Floats) -> dict[str, Floats]:
    """Return a matrix as the columns of features that `numbers` named."""
    return {f"x{place}": column for place, column in enumerate(matrix.T)}


def trained_on(spec: ModelSpec, data: Labelled, seed: int = SEED) -> Trained:
    """Train a model on numbers."""
    width = data.matrix.shape[1]
    labels = data.labels if spec.kind is ModelKind.CLASSIFIER else None
    return train(spec, numbers(width), columns_of(data.matrix), labels=labels, seed=seed)


@cache
def model(kind: str, data: str = "breast_cancer") -> Trained:
    """Return one of the nine, trained on the first half of a labelled set, once for all tests."""
    return trained_on(KINDS[kind], SETS[data]().halves()[0])
