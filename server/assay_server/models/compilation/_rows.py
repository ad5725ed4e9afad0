"""Rows that training did not see, for trying out models."""

from contextlib import suppress
from typing import Any

import numpy as np

from assay_server.models.features import Floats
from assay_server.models.scoring import LARGEST, ModelKind, raw_scores

_RANDOM, _ALONE = 1_000, 100


def random_rows(matrix: Floats, rng: np.random.Generator) -> Floats:
    """Return rows that training did not see: uniform over its range and half as much beyond, and its values mixed anew."""
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    margin = np.minimum((high / 2 - low / 2), LARGEST - np.maximum(np.abs(low), np.abs(high)))
    uniform = low - margin + rng.random((_RANDOM, matrix.shape[1])) * (high - low + 2 * margin)
    mixed = np.column_stack([rng.choice(column, _RANDOM) for column in matrix.T])
    return np.concatenate([uniform, mixed])


def extreme_rows(matrix: Floats, rng: np.random.Generator) -> Floats:
    """Return rows in which one, some or all features are as large as numbers get, or of any magnitude between."""
    base = matrix[rng.integers(0, len(matrix), size=30)]
    magnitudes = 10.0 ** rng.uniform(-38, 38, size=base.shape) * rng.choice([-1.0, 1.0], size=base.shape)
    some = np.where(rng.random(base.shape) < 1 / 2, magnitudes, base)
    width = matrix.shape[1]
    one = np.tile(matrix[0], (2 * width, 1))
    one[np.arange(2 * width), np.tile(np.arange(width), 2)] = np.repeat([LARGEST, -LARGEST], width)
    return np.concatenate([some, one, np.full((1, width), LARGEST), np.full((1, width), -LARGEST), np.zeros((1, width))])


def possible_scores(estimator: Any, kind: ModelKind, rows: Floats) -> Floats:
    """Return what an estimator gives for rows, NaN for those that it refuses.

    Where it refuses some, a hundred of them are scored, one by one; the others are NaN as well.
    """
    try:
        return raw_scores(estimator, kind, rows)
    except ValueError:
        scores = np.full(len(rows), np.nan)
        for number in np.unique(np.linspace(0, len(rows) - 1, _ALONE).astype(np.intp)):
            with suppress(ValueError):
                scores[number] = raw_scores(estimator, kind, rows[number : number + 1])[0]
        return scores
