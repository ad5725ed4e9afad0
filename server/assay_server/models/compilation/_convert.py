"""A fitted estimator or pipeline as an ONNX model: by hand where there is a way, else by skl2onnx."""

from typing import Any

import numpy as np
import onnx
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from assay_server.models.scoring import ModelKind

from ._estimators import BY_HAND
from ._graph import CLIPPED, OPSET, Graph
from ._one_hot import convert_one_hot, shape_one_hot

_SCORE_SAMPLES = (BayesianGaussianMixture, GaussianMixture, LocalOutlierFactor)
"""The detectors whose `score_samples` skl2onnx gives if asked."""


def converted(estimator: Any, kind: ModelKind, width: int) -> onnx.ModelProto:
    """Return the model that gives an estimator's scores, as `raw_scores` does.

    Raises:
        Exception: Of any kind that skl2onnx raises for what it cannot convert.
    """
    steps, last = _unfolded(estimator)
    emit = BY_HAND.get(type(last))
    if emit is not None:
        graph, matrix = Graph(), CLIPPED
        if steps:
            prepared = _to_onnx(_joined(steps), width)
            graph.include(prepared)
            matrix = prepared.graph.output[0].name
        score = emit(graph, matrix, last)
        if score is not None:
            return graph.build(score, width)
    whole = _joined([*steps, last])
    graph = Graph()
    if kind is ModelKind.CLASSIFIER:
        graph.include(_to_onnx(whole, width, {"zipmap": False}, last))
        return graph.build(graph.add("Gather", "probabilities", graph.constant([1], np.int64), axis=1), width)
    if isinstance(last, _SCORE_SAMPLES):
        graph.include(_to_onnx(whole, width, {"score_samples": True}, last))
        return graph.build(graph.add("Neg", "score_samples"), width)
    graph.include(_to_onnx(whole, width))
    shifted = graph.add("Neg", graph.as_double("scores"))
    if hasattr(last, "score_samples"):  # decision_function is score_samples less an offset.
        shifted = graph.add("Sub", shifted, graph.constant(last.offset_))
    return graph.build(shifted, width)


def _unfolded(estimator: Any) -> tuple[list[Any], Any]:
    """Return the steps of a pipeline, pipelines within it unfolded, and its last; none and itself for what is no pipeline."""
    if not isinstance(estimator, Pipeline):
        return [], estimator
    steps: list[Any] = []
    for step in (step for _, step in estimator.steps if step is not None and step != "passthrough"):
        before, last = _unfolded(step)
        steps += [*before, last]
    return steps[:-1], steps[-1]


def _joined(steps: list[Any]) -> Any:
    return steps[0] if len(steps) == 1 else Pipeline([(f"step{number}", step) for number, step in enumerate(steps)])


def _to_onnx(estimator: Any, width: int, options: dict[str, Any] | None = None, of: Any = None) -> onnx.ModelProto:
    model: onnx.ModelProto = convert_sklearn(
        estimator,
        initial_types=[(CLIPPED, DoubleTensorType([None, width]))],
        options={id(of): options} if options else None,
        target_opset=OPSET,
        custom_conversion_functions={OneHotEncoder: convert_one_hot},
        custom_shape_calculators={OneHotEncoder: shape_one_hot},
    )
    return model
