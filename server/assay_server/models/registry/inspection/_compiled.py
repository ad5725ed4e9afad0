"""Whether a compiled model that anyone may have made holds nothing but arithmetic and trees, within bounds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from assay_server.models.registry._errors import ModelRefusedError

from ._trees import check_steps, check_tree

_ML = "ai.onnx.ml"
_TREES = "TreeEnsembleRegressor"
_OPERATORS = {
    "": frozenset(
        {
            *("Abs", "Add", "And", "Cast", "Clip", "Concat", "Div", "Equal", "Exp", "Flatten", "Gather", "Gemm", "Greater"),
            *("GreaterOrEqual", "Identity", "IsNaN", "Less", "LessOrEqual", "Log", "MatMul", "Max", "Min", "Mul", "Neg", "Not"),
            *("Or", "Pow", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceSum", "ReduceSumSquare", "Reshape", "Shape"),
            *("Sigmoid", "Sign", "Softmax", "Sqrt", "Squeeze", "Sub", "Sum", "Transpose", "Unsqueeze", "Where"),
        }
    ),
    _ML: frozenset({"ArrayFeatureExtractor", "Imputer", "OneHotEncoder", "Scaler", _TREES}),
}
"""What it may compute with: each takes no more memory than its inputs and constants call for, and none has a graph in it."""

_GRAPHS = {AttributeProto.GRAPH, AttributeProto.GRAPHS, AttributeProto.SPARSE_TENSOR, AttributeProto.SPARSE_TENSORS}
_MOST_NODES = 10_000


def check_compiled(data: bytes, width: int) -> None:
    """Check a model in ONNX's format.

    Args:
        data: The file.
        width: How many columns its input has.

    Raises:
        ModelRefusedError: If it is none, or has anything in it that is not known to be harmless.
    """
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # noqa: BLE001  # Of the parser's own kinds.
        raise ModelRefusedError(f"model.onnx is no model: {str(error)[:200]}") from None
    if model.functions or model.training_info or model.graph.sparse_initializer or model.graph.quantization_annotation:
        raise ModelRefusedError("model.onnx has more than a graph and constants")
    if unknown := {imported.domain for imported in model.opset_import} - set(_OPERATORS):
        raise ModelRefusedError(f"model.onnx uses operators of {min(unknown)[:50]!r}")
    _check_ends(model.graph, width)
    if len(model.graph.node) > _MOST_NODES:
        raise ModelRefusedError("model.onnx has too many operators")
    for tensor in model.graph.initializer:
        _check_tensor(tensor)
    for node in model.graph.node:
        _check_node(node)
    _check_forests(model)


def _check_ends(graph: GraphProto, width: int) -> None:
    def shape(value: Any) -> tuple[int, ...]:
        return tuple(dimension.dim_value for dimension in value.type.tensor_type.shape.dim)

    ends = [
        (value.name, value.type.tensor_type.elem_type, shape(value))
        for values in (graph.input, graph.output)
        for value in values
    ]
    if ends != [("features", TensorProto.DOUBLE, (0, width)), ("score", TensorProto.DOUBLE, (0,))]:
        raise ModelRefusedError(f"model.onnx does not take {width} features, and give a score")


def _check_tensor(tensor: TensorProto) -> None:
    if tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
        raise ModelRefusedError("model.onnx takes data from another file")


def _check_node(node: NodeProto) -> None:
    if node.op_type not in _OPERATORS.get(node.domain, ()):
        raise ModelRefusedError(f"model.onnx uses {node.domain or 'ai.onnx'}.{node.op_type}"[:150] + ", which is not allowed")
    for attribute in node.attribute:
        if attribute.type in _GRAPHS or attribute.HasField("g") or attribute.graphs:
            raise ModelRefusedError(f"model.onnx has a graph within {node.op_type}")
        for tensor in (attribute.t, *attribute.tensors):
            _check_tensor(tensor)


def _check_forests(model: ModelProto) -> None:
    forests = [node for node in model.graph.node if node.op_type == _TREES]
    if not forests:
        return
    try:
        inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    except (onnx.shape_inference.InferenceError, ValueError, RuntimeError) as error:
        raise ModelRefusedError(f"model.onnx contradicts itself: {str(error).splitlines()[0][:200]}") from None
    widths = {
        value.name: value.type.tensor_type.shape.dim[-1].dim_value for value in inferred if value.type.tensor_type.shape.dim
    }
    # A width that is not known is left to the runtime, which refuses a column that is not there.
    check_steps(sum(_check_forest(node, widths.get(node.input[0], 0) or 2**31) for node in forests))


def _check_forest(node: NodeProto, width: int) -> int:
    """Return how many comparisons a row costs at most."""
    attributes = {attribute.name: attribute for attribute in node.attribute}
    if len(attributes) < len(node.attribute):
        raise ModelRefusedError("model.onnx says twice what a forest is")

    def ints(name: str) -> NDArray[np.int64]:
        return np.array(attributes[name].ints if name in attributes else (), dtype=np.int64)

    trees, nodes, modes = ints("nodes_treeids"), ints("nodes_nodeids"), attributes["nodes_modes"].strings
    columns = [ints(f"nodes_{name}") for name in ("truenodeids", "falsenodeids", "featureids")]
    if len({len(trees), len(nodes), len(modes), *map(len, columns)}) > 1 or not len(trees):
        raise ModelRefusedError("model.onnx has a forest whose columns differ in length")
    if odd := set(modes) - {b"LEAF", b"BRANCH_LEQ", b"BRANCH_LT"}:
        raise ModelRefusedError(f"model.onnx has a forest with nodes of the mode {min(odd)[:50]!r}")
    starts = np.flatnonzero(np.diff(trees, prepend=trees[0] - 1))
    sizes = np.diff(starts, append=len(trees))
    if (nodes != np.arange(len(trees)) - np.repeat(starts, sizes)).any() or len(np.unique(trees[starts])) < len(starts):
        raise ModelRefusedError("model.onnx has a forest whose nodes are not in order")
    leaves = np.array([mode == b"LEAF" for mode in modes])
    _check_targets(attributes, (ints("target_treeids"), ints("target_nodeids"), ints("target_ids")), trees, starts, leaves)
    steps = 0
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        left, right, features = (column[start : start + size] for column in columns)
        steps += check_tree(left, right, features, leaves[start : start + size], width)
    return steps


def _check_targets(
    attributes: dict[str, AttributeProto],
    targets: Sequence[NDArray[np.int64]],
    trees: NDArray[np.int64],
    starts: NDArray[np.intp],
    leaves: NDArray[np.bool_],
) -> None:
    """Check that each leaf, and nothing else, has one weight."""
    of_trees, of_nodes, numbers = targets
    if "n_targets" not in attributes or attributes["n_targets"].i != 1 or numbers.any():
        raise ModelRefusedError("model.onnx has a forest with other than one result")
    if not len(of_trees) == len(of_nodes) == len(numbers) == leaves.sum():
        raise ModelRefusedError("model.onnx has a forest with other weights than leaves")
    places = {int(tree): int(start) for tree, start in zip(trees[starts], starts, strict=True)}
    weighted = np.array([places.get(tree, -len(trees)) for tree in of_trees.tolist()]) + of_nodes
    if not np.array_equal(np.sort(weighted), np.flatnonzero(leaves)):
        raise ModelRefusedError("model.onnx has a forest with weights that are not its leaves'")
