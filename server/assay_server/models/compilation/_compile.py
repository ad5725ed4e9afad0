"""Whether an estimator compiles: faithfully on every row that training saw and on hard ones, and to something faster."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from assay_server.models.features import Floats
from assay_server.models.scoring import (
    TOLERANCE,
    EstimatorScorer,
    ModelKind,
    OnnxScorer,
    Scorer,
    compiled_scorer,
    difference,
    raw_scores,
)

from ._convert import converted
from ._latency import seconds
from ._rows import extreme_rows, possible_scores, random_rows

_CHUNK, _MANY = 10_000, 1_000
_SUBGRAPHS = {"If", "Loop", "Scan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What came of compiling an estimator."""

    model: bytes | None
    """ONNX as `compiled_scorer` takes it; None if the estimator itself must serve."""

    reason: str = ""
    """Why there is none."""

    difference: float | None = None
    """The largest difference from the estimator's scores that was seen; None if there was nothing to compare."""

    latency: dict[str, float] | None = None
    """Seconds for 1 and for 1,000 rows: `estimator_1`, `compiled_1`, `estimator_1000`, `compiled_1000`."""


def compile_estimator(
    estimator: Any, kind: ModelKind, matrix: Floats, *, scores: Floats | None = None, seed: int = 0
) -> Compiled:
    """Compile a fitted estimator, and try what came of it.

    Args:
        estimator: Fitted on `matrix`.
        kind: What it is.
        matrix: Every row that training saw; (n, width), at least one.
        scores: What `raw_scores` gives for them, if that is known.
        seed: For the random rows.
    """
    try:
        proto = converted(estimator, kind, matrix.shape[1])
        if any(node.op_type in _SUBGRAPHS for node in proto.graph.node):
            return Compiled(model=None, reason="its ONNX form has loops")
        model = proto.SerializeToString()
        scorer = compiled_scorer(model)
    except Exception as error:  # noqa: BLE001  # Converters raise whatever they meet; the estimator itself serves then.
        return Compiled(model=None, reason=f"it does not convert: {type(error).__name__}")
    try:
        largest = _largest_difference(estimator, kind, scorer, matrix, scores, seed)
        if not isinstance(scorer, OnnxScorer):  # Whoever tries the model asks the general runtime.
            largest = max(largest, _largest_difference(estimator, kind, OnnxScorer(model), matrix[:_MANY], None, seed))
    except Exception as error:  # noqa: BLE001  # What a runtime raises for what it cannot run is its own, too.
        return Compiled(model=None, reason=f"its ONNX form does not run: {type(error).__name__}")
    if largest > TOLERANCE:
        return Compiled(model=None, reason=f"its ONNX form differs by {largest:.2g}", difference=largest)
    latency = latencies(estimator, kind, scorer, matrix)
    slower = [rows for rows in (1, _MANY) if latency[f"compiled_{rows}"] > latency[f"estimator_{rows}"]]
    if slower:
        reason = f"its ONNX form is slower for {' and '.join(f'{rows:,}' for rows in slower)} rows"
        return Compiled(model=None, reason=reason, difference=largest, latency=latency)
    return Compiled(model=model, difference=largest, latency=latency)


def latencies(estimator: Any, kind: ModelKind, scorer: Scorer, matrix: Floats) -> dict[str, float]:
    """Return the seconds that 1 and 1,000 rows take, with an estimator itself and with another scorer."""
    rows = np.resize(matrix, (_MANY, matrix.shape[1]))
    return {
        f"{name}_{size}": seconds(score, rows[:size])
        for size in (1, _MANY)
        for name, score in (("estimator", EstimatorScorer(estimator, kind).score), ("compiled", scorer.score))
    }


def _largest_difference(
    estimator: Any, kind: ModelKind, scorer: Scorer, matrix: Floats, scores: Floats | None, seed: int
) -> float:
    found = [0.0]
    for start in range(0, len(matrix), _CHUNK):
        part = matrix[start : start + _CHUNK]
        expected = raw_scores(estimator, kind, part) if scores is None else scores[start : start + _CHUNK]
        found.append(difference(expected, scorer.score(part)))
    rng = np.random.default_rng(seed)
    for rows in (random_rows(matrix, rng), extreme_rows(matrix, rng)):
        expected, actual = possible_scores(estimator, kind, rows), scorer.score(rows)
        refused = np.isnan(expected)  # There any number is as good, but it must be one.
        found.append(difference(np.where(refused, 0.0, expected), np.where(refused, actual * 0.0, actual)))
    return max(found)
