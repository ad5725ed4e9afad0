"""What compiled code takes for granted of an estimator's attributes, and would read beyond their ends without."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_server.models.registry._errors import ModelRefusedError

from . import _types as types

_METRICS = frozenset({"chebyshev", "cityblock", "euclidean", "l1", "l2", "manhattan", "minkowski"})
_KERNELS = frozenset({"linear", "poly", "rbf", "sigmoid"})


class Fitted:
    """The attributes of one estimator, as they were read, before anything is built of them.

    Args:
        name: The full name of its class.
        attributes: What it holds by name: plain data, arrays, and `Fitted` for estimators in it.
    """

    def __init__(self, name: str, attributes: Mapping[str, Any]) -> None:
        self.name = name
        self.attributes = attributes

    def refused(self, what: str) -> ModelRefusedError:
        """Return the error that says what is wrong with it."""
        return ModelRefusedError(f"{self.name.rpartition('.')[2]}: {what}")

    def count(self, attribute: str) -> int:
        """Return an attribute that is a whole number from 0."""
        value = self.attributes.get(attribute)
        if isinstance(value, np.integer):
            value = int(value)
        if type(value) is not int or value < 0:
            raise self.refused(f"{attribute} is no count")
        return value

    def number(self, attribute: str) -> float:
        """Return an attribute that is a finite number."""
        value = self.attributes.get(attribute)
        if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not math.isfinite(value):
            raise self.refused(f"{attribute} is no finite number")
        return float(value)

    def array(self, attribute: str, dtype: type[np.generic], shape: tuple[int, ...]) -> NDArray[Any]:
        """Return an attribute that is an array of a type and a shape, in the order that C has."""
        value = self.attributes.get(attribute)
        if not isinstance(value, np.ndarray) or value.dtype != dtype or value.shape != shape or not value.flags.c_contiguous:
            raise self.refused(f"{attribute} is no array of the shape {shape} and the type {np.dtype(dtype)}")
        return value

    def parts(self, attribute: str) -> list[Any]:
        """Return an attribute that is a list."""
        value = self.attributes.get(attribute)
        if not isinstance(value, list) or not value:
            raise self.refused(f"{attribute} is no list, or empty")
        return value

    @property
    def width(self) -> int:
        """How many columns it was fitted on: scikit-learn refuses all others, if it knows."""
        return self.count("n_features_in_")


def check_estimator(fitted: Fitted) -> None:
    """Check the attributes of one estimator.

    Raises:
        ModelRefusedError: If an attribute is not as compiled code takes it to be.
    """
    if fitted.attributes.get("n_jobs") not in {None, 1}:
        raise fitted.refused("n_jobs has to be None: a server shares its processors between calls itself")
    rule = _RULES.get(fitted.name)
    if rule is not None:
        rule(fitted)


def _tree(fitted: Fitted) -> None:
    if "tree_" not in fitted.attributes:
        return  # The template that a forest makes its trees from.
    tree = fitted.attributes["tree_"]
    if not isinstance(tree, Fitted) or tree.name != types.TREE:
        raise fitted.refused("tree_ is no tree")
    if tree.count("n_features") != fitted.width:
        raise fitted.refused("its tree has another number of columns")


def _forest(fitted: Fitted) -> None:
    trees = fitted.parts("estimators_")
    if any(not isinstance(tree, Fitted) or tree.name not in types.TREES or tree.width != fitted.width for tree in trees):
        raise fitted.refused("one of its trees has another number of columns")


def _isolation_forest(fitted: Fitted) -> None:
    trees, subsets = fitted.parts("estimators_"), fitted.parts("estimators_features_")
    if len(trees) != len(subsets):
        raise fitted.refused("estimators_features_ has not one part for each tree")
    for tree, subset in zip(trees, subsets, strict=True):
        if not isinstance(tree, Fitted) or tree.name not in types.TREES:
            raise fitted.refused("estimators_ has something that is no tree")
        if not isinstance(subset, np.ndarray) or subset.shape != (tree.width,) or tree.width > fitted.width:
            raise fitted.refused("one of its trees has another number of columns")


def _boosting(fitted: Fitted) -> None:
    for iteration in fitted.parts("_predictors"):
        for predictor in iteration if isinstance(iteration, list) else [iteration]:
            if not isinstance(predictor, Fitted) or predictor.name != types.PREDICTOR:
                raise fitted.refused("_predictors has something that is no tree")
            if predictor.attributes["greatest_column"] >= fitted.width:
                raise fitted.refused("one of its trees compares a column that is not there")


def _one_class_svm(fitted: Fitted) -> None:
    support = fitted.attributes.get("support_")
    size = len(support) if isinstance(support, np.ndarray) and support.ndim == 1 else 0
    if not size:
        raise fitted.refused("it has no support vectors")
    fitted.array("support_", np.int32, (size,))
    fitted.array("support_vectors_", np.float64, (size, fitted.width))
    fitted.array("_dual_coef_", np.float64, (1, size))
    fitted.array("_intercept_", np.float64, (1,))
    fitted.array("_probA", np.float64, (0,))
    fitted.array("_probB", np.float64, (0,))
    if fitted.array("_n_support", np.int32, (2,))[0] != size:
        raise fitted.refused("_n_support is not the number of its support vectors")
    if fitted.attributes.get("kernel") not in _KERNELS:
        raise fitted.refused(f"the kernel has to be one of {', '.join(sorted(_KERNELS))}")
    if fitted.attributes.get("_sparse") is not False:
        raise fitted.refused("it was fitted on a sparse matrix")
    fitted.number("_gamma")
    fitted.number("coef0")
    if fitted.count("degree") > 100:  # noqa: PLR2004  # Far beyond what anyone means.
        raise fitted.refused("degree is out of bounds")


def _elliptic_envelope(fitted: Fitted) -> None:
    width = fitted.width
    fitted.array("location_", np.float64, (width,))
    fitted.array("covariance_", np.float64, (width, width))
    if fitted.attributes.get("store_precision") is not True:
        raise fitted.refused("store_precision has to be True")
    fitted.array("precision_", np.float64, (width, width))


def _outlier_factor(fitted: Fitted) -> None:
    size, neighbors = fitted.count("n_samples_fit_"), fitted.count("n_neighbors_")
    if fitted.attributes.get("_tree") is not None:
        raise fitted.refused("its tree of neighbours must not be kept: it is built anew from what it was fitted on")
    if fitted.attributes.get("_fit_method") not in {"ball_tree", "brute", "kd_tree"}:
        raise fitted.refused("_fit_method is none that is known")
    if fitted.attributes.get("effective_metric_") not in _METRICS:
        raise fitted.refused(f"the metric has to be one of {', '.join(sorted(_METRICS))}")
    options = fitted.attributes.get("effective_metric_params_")
    if (
        not isinstance(options, dict)
        or set(options) - {"p"}
        or not all(type(p) in {int, float} and p >= 1 for p in options.values())
    ):
        raise fitted.refused("the metric has options that are not kept")
    if not 1 <= neighbors <= size or not 1 <= fitted.count("leaf_size") <= 10_000:  # noqa: PLR2004
        raise fitted.refused("n_neighbors_ or leaf_size is out of bounds")
    fitted.array("_fit_X", np.float64, (size, fitted.width))
    fitted.array("_lrd", np.float64, (size,))
    distances = fitted.attributes.get("_distances_fit_X_")
    if not isinstance(distances, np.ndarray) or distances.shape != (size, neighbors):
        raise fitted.refused("_distances_fit_X_ has another shape")


def _one_hot_encoder(fitted: Fitted) -> None:
    if "categories_" not in fitted.attributes:
        return  # The template that a ColumnTransformer makes its own from.
    sizes = [len(part) if isinstance(part, np.ndarray) and part.ndim == 1 else -1 for part in fitted.parts("categories_")]
    if len(sizes) != fitted.width or fitted.attributes.get("_n_features_outs") != sizes:
        raise fitted.refused("it must have a column for each category: one that drops or joins categories is not kept")
    if fitted.attributes.get("drop_idx_") is not None or fitted.attributes.get("_infrequent_enabled") is not False:
        raise fitted.refused("one that drops or joins categories is not kept")


_RULES: Mapping[str, Callable[[Fitted], None]] = {
    **dict.fromkeys(types.TREES, _tree),
    **dict.fromkeys(types.FORESTS, _forest),
    types.ISOLATION_FOREST: _isolation_forest,
    types.BOOSTING: _boosting,
    types.ONE_CLASS_SVM: _one_class_svm,
    types.ELLIPTIC_ENVELOPE: _elliptic_envelope,
    types.OUTLIER_FACTOR: _outlier_factor,
    types.ONE_HOT_ENCODER: _one_hot_encoder,
}
