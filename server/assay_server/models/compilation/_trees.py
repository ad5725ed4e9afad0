"""Many trees as one node: TreeEnsembleRegressor, which sums up the leaves that a row reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from assay_server.models.features import Floats

from ._graph import ML, Graph

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tree:
    """A binary tree as columns, an element a node, the root first; a row goes left where its value is at most the threshold."""

    left: Ints
    """Where the left child is; negative in a leaf."""

    right: Ints
    feature: Ints
    threshold: Floats
    value: Floats
    """What a leaf adds to the sum."""


def tree_sum(graph: Graph, matrix: str, trees: Sequence[Tree], *, double: bool = False) -> str:
    """Add the sum over trees of the leaves' values; double (n, 1).

    The node adds up in single precision. What each tree gives on average is therefore taken out, and added once in the end: so
    what is added up stays small, and so does the error.

    Args:
        graph: The graph to add to.
        matrix: The features, of any precision.
        trees: At least one.
        double: Compare in double precision. If not, features are rounded to single precision as scikit-learn does, and
            thresholds downwards: `x <= t` is then the same for every single precision x.
    """
    leaves = [tree.left < 0 for tree in trees]
    means = [float(tree.value[leaf].mean()) for tree, leaf in zip(trees, leaves, strict=True)]
    thresholds = np.concatenate([np.where(leaf, 0.0, tree.threshold) for tree, leaf in zip(trees, leaves, strict=True)])
    weights = np.concatenate([tree.value[leaf] - mean for tree, leaf, mean in zip(trees, leaves, means, strict=True)])
    attributes: dict[str, Any] = {
        "aggregate_function": "SUM",
        "n_targets": 1,
        "nodes_treeids": np.repeat(np.arange(len(trees)), [len(leaf) for leaf in leaves]).tolist(),
        "nodes_nodeids": np.concatenate([np.arange(len(leaf)) for leaf in leaves]).tolist(),
        "nodes_modes": np.where(np.concatenate(leaves), "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_featureids": _inner(leaves, [tree.feature for tree in trees]),
        "nodes_truenodeids": _inner(leaves, [tree.left for tree in trees]),
        "nodes_falsenodeids": _inner(leaves, [tree.right for tree in trees]),
        "target_treeids": np.repeat(np.arange(len(trees)), [int(leaf.sum()) for leaf in leaves]).tolist(),
        "target_nodeids": np.concatenate([np.flatnonzero(leaf) for leaf in leaves]).tolist(),
        "target_ids": [0] * len(weights),
    }
    if double:
        attributes["nodes_values_as_tensor"] = _doubles("thresholds", thresholds)
        attributes["target_weights_as_tensor"] = _doubles("weights", weights)
        attributes["base_values_as_tensor"] = _doubles("base", np.array([sum(means)]))
        features = graph.as_double(matrix)
    else:
        attributes["nodes_values"] = _rounded_down(thresholds).tolist()
        attributes["target_weights"] = weights.tolist()
        attributes["base_values"] = [sum(means)]
        features = graph.as_single(matrix)
    return graph.as_double(graph.add("TreeEnsembleRegressor", features, domain=ML, **attributes))


def _inner(leaves: Sequence[NDArray[np.bool_]], columns: Sequence[Ints]) -> list[int]:
    """Return a column of all trees' nodes, 0 in leaves."""
    found: list[int] = np.where(np.concatenate(leaves), 0, np.concatenate(columns)).tolist()
    return found


def _rounded_down(thresholds: Floats) -> NDArray[np.float32]:
    """Return the largest numbers of single precision that are not greater."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def _doubles(name: str, values: Floats) -> TensorProto:
    return helper.make_tensor(name, TensorProto.DOUBLE, values.shape, values)
