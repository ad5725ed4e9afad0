"""The walk through a forest, as machine code."""

from typing import Any

import numpy as np

from assay_server._compiled import compiled

from ._forests import CHILD, THRESHOLD
from ._kinds import LARGEST


@compiled("void(float64[:, ::1], int64[::1], float64[::1], int64, int64, float64, boolean, float64[::1])")
def score(matrix: Any, nodes: Any, values: Any, depth: int, trees: int, base: float, power: bool, scores: Any) -> None:
    """Write the sum of a constant and the leaves' values, or that power of e, for each row; `Forest` says what the arrays are.

    All trees are walked at once, level by level: the processor then has a hundred steps under way that do not wait for each
    other, where a tree after the other has one. Indices are unsigned, so that none is looked at for being negative.
    """
    width = matrix.shape[1]
    row = np.empty(width, np.int32)
    at = np.empty(trees, np.uint32)
    for number in range(matrix.shape[0]):
        for column in range(width):
            single = np.float32(min(max(matrix[number, column], -LARGEST), LARGEST)) + np.float32(0.0)
            bits = np.float32(single).view(np.int32)
            row[column] = bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))
        for tree in range(trees):
            at[np.uintp(tree)] = np.uint32(tree)
        for _ in range(depth):
            for tree in range(trees):
                node = nodes[np.uintp(at[np.uintp(tree)])]
                right = row[np.uintp(node & ((1 << CHILD) - 1))] > np.int32(node >> THRESHOLD)
                at[np.uintp(tree)] = (np.uint32(node) >> np.uint32(CHILD)) + np.uint32(right)
        total = base
        for tree in range(trees):
            total += values[np.uintp(at[np.uintp(tree)])]
        scores[number] = np.exp(total) if power else total
