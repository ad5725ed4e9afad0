"""What scores with a compiled model: a table for a forest, else the general runtime."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._forests import Forest, ForestScorer
from ._scorers import OnnxScorer, Scorer

_TREES = "TreeEnsembleRegressor"
_SUM = ["Clip", "Cast", _TREES, "Cast", "Cast", "Reshape", "Identity"]
_POWER = ["Clip", "Cast", _TREES, "Cast", "Exp", "Cast", "Reshape", "Identity"]


def compiled_scorer(model: bytes) -> Scorer:
    """Return what scores with a model that `compile_estimator` gave, and that is known to be harmless."""
    return _forest_scorer(model) or OnnxScorer(model)


def _forest_scorer(model: bytes) -> ForestScorer | None:
    """Return what scores with a graph that is a forest that compares in single precision, and nothing else."""
    import onnx  # noqa: PLC0415  # Whoever serves no compiled model does without.

    graph = onnx.load_model_from_string(model).graph
    operators = [node.op_type for node in graph.node]
    if operators not in (_SUM, _POWER):
        return None
    attributes = {attribute.name: attribute for attribute in graph.node[operators.index(_TREES)].attribute}
    if not {"nodes_values", "target_weights", "base_values"} <= set(attributes):
        return None  # It compares in double precision.

    def ints(name: str) -> NDArray[np.intp]:
        return np.array(attributes[name].ints, dtype=np.intp)

    trees = ints("nodes_treeids")
    starts = np.flatnonzero(np.diff(trees, prepend=trees[0] - 1))
    offsets = np.repeat(starts, np.diff(starts, append=len(trees)))
    values = np.zeros(len(trees))
    values[starts[ints("target_treeids")] + ints("target_nodeids")] = attributes["target_weights"].floats
    try:
        forest = Forest.of(
            roots=starts,
            left=ints("nodes_truenodeids") + offsets,
            right=ints("nodes_falsenodeids") + offsets,
            leaves=np.array([mode == b"LEAF" for mode in attributes["nodes_modes"].strings]),
            features=ints("nodes_featureids"),
            thresholds=np.array(attributes["nodes_values"].floats, dtype=np.float32),
            values=values,
            width=_width(graph),
        )
    except ValueError:  # It is too large for the table.
        return None
    return ForestScorer(forest, attributes["base_values"].floats[0], power=operators == _POWER)


def _width(graph: Any) -> int:
    return int(graph.input[0].type.tensor_type.shape.dim[1].dim_value)
