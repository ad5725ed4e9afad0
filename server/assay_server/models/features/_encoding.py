"""Columns of values in, a matrix of numbers out, as it was when the model was trained."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ._spec import FeatureKind, FeatureSpec

Floats = NDArray[np.float64]
Column = Floats | NDArray[np.int64] | Sequence[str]
"""A feature's values: float64 for numbers and booleans, texts for categories, nanoseconds since 1970 as int64 for times."""

MOST_ONE_HOT, MOST_FREQUENCY = 100, 10_000
"""How many categories of a feature are told apart, the most frequent first; the others are as unknown ones."""

_CATEGORIES = {FeatureKind.ONE_HOT: MOST_ONE_HOT, FeatureKind.FREQUENCY: MOST_FREQUENCY}
_NANOS_AN_HOUR = 3_600_000_000_000
_CIRCLES = {
    FeatureKind.HOUR: (_NANOS_AN_HOUR, 24, 0),
    FeatureKind.WEEKDAY: (24 * _NANOS_AN_HOUR, 7, 3),  # 1970 began on a Thursday, and a week on a Monday.
}


class _FeatureJson(BaseModel):
    """A feature, and what was learned of its categories, as a manifest has it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: FeatureKind
    source: str
    sensitive: bool
    categories: Annotated[dict[str, Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]], Field(max_length=MOST_FREQUENCY)]


class _EncodingJson(BaseModel):
    """An encoding as a manifest has it."""

    model_config = ConfigDict(extra="forbid")

    features: Annotated[list[_FeatureJson], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the values of a model's features become a matrix: what training saw of categories, fixed once and for all.

    A category that training did not see has zeros in all columns of a one-hot feature, and the frequency 0.
    """

    features: tuple[FeatureSpec, ...]
    categories: tuple[Mapping[str, float], ...]
    """For each feature its categories, the most frequent first, and their share of the training events; else empty."""

    owners: NDArray[np.intp]
    """For each column of the matrix, the position of the feature that it belongs to."""

    _places: tuple[Mapping[str, int], ...]
    """For each feature where each of its categories comes among them; else empty."""

    @classmethod
    def fit(cls, features: Sequence[FeatureSpec], columns: Mapping[str, Column]) -> Self:
        """Learn what categories there are, and how frequent they are.

        Args:
            features: What the model looks at; their names must differ.
            columns: Each feature's values of the training events by the feature's name; (n,) each.
        """
        return cls._of(features, [_shares(columns[one.name], _CATEGORIES.get(one.kind, 0)) for one in features])

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Return the encoding that `as_json` gave.

        Raises:
            pydantic.ValidationError: It is none, which is a ValueError.
            ValueError: Two features have one name, or one has more categories than are told apart.
        """
        read = _EncodingJson.model_validate(document)
        features = [
            FeatureSpec(name=one.name, kind=one.kind, source=one.source, sensitive=one.sensitive) for one in read.features
        ]
        return cls._of(features, [one.categories for one in read.features])

    @classmethod
    def _of(cls, features: Sequence[FeatureSpec], categories: Sequence[Mapping[str, float]]) -> Self:
        if len({one.name for one in features}) < len(features):
            raise ValueError("two features have the same name")
        for feature, shares in zip(features, categories, strict=True):
            if len(shares) > _CATEGORIES.get(feature.kind, 0):
                raise ValueError(f"feature {feature.name} has {len(shares)} categories, which is more than are told apart")
        widths = [_width(feature.kind, len(shares)) for feature, shares in zip(features, categories, strict=True)]
        return cls(
            features=tuple(features),
            categories=tuple(categories),
            owners=np.repeat(np.arange(len(features)), widths),
            _places=tuple({text: place for place, text in enumerate(shares)} for shares in categories),
        )

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return len(self.owners)

    def encode(self, columns: Mapping[str, Column]) -> Floats:
        """Return the matrix of a batch: float64 (n, width), a row an event.

        Args:
            columns: Each feature's values by the feature's name, (n,) each and none missing; numbers are no NaN.
        """
        parts: list[Any] = []
        for position, feature in enumerate(self.features):
            column, kind = columns[feature.name], feature.kind
            if kind is FeatureKind.NUMBER or kind is FeatureKind.BOOLEAN:
                parts.append(column)
            elif kind is FeatureKind.FREQUENCY:
                shares = self.categories[position]
                parts.append([shares.get(text, 0.0) for text in column])
            elif kind is FeatureKind.ONE_HOT:
                parts.extend(_one_hot(column, self._places[position]))
            else:
                unit, circle, offset = _CIRCLES[kind]
                angle = (np.asarray(column, dtype=np.int64) // unit + offset) % circle * (math.tau / circle)
                parts += [np.sin(angle), np.cos(angle)]
        return np.ascontiguousarray(np.array(parts, dtype=np.float64).T)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data that JSON holds."""
        return {
            "features": [
                {
                    "name": feature.name,
                    "kind": feature.kind.value,
                    "source": feature.source,
                    "sensitive": feature.sensitive,
                    "categories": dict(shares),
                }
                for feature, shares in zip(self.features, self.categories, strict=True)
            ]
        }


def _width(kind: FeatureKind, categories: int) -> int:
    if kind is FeatureKind.ONE_HOT:
        return categories
    return 2 if kind in _CIRCLES else 1


def _one_hot(column: Column, places: Mapping[str, int]) -> Floats:
    """Return a row for each category: float64 (categories, n)."""
    rows = np.zeros((len(places), len(column)))
    for number, text in enumerate(column):
        place = places.get(text)
        if place is not None:
            rows[place, number] = 1.0
    return rows


def _shares(column: Column, most: int) -> Mapping[str, float]:
    """Return the most frequent categories and their shares, the most frequent first, equals in alphabetical order."""
    if not most:
        return {}
    counts: Counter[Any] = Counter(column)
    kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return {text: count / len(column) for text, count in kept}
