"""The work that is measured is the work that is meant."""

from collections import Counter

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from benchmarks import onnx_forest, workload
from benchmarks.workload import FEATURES

SAMPLES = workload.samples(3500)


def test_a_payment_has_twelve_fields_of_which_eight_are_features_in_about_230_bytes() -> None:
    """As performance is measured everywhere."""
    good = [sample for sample in SAMPLES if sample.valid]

    assert {len(sample.payload) for sample in good} == {12}
    assert set(FEATURES) < set(good[0].payload)
    assert len(FEATURES) == 8
    assert np.mean([len(sample.json()) for sample in good]) == pytest.approx(230, abs=15)


def test_a_known_share_is_bad_in_known_ways() -> None:
    """Every fiftieth, of seven kinds alike: four against the schema, one the rule, one the history, one odd as a whole."""
    found = Counter(name for sample in SAMPLES for name in sample.found)

    assert found == {**dict.fromkeys((check for _, check in workload.FLAWS), 10), "/amount": 10}
    assert sum(not sample.valid for sample in SAMPLES) == 50


def test_events_and_history_are_the_same_in_every_run() -> None:
    """And differ from each other."""
    assert list(workload.samples(100)) == list(SAMPLES[:100])
    assert workload.history(10) == workload.history(10)
    assert workload.history(1)[0] not in [sample.payload for sample in SAMPLES]


def test_the_forest_of_the_limit_scores_as_scikit_learn_does() -> None:
    """To what single precision can tell, for usual and for far values."""
    random = np.random.default_rng(0)
    forest = IsolationForest(n_estimators=20, random_state=0).fit(random.normal(size=(500, 8)))
    rows = np.concatenate([random.normal(size=(200, 8)), 10 * random.normal(size=(50, 8))]).astype(np.float32)

    scores = onnx_forest.scores(forest, onnx_forest.depths(forest, 8).run(None, {"rows": rows})[0])

    np.testing.assert_allclose(scores, -forest.score_samples(rows), atol=1e-6)
