"""How models are trained, and what keeps them from being."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assay_server.models import Floats, ModelKind, Percentiles
from assay_server.models.training import LEAST_ROWS, ModelSpec, TrainingError, threshold_of, train

from .making import Labelled, classifier, columns_of, detector, numbers, trained_on

MATRIX = np.random.default_rng(0).normal(size=(200, 3))
NONE = np.zeros(200, dtype=bool)
FOREST = ModelSpec(kind=ModelKind.ISOLATION_FOREST)


class Broken(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Fits anything, and fails to score or scores nothing."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error

    def fit(self, X: Floats, y: object = None) -> "Broken":  # noqa: N803  # scikit-learn's name.
        """Learn nothing."""
        return self

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's name.
        """Fail, or give no numbers."""
        if self.error:
            raise self.error("it does not work")
        return np.full(len(X), np.nan)


@pytest.mark.parametrize(
    ("spec", "labels", "reason"),
    [
        (classifier(LogisticRegression), NONE, "every event has the label False: a classifier needs events of both kinds"),
        (classifier(LogisticRegression), ~NONE, "every event has the label True: a classifier needs events of both kinds"),
        (classifier(LogisticRegression), None, "a classifier learns from labels, and there are none"),
        (ModelSpec(kind=ModelKind.CLASSIFIER, factory=LogisticRegression), NONE, "a classifier needs a threshold"),
        (ModelSpec(kind=ModelKind.ESTIMATOR), None, "needs a factory"),
        (detector(lambda: 7), None, "the factory gives no estimator of scikit-learn's"),
        (detector(lambda: 1 / 0), None, "the factory gives no estimator of scikit-learn's: ZeroDivisionError"),
        (detector(StandardScaler), None, "StandardScaler gives no scores: it needs score_samples or decision_function"),
        (detector(LocalOutlierFactor), None, "novelty=True"),
        (detector(LinearRegression), None, "LinearRegression cannot be fitted: .*missing"),
        (detector(Broken), None, "Broken gives scores that are not finite"),
        (detector(lambda: Broken(RuntimeError)), None, "Broken cannot score what it was fitted on: it does not work"),
    ],
)
def test_says_why_a_model_cannot_be_trained(spec: ModelSpec, labels: Any, reason: str) -> None:
    """An error names what is wrong with the labels, the factory or the estimator."""
    with pytest.raises(TrainingError, match=reason):
        train(spec, numbers(3), columns_of(MATRIX), labels=labels)


def test_too_few_events_are_an_error() -> None:
    """A model needs thirty events; with thirty it is trained."""
    with pytest.raises(TrainingError, match="29 events are too few: a model needs at least 30"):
        train(FOREST, numbers(3), columns_of(MATRIX[: LEAST_ROWS - 1]))
    trained = train(FOREST, numbers(3), columns_of(MATRIX[:LEAST_ROWS]))
    assert trained.canaries.matrix.shape == (100, 3)


def test_features_that_never_change_are_fine() -> None:
    """Where no event differs from another, none is flagged, and any is explained."""
    trained = trained_on(FOREST, Labelled(np.ones((50, 3)), np.zeros(50, bool)))
    assert not (trained.scores >= trained.threshold).any()
    assert trained.explainer.amounts(np.array([1.0, 9.0, 1.0])).tolist() == [0.0] * 3


def test_a_seed_that_an_author_fixed_stays() -> None:
    """Training's seed goes where the author left it open, in every step of a pipeline."""

    def scores(fixed: int | None, seed: int) -> list[float]:
        spec = detector(lambda: make_pipeline(StandardScaler(), IsolationForest(random_state=fixed)))
        return list(trained_on(spec, Labelled(MATRIX, NONE), seed).scores)

    assert scores(3, seed=1) == scores(3, seed=2)
    assert scores(None, seed=1) != scores(None, seed=2)
    assert scores(None, seed=1) == scores(None, seed=1) == scores(1, seed=2)


def test_a_threshold_that_is_given_is_taken() -> None:
    """A threshold of the author's comes before the share of events."""
    spec = ModelSpec(kind=ModelKind.ISOLATION_FOREST, contamination=0.1, threshold=0.77)
    assert trained_on(spec, Labelled(MATRIX, NONE)).threshold == 0.77


def test_tells_what_it_is_doing() -> None:
    """Progress is told step by step."""
    told: list[str] = []
    train(FOREST, numbers(3), columns_of(MATRIX), progress=told.append)
    assert told == ["encoding", "fitting", "scoring", "compiling", "choosing canaries"]


def test_a_classifier_scores_the_label_true() -> None:
    """A classifier's score is how likely the label is true."""
    labels = MATRIX[:, 0] > 0.5
    trained = trained_on(classifier(RandomForestClassifier), Labelled(MATRIX, labels))
    assert trained.scores[labels].min() > trained.scores[~labels].max()


@pytest.mark.parametrize(
    ("scores", "contamination", "flagged"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.2, {9, 10}),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.29, {9, 10}),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.05, set()),
        ([1, 2, 3, 4, 5, 6, 7, 9, 9, 9], 0.2, set()),
        ([1, 2, 3, 4, 5, 6, 9, 9, 9, 10], 0.2, {10}),
        ([-3, -3, -3, -3, -2], 0.2, {-2}),
        ([5, 5, 5], 0.5, set()),
        ([1, 2], 1.0, {1, 2}),
    ],
)
def test_at_most_the_share_reaches_the_threshold(scores: list[float], contamination: float, flagged: set[float]) -> None:
    """As many as possible are flagged, but no more than the share, and equals alike."""
    values = np.array(scores, dtype=np.float64)
    assert set(values[values >= threshold_of(values, contamination)]) == flagged


def test_rounding_flags_nothing_else() -> None:
    """The threshold keeps its distance from both the least that is flagged and the greatest that is not."""
    scores = np.array([0.1, 0.2, 0.3, 0.5])
    assert threshold_of(scores, 0.25) == pytest.approx(0.4)
    assert threshold_of(scores, 0.1) > 0.5 + 5e-6


def test_percentiles_survive_being_written_as_json() -> None:
    """Read from their JSON they rank as before: nothing below all, everything above all, in order between."""
    scores = np.random.default_rng(0).normal(size=5_000)
    read = Percentiles.from_json(json.loads(json.dumps(Percentiles.of(scores).as_json())))
    found = [read(float(score)) for score in (-9.0, np.median(scores), np.quantile(scores, 0.9995), scores.max(), 9.0)]
    assert found == pytest.approx([0.0, 0.5, 0.9995, 1.0, 1.0], abs=2e-4)
    asked = np.linspace(-4, 4, 1_000)
    assert (np.diff([read(score) for score in asked.tolist()]) >= 0).all()


@pytest.mark.parametrize("document", [None, [], [0.0] * 7, [float("nan")] * 1_100, list(range(1_100, 0, -1)), ["0"] * 1_100])
def test_refuses_json_that_is_no_percentiles(document: Any) -> None:
    """Too few numbers, numbers out of order and what is no number are errors."""
    with pytest.raises(ValueError, match="percentiles are"):
        Percentiles.from_json(document)
