"""What is declared of a feature, and what a model was trained for."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class FeatureKind(Enum):
    """How a feature's values become numbers."""

    NUMBER = "number"
    """A number, as it is."""

    BOOLEAN = "boolean"
    """False is 0, true is 1."""

    ONE_HOT = "one_hot"
    """A category, as a column for each one that training saw: 1 in its own, 0 in all others."""

    FREQUENCY = "frequency"
    """A category, as its share of the training events: between 0 and 1, and 0 for one that training did not see."""

    HOUR = "hour"
    """A time, as its hour in UTC on a circle of 24: sine and cosine, so that 23 and 0 are neighbours."""

    WEEKDAY = "weekday"
    """A time, as its day of the week in UTC on a circle of 7: sine and cosine, so that Sunday and Monday are neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSpec:
    """One declared feature of a model."""

    name: str
    """What it is called in contributions; unique within a model."""

    kind: FeatureKind

    source: str
    """The dotted path of the field or feature that it comes from; empty for the event's own timestamp."""

    sensitive: bool = False
    """Whether its values may be shown."""


def fingerprint(features: Sequence[FeatureSpec], kind: str) -> str:
    """Return what a model was trained for as 8 hexadecimal digits: its kind, and its features in their order.

    What is sensitive does not count: it changes what is shown, and nothing that a model has learned.
    """
    text = json.dumps([kind, [[one.name, one.kind.value, one.source] for one in features]])
    return hashlib.sha256(text.encode()).hexdigest()[:8]
