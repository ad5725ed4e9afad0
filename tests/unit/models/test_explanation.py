"""What each feature added to a score."""

import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import IsolationForest

from assay_server.models import Explainer, Floats, ModelKind, Typical
from assay_server.models.compilation import compile_estimator
from assay_server.models.explanation import contributions
from assay_server.models.scoring import ForestScorer, compiled_scorer
from assay_server.models.training import ModelSpec, Trained

from .making import Labelled, trained_on

FOREST = ModelSpec(kind=ModelKind.ISOLATION_FOREST)
FLIGHTS = Path(__file__).parents[3] / "examples" / "data" / "flights.parquet"


def flights() -> Floats:
    """Return distance, time in the air and delay of flights that have arrived."""
    table = pq.read_table(FLIGHTS, columns=["distance", "air_time", "arr_delay"]).drop_null()
    return np.column_stack([column.to_numpy().astype(np.float64) for column in table.columns])


def with_speed(inputs: Floats) -> Floats:
    """Return what the model of flights looks at: its inputs, and the speed that two of them make."""
    return np.column_stack([inputs, inputs[:, 0] / inputs[:, 1] * 60])


def leading(
    trained: Trained,
    inputs: Floats,
    features: Callable[[Floats], Floats] = lambda matrix: matrix,
    computed: Mapping[int, set[int]] = MappingProxyType({}),
    share_above: float = 1 / 2,
) -> int:
    """Return in how many of 100 trials an input that was changed to an extreme leads the explanation, or what it makes.

    Each trial takes an event that is not flagged, and puts one of its inputs beyond the greatest of all by 5 to 100 % of their
    range, or below the least; a positive one below its least comes to a tenth to nine tenths of it.

    Args:
        trained: The model.
        inputs: What it was trained on, before features were computed.
        features: Computes what the model looks at.
        computed: For each input that others are computed from, the features that may lead.
        share_above: How often an extreme lies above.
    """
    rng = np.random.default_rng(11)
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    normal = np.flatnonzero(trained.scores < trained.threshold)
    explainer, led = trained.explainer, 0
    for _ in range(100):
        changed = inputs[rng.choice(normal)].copy()
        field = int(rng.integers(len(changed)))
        beyond = (high[field] - low[field]) * rng.uniform(0.05, 1.0)
        below = low[field] * rng.uniform(0.1, 0.9) if low[field] > 0 else low[field] - beyond
        changed[field] = high[field] + beyond if rng.random() < share_above else below
        leader = int(np.argmax(explainer.amounts(features(changed[None])[0])))
        led += leader in computed.get(field, {field})
    return led


@pytest.mark.parametrize("seed", range(3))
def test_an_extreme_input_of_a_flight_leads(seed: int) -> None:
    """On flights, the changed field or the speed that is computed from it leads in at least 80 of 100 trials."""
    inputs = flights()[::10]
    trained = trained_on(FOREST, Labelled(with_speed(inputs), np.zeros(len(inputs), bool)), seed)
    assert leading(trained, inputs, with_speed, {0: {0, 3}, 1: {1, 3}}) >= 80


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("distribution", ["normal", "exponential"])
def test_an_extreme_input_leads_among_independent_ones(distribution: str, seed: int) -> None:
    """On features that have nothing to do with each other, the changed one leads in at least 95 of 100 trials."""
    inputs = getattr(np.random.default_rng(5), distribution)(size=(5_000, 5))
    trained = trained_on(FOREST, Labelled(inputs, np.zeros(len(inputs), bool)), seed)
    above = {"normal": 1 / 2, "exponential": 1.0}[distribution]  # The least of exponential ones are as ordinary as any.
    assert leading(trained, inputs, share_above=above) >= 95


