"""What a worker tells its supervisor, as a line of JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.core import Metric

from assay_server.admin import Phase, Source


@dataclass(frozen=True, slots=True)
class Report:
    """How a worker is.

    Attributes:
        phase: Where in its life it is.
        lives: Whether its event loop answers.
        details: Its health, as JSON data; empty until there is any.
        metrics: Its metrics.
    """

    phase: Phase = Phase.STARTING
    lives: bool = True
    details: dict[str, Any] = field(default_factory=dict)
    metrics: list[Metric] = field(default_factory=list)

    @classmethod
    def of(cls, source: Source | None) -> "Report":
        """Return how a source is; None is one that there is not yet."""
        if source is None:
            return cls()
        return cls(source.phase, source.lives(), source.details(), list(source.families()))

    def encode(self) -> bytes:
        """Return it as a line."""
        metrics = [
            (metric.name, metric.documentation, metric.type, [(one.name, one.labels, one.value) for one in metric.samples])
            for metric in self.metrics
        ]
        return json.dumps([self.phase.value, self.lives, self.details, metrics]).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> "Report":
        """Return what `encode` was called on."""
        phase, lives, details, metrics = json.loads(line)
        return cls(Phase(phase), lives, details, [_metric(*metric) for metric in metrics])


def _metric(name: str, documentation: str, kind: str, samples: Iterable[tuple[str, dict[str, str], float]]) -> Metric:
    metric = Metric(name, documentation, kind)
    for sample in samples:
        metric.add_sample(*sample)
    return metric
