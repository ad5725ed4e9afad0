"""What is taken from an estimator before it is kept, and given back when it is read."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np


def detached(estimator: Any) -> Any:
    """Return a copy of an estimator that can be kept: it scores as before once `attach` was called on what is read.

    Trees of neighbours hold positions that compiled code follows without looking; they are built anew from what the
    estimator was fitted on. Sources of random numbers are for training alone. How many processors it uses is not its to say.
    """
    kept = copy.deepcopy(estimator)
    for part in _parts(kept):
        attributes = vars(part)
        if "_tree" in attributes:
            attributes["_tree"] = None
        if "n_jobs" in attributes:
            attributes["n_jobs"] = None
        for name, value in attributes.items():
            if isinstance(value, np.random.Generator | np.random.RandomState):
                attributes[name] = None
    return kept


def attach(estimator: Any) -> None:
    """Give back to an estimator what `detached` took from it.

    Raises:
        ValueError: If what it was fitted on does not fit its metric.
    """
    from sklearn.neighbors import BallTree, KDTree  # noqa: PLC0415  # Loading scikit-learn takes a second.

    trees = {"ball_tree": BallTree, "kd_tree": KDTree}
    for part in _parts(estimator):
        attributes = vars(part)
        tree = trees.get(attributes.get("_fit_method", ""))
        if tree is not None and "_fit_X" in attributes:
            options = attributes["effective_metric_params_"]
            attributes["_tree"] = tree(
                attributes["_fit_X"], attributes["leaf_size"], attributes["effective_metric_"], **options
            )


def _parts(value: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Yield an object of scikit-learn's, and all that it holds."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, list | tuple):
        parts = list(value)
    elif type(value).__module__.startswith("sklearn.") and hasattr(value, "__dict__"):
        yield value
        parts = list(vars(value).values())
    else:
        return
    for part in parts:
        yield from _parts(part, seen)