def test_features_that_depend_on_each_other_share() -> None:
    """Two features that are the same share what they add: neither hides the other."""
    rng = np.random.default_rng(0)
    one = rng.normal(size=2_000)
    trained = trained_on(FOREST, Labelled(np.column_stack([one, one, rng.normal(size=2_000)]), np.zeros(2_000, bool)))
    amounts = trained.explainer.amounts(np.array([9.0, 9.0, 0.0]))
    assert amounts[:2].min() > 0.35 * amounts.sum()
    assert amounts[2] < 0.1 * amounts.sum()


def by_definition(score: Callable[[Floats], Floats], row: Floats, typical: Floats, weights: Floats) -> Floats:
    """Return the amounts as they are defined: over all orders, each with its chance."""
    amounts = np.zeros(len(row))
    for order in itertools.permutations(range(len(row))):
        chance, left, changed = 1.0, weights.sum(), typical.copy()
        for feature in order:
            chance *= weights[feature] / left
            left -= weights[feature]
        for feature in order:
            before = score(changed[None])[0]
            changed[feature] = row[feature]
            amounts[feature] += chance * (score(changed[None])[0] - before)
    return amounts


def product(matrix: Floats) -> Floats:
    """Score by what depends on all features at once."""
    return np.asarray(np.tanh(matrix[:, 0] * matrix[:, 1] + matrix[:, 2:].prod(axis=1)))


@pytest.mark.parametrize("equal", [True, False])
def test_amounts_are_those_of_their_definition(*, equal: bool) -> None:
    """They are the mean over all orders in which features can be changed; with equal weights, Shapley's."""
    rng = np.random.default_rng(2)
    for _ in range(5):
        row, typical = rng.normal(size=5), rng.normal(size=5)
        weights = np.ones(5) if equal else rng.random(5) + 0.1
        amounts = contributions(product, row, typical, np.arange(5), weights)
        assert amounts == pytest.approx(by_definition(product, row, typical, weights), abs=1e-12)


def test_columns_of_one_feature_are_changed_together() -> None:
    """What a feature adds is one amount, however many columns it has."""
    rng = np.random.default_rng(2)
    row, typical, owners = rng.normal(size=5), rng.normal(size=5), np.array([0, 1, 1, 1, 2])
    amounts = contributions(product, row, typical, owners, np.ones(3))

    def joined(matrix: Floats) -> Floats:
        return product(np.where(matrix[:, owners] == 1, row, typical))

    assert amounts == pytest.approx(by_definition(joined, np.ones(3), np.zeros(3), np.ones(3)), abs=1e-12)


def test_many_features_are_sampled() -> None:
    """Beyond eight features that differ, orders are drawn: amounts add up, are the same each time, and near the exact ones."""
    rng = np.random.default_rng(3)
    row, typical = rng.normal(size=12), np.zeros(12)

    def score(matrix: Floats) -> Floats:
        return np.tanh(matrix @ np.arange(12) / 12)

    amounts = contributions(score, row, typical, np.arange(12), np.ones(12))
    assert amounts.sum() == pytest.approx(score(row[None])[0] - score(typical[None])[0], abs=1e-12)
    assert amounts.tolist() == contributions(score, row, typical, np.arange(12), np.ones(12)).tolist()
    linear = contributions(lambda matrix: matrix @ np.arange(12.0), row, typical, np.arange(12), np.ones(12))
    assert linear == pytest.approx(row * np.arange(12), abs=1e-12)


def test_sampled_orders_heed_weights() -> None:
    """Of many features, too, the one with more weight comes sooner: where the first takes all, it takes most."""
    weights = np.ones(12)
    weights[3] = 50
    amounts = contributions(lambda matrix: matrix.max(axis=1), np.ones(12), np.zeros(12), np.arange(12), weights)
    assert amounts[3] == pytest.approx(50 / 61, abs=0.15)


