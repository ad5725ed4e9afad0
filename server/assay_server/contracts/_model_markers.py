"""Models on a contract, as an author writes them."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from ._enforcement import Enforcement
from ._markers import EnforcementName, NoField
from ._model_features import MOST_FEATURES, FeatureMarker
from ._problems import DeclarationError

_MOST_CONTAMINATION = 0.5
_MOST_TREES = 1000
_MOST_SAMPLES = 1_000_000


class ModelMarker(NoField, ABC):
    """A model on a contract: `unusual = IsolationForest(features=("distance", "speed"))` is the check `anomaly.unusual`.

    A feature is the name of a number or a boolean, or `OneHot`, `Frequency`, `Hour` or `Weekday` of another value. An event
    that lacks one of them is not scored.
    """

    features: Sequence[str | FeatureMarker]
    enforcement: EnforcementName
    required: bool | None

    kind: ClassVar[str]
    """What the model is: "isolation_forest", "estimator" or "classifier"."""

    def __post_init__(self) -> None:
        features = self.features
        if isinstance(features, str | FeatureMarker) or not isinstance(features, Sequence):
            raise self._wrong(f"features={features!r} is no tuple of names", 'features=("distance", "speed")')
        if not features:
            raise self._wrong("there are no features", 'features=("distance", "speed")')
        if len(features) > MOST_FEATURES:
            raise self._wrong(f"there are more than {MOST_FEATURES} features", 'features=("distance", "speed")')
        if odd := [one for one in features if not isinstance(one, str | FeatureMarker)]:
            raise self._wrong(f"{odd[0]!r} in features is no name", 'features=("distance", OneHot("carrier"), Hour())')
        object.__setattr__(self, "features", tuple(features))
        try:
            Enforcement.parse(self.enforcement)
        except ValueError as error:
            raise self._wrong(str(error), 'features=…, enforcement="warn"') from None
        if not isinstance(self.required, bool | None):
            raise self._wrong(f"required={self.required!r} is neither True nor False", "features=…, required=False")
        self._check_own()

    @abstractmethod
    def _check_own(self) -> None:
        """Raise DeclarationError if an option of its own cannot be what it is."""

    def _check_contamination(self, contamination: object) -> None:
        if not (isinstance(contamination, int | float) and 0 < contamination <= _MOST_CONTAMINATION):
            what = f"contamination={contamination!r} is not above 0 and up to {_MOST_CONTAMINATION}"
            raise self._wrong(what, "features=…, contamination=0.001")

    def _wrong(self, what: str, example: str) -> DeclarationError:
        return DeclarationError(f"{type(self).__name__}: {what}", f"Write {type(self).__name__}({example}).")


@dataclass(frozen=True, kw_only=True)
class _Options(ModelMarker):
    """What every model may be told besides its features."""

    enforcement: EnforcementName = "warn"
    required: bool | None = None


@dataclass(frozen=True)
class IsolationForest(_Options):
    """Finds events that a few random cuts tell from all others: scikit-learn's isolation forest.

    Scores are 0 to 1, as of Liu, Ting and Zhou, "Isolation Forest" (ICDM 2008). They saturate: one feature at 4 and at 9
    standard deviations score nearly alike, so put ThreeSigma or QuantileRange beside it on features that matter alone.

    Args:
        features: What it looks at.
        contamination: Which share of training events it would report, above 0 and up to 0.5; this sets the threshold.
        trees: How many trees it has.
        samples: How many events each tree is grown on.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that the check could not run. By default, where it rejects.

    Raises:
        DeclarationError: If an option cannot be what it is.
    """

    features: Sequence[str | FeatureMarker]
    _: KW_ONLY
    contamination: float = 0.001
    trees: int = 100
    samples: int = 256

    kind: ClassVar[str] = "isolation_forest"

    def _check_own(self) -> None:
        self._check_contamination(self.contamination)
        if not _is_count(self.trees, 1, _MOST_TREES):
            raise self._wrong(f"trees={self.trees!r} is no whole number from 1 to {_MOST_TREES}", "features=…, trees=100")
        if not _is_count(self.samples, 2, _MOST_SAMPLES):
            raise self._wrong(
                f"samples={self.samples!r} is no whole number from 2 to {_MOST_SAMPLES}", "features=…, samples=256"
            )


class _Made(_Options):
    """A model that a function of the author's makes."""

    factory: Callable[[], Any]

    def _make(self) -> Any:
        """Return what the factory makes, if it can be trained."""
        name = type(self).__name__
        if not callable(self.factory):
            made = type(self.factory).__name__
            raise DeclarationError(
                f"{name}: the factory is no function, it is a made {made}",
                f"Write {name}(lambda: {made}(…), features=…): each training makes one anew.",
            )
        try:
            inspect.signature(self.factory).bind()
        except TypeError:
            raise self._wrong("the factory wants arguments", "lambda: …, features=…") from None
        except ValueError:  # It does not tell what it wants.
            pass
        try:
            estimator = self.factory()
        except (Exception, SystemExit) as error:
            raise self._wrong(f"the factory fails: {type(error).__name__}: {error}", "lambda: …, features=…") from error
        if not callable(getattr(estimator, "fit", None)) or isinstance(estimator, type):
            what = f"the factory makes no estimator of scikit-learn's, but {type(estimator).__name__}"
            raise self._wrong(what, "lambda: …, features=…")
        return estimator


