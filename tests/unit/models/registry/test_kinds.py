"""Every kind of estimator that may be declared is kept, tried, and scores as it did."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler
from sklearn.svm import OneClassSVM

from assay_server.models import TOLERANCE, difference, raw_scores
from assay_server.models.registry import Registry, Served
from assay_server.models.registry._kept import read_manifest
from assay_server.models.training import ModelSpec, Trained
from tests.unit.models.registry.making import FOREST, artefact, classifier, detector, trained, uncompiled

KINDS: dict[str, ModelSpec] = {
    "isolation_forest": FOREST,
    "forest_of_some_columns": detector(lambda: IsolationForest(n_estimators=5, max_features=0.5)),
    "local_outlier_factor": detector(lambda: LocalOutlierFactor(novelty=True)),
    "local_outlier_factor_brute": detector(lambda: LocalOutlierFactor(novelty=True, algorithm="brute", metric="manhattan")),
    "one_class_svm": detector(lambda: OneClassSVM(nu=0.1)),
    "one_class_svm_polynomial": detector(lambda: OneClassSVM(nu=0.1, kernel="poly", degree=2)),
    "sgd_one_class_svm": detector(lambda: make_pipeline(Nystroem(n_components=20), SGDOneClassSVM())),
    "elliptic_envelope": detector(EllipticEnvelope),
    "gaussian_mixture": detector(lambda: GaussianMixture(2)),
    "gradient_boosting": classifier(lambda: HistGradientBoostingClassifier(max_iter=5)),
    "random_forest": classifier(lambda: RandomForestClassifier(n_estimators=5, n_jobs=2)),
    "logistic_regression": classifier(lambda: make_pipeline(StandardScaler(), LogisticRegression())),
    "pipeline": detector(
        lambda: make_pipeline(
            ColumnTransformer([("a", RobustScaler(), [0, 1])], remainder="passthrough"),
            QuantileTransformer(n_quantiles=20),
            PowerTransformer(),
            PCA(2),
            LocalOutlierFactor(novelty=True, algorithm="ball_tree"),
        )
    ),
}


Kept = dict[str, tuple[Trained, str, str]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Kept]:
    """Return a registry with a model of each kind, as it is and without its compiled form."""
    registry = Registry(tmp_path_factory.mktemp("kinds"))
    models = {name: trained(spec) for name, spec in KINDS.items()}
    return registry, {
        name: (model, registry.add(artefact(model, event_type=name)), registry.add(uncompiled(model, event_type=name)))
        for name, model in models.items()
    }


@pytest.mark.timeout(300)
def test_it_passes_the_trial(kept: tuple[Registry, Kept]) -> None:
    """In both of its forms."""
    registry, models = kept
    tried = [(name, version) for name, (_, *versions) in models.items() for version in versions]
    folders = [registry.folder(name, "unusual") / version for name, version in tried]
    reasons = registry.verify([(folder, read_manifest(folder)[1]) for folder in folders])
    assert dict(zip(tried, reasons, strict=True)) == dict.fromkeys(tried, "")


@pytest.mark.parametrize("name", KINDS)
def test_it_scores_as_it_did(kept: tuple[Registry, Kept], name: str) -> None:
    """The estimator that is read gives the same numbers, the compiled form those within 1e-6, on rows unseen."""
    registry, models = kept
    model, *versions = models[name]
    rows = np.random.default_rng(7).normal(size=(200, 3)) * 2
    expected = raw_scores(model.estimator, model.kind, rows)
    for version in versions:
        served = Served.load(registry.read(name, "unusual", version))
        scores = served.scorer.score(rows)
        if served.scorer.compiled:
            assert difference(expected, scores) <= TOLERANCE
        else:
            assert scores.tolist() == expected.tolist()
        assert served.explain(rows[0]).sum() == pytest.approx(scores[0] - served.typical_score, abs=1e-6)


def test_what_serves_is_compiled_where_it_can_be(kept: tuple[Registry, Kept]) -> None:
    """The forms differ: so both are tried above."""
    registry, models = kept
    _, compiled, plain = models["isolation_forest"]
    assert Served.load(registry.read("isolation_forest", "unusual", compiled)).scorer.compiled
    assert not Served.load(registry.read("isolation_forest", "unusual", plain)).scorer.compiled
