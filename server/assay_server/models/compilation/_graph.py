"""Putting an ONNX graph together node by node."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from assay_server.models.scoring import LARGEST

ML = "ai.onnx.ml"
OPSET, ML_OPSET, IR_VERSION = 18, 3, 9
INPUT, CLIPPED, OUTPUT = "features", "clipped", "score"


class Graph:
    """A graph with one input, `features`, that grows from what it is clipped to towards one output, `score`.

    Values are known by name: each method that adds some returns the name of what comes out of it.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        bounds = self.constant(-LARGEST), self.constant(LARGEST)
        self._nodes.append(helper.make_node("Clip", [INPUT, *bounds], [CLIPPED]))

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node of one output."""
        output = f"assay_{len(self._nodes)}_{operator}"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output

    def constant(self, value: Any, dtype: type[np.generic] = np.float64) -> str:
        """Add a constant, double unless told."""
        name = f"assay_constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def as_double(self, value: str) -> str:
        """Add a cast to double precision."""
        return self.add("Cast", value, to=TensorProto.DOUBLE)

    def as_single(self, value: str) -> str:
        """Add a cast to single precision."""
        return self.add("Cast", value, to=TensorProto.FLOAT)

    def include(self, model: onnx.ModelProto) -> None:
        """Add what a converter made of an input `clipped`; its outputs keep their names."""
        self._nodes.extend(model.graph.node)
        self._constants.extend(model.graph.initializer)

    def build(self, score: str, width: int) -> onnx.ModelProto:
        """Return the model whose output is the value `score`, and that has nothing else.

        Args:
            score: A value of n elements, of any shape and precision.
            width: How many features there are.
        """
        flat = self.add("Reshape", self.as_double(score), self.constant([-1], np.int64))
        self._nodes.append(helper.make_node("Identity", [flat], [OUTPUT]))
        nodes, needed = [], {OUTPUT}
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                nodes.append(node)
                needed.update(node.input)
        graph = helper.make_graph(
            nodes[::-1],
            "assay",
            [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, [None, width])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, [None])],
            [constant for constant in self._constants if constant.name in needed],
        )
        imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        return helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION, producer_name="assay")
