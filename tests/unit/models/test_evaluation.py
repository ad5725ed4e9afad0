"""How good a model is on events that it was not trained on."""

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from assay_server.models.evaluation import auc, evaluate, most_anomalous, split_by_time

RNG = np.random.default_rng(0)
LABELS = RNG.random(500) < 0.1
SCORES = np.asarray(np.round(RNG.normal(size=500) + 1.5 * LABELS, 1), dtype=np.float64)


def test_the_latest_fifth_is_held_out() -> None:
    """No event of the part that is held out is earlier than one of the other."""
    times = RNG.permutation(1_003).astype(np.int64) * 10**9
    earlier, later = split_by_time(times)
    assert (len(earlier), len(later)) == (802, 201)
    assert times[earlier].max() < times[later].min()
    assert sorted([*earlier, *later]) == list(range(1_003))


def test_events_of_one_time_keep_their_order() -> None:
    """Where times say nothing, the last fifth as given is held out."""
    earlier, later = split_by_time(np.zeros(10, dtype=np.int64))
    assert (earlier.tolist(), later.tolist()) == (list(range(8)), [8, 9])


def test_sums_up_as_scikit_learn_does() -> None:
    """Precision, recall and area under the curve are scikit-learn's, with equals among the scores."""
    found = evaluate(SCORES, 1.0, LABELS)
    flagged = SCORES >= 1.0
    assert (found.rows, found.flagged) == (500, int(flagged.sum()))
    assert found.precision == pytest.approx(precision_score(LABELS, flagged))
    assert found.recall == pytest.approx(recall_score(LABELS, flagged))
    assert found.auc == pytest.approx(roc_auc_score(LABELS, SCORES))


def test_says_nothing_of_what_there_is_nothing_to_say() -> None:
    """Without labels there is neither precision nor recall; with one kind of them no area under the curve."""
    found = evaluate(SCORES, 1.0)
    assert (found.precision, found.recall, found.auc) == (None, None, None)
    found = evaluate(SCORES, 99.0, np.zeros(500, dtype=bool))
    assert (found.precision, found.recall, found.auc) == (None, None, None)
    assert auc(SCORES, np.ones(500, dtype=bool)) is None


def test_the_histogram_has_every_score() -> None:
    """Forty bins of equal width hold all scores."""
    histogram = evaluate(SCORES, 1.0).histogram
    assert (histogram.counts.sum(), histogram.counts.shape, histogram.edges.shape) == (500, (40,), (41,))
    assert (histogram.edges[0], histogram.edges[-1]) == (SCORES.min(), SCORES.max())


def test_the_most_anomalous_come_first() -> None:
    """The highest scores come first, equals in the order of the events."""
    assert most_anomalous(np.array([1.0, 3.0, 2.0, 3.0]), 3).tolist() == [1, 3, 2]
    assert most_anomalous(np.array([1.0]), 3).tolist() == [0]
