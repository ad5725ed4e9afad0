"""An isolation forest as ONNX Runtime's one TreeEnsembleRegressor: what the limit asks, whatever the service itself does.

A leaf weighs its depth, plus the average path length of the training events in it, so that the sum over trees is what
scikit-learn's score is made of (Liu, Ting and Zhou, "Isolation Forest", ICDM 2008). Thresholds are rounded down to single
precision, so that `<=` decides as before.
"""

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper


def depths(forest: Any, width: int) -> Any:
    """Return a session with one thread that gives rows of float32 the sum of their depths in all trees."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("treeids", "nodeids", "modes", "featureids", "values", "truenodeids", "falsenodeids")
    }
    leaves: dict[str, list[Any]] = {"treeids": [], "nodeids": [], "weights": []}
    for number, (estimator, names) in enumerate(zip(forest.estimators_, forest.estimators_features_, strict=True)):
        tree = estimator.tree_
        leaf = tree.children_left < 0
        nodes = np.arange(tree.node_count)
        columns["treeids"] += [number] * tree.node_count
        columns["nodeids"] += nodes.tolist()
        columns["modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        columns["featureids"] += np.where(leaf, 0, np.asarray(names)[np.maximum(tree.feature, 0)]).tolist()
        columns["values"] += np.where(leaf, np.float32(0), _rounded_down(tree.threshold)).tolist()
        columns["truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
        columns["falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
        weights = _depth_of_nodes(tree) + _average_path_length(tree.n_node_samples)
        leaves["treeids"] += [number] * int(leaf.sum())
        leaves["nodeids"] += nodes[leaf].tolist()
        leaves["weights"] += weights[leaf].tolist()
    trees: dict[str, Any] = {f"nodes_{name}": values for name, values in columns.items()}
    trees |= {f"target_{name}": values for name, values in leaves.items()}
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["depths"],
        domain="ai.onnx.ml",
        aggregate_function="SUM",
        n_targets=1,
        target_ids=[0] * len(leaves["weights"]),
        **trees,
    )
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, width])
    sums = helper.make_tensor_value_info("depths", TensorProto.FLOAT, [None, 1])
    graph = helper.make_graph([node], "forest", [rows], [sums])
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def scores(forest: Any, sums: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the scores, higher for what is more anomalous, that sums of depths stand for: (n,) for (n, 1)."""
    average = _average_path_length(np.array([forest.max_samples_]))[0] * len(forest.estimators_)
    return np.asarray(2.0 ** (-sums[:, 0].astype(np.float64) / average))


def _depth_of_nodes(tree: Any) -> NDArray[np.float64]:
    found = np.zeros(tree.node_count)
    for node in np.flatnonzero(tree.children_left >= 0):  # Parents come before their children.
        found[tree.children_left[node]] = found[tree.children_right[node]] = found[node] + 1
    return found


def _average_path_length(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    many = np.maximum(sizes, 3).astype(np.float64)
    lengths = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.select([sizes <= 1, sizes == 2], [0.0, 1.0], lengths)  # noqa: PLR2004


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
