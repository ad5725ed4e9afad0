"""Forests in a table, and what scores with them faster than a general runtime."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from assay_server.models.features import Floats

CHILD, THRESHOLD = 8, 32
"""Where in a node's 64 bits its child and its threshold begin; its column has those before."""

_LAST = np.int32(2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Binary trees as one table: first the roots, then level by level the children, two neighbours at a time.

    A value goes right where it is greater than the threshold. A leaf leads to itself, so that every path has as many steps as
    the longest, and following them needs no question but which way.
    """

    nodes: NDArray[np.int64]
    """Of each node which column is compared, where the left child is (the right one is next to it), and the threshold.

    Numbers of single precision are compared as whole ones that are in the same order; nothing is greater than that of a leaf.
    """

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
        """Put trees into a table, whose nodes stand in any order.

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
            ValueError: If a node leads, or looks, where nothing is, if two lead to the same, or if there are more nodes or
                columns than the table has room for.
        """
        order: list[NDArray[np.intp]] = []
        children: list[NDArray[np.intp]] = []
        placed, level = 0, roots
        while len(level):
            if level.min() < 0 or level.max() >= len(leaves):
                raise ValueError("a forest has a node whose child is not there")
            inner = ~leaves[level]
            places = placed + np.arange(len(level))
            placed += len(level)
            if placed > len(leaves):
                raise ValueError("a forest has nodes that are reached twice")
            order.append(level)
            children.append(np.where(inner, placed + 2 * (np.cumsum(inner) - 1), places))
            parents = level[inner]
            level = np.stack((left[parents], right[parents]), axis=1).ravel()
        found = np.concatenate(order)
        ends = leaves[found]
        compared = np.where(ends, 0, features[found])
        if compared.min() < 0 or compared.max() >= min(width, 1 << CHILD):
            raise ValueError("a forest compares a column that is not there, or more columns than can be told apart")
        if placed >= 1 << (THRESHOLD - CHILD):
            raise ValueError("a forest has more nodes than can be told apart")
        bounds = np.where(ends, _LAST, _in_order(thresholds[found])).astype(np.int64)
        return cls(
            nodes=bounds << THRESHOLD | np.concatenate(children) << CHILD | compared,
            values=np.where(ends, values[found], 0.0),
            trees=len(roots),
            depth=len(order) - 1,
            width=width,
        )


def _in_order(numbers: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return whole numbers that are in the same order: those that the bits mean, those of negative numbers turned around."""
    bits = (numbers + np.float32(0.0)).view(np.int32)  # -0.0 is 0.0.
    return bits ^ ((bits >> 31) & _LAST)


class ForestScorer:
    """A forest whose score is the sum of its leaves' values and a constant, or that power of e.

    Takes a quarter of what a general runtime takes for batches of events, and less for one: see benchmarks/README.md.
    """

    compiled: ClassVar[bool] = True

    def __init__(self, forest: Forest, base: float, *, power: bool) -> None:
        from ._kernel import score, sum_sets  # noqa: PLC0415  # It loads a compiler, which whoever has no forest does without.

        self._width = forest.width
        self._score = score
        self._sum_sets = sum_sets
        self._base, self._power = base, power
        self._forest = (forest.nodes, forest.values, forest.depth, forest.trees)

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of a matrix's rows.

        Raises:
            ValueError: If it has other columns than the forest.
        """
        size, width = matrix.shape
        if width != self._width:
            raise ValueError(f"the model takes {self._width} columns, and got {width}")
        if not matrix.flags.c_contiguous:
            matrix = np.ascontiguousarray(matrix)
        scores = np.empty(size)
        self._score(matrix, *self._forest, self._base, self._power, scores)
        return scores

    def score_sets(self, row: Floats, other: Floats, features: NDArray[np.int64]) -> Floats:
        """Return the scores of all rows that have some features of one row, and the rest of another: float64 (2^m,).

        Bit i of an index says whether feature i is the first row's.

        Args:
            row: The one row, (width,).
            other: The other.
            features: For each column the feature that it is a part of, as a bit; 0 where the rows are alike.
        """
        sums = np.full(1 << int(features.max()).bit_length(), self._base)
        self._sum_sets(row, other, features, *self._forest, sums)
        return np.exp(sums, out=sums) if self._power else sums
