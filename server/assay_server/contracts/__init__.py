"""What an author writes to describe an event type, and how it is found.

    from assay_server.contracts import EventContract, rule

Everything that an author needs comes from here; `Field`, `Annotated` and types come from Pydantic and typing.
"""

from assay_server._durations import parse_duration

from ._contract import EventContract
from ._enforcement import Enforcement
from ._feature import Feature, feature
from ._history_markers import HistoryMarker, Novelty, QuantileRange, RobustSigma, ThreeSigma
from ._load import load
from ._loaded import Catalog, Contract
from ._markers import Clock, Resource, Sensitive
from ._model_features import FeatureMarker, Frequency, Hour, ModelFeature, OneHot, Weekday
from ._model_markers import Classifier, Estimator, IsolationForest, ModelMarker
from ._models import ModelDeclaration
from ._problems import ContractsError, DeclarationError, Problem
from ._reference import Reference
from ._rule import Execution, Rule, rule
from ._sensitivity import Sensitivity
from ._statistics import Statistic
from ._strict import branch_of
from ._version import Version
from ._watch import Watcher

__all__ = [
    "Catalog",
    "Classifier",
    "Clock",
    "Contract",
    "ContractsError",
    "DeclarationError",
    "Enforcement",
    "Estimator",
    "EventContract",
    "Execution",
    "Feature",
    "FeatureMarker",
    "Frequency",
    "HistoryMarker",
    "Hour",
    "IsolationForest",
    "ModelDeclaration",
    "ModelFeature",
    "ModelMarker",
    "Novelty",
    "OneHot",
    "Problem",
    "QuantileRange",
    "Reference",
    "Resource",
    "RobustSigma",
    "Rule",
    "Sensitive",
    "Sensitivity",
    "Statistic",
    "ThreeSigma",
    "Version",
    "Watcher",
    "Weekday",
    "branch_of",
    "feature",
    "load",
    "parse_duration",
    "rule",
]
