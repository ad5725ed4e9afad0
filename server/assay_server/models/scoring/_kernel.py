"""The walk through a forest, as machine code."""

from typing import Any

import numpy as np

from assay_server._compiled import compiled

from ._forests import CHILD, THRESHOLD
from ._kinds import LARGEST


@compiled("int32(float64)")
def _in_order(number: Any) -> Any:
    """Return the whole number that a node's threshold is compared with: see `Forest`."""
    single = np.float32(min(max(number, -LARGEST), LARGEST)) + np.float32(0.0)
    bits = np.float32(single).view(np.int32)
    return bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))


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
            row[column] = _in_order(matrix[number, column])
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


@compiled("void(float64[::1], float64[::1], int64[::1], int64[::1], float64[::1], int64, int64, float64[::1])")
def sum_sets(row: Any, other: Any, features: Any, nodes: Any, values: Any, depth: int, trees: int, sums: Any) -> None:
    """Add the leaves' values to the sum of each row that has some features of one row, and the rest of another.

    A tree leads most of these rows to few leaves: it is walked once for all of them, and twice from where two features part.

    Args:
        row: The one row, (width,).
        other: The other.
        features: For each column the feature that it is a part of, as a bit; 0 where the rows are alike.
        nodes: The forest.
        values: Its leaves.
        depth: Its depth.
        trees: How many there are.
        sums: For each set of features, a number of which each bit is one that is the first row's, what it is added to, (2^m,).
    """
    width, every = row.size, sums.size - 1
    mine, others = np.empty(width, np.int32), np.empty(width, np.int32)
    for column in range(width):
        mine[column], others[column] = _in_order(row[column]), _in_order(other[column])
    waiting = np.empty((depth + 1, 3), np.int64)
    for tree in range(trees):
        waiting[0, 0], waiting[0, 1], waiting[0, 2] = tree, 0, 0
        count = 1
        while count:
            count -= 1
            at, inside, outside = waiting[count, 0], waiting[count, 1], waiting[count, 2]
            while True:
                node = nodes[np.uintp(at)]
                child = np.int64(np.uint32(node) >> np.uint32(CHILD))
                if child == at:
                    break
                compared = np.uintp(node & ((1 << CHILD) - 1))
                threshold = np.int32(node >> THRESHOLD)
                right, other_right = mine[compared] > threshold, others[compared] > threshold
                feature = features[compared]
                if right != other_right and not (inside | outside) & feature:
                    waiting[count, 0] = child + np.int64(right)
                    waiting[count, 1], waiting[count, 2] = inside | feature, outside
                    count += 1
                    outside |= feature
                at = child + np.int64(right if inside & feature else other_right)
            free = every & ~(inside | outside)
            part = free
            while True:
                sums[np.uintp(inside | part)] += values[np.uintp(at)]
                if not part:
                    break
                part = (part - 1) & free
