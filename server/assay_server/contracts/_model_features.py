"""How values of an event become features of a model: what an author writes, and what the contract makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from ._problems import DeclarationError
from ._values import Value

MOST_FEATURES = 100
"""How many features a model may have: a verdict shows what each of them added."""


@dataclass(frozen=True, slots=True)
class FeatureMarker:
    """What all ways of making a feature from a field have in common.

    Args:
        field: The field or feature, nested ones with dots, "customer.country".
    """

    field: str

    kind: ClassVar[str]
    title: ClassVar[str] = "{}"
    """What the feature is called, by the name of its field."""

    def __post_init__(self) -> None:
        if not isinstance(self.field, str) or not self.field:
            name = type(self).__name__
            raise DeclarationError(f"{name}({self.field!r}) names no field", f'Write {name}("carrier").')

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        name = cls.__name__
        raise DeclarationError(
            f"{name} is no type and marks no field",
            f'Name it among the features of a model: IsolationForest(features=({name}("carrier"), …)).',
            handler.field_name or "",
        )

    def takes(self, value: Value) -> bool:
        """Return whether values of this kind can be made such a feature."""
        return value.is_category

    @property
    def wanted(self) -> str:
        """What `takes` wants, as an error says it."""
        return "category: a text, a Literal, an Enum, a bool or an int"


@dataclass(frozen=True, slots=True)
class OneHot(FeatureMarker):
    """A category as one column for each of those that training saw: for a few dozen of them. A new one is none of them."""

    kind: ClassVar[str] = "one_hot"


@dataclass(frozen=True, slots=True)
class Frequency(FeatureMarker):
    """A category as the share of training events that had it: for any number of them. A new one has the share 0."""

    kind: ClassVar[str] = "frequency"
    title: ClassVar[str] = "frequency of {}"


@dataclass(frozen=True, slots=True)
class _TimeMarker(FeatureMarker):
    """A part of a time, in UTC; without a field, of the event's own timestamp, or of when it was received.

    A time without a zone is taken for UTC.
    """

    field: str = ""

    def __post_init__(self) -> None:
        if self.field != "":
            FeatureMarker.__post_init__(self)

    def takes(self, value: Value) -> bool:
        """Return whether the value is a datetime."""
        return value.is_datetime

    @property
    def wanted(self) -> str:
        """What `takes` wants, as an error says it."""
        return "datetime"


@dataclass(frozen=True, slots=True)
class Hour(_TimeMarker):
    """The hour of the day, in UTC: `Hour("ordered_at")`, or `Hour()` for that of the event's timestamp."""

    kind: ClassVar[str] = "hour"
    title: ClassVar[str] = "hour of {}"


@dataclass(frozen=True, slots=True)
class Weekday(_TimeMarker):
    """The day of the week, in UTC: `Weekday("ordered_at")`, or `Weekday()` for that of the event's timestamp."""

    kind: ClassVar[str] = "weekday"
    title: ClassVar[str] = "weekday of {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFeature:
    """One feature of a model, as a contract declares it.

    Attributes:
        name: What it is called; unique in its model.
        kind: "number", "boolean", "one_hot", "frequency", "hour" or "weekday".
        source: The attributes that lead to the value, joined by dots; empty for the event's own timestamp.
        sensitive: Whether the value must not be shown.
    """

    name: str
    kind: str
    source: str
    sensitive: bool


def features_from(declared: Sequence[str | FeatureMarker], values: Mapping[str, Sequence[Value]]) -> tuple[ModelFeature, ...]:
    """Return the features that an author has declared.

    Args:
        declared: Names of numbers and booleans, and markers for all others.
        values: The single values that the contract has, by path; several where a union has branches.

    Raises:
        DeclarationError: If one of them cannot be.
    """
    features = tuple(_feature(one, values) for one in declared)
    names = [feature.name for feature in features]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DeclarationError(f"features has {twice!r} twice", "Name each once.")
    return features


def values_at(path: str, values: Mapping[str, Sequence[Value]], whose: str) -> Sequence[Value]:
    """Return what a contract has at a path.

    Raises:
        DeclarationError: If it has nothing there.
    """
    found = values.get(path)
    if found is None:
        raise DeclarationError(
            f"{whose} names {path!r}, which is neither a field nor a feature", f"Name one of {', '.join(sorted(values))}."
        )
    return found


def _feature(declared: str | FeatureMarker, values: Mapping[str, Sequence[Value]]) -> ModelFeature:
    if isinstance(declared, FeatureMarker):
        return _marked(declared, values)
    found = values_at(declared, values, "features")
    sensitive = any(value.sensitive for value in found)
    if all(value.is_boolean for value in found):
        return ModelFeature(name=declared, kind="boolean", source=declared, sensitive=sensitive)
    if all(value.is_number or value.is_boolean for value in found):
        return ModelFeature(name=declared, kind="number", source=declared, sensitive=sensitive)
    if all(value.is_datetime for value in found):
        raise DeclarationError(
            f"features names {declared!r}, which is a time and no number",
            f'Write Hour("{declared}"), Weekday("{declared}") or both.',
        )
    if all(value.is_category or value.is_number for value in found):
        raise DeclarationError(
            f"features names {declared!r}, which is a category and no number",
            f'Write OneHot("{declared}") if there are a few dozen, else Frequency("{declared}").',
        )
    raise DeclarationError(
        f"features names {declared!r}, which is no single number",
        "Derive one with @feature def …(self) -> float, and name that.",
    )


def _marked(marker: FeatureMarker, values: Mapping[str, Sequence[Value]]) -> ModelFeature:
    kind = type(marker).__name__
    if not marker.field:
        return ModelFeature(name=marker.title.format("the event"), kind=marker.kind, source="", sensitive=False)
    found = values_at(marker.field, values, f'{kind}("{marker.field}")')
    if not all(map(marker.takes, found)):
        raise DeclarationError(
            f"{kind} is of {marker.field!r}, which is no {marker.wanted.partition(':')[0]}", f"Name a {marker.wanted}."
        )
    sensitive = any(value.sensitive for value in found)
    if sensitive and not isinstance(marker, _TimeMarker):
        raise DeclarationError(
            f"{kind} keeps the categories that training sees, and {marker.field!r} is sensitive",
            f"Take {kind} or Sensitive() away.",
        )
    return ModelFeature(name=marker.title.format(marker.field), kind=marker.kind, source=marker.field, sensitive=sensitive)
