"""One-hot encoding of numbers, for skl2onnx: its own rounds them first, and so finds a category in what lies between two."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.preprocessing import OneHotEncoder


def shape_one_hot(operator: Any) -> None:
    """Tell what comes out: a column of double precision for each category.

    Raises:
        ValueError: Categories are left out or put together, or are no numbers.
    """
    encoder: OneHotEncoder = operator.raw_operator
    kinds = {np.asarray(categories).dtype.kind for categories in encoder.categories_}
    if (
        encoder.drop is not None
        or encoder.min_frequency is not None
        or encoder.max_categories is not None
        or kinds - set("bif")
    ):
        raise ValueError("only plain one-hot encoders of numbers")
    width = sum(len(categories) for categories in encoder.categories_)
    operator.outputs[0].type = DoubleTensorType([operator.inputs[0].get_first_dimension(), width])


def convert_one_hot(scope: Any, operator: Any, container: Any) -> None:
    """Compare each column with its categories: the columns are repeated by a product with zeros and ones.

    A sum that has one term that is not zero is exact, as long as all numbers are finite.
    """
    encoder: OneHotEncoder = operator.raw_operator
    sizes = [len(categories) for categories in encoder.categories_]
    repeat = np.repeat(np.eye(len(sizes)), sizes, axis=1)
    constants = {"repeat": repeat, "categories": np.concatenate(encoder.categories_).astype(np.float64)}
    names = {name: scope.get_unique_variable_name(f"one_hot_{name}") for name in (*constants, "joined", "repeated", "equal")}
    for name, value in constants.items():
        container.initializers.append(numpy_helper.from_array(value, names[name]))
    inputs = [value.full_name for value in operator.inputs]
    for node in (
        helper.make_node("Concat", inputs, [names["joined"]], axis=1),
        helper.make_node("MatMul", [names["joined"], names["repeat"]], [names["repeated"]]),
        helper.make_node("Equal", [names["repeated"], names["categories"]], [names["equal"]]),
        helper.make_node("Cast", [names["equal"]], [operator.outputs[0].full_name], to=TensorProto.DOUBLE),
    ):
        node.name = scope.get_unique_operator_name(node.op_type)
        container.nodes.append(node)