@pytest.mark.parametrize("width", [1, 4, 8, 9, 40])
def test_explaining_scores_few_events(width: int) -> None:
    """Whoever sends anomalies one after the other has each explained for the price of scoring some 256 events."""
    matrix = np.random.default_rng(0).normal(size=(100, width))
    scored: list[int] = []

    class Counting:
        compiled = True

        def score(self, matrix: Floats) -> Floats:
            scored.append(len(matrix))
            return np.asarray(matrix.sum(axis=1))

    explainer = Explainer(Counting(), Typical.of(matrix), np.arange(width))
    scored.clear()
    explainer.amounts(np.full(width, 9.0))
    assert sum(scored) <= 300


def test_a_typical_event_adds_nothing() -> None:
    """The typical event's own explanation is 0 throughout."""
    data = np.random.default_rng(0).normal(size=(300, 3))
    trained = trained_on(FOREST, Labelled(data, np.zeros(300, bool)))
    assert trained.explainer.amounts(trained.typical.row).tolist() == [0.0] * 3


def test_the_typical_event_is_one_of_training_and_ordinary_in_everything() -> None:
    """It is a training event, and each of its values is near the middle."""
    data = np.random.default_rng(0).exponential(size=(2_000, 4))
    typical = Typical.of(data)
    assert typical.row.tolist() in data.tolist()
    ranks = (data < typical.row).mean(axis=0)
    assert ((ranks > 0.3) & (ranks < 0.7)).all()
    assert typical.deviations == pytest.approx(data.std(axis=0))


def test_extreme_training_events_leave_deviations_finite() -> None:
    """Events as large as numbers get do not make what is common infinite."""
    data = np.concatenate([np.random.default_rng(0).normal(size=(50, 2)), np.full((5, 2), 1.7e308), np.full((5, 2), -1.7e308)])
    typical = Typical.of(data)
    assert np.isfinite(typical.deviations).all()


def test_a_typical_event_survives_being_written_as_json() -> None:
    """Read from its JSON it is the same."""
    typical = Typical.of(np.random.default_rng(0).normal(size=(50, 3)))
    read = Typical.from_json(json.loads(json.dumps(typical.as_json())))
    assert (read.row.tolist(), read.deviations.tolist()) == (typical.row.tolist(), typical.deviations.tolist())


@pytest.mark.parametrize(
    "document",
    [
        None,
        {"row": [1.0]},
        {"row": [1.0], "deviations": [1.0, 2.0]},
        {"row": [float("nan")], "deviations": [1.0]},
        {"row": ["1"], "deviations": [1.0]},
        {"row": [1.0], "deviations": [-1.0]},
        {"row": "1", "deviations": "1"},
        {"row": [True], "deviations": [1.0]},
        {"row": [1.0], "deviations": [1.0], "code": ""},
    ],
)
def test_refuses_json_that_is_no_typical_event(document: Any) -> None:
    """What is not finite numbers, as many deviations as values, is an error."""
    with pytest.raises(ValueError, match="typical event"):
        Typical.from_json(document)


@pytest.mark.parametrize("width", [1, 4, 8])
def test_all_rows_between_two_are_scored_as_each_is(width: int) -> None:
    """A forest is walked once for all of them, and gives each the score that it has by itself."""
    rng = np.random.default_rng(width)
    matrix = np.round(rng.normal(size=(500, width)), 1)
    compiled = compile_estimator(IsolationForest(random_state=0).fit(matrix), ModelKind.ISOLATION_FOREST, matrix)
    assert compiled.model is not None
    scorer = compiled_scorer(compiled.model)
    assert isinstance(scorer, ForestScorer)
    for row, other in zip(matrix[:50] * 3, matrix[50:100], strict=True):
        other[::3] = row[::3]  # Some columns are alike.
        bits = np.where(row != other, 1 << np.arange(width), 0)
        if not bits.any():
            continue
        sets = np.arange(1 << int(bits.max()).bit_length())
        rows = np.where(sets[:, None] & bits, row, other)
        assert np.allclose(scorer.score(rows), scorer.score_sets(row, other, bits), rtol=0, atol=1e-12)
