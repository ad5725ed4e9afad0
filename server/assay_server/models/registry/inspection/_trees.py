"""Whether what compiled code follows from node to node stays within a tree."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_server.models.registry._errors import ModelRefusedError
from assay_server.models.registry._limits import STEPS

Ints = NDArray[np.int64]


def check_tree(left: NDArray[Any], right: NDArray[Any], features: NDArray[Any], leaves: NDArray[np.bool_], width: int) -> int:
    """Return how many comparisons the longest path through a tree has.

    Each array has an entry for each node, the root first; those of leaves mean nothing. A child comes after its parent, as in
    every tree that scikit-learn grows, so that no path is a circle.

    Args:
        left: The positions of the nodes where a comparison that holds leads to.
        right: And of those where one that does not leads to.
        features: Which column is compared.
        leaves: Which nodes compare nothing.
        width: How many columns there are.

    Raises:
        ModelRefusedError: If a child or a column is out of bounds, a path is a circle, or one is too long.
    """
    size = len(leaves)
    if not size:
        raise ModelRefusedError("a tree has no nodes")
    nodes = np.flatnonzero(~leaves)
    children = np.stack((left[nodes], right[nodes])).astype(np.int64)
    if (children < 0).any() or (children >= size).any():
        raise ModelRefusedError("a tree has a node whose child is out of bounds")
    if (children <= nodes).any():
        raise ModelRefusedError("a tree has a node whose child comes before it, which may be a cycle")
    columns = features[nodes]
    if (columns < 0).any() or (columns >= width).any():
        raise ModelRefusedError(f"a tree compares a column that is not there: there are {width}")
    return _depth(left.astype(np.int64), right.astype(np.int64), leaves)


def check_steps(steps: int) -> None:
    """Refuse trees whose longest paths are too long together.

    Raises:
        ModelRefusedError: If they are.
    """
    if steps > STEPS:
        raise ModelRefusedError(f"scoring a row can take more than {STEPS:,} comparisons: fewer or flatter trees are needed")


def _depth(left: Ints, right: Ints, leaves: NDArray[np.bool_]) -> int:
    depth, level = 0, np.zeros(1, dtype=np.int64)
    while len(level := level[~leaves[level]]):
        level = np.unique(np.concatenate((left[level], right[level])))
        depth += 1
        check_steps(depth)
    return depth
