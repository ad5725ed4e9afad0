"""Models on a contract: what an author writes, and what the contract has of it."""

from typing import Any

import pytest

from assay_server.contracts import Classifier, Enforcement, Estimator, Hour, IsolationForest, ModelFeature, OneHot
from tests.unit.contracts.folders import Folder

BEFORE = """
from sklearn.linear_model import LogisticRegression
from sklearn.svm import OneClassSVM


class Shop(BaseModel):
    size: int
    owner: Annotated[str, Sensitive()]
    age: Annotated[float, Sensitive()]
"""

FIELDS = """
amount: Annotated[float, Field(alias="amt")]
count: int | None = None
share: Decimal = Decimal(1)
open: bool = False
kind: Literal["p", "q"] = "p"
at: datetime | None = None
shop: Shop | None = None
was_fraud: bool | None = None

@feature
def rate(self) -> float: return self.amount * 2
@feature
def hidden(self) -> float: return self.shop.age
@feature
def first(self) -> str: return self.kind
"""


def declared(folder: Folder, line: str) -> Any:
    """Return the one model of a contract that declares this."""
    folder.contract(FIELDS + line, before=BEFORE)
    [model] = folder.one().models
    return model


def feature(name: str, kind: str = "number", source: str = "", *, sensitive: bool = False) -> ModelFeature:
    return ModelFeature(name=name, kind=kind, source=source or name, sensitive=sensitive)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"amount"', feature("amount")),
        ('"count"', feature("count")),
        ('"share"', feature("share")),
        ('"rate"', feature("rate")),
        ('"open"', feature("open", "boolean")),
        ('"was_fraud"', feature("was_fraud", "boolean")),
        ('"shop.size"', feature("shop.size")),
        ('"shop.age"', feature("shop.age", sensitive=True)),
        ('"hidden"', feature("hidden", sensitive=True)),
        ('OneHot("kind")', feature("kind", "one_hot")),
        ('OneHot("first")', feature("first", "one_hot")),
        ('OneHot("open")', feature("open", "one_hot")),
        ('OneHot("count")', feature("count", "one_hot")),
        ('Frequency("kind")', feature("frequency of kind", "frequency", "kind")),
        ('Hour("at")', feature("hour of at", "hour", "at")),
        ('Weekday("at")', feature("weekday of at", "weekday", "at")),
        ("Hour()", ModelFeature(name="hour of the event", kind="hour", source="", sensitive=False)),
        ("Weekday()", ModelFeature(name="weekday of the event", kind="weekday", source="", sensitive=False)),
    ],
)
def test_a_feature_is_a_number_a_boolean_or_what_a_marker_makes_of_another_value(
    folder: Folder, written: str, expected: ModelFeature
) -> None:
    """Optional ones too, of models within the contract, and what its @feature methods return."""
    model = declared(folder, f"unusual = IsolationForest(features=({written},))")
    assert model.features == (expected,)


def test_a_forest_has_defaults_and_warns(folder: Folder) -> None:
    """As authors' documentation says."""
    model = declared(folder, 'unusual = IsolationForest(("amount", "rate"))')
    assert (model.check, model.name, model.kind, model.label) == ("anomaly.unusual", "unusual", "isolation_forest", "")
    assert (model.enforcement, model.required) == (Enforcement.WARN, False)
    assert model.marker == IsolationForest(features=["amount", "rate"], contamination=0.001, trees=100, samples=256)


def test_an_estimator_has_a_factory_that_makes_one_anew(folder: Folder) -> None:
    """As often as it is trained."""
    model = declared(folder, 'unusual = Estimator(lambda: OneClassSVM(nu=0.1), ("amount",), enforcement="reject")')
    assert isinstance(model.marker, Estimator)
    first, second = model.marker.factory(), model.marker.factory()
    assert (first.nu, first is second) == (0.1, False)
    assert (model.kind, model.enforcement, model.required) == ("estimator", Enforcement.REJECT, True)


def test_a_classifier_has_a_label_that_events_may_lack(folder: Folder) -> None:
    """And a threshold; a class is a factory too."""
    line = 'fraud = Classifier(LogisticRegression, ("amount",), "was_fraud", threshold=0.9, required=True)'
    model = declared(folder, line)
    assert isinstance(model.marker, Classifier)
    assert (model.check, model.kind, model.label, model.marker.threshold) == ("anomaly.fraud", "classifier", "was_fraud", 0.9)
    assert (model.enforcement, model.required) == (Enforcement.WARN, True)


def test_a_contract_has_models_in_their_order_and_those_of_its_bases(folder: Folder) -> None:
    """One of the same name replaces that of the base; a model is no field."""
    folder.contract(
        'y: float\nlast = IsolationForest(("y",))\nsame = IsolationForest(("y", "x"))',
        before='class Base(EventContract):\n    x: float\n    same = IsolationForest(("x",))\n',
        bases="Base, ",
    )
    contract = folder.one()
    assert [(model.name, len(model.features)) for model in contract.models] == [("same", 2), ("last", 1)]
    assert list(contract.model.model_fields) == ["x", "y"]
    assert "same" not in contract.json_schema


def test_a_contract_without_models_has_none(folder: Folder) -> None:
    """As most."""
    folder.contract()
    assert folder.one().models == ()


def test_markers_of_features_are_alike_where_they_say_the_same() -> None:
    """They are values."""
    assert OneHot("a") == OneHot("a") != OneHot("b")
    assert Hour() == Hour("")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('("x", Hour())', '("x",)'),
        ('("x", Hour())', '(Hour(), "x")'),
        ("Hour()", "Weekday()"),
        ("trees=50", "trees=51"),
        ("contamination=0.01", "contamination=0.02"),
        ("unusual =", "odd ="),
        ("OneClassSVM(nu=0.1)", "OneClassSVM(nu=0.2)"),
        ('"x",), enforcement="audit"', '"x",), enforcement="warn"'),
    ],
)
def test_what_a_model_is_changes_the_contracts_fingerprint(folder: Folder, old: str, new: str) -> None:
    """A reload alone does not, although factories are other functions then."""
    body = """
        x: float
        unusual = IsolationForest(("x", Hour()), trees=50, contamination=0.01)
        far = Estimator(lambda: OneClassSVM(nu=0.1), ("x",), enforcement="audit")
    """
    assert old in body
    folder.contract(body, before=BEFORE)
    first = folder.one().fingerprint
    assert folder.one().fingerprint == first
    folder.contract(body.replace(old, new), before=BEFORE)
    assert folder.one().fingerprint != first