@dataclass(frozen=True)
class Estimator(_Made):
    """Finds events that an estimator or pipeline with scikit-learn's interface scores as outliers.

    Args:
        factory: Makes the estimator, untrained: `lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.01))`. It must have
            `score_samples` or `decision_function`, lower for outliers, as all of scikit-learn's outlier detectors.
        features: What it looks at.
        contamination: Which share of training events it would report, above 0 and up to 0.5; this sets the threshold.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that the check could not run. By default, where it rejects.

    Raises:
        DeclarationError: If an option cannot be what it is.
    """

    factory: Callable[[], Any] = field(repr=False)
    features: Sequence[str | FeatureMarker]
    _: KW_ONLY
    contamination: float = 0.001

    kind: ClassVar[str] = "estimator"

    def _check_own(self) -> None:
        self._check_contamination(self.contamination)
        estimator = self._make()
        if not (hasattr(estimator, "score_samples") or hasattr(estimator, "decision_function")):
            raise DeclarationError(
                f"Estimator: {type(estimator).__name__} has neither score_samples nor decision_function",
                "Choose an outlier detector (LocalOutlierFactor takes novelty=True); one with predict_proba is a Classifier.",
            )


@dataclass(frozen=True)
class Classifier(_Made):
    """Finds events that a classifier, trained on labelled history, thinks are what the label says.

    Args:
        factory: Makes the classifier, untrained, as for `Estimator`. It must have `predict_proba`.
        features: What it looks at.
        label: The boolean field or feature that history tells, such as "was_fraud"; events in service may lack it.
        threshold: From which probability on it reports an event, above 0 and up to 1.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that the check could not run. By default, where it rejects.

    Raises:
        DeclarationError: If an option cannot be what it is.
    """

    factory: Callable[[], Any] = field(repr=False)
    features: Sequence[str | FeatureMarker]
    label: str
    _: KW_ONLY
    threshold: float = 0.5

    kind: ClassVar[str] = "classifier"

    def _check_own(self) -> None:
        if not isinstance(self.label, str) or not self.label:
            raise self._wrong(f"label={self.label!r} names no field", 'lambda: …, features=…, label="was_fraud"')
        if not (isinstance(self.threshold, int | float) and 0 < self.threshold <= 1):
            raise self._wrong(f"threshold={self.threshold!r} is not above 0 and up to 1", "…, threshold=0.5")
        estimator = self._make()
        if not hasattr(estimator, "predict_proba"):
            raise DeclarationError(
                f"Classifier: {type(estimator).__name__} has no predict_proba",
                "Choose a classifier that gives probabilities; one that finds outliers is an Estimator.",
            )


def _is_count(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
