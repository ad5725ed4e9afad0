"""What models a contract has, and what of that cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ._enforcement import Enforcement
from ._model_features import ModelFeature, features_from, values_at
from ._model_markers import Classifier, ModelMarker
from ._problems import DeclarationError
from ._values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDeclaration:
    """One model, as a contract declares it.

    Attributes:
        check: The check's stable identifier, "anomaly." and the name.
        name: The attribute of the contract.
        marker: What the author wrote: the kind of model, its options, and the factory that makes it, if there is one.
        features: What it looks at, in the author's order.
        label: The attributes that lead to the boolean that it learns to tell, joined by dots; empty if it learns without.
        enforcement: What follows from a finding.
        required: Whether it is a finding too that it could not run.
    """

    check: str
    name: str
    marker: ModelMarker
    features: tuple[ModelFeature, ...]
    label: str
    enforcement: Enforcement
    required: bool

    @property
    def kind(self) -> str:
        """What the model is: "isolation_forest", "estimator" or "classifier"."""
        return self.marker.kind


def model_from(name: str, marker: ModelMarker, values: Mapping[str, Sequence[Value]]) -> ModelDeclaration:
    """Return what an author has declared under a name.

    Args:
        name: The attribute of the contract.
        marker: What it is.
        values: The single values that the contract has, by path.

    Raises:
        DeclarationError: If it cannot be.
    """
    features = features_from(marker.features, values)
    label = marker.label if isinstance(marker, Classifier) else ""
    if label:
        if not all(value.is_boolean for value in values_at(label, values, "label")):
            raise DeclarationError(
                f"label names {label!r}, which is no bool", "Derive one with @feature def …(self) -> bool, and name that."
            )
        if any(feature.source == label for feature in features):
            raise DeclarationError(
                f"the label {label!r} is among the features", "Take it out: nobody knows it when the event is judged."
            )
    enforcement = Enforcement.parse(marker.enforcement)
    return ModelDeclaration(
        check=f"anomaly.{name}",
        name=name,
        marker=marker,
        features=features,
        label=label,
        enforcement=enforcement,
        required=enforcement is Enforcement.REJECT if marker.required is None else marker.required,
    )
