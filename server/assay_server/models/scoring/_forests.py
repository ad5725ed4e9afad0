"""Forests in a table, and what scores with them faster than a general runtime."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from assay_server.models.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Binary trees as one table, a row a node: first the roots, then level by level the children, two neighbours at a time.

    A value goes right where it is greater than the threshold. A leaf leads to itself, so that every path has as many steps as
    the longest, and following them needs no question but which way.
    """

    features: NDArray[np.uint32]
    """Which column is compared."""

    thresholds: NDArray[np.float32]
    """With what; infinite in leaves."""

    children: NDArray[np.uint32]
    """Where the left child is; the right one is next to it."""

    values: Floats
    """What a leaf adds to the sum; 0 in all others."""

    trees: int
    depth: int
    """How many steps the longest path has."""

    width: int
    """How many columns there are."""

    @classmethod
    def of(
        cls,
        *,
        roots: NDArray[np.intp],
        left: NDArray[np.intp],
        right: NDArray[np.intp],
        leaves: NDArray[np.bool_],
        features: NDArray[np.intp],
        thresholds: NDArray[np.float32],
        values: Floats,
        width: int,
    ) -> Self:
        """Put trees into a table whose nodes stand in any order.

        Args:
            roots: Which nodes are roots.
            left: Where a node's left child is; means nothing in leaves, as all up to `thresholds`.
            right: Where its right child is.
            leaves: Which nodes are leaves.
            features: Which column a node compares.
            thresholds: With what.
            values: What a leaf adds to the sum.
            width: How many columns there are.

        Raises:
            ValueError: If a node leads, or looks, where nothing is, or if two lead to the same.
        """
        order: list[NDArray[np.intp]] = []
        children: list[NDArray[np.intp]] = []
        placed, level = 0, roots
        while len(level):
            if placed + len(level) > len(leaves):
                raise ValueError("a forest has nodes that are reached twice")
            inner = ~leaves[level]
            places = placed + np.arange(len(level))
            placed += len(level)
            order.append(level)
            children.append(np.where(inner, placed + 2 * (np.cumsum(inner) - 1), places))
            parents = level[inner]
            level = np.stack((left[parents], right[parents]), axis=1).ravel()
            if len(level) and not (level.min() >= 0 and level.max() < len(leaves)):
                raise ValueError("a forest has a node whose child is not there")
        nodes = np.concatenate(order)
        ends = leaves[nodes]
        compared = np.where(ends, 0, features[nodes])
        if not (compared.min() >= 0 and compared.max() < width):
            raise ValueError("a forest compares a column that is not there")
        return cls(
            features=compared.astype(np.uint32),
            thresholds=np.where(ends, np.float32(np.inf), thresholds[nodes]),
            children=np.concatenate(children).astype(np.uint32),
            values=np.where(ends, values[nodes], 0.0),
            trees=len(roots),
            depth=len(order) - 1,
            width=width,
        )


class ForestScorer:
    """A forest whose score is the sum of its leaves' values and a constant, or that power of e.

    Takes a quarter of what a general runtime takes for batches of events, and a tenth for one: see benchmarks/README.md.
    """

    compiled: ClassVar[bool] = True

    def __init__(self, forest: Forest, base: float, *, power: bool) -> None:
        from ._kernel import sums  # noqa: PLC0415  # It loads a compiler, which whoever has no forest does without.

        self._forest = forest
        self._sums = sums
        self._base = base
        self._power = power
        self._rest = (forest.features, forest.thresholds, forest.children, forest.values, forest.depth, forest.trees)

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of a matrix's rows.

        Raises:
            ValueError: If it has other columns than the forest.
        """
        if matrix.shape[1] != self._forest.width:
            raise ValueError(f"the model takes {self._forest.width} columns, and got {matrix.shape[1]}")
        scores = np.empty(len(matrix))
        self._sums(np.ascontiguousarray(matrix), *self._rest, scores)
        scores += self._base
        return np.exp(scores, out=scores) if self._power else scores
