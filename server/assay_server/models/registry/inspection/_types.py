"""The types that a kept estimator may be made of, and nothing else: pinned, whatever a library trusts by default."""

TREES = frozenset(
    {
        "sklearn.tree._classes.DecisionTreeClassifier",
        "sklearn.tree._classes.DecisionTreeRegressor",
        "sklearn.tree._classes.ExtraTreeClassifier",
        "sklearn.tree._classes.ExtraTreeRegressor",
    }
)
FORESTS = frozenset(
    {
        "sklearn.ensemble._forest.ExtraTreesClassifier",
        "sklearn.ensemble._forest.RandomForestClassifier",
    }
)
ISOLATION_FOREST = "sklearn.ensemble._iforest.IsolationForest"
BOOSTING = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier"
PREDICTOR = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
TREE = "sklearn.tree._tree.Tree"
ONE_CLASS_SVM = "sklearn.svm._classes.OneClassSVM"
ELLIPTIC_ENVELOPE = "sklearn.covariance._elliptic_envelope.EllipticEnvelope"
OUTLIER_FACTOR = "sklearn.neighbors._lof.LocalOutlierFactor"
ONE_HOT_ENCODER = "sklearn.preprocessing._encoders.OneHotEncoder"

_OBJECTS = frozenset(
    {
        *(*TREES, *FORESTS, ISOLATION_FOREST, BOOSTING, PREDICTOR, ONE_CLASS_SVM, ELLIPTIC_ENVELOPE, OUTLIER_FACTOR),
        ONE_HOT_ENCODER,
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.compose._column_transformer.ColumnTransformer",
        "sklearn.decomposition._pca.PCA",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.kernel_approximation.Nystroem",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.linear_model._stochastic_gradient.SGDOneClassSVM",
        "sklearn.mixture._gaussian_mixture.GaussianMixture",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.MaxAbsScaler",
        "sklearn.preprocessing._data.MinMaxScaler",
        "sklearn.preprocessing._data.PowerTransformer",
        "sklearn.preprocessing._data.QuantileTransformer",
        "sklearn.preprocessing._data.RobustScaler",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.preprocessing._function_transformer.FunctionTransformer",
        "sklearn.preprocessing._label.LabelEncoder",
    }
)

_SCALARS = frozenset(
    f"numpy.{name}"
    for name in ("bool", "float32", "float64", "int8", "int16", "int32", "int64", "str_", "uint8", "uint16", "uint32", "uint64")
)

TYPES: dict[str, frozenset[str]] = {
    "DTypeNode": frozenset({"numpy.dtype"}),
    "DictNode": frozenset({"builtins.dict"}),
    "JsonNode": frozenset({"builtins.str"}),
    "ListNode": frozenset({"builtins.list"}),
    "LossNode": frozenset({"sklearn._loss._loss.CyHalfBinomialLoss", "sklearn.linear_model._sgd_fast.Hinge"}),
    "NdArrayNode": frozenset({"numpy.ndarray"}) | _SCALARS,
    "ObjectNode": _OBJECTS,
    "SliceNode": frozenset({"builtins.slice"}),
    "TreeNode": frozenset({TREE}),
    "TupleNode": frozenset({"builtins.tuple"}),
    "TypeNode": frozenset({"builtins.bool", "builtins.float", "builtins.int", "builtins.str"}) | _SCALARS,
}
"""By how skops builds it, what may be built."""

ASKED_FOR = [TREE, PREDICTOR, "numpy.dtype"]
"""Those of them that skops builds for those only who name them."""

_PARTS = frozenset(
    {"FunctionTransformer", "Interval", "LabelEncoder", "LogitLink", "HalfBinomialLoss", "TreePredictor", "_BinMapper"}
)

KEPT = tuple(sorted({name.rpartition(".")[2] for name in _OBJECTS} - _PARTS))
"""What can be kept, as the error about any other type names it."""
