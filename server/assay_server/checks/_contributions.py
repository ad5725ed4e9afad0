"""What a model made of an event, as evidence."""

import math
from collections.abc import Sequence

from assay_server.models import FeatureKind, Floats

from ._asked import Asked
from ._findings import AnomalyEvidence, Contribution

_STEPS = {FeatureKind.HOUR: 24, FeatureKind.WEEKDAY: 7}
_NAMED = 3
_MOST_OF_IT = 0.8


def evidence_of(asked: Asked, row: Floats, score: float, amounts: Sequence[float]) -> AnomalyEvidence:
    """Return what is shown of an event's score.

    Args:
        asked: The model.
        row: What it saw of the event, (width,).
        score: What it gave.
        amounts: What each feature added, in the order of its features; empty if that is not known.
    """
    served, values = asked.served, row.tolist()
    contributions = [
        Contribution(
            feature=feature.name,
            value=None if feature.name in asked.sensitive else _value(feature.kind, values[start:end]),
            amount=float(amount),
        )
        for feature, start, end, amount in zip(served.features, asked.starts, asked.ends, amounts, strict=False)
    ]
    return AnomalyEvidence(
        score=score,
        threshold=asked.threshold,
        percentile=served.percentile(score),
        model_version=served.version,
        typical_score=served.typical_score,
        contributions=tuple(sorted(contributions, key=lambda one: -one.amount)),
    )


def message_of(evidence: AnomalyEvidence) -> str:
    """Return what is said of an event that was found."""
    message = (
        f"The score {evidence.score:.4g} reaches the threshold of {evidence.threshold:.4g}, "
        f"and is above that of {100 * evidence.percentile:.4g} % of the events in training"
    )
    leading = _leading([one for one in evidence.contributions if one.amount > 0])
    return f"{message}: mostly by {' and '.join(leading)}" if leading else message


def _leading(adding: Sequence[Contribution]) -> list[str]:
    """Return the features that account for most of what was added, three at the most."""
    whole = sum(one.amount for one in adding)
    names: list[str] = []
    told = 0.0
    for one in adding[:_NAMED]:
        if told >= _MOST_OF_IT * whole:
            break
        names.append(one.feature)
        told += one.amount
    return names


def _value(kind: FeatureKind, columns: Sequence[float]) -> float:
    """Return the number that stands for a feature's value.

    A number, 0 or 1 for a boolean, the share of a category in training; 1 for a category of its own column that training saw,
    and 0 for one that it did not; the hour from 0, or the weekday from Monday, 0.
    """
    if kind is FeatureKind.ONE_HOT:
        return float(sum(columns))
    if (steps := _STEPS.get(kind)) is not None:
        sine, cosine = columns
        return float(round(math.atan2(sine, cosine) / math.tau * steps) % steps)
    return columns[0]
