"""Every kind of model passes what every check must."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from assay_server.checks import Check
from assay_server.contracts import Catalog, Contract, EventContract
from assay_server.models.registry import Slot
from tests.unit.checks.history import models_of
from tests.unit.checks.modelled import Modelled, anomaly_check
from tests.unit.checks.suite import CheckSuite

FIELDS = """
x: float | None = None
y: float | None = None
shop: str | None = None
at: datetime | None = None
big: int | None = None
was_odd: bool | None = None

@feature
def product(self) -> float | None:
    return 1 / 0 if self.x == 5 else self.x * self.y if self.x is not None and self.y is not None else None
"""
_RANDOM = np.random.default_rng(7)
_TRAINING: list[dict[str, Any]] = [
    {
        "x": float(x),
        "y": float(y),
        "shop": "abc"[number % 3],
        "at": f"2024-03-{1 + number % 28:02}T{number % 24:02}:30:00Z",
        "big": number,
        "was_odd": bool(abs(x) > 1.5),
    }
    for number, (x, y) in enumerate(_RANDOM.normal(0, 1, (400, 2)).round(3))
]
_USUAL = _TRAINING[0]
_EVENTS: list[dict[str, Any]] = [
    *_TRAINING[:20],
    {**_USUAL, "x": 8.0, "y": 8.0},
    {**_USUAL, "x": -9.5, "y": 9.0, "shop": "new"},
    {**_USUAL, "x": 1e300, "y": -1e300},
    {**_USUAL, "x": None},
    {**_USUAL, "y": None},
    {**_USUAL, "shop": None},
    {**_USUAL, "at": None},
    {**_USUAL, "at": "9999-12-31T23:59:59Z"},
    {**_USUAL, "at": "0001-01-01T00:00:00Z"},
    {**_USUAL, "x": 5.0},
    {**_USUAL, "big": 10**400},
    {},
]


class ModelSuite(CheckSuite):
    """A check that asks a model."""

    declaration: ClassVar[str]
    before: ClassVar[str] = ""
    on_trial: ClassVar[bool] = False
    _kept: ClassVar[dict[str, tuple[Catalog, Contract, Slot]]] = {}

    def _slot(self) -> tuple[Contract, Slot]:
        if self.declaration not in self._kept:
            modelled = Modelled(f"{FIELDS}\n{self.declaration}", before=self.before)
            served = modelled.trained(_TRAINING)
            other = modelled.trained(_TRAINING[:100], seed=1) if self.on_trial else None
            self._kept[self.declaration] = modelled.catalog, modelled.contract, Slot(active=served, trial=other)
        _, contract, slot = self._kept[self.declaration]
        return contract, slot

    def check(self) -> Check:
        """Return it, with the model that 400 events gave."""
        return anomaly_check(*self._slot())

    def models(self) -> Sequence[EventContract]:
        """Return events that are like them, some that are not, and some that lack something."""
        return models_of(self._slot()[0], _EVENTS)


class TestForest(ModelSuite):
    """Of numbers alone."""

    declaration = 'unusual = IsolationForest(("x", "y"), contamination=0.01)'


class TestForestOfAllKindsOfFeatures(ModelSuite):
    """Of which one fails for some events, and another is too large."""

    declaration = (
        'unusual = IsolationForest(("x", "product", "big", OneHot("shop"), Frequency("shop"), Hour("at"), Weekday("at"), '
        "Hour()), contamination=0.01)"
    )


class TestForestOfOneFeature(ModelSuite):
    """Where it is required."""

    declaration = 'unusual = IsolationForest(("x",), contamination=0.01, enforcement="reject")'


class TestEstimatorInThreads(ModelSuite):
    """That does not compile."""

    before = "from sklearn.neighbors import LocalOutlierFactor\n"
    declaration = 'unusual = Estimator(lambda: LocalOutlierFactor(novelty=True), ("x", "y"), contamination=0.01)'


class TestPipeline(ModelSuite):
    """Of a scaler and a support vector machine."""

    before = (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
        "from sklearn.svm import OneClassSVM\n"
    )
    declaration = (
        'unusual = Estimator(lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.05)), ("x", OneHot("shop"), "y"), '
        "contamination=0.01)"
    )


class TestClassifier(ModelSuite):
    """That learned what is odd from a label."""

    before = "from sklearn.ensemble import RandomForestClassifier\n"
    declaration = 'odd = Classifier(lambda: RandomForestClassifier(n_estimators=20), ("x", "y"), "was_odd", threshold=0.7)'


class TestSensitive(ModelSuite):
    """With a feature whose values are not shown."""

    declaration = (
        "secret: Annotated[float, Sensitive()] = 1\n"
        'unusual = IsolationForest(("x", "y", "secret"), contamination=0.01, enforcement="audit")'
    )
