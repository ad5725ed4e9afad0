"""What estimators compile to."""

from typing import Any

import numpy as np
import onnx
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler
from sklearn.svm import OneClassSVM

from assay_server.models import LARGEST, TOLERANCE, Floats, ModelKind, OnnxScorer, difference, raw_scores
from assay_server.models.compilation import Compiled, compile_estimator, extreme_rows, possible_scores, random_rows

RNG = np.random.default_rng(3)
MATRIX = np.column_stack([RNG.normal(size=500), RNG.exponential(size=500) * 1e6, RNG.integers(0, 5, 500), RNG.random(500)])


def scorer_of(compiled: Compiled) -> OnnxScorer:
    assert compiled.model is not None, compiled.reason
    return OnnxScorer(compiled.model)


@pytest.fixture
def quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have compiled forms pass for quicker: for those that are so by a little, a busy machine may measure otherwise."""
    latency = {"estimator_1": 2.0, "compiled_1": 1.0, "estimator_1000": 2.0, "compiled_1000": 1.0}
    monkeypatch.setattr("assay_server.models.compilation._compile.latencies", lambda *_: latency)


def agrees(estimator: Any, kind: ModelKind, matrix: Floats, *others: Floats) -> None:
    """Check that an estimator compiles, and gives the same scores to what it was fitted on and to everything else."""
    scorer = scorer_of(compile_estimator(estimator, kind, matrix))
    rng = np.random.default_rng(4)
    for rows in (matrix, random_rows(matrix, rng), extreme_rows(matrix, rng), *others):
        assert difference(raw_scores(estimator, kind, rows), scorer.score(rows)) <= TOLERANCE


def thresholds(forest: Any, width: int) -> Floats:
    """Return rows of which each has values exactly on thresholds, and as near as numbers get on both sides."""
    found = [[np.zeros(1)] for _ in range(width)]
    for tree, columns in zip(forest.estimators_, forest.estimators_features_, strict=True):
        inner = tree.tree_.feature >= 0
        for place, value in zip(columns[tree.tree_.feature[inner]], tree.tree_.threshold[inner], strict=True):
            single = np.float32(value)
            near = [value, single, np.nextafter(single, np.float32(np.inf)), np.nextafter(single, np.float32(-np.inf))]
            found[place].append(np.array([*near, np.nextafter(value, np.inf), np.nextafter(value, -np.inf)], dtype=np.float64))
    return np.column_stack([np.resize(np.concatenate(parts), 3_000) for parts in found])


@pytest.mark.parametrize(
    "options",
    [{}, {"max_features": 0.5}, {"bootstrap": True}, {"max_samples": 20}, {"n_estimators": 300}, {"max_samples": 1.0}],
)
def test_a_forest_decides_as_scikit_learn_does(options: dict[str, Any]) -> None:
    """Also on values exactly on thresholds and next to them; on subsets of features, and with few events or many trees."""
    forest = IsolationForest(random_state=0, **options).fit(MATRIX)
    agrees(forest, ModelKind.ISOLATION_FOREST, MATRIX, thresholds(forest, 4))


def test_a_forest_is_one_node() -> None:
    """All trees are in one TreeEnsembleRegressor: that is what makes it fast."""
    compiled = compile_estimator(IsolationForest(random_state=0).fit(MATRIX), ModelKind.ISOLATION_FOREST, MATRIX)
    assert compiled.model is not None
    operators = [node.op_type for node in onnx.load_from_string(compiled.model).graph.node]
    assert operators.count("TreeEnsembleRegressor") == 1
    assert len(operators) <= 10


def test_a_forest_is_many_times_faster() -> None:
    """One row takes less than a hundredth of the time, and a thousand less than half of it."""
    compiled = compile_estimator(IsolationForest(random_state=0).fit(MATRIX), ModelKind.ISOLATION_FOREST, MATRIX)
    assert compiled.latency is not None
    assert compiled.latency["compiled_1"] < compiled.latency["estimator_1"] / 100
    assert compiled.latency["compiled_1000"] < compiled.latency["estimator_1000"] / 2


@pytest.mark.parametrize(("seconds", "said"), [((2, 3, 3, 2), "1"), ((3, 2, 2, 3), "1,000"), ((2, 3, 2, 3), "1 and 1,000")])
def test_a_form_that_is_slower_is_not_used(monkeypatch: pytest.MonkeyPatch, seconds: tuple[float, ...], said: str) -> None:
    """For one row, for a thousand, or for both; it is said for which, and what was measured."""
    names = ("estimator_1", "compiled_1", "estimator_1000", "compiled_1000")
    latency = dict(zip(names, seconds, strict=True))
    monkeypatch.setattr("assay_server.models.compilation._compile.latencies", lambda *_: latency)

    compiled = compile_estimator(IsolationForest(random_state=0).fit(MATRIX), ModelKind.ISOLATION_FOREST, MATRIX)

    assert compiled.model is None
    assert compiled.reason == f"its ONNX form is slower for {said} rows"
    assert compiled.latency == latency


def test_a_forest_of_what_is_all_the_same_compiles() -> None:
    """Where no event differs, trees have no branches, and all scores are the same."""
    matrix = np.ones((100, 3))
    agrees(IsolationForest(random_state=0).fit(matrix), ModelKind.ISOLATION_FOREST, matrix)


def test_a_forest_of_trees_of_one_event_compiles() -> None:
    """A tree of one event knows nothing, and its score is a half."""
    forest = IsolationForest(max_samples=1, random_state=0).fit(MATRIX)
    agrees(forest, ModelKind.ISOLATION_FOREST, MATRIX)


def test_a_forest_learns_from_numbers_of_any_size() -> None:
    """Training events may be as large as numbers get; beyond single precision they count as its largest."""
    matrix = np.concatenate([MATRIX, np.full((5, 4), 1e300), np.full((5, 4), -LARGEST), MATRIX[:20] * 1e30])
    forest = IsolationForest(max_samples=1.0, random_state=0).fit(np.clip(matrix, -LARGEST, LARGEST))
    agrees(forest, ModelKind.ISOLATION_FOREST, matrix)


PREPARED = {
    "standard scaler": StandardScaler,
    "min-max scaler": MinMaxScaler,
    "robust scaler": RobustScaler,
    "columns": lambda: ColumnTransformer(
        [
            ("scaled", StandardScaler(), [0, 1]),
            ("category", OneHotEncoder(handle_unknown="ignore"), [2]),
            ("same", "passthrough", [3]),
        ]
    ),
    "strict columns": lambda: ColumnTransformer([("category", OneHotEncoder(), [2])], remainder="passthrough"),
    "nested": lambda: make_pipeline("passthrough", MinMaxScaler(), StandardScaler()),
}


@pytest.mark.usefixtures("quicker")
@pytest.mark.parametrize("prepare", PREPARED.values(), ids=PREPARED)
def test_a_pipeline_around_a_forest_compiles(prepare: Any) -> None:
    """Scalers, one-hot encoders, column transformers and pipelines in pipelines are part of what is compiled."""
    rows = MATRIX[:100].copy()
    rows[:, 2] = np.resize([17, 2.5], 100)  # Categories that training did not see.
    pipeline = Pipeline([("prepare", prepare()), ("model", make_pipeline(IsolationForest(random_state=0)))]).fit(MATRIX)
    model = compile_estimator(pipeline, ModelKind.ESTIMATOR, MATRIX)
    assert model.model is not None, model.reason
    expected = possible_scores(pipeline, ModelKind.ESTIMATOR, rows)
    actual = OnnxScorer(model.model).score(rows)
    assert np.isfinite(actual).all()
    assert difference(expected[np.isfinite(expected)], actual[np.isfinite(expected)]) <= TOLERANCE
    nodes = onnx.load_from_string(model.model).graph.node
    assert [node.op_type for node in nodes].count("TreeEnsembleRegressor") == 1


@pytest.mark.usefixtures("quicker")
@pytest.mark.parametrize("estimator", [RandomForestClassifier, ExtraTreesClassifier, HistGradientBoostingClassifier])
@pytest.mark.parametrize("scaled", [False, True])
def test_tree_classifiers_decide_as_scikit_learn_does(estimator: Any, *, scaled: bool) -> None:
    """Also on values that are tenths, which neither precision holds exactly, and with a scaler before."""
    matrix = np.random.default_rng(0).integers(-30, 30, size=(400, 3)) / 10
    labels = matrix.sum(axis=1) + np.random.default_rng(1).normal(size=400) > 0
    model = estimator(random_state=0)
    model = (make_pipeline(StandardScaler(), model) if scaled else model).fit(matrix, labels)
    agrees(model, ModelKind.CLASSIFIER, matrix, np.random.default_rng(2).integers(-60, 60, size=(2_000, 3)) / 20)


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_support_vectors_far_from_zero_lose_nothing(kernel: str) -> None:
    """Events that lie close together but far from zero are told apart as scikit-learn does, or there is no compiled form."""
    matrix = 1e4 + np.random.default_rng(0).normal(size=(300, 3))
    machine = OneClassSVM(kernel=kernel, nu=0.1).fit(matrix)
    compiled = compile_estimator(machine, ModelKind.ESTIMATOR, matrix)
    if kernel == "rbf":
        assert compiled.difference is not None
        assert compiled.difference <= TOLERANCE
    else:
        assert compiled.model is None


def test_what_does_not_convert_serves_itself() -> None:
    """An estimator with a part that no converter knows is left as it is, with the reason."""
    pipeline = make_pipeline(FunctionTransformer(np.abs), IsolationForest(random_state=0)).fit(MATRIX)
    compiled = compile_estimator(pipeline, ModelKind.ESTIMATOR, MATRIX)
    assert compiled.model is None
    assert compiled.reason


def test_what_would_score_otherwise_serves_itself() -> None:
    """An estimator whose compiled form gives other scores is left as it is: what is served is what was trained."""

    class Doubled(IsolationForest):  # type: ignore[misc]
        """Scores that the converter of its base knows nothing of."""

        def score_samples(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's name.
            scores: Floats = 2 * super().score_samples(X)
            return scores

    compiled = compile_estimator(Doubled(random_state=0).fit(MATRIX), ModelKind.ESTIMATOR, MATRIX)
    assert compiled.model is None
    assert compiled.reason


def test_a_compiled_model_says_what_it_takes() -> None:
    """One input of doubles, one output of doubles, no function, no graph within, nothing outside the file."""
    model = compile_estimator(IsolationForest(random_state=0).fit(MATRIX), ModelKind.ISOLATION_FOREST, MATRIX).model
    assert model is not None
    proto = onnx.load_from_string(model)
    assert [value.name for value in proto.graph.input] == ["features"]
    assert [value.name for value in proto.graph.output] == ["score"]
    assert {(one.domain, one.version) for one in proto.opset_import} == {("", 18), ("ai.onnx.ml", 3)}
    assert not proto.functions
    assert all(tensor.data_location == onnx.TensorProto.DEFAULT for tensor in proto.graph.initializer)
