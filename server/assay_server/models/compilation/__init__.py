"""Fitted estimators in, ONNX out: the same scores, in microseconds.

compiled = compile_estimator(estimator, kind, matrix, seed=0)
scorer = compiled_scorer(compiled.model) if compiled.model else EstimatorScorer(estimator, kind)

A compiled model has one input, `features`: double (n, width), and one output, `score`: double (n). Its nodes are of the domains
"" (opset 18) and "ai.onnx.ml" (opset 3), and none has a graph of its own.
"""

from ._compile import Compiled, compile_estimator, latencies
from ._latency import seconds
from ._rows import extreme_rows, possible_scores, random_rows

__all__ = ["Compiled", "compile_estimator", "extreme_rows", "latencies", "possible_scores", "random_rows", "seconds"]
