"""A registry of sound models, made once."""

import shutil
from pathlib import Path

import pytest
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import OneClassSVM

from assay_server.models.registry import Registry
from assay_server.models.training import ModelSpec
from tests.unit.models.registry.making import FOREST, OF, artefact, classifier, detector, trained, uncompiled

SPECS: dict[str, ModelSpec] = {
    "forest": FOREST,
    "boosting": classifier(lambda: HistGradientBoostingClassifier(max_iter=10)),
    "svm": detector(lambda: OneClassSVM(nu=0.1)),
    "lof": detector(lambda: LocalOutlierFactor(novelty=True)),
    "envelope": detector(EllipticEnvelope),
    "pipeline": detector(lambda: make_pipeline(OneHotEncoder(handle_unknown="ignore"), IsolationForest(n_estimators=5))),
}


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Registry, str]]:
    """Return a registry with one version of meter.read for each model, by its name: read them, and change nothing."""
    kept = {}
    for name, spec in SPECS.items():
        registry = Registry(tmp_path_factory.mktemp(name))
        model = trained(spec)
        kept[name] = registry, registry.add(artefact(model) if name in {"forest", "boosting"} else uncompiled(model))
    return kept


@pytest.fixture(scope="session")
def five(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Return a registry with five versions that have been tried."""
    registry = Registry(tmp_path_factory.mktemp("five"))
    kept = artefact(trained())
    for _ in range(5):
        registry.add(kept)
    versions = [
        (registry.folder(*OF) / str(entry.version), registry.manifest(*OF, str(entry.version))[1])
        for entry in registry.entries()
    ]
    assert registry.verify(versions) == [""] * 5
    return registry


@pytest.fixture
def registry(five: Registry, tmp_path: Path) -> Registry:
    """Return a registry of one's own with five versions that have been tried."""
    shutil.copytree(five.root, tmp_path / "models")
    mine = Registry(tmp_path / "models")
    mine._sound.update(five._sound)
    return mine


@pytest.fixture
def versions(registry: Registry) -> list[str]:
    """Return the versions by number, the first at 0."""
    return [str(entry.version) for entry in reversed(registry.entries())]
