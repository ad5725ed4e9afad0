"""The walk through a forest, as compiled code."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from ._kinds import LARGEST


def _sums(matrix: Any, features: Any, thresholds: Any, children: Any, values: Any, depth: Any, trees: Any, sums: Any) -> None:
    """Write the sum over trees of the leaves' values for each row; `Forest` says what the arrays are.

    All trees are walked at once, level by level: the processor then has a hundred steps under way that do not wait for each
    other, where a tree after the other has one. Indices are unsigned, so that none is looked at for being negative.
    """
    width = matrix.shape[1]
    row = np.empty(width, np.float32)
    nodes = np.empty(trees, np.uint32)
    for number in range(matrix.shape[0]):
        for column in range(width):
            row[column] = np.float32(min(max(matrix[number, column], -LARGEST), LARGEST))
        for tree in range(trees):
            nodes[np.uintp(tree)] = np.uint32(tree)
        for _ in range(depth):
            for tree in range(trees):
                node = np.uintp(nodes[np.uintp(tree)])
                right = row[np.uintp(features[node])] > thresholds[node]
                nodes[np.uintp(tree)] = children[node] + np.uint32(right)
        total = 0.0
        for tree in range(trees):
            total += values[np.uintp(nodes[np.uintp(tree)])]
        sums[number] = total


_SIGNATURE = "void(float64[:, ::1], uint32[::1], float32[::1], uint32[::1], float64[::1], int64, int64, float64[::1])"

sums: Callable[..., None] = numba.njit(_SIGNATURE, nogil=True, error_model="numpy")(_sums)
