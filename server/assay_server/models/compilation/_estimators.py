"""Estimators whose graphs are made by hand: what a converter does not know, does slowly, or in single precision only."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.linear_model import SGDOneClassSVM
from sklearn.svm import OneClassSVM

from assay_server.models.features import Floats

from ._graph import Graph
from ._trees import Ints, Tree, tree_sum

Emit = Callable[[Graph, str, Any], str | None]
"""Adds the score of an estimator to a graph that has its features, or does nothing and returns None for one it cannot."""


def _isolation_forest(graph: Graph, matrix: str, forest: IsolationForest) -> str:
    """Add 2 ** (-mean depth / c(max_samples)), the score of Liu, Ting and Zhou, "Isolation Forest", ICDM 2008.

    A leaf's value is its depth, plus c(n) for the n training events in it, times what makes a power of e of the sum.
    """
    average = _average_path_length(np.array([forest.max_samples_]))[0]
    scale = -np.log(2) / (len(forest.estimators_) * average) if average else 0.0
    trees = []
    for estimator, columns in zip(forest.estimators_, forest.estimators_features_, strict=True):
        tree = estimator.tree_
        depth = _depths(tree.children_left, tree.children_right) + _average_path_length(tree.n_node_samples)
        feature = np.asarray(columns)[np.maximum(tree.feature, 0)]
        trees.append(Tree(tree.children_left, tree.children_right, feature, tree.threshold, depth * scale))
    total = tree_sum(graph, matrix, trees)
    if not average:  # A forest of single events: scikit-learn gives 2 ** -1 to all.
        total = graph.add("Add", total, graph.constant(-np.log(2)))
    return graph.add("Exp", total)


def _average_path_length(sizes: Ints) -> Floats:
    """Return c(n), the average depth of an unsuccessful search in a binary search tree of n nodes: float64, as `sizes`."""
    many = np.maximum(sizes, 3).astype(np.float64)
    lengths = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    return np.where(sizes <= 1, 0.0, np.where(sizes == 2, 1.0, lengths))  # noqa: PLR2004  # The search ends at one of two.


def _depths(left: Ints, right: Ints) -> Floats:
    """Return how many branches lie above each node: float64; parents come before their children."""
    depths = np.zeros(len(left))
    for node in np.flatnonzero(left >= 0):
        depths[left[node]] = depths[right[node]] = depths[node] + 1
    return depths


def _forest_classifier(graph: Graph, matrix: str, forest: RandomForestClassifier) -> str:
    """Add the mean over trees of the share of the label true in the leaf."""
    trees = []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        counts = tree.value[:, 0, :]
        share = counts[:, -1] / counts.sum(axis=1) / len(forest.estimators_)
        trees.append(Tree(tree.children_left, tree.children_right, tree.feature, tree.threshold, share))
    return tree_sum(graph, matrix, trees)


def _gradient_boosting(graph: Graph, matrix: str, boosting: HistGradientBoostingClassifier) -> str | None:
    """Add the logistic function of the baseline and the trees' sum. Thresholds are doubles between two doubles."""
    trees = []
    for (predictor,) in boosting._predictors:  # noqa: SLF001  # Its trees are nowhere else.
        nodes = predictor.nodes
        if nodes["is_categorical"].any():
            return None
        leaf = nodes["is_leaf"].astype(bool)
        left, right = (np.where(leaf, -1, nodes[side].astype(np.intp)) for side in ("left", "right"))
        trees.append(Tree(left, right, nodes["feature_idx"].astype(np.intp), nodes["num_threshold"], nodes["value"]))
    total = tree_sum(graph, matrix, trees, double=True)
    baseline = float(np.squeeze(boosting._baseline_prediction))  # noqa: SLF001  # The same.
    return graph.add("Sigmoid", graph.add("Add", total, graph.constant(baseline)))


def _elliptic_envelope(graph: Graph, matrix: str, envelope: EllipticEnvelope) -> str:
    """Add the squared Mahalanobis distance from the robust centre."""
    off = graph.add("Sub", graph.as_double(matrix), graph.constant(envelope.location_))
    along = graph.add("MatMul", off, graph.constant(envelope.get_precision()))
    return graph.add("ReduceSum", graph.add("Mul", along, off), graph.constant([1], np.int64))


def _one_class_svm(graph: Graph, matrix: str, machine: OneClassSVM) -> str | None:
    """Add the negative of the kernel's sum over the support vectors, in double precision; radial basis functions only.

    Distances come from |x|² + |s|² - 2 x·s, which loses little where x and s lie around 0: so both are moved there.
    """
    if machine.kernel != "rbf":
        return None
    vectors = np.asarray(machine.support_vectors_)
    centre = vectors.mean(axis=0)
    vectors = vectors - centre
    gamma = machine._gamma  # noqa: SLF001  # What "scale" and "auto" came to.
    off = graph.add("Sub", graph.as_double(matrix), graph.constant(centre))
    length = graph.add("ReduceSumSquare", off, graph.constant([1], np.int64))
    products = graph.add("MatMul", off, graph.constant(2.0 * gamma * vectors.T))
    negative = graph.add("Sub", products, graph.constant(gamma * (vectors**2).sum(axis=1)))
    exponents = graph.add("Sub", negative, graph.add("Mul", length, graph.constant(gamma)))
    return graph.add("MatMul", graph.add("Exp", exponents), graph.constant(-np.asarray(machine.dual_coef_).T))


def _linear_one_class(graph: Graph, matrix: str, machine: SGDOneClassSVM) -> str:
    """Add the negative of the distance from the origin's side. A product and a sum take a fraction of a product of matrices."""
    product = graph.add("Mul", graph.as_double(matrix), graph.constant(-np.ravel(machine.coef_)))
    return graph.add("ReduceSum", product, graph.constant([1], np.int64))


BY_HAND: Mapping[type, Emit] = {
    EllipticEnvelope: _elliptic_envelope,
    ExtraTreesClassifier: _forest_classifier,
    HistGradientBoostingClassifier: _gradient_boosting,
    IsolationForest: _isolation_forest,
    OneClassSVM: _one_class_svm,
    RandomForestClassifier: _forest_classifier,
    SGDOneClassSVM: _linear_one_class,
}
