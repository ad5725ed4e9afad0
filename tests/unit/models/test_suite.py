"""What holds for every kind of model."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from assay_server.models import LARGEST, TOLERANCE, EstimatorScorer, Floats, ModelKind, Scorer, difference, raw_scores
from assay_server.models.compilation import compile_estimator, extreme_rows, random_rows

from .making import KINDS, SEED, SETS, columns_of, model, trained_on

pytestmark = pytest.mark.parametrize("kind", KINDS)

SAME = 1e-9
"""Beside other rows, sums may be added up in another order."""


def forms(kind: str) -> list[Scorer]:
    """Return the forms of a model: what serves, and the estimator itself."""
    trained = model(kind)
    return [trained.scorer, EstimatorScorer(trained.estimator, trained.kind)]


def unseen() -> Floats:
    """Return events that models were not trained on, ordinary ones, random ones and extreme ones."""
    earlier, later = SETS["breast_cancer"]().halves()
    rng = np.random.default_rng(SEED)
    return np.concatenate([later.matrix[:100], random_rows(earlier.matrix, rng)[::20], extreme_rows(earlier.matrix, rng)])


def test_trains_to_the_same_with_the_same_seed(kind: str) -> None:
    """Training twice with one seed gives the same scores, to what training saw and to what it did not, and threshold."""
    data = SETS["blobs"]().halves()[0]
    one, other = (trained_on(KINDS[kind], data) for _ in range(2))
    matrix = random_rows(data.matrix, np.random.default_rng(0))
    assert one.scores.tolist() == other.scores.tolist()
    assert raw_scores(one.estimator, one.kind, matrix).tolist() == raw_scores(other.estimator, other.kind, matrix).tolist()
    assert (one.threshold, one.canaries.scores.tolist()) == (other.threshold, other.canaries.scores.tolist())


def test_scores_a_batch_as_one_by_one(kind: str) -> None:
    """An event's score does not depend on the events beside it."""
    matrix = unseen()[::3]
    for scorer in forms(kind):
        alone = np.concatenate([scorer.score(row[None]) for row in matrix])
        assert difference(alone, scorer.score(matrix)) <= SAME


def test_scores_in_any_order(kind: str) -> None:
    """Events in another order get the same scores, in that order."""
    matrix = unseen()
    order = np.random.default_rng(1).permutation(len(matrix))
    for scorer in forms(kind):
        assert difference(scorer.score(matrix)[order], scorer.score(matrix[order])) <= SAME


def test_scores_alike_in_several_threads(kind: str) -> None:
    """Calls at the same time do not disturb each other."""
    matrix = unseen()
    for scorer in forms(kind):
        expected = scorer.score(matrix).tolist()
        with ThreadPoolExecutor(4) as threads:
            for scores in threads.map(scorer.score, [matrix] * 8):
                assert scores.tolist() == expected


def test_scores_extreme_events_with_numbers(kind: str) -> None:
    """Whatever finite number a feature is, the score is one too; numbers beyond single precision are read as its largest."""
    matrix = unseen()
    beyond = matrix[:2].copy()
    beyond[0, 0], beyond[1, 1] = 1.7e308, -1.7e308
    largest = np.clip(beyond, -LARGEST, LARGEST)
    for scorer in forms(kind):
        scores = scorer.score(np.concatenate([matrix, beyond, largest]))
        assert np.isfinite(scores).all()
        assert difference(scores[-4:-2], scores[-2:]) <= SAME


def test_compiles_to_the_same_scores(kind: str) -> None:
    """Compiled, a model gives the estimator's scores to every training event and to others; or it does not compile."""
    trained = model(kind)
    compiled = compile_estimator(trained.estimator, trained.kind, SETS["breast_cancer"]().halves()[0].matrix, seed=SEED + 1)
    if kind == "LocalOutlierFactor":
        assert (compiled.model, trained.scorer.compiled) == (None, False)
        return
    assert compiled.difference is not None
    assert compiled.difference <= TOLERANCE
    assert trained.compiled.difference is not None
    assert difference(raw_scores(trained.estimator, trained.kind, unseen()), trained.scorer.score(unseen())) <= TOLERANCE


def test_adds_up(kind: str) -> None:
    """What each feature added is together the score less the typical event's, for ordinary events and extreme ones."""
    trained = model(kind)
    explainer, matrix = trained.explainer, unseen()[::7]
    for row, score in zip(matrix, trained.scorer.score(matrix), strict=True):
        amounts = explainer.amounts(row)
        assert amounts.shape == (matrix.shape[1],)
        assert abs(explainer.typical_score + amounts.sum() - score) <= TOLERANCE * max(1.0, abs(score))


def test_explains_alike_each_time(kind: str) -> None:
    """An event's explanation is the same whenever it is asked for."""
    explainer = model(kind).explainer
    row = unseen()[3]
    assert explainer.amounts(row).tolist() == explainer.amounts(row).tolist()


def test_flags_its_share(kind: str) -> None:
    """At most the share of training events that the contamination allows for reaches a detector's threshold, and nearly it."""
    trained = model(kind)
    share = (trained.scores >= trained.threshold).mean()
    if trained.kind is ModelKind.CLASSIFIER:
        assert trained.threshold == KINDS[kind].threshold
    else:
        assert 0.03 <= share <= 0.05


def test_has_a_hundred_canaries(kind: str) -> None:
    """A hundred events with the scores expected, from the least to the greatest of training and beyond, are kept."""
    trained = model(kind)
    assert trained.canaries.matrix.shape == (100, 10)
    assert difference(trained.canaries.scores, trained.scorer.score(trained.canaries.matrix)) <= TOLERANCE
    assert trained.canaries.scores.min() <= trained.scores.min()
    assert trained.canaries.scores.max() >= trained.scores.max()


def test_ranks_as_the_training_events_do(kind: str) -> None:
    """A percentile is the share of training events with a lower score."""
    trained = model(kind)
    scores = np.sort(trained.scores)
    exact = np.searchsorted(scores, scores, side="left") / len(scores)
    assert (
        np.abs(np.array([trained.percentiles(score) for score in scores.tolist()]) - exact).max() <= 1 / len(scores) + 0.001
    )  # The table's steps.


@pytest.mark.parametrize("data", SETS)
def test_tells_anomalies_as_well_as_plain_scikit_learn(kind: str, data: str) -> None:
    """On labelled public sets, the area under the curve is within 0.01 of that of the same estimator without all this."""
    earlier, later = SETS[data]().halves()
    trained = model(kind, data)
    spec = KINDS[kind]
    plain = spec.factory() if spec.factory else IsolationForest(random_state=SEED)
    plain.set_params(**{name: SEED for name in plain.get_params() if name.endswith("random_state")})
    if spec.kind is ModelKind.CLASSIFIER:
        scores = plain.fit(earlier.matrix, earlier.labels).predict_proba(later.matrix)[:, 1]
    else:
        fitted = plain.fit(earlier.matrix)
        scores = (
            -fitted.decision_function(later.matrix)
            if hasattr(fitted, "decision_function")
            else -fitted.score_samples(later.matrix)
        )
    ours = trained.scorer.score(trained.encoding.encode(columns_of(later.matrix)))
    assert abs(roc_auc_score(later.labels, scores) - roc_auc_score(later.labels, ours)) <= 0.01
