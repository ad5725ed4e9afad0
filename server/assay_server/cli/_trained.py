"""What training made of a model, told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.text import Text

from assay_server.checks import Sample
from assay_server.contracts import ModelDeclaration
from assay_server.models.compilation import latencies
from assay_server.models.evaluation import Evaluation, evaluate, most_anomalous
from assay_server.models.training import Trained

from ._drawing import bar
from ._events import Events
from ._gathering import Gathered
from ._summary import share_of, table_of

_BARS = 20


@dataclass(frozen=True, slots=True)
class Anomalous:
    """One of the most anomalous later events, and why it is."""

    place: str
    score: float
    amounts: list[tuple[str, float | str | None, float]]
    """Each feature's name, its value (None if it is sensitive), and what it added to the score, the largest amount first."""


@dataclass(kw_only=True)
class Report:
    """What came of training one model.

    Attributes:
        name: What the contract calls it.
        lacking: How many events lacked a feature or the label.
        latency: Seconds for 1 and for 1,000 rows, by the estimator and by its compiled form.
        version: Under which it is kept; empty until it is.
        state: "in service" or "on trial", if it was put there.
    """

    name: str
    check: str
    trained: Trained
    lacking: int
    threshold_by: str
    evaluation: Evaluation
    anomalous: list[Anomalous]
    latency: Mapping[str, float]
    version: str = ""
    state: str = ""
    features: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        trained: Trained,
        declaration: ModelDeclaration,
        gathered: Gathered,
        held_out: Sample,
        later: NDArray[np.intp],
        shown: int,
        *,
        threshold_by: str,
    ) -> Self:
        """Try a model on events that it was not trained on.

        Args:
            trained: The model.
            declaration: How the contract declares it.
            gathered: Where the events were read.
            held_out: The later events.
            later: Where they stand among all that were gathered.
            shown: How many of the most anomalous to explain.
            threshold_by: How the threshold was chosen, in words.
        """
        scorer, explainer = trained.scorer, trained.explainer
        matrix = trained.encoding.encode(held_out.columns)
        scores = scorer.score(matrix)
        hidden = {feature.name for feature in declaration.features if feature.sensitive}
        anomalous = []
        for index in most_anomalous(scores, shown).tolist():
            amounts = zip((feature.name for feature in declaration.features), explainer.amounts(matrix[index]), strict=True)
            ordered = sorted(amounts, key=lambda pair: -pair[1])
            values = [
                (name, None if name in hidden else _plain(held_out.columns[name][index]), added) for name, added in ordered
            ]
            anomalous.append(Anomalous(gathered.place(int(later[index])), float(scores[index]), values))
        return cls(
            name=declaration.name,
            check=declaration.check,
            trained=trained,
            lacking=gathered.lacking,
            threshold_by=threshold_by,
            evaluation=evaluate(scores, trained.threshold, held_out.label),
            anomalous=anomalous,
            latency=trained.compiled.latency or latencies(trained.estimator, trained.kind, scorer, matrix),
            features=[(feature.name, feature.kind) for feature in declaration.features],
        )

    def metrics(self) -> dict[str, float | int | str | bool | None]:
        """Return what the manifest is to say of how good it is."""
        found = self.evaluation
        return {
            "held_out_flagged": found.flagged,
            "precision": found.precision,
            "recall": found.recall,
            "auc": found.auc,
            "largest_difference": self.trained.compiled.difference,
            **{f"seconds_{name}": value for name, value in self.latency.items()},
        }

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        trained = self.trained
        return {
            "model": self.name,
            "check": self.check,
            "version": self.version,
            "state": self.state,
            "kind": trained.kind.value,
            "features": [{"name": name, "kind": kind} for name, kind in self.features],
            "trained_on": len(trained.scores),
            "held_out": self.evaluation.rows,
            "lacking_features": self.lacking,
            "seed": trained.seed,
            "threshold": trained.threshold,
            "threshold_by": self.threshold_by,
            "typical_score": trained.explainer.typical_score,
            **self.metrics(),
            "compiled": trained.compiled.model is not None,
            "not_compiled_because": trained.compiled.reason or None,
            "scores": {
                "edges": self.evaluation.histogram.edges.tolist(),
                "counts": self.evaluation.histogram.counts.tolist(),
            },
            "most_anomalous": [
                {
                    "event": one.place,
                    "score": one.score,
                    "contributions": [
                        {"feature": name, "value": value, "amount": amount} for name, value, amount in one.amounts
                    ],
                }
                for one in self.anomalous
            ],
        }

    def for_people(self) -> RenderableType:
        """Return all of it for people."""
        trained, found = self.trained, self.evaluation
        head = Text.assemble((f"\n{self.check} {self.version}", "bold"), f"  trained on {len(trained.scores):,} events")
        if self.lacking:
            head.append(f", {self.lacking:,} lacked a feature or the label")
        head.append("\n  features: " + ", ".join(name for name, _ in self.features), "dim")
        head.append(f"\n  threshold {trained.threshold:.6g}: {self.threshold_by}", "dim")
        parts: list[RenderableType] = [head, Text(""), self._scores(), self._quality(found)]
        if self.anomalous:
            parts.append(self._most_anomalous())
        parts.append(self._latency())
        return Group(*parts)

    def _scores(self) -> Text:
        """Draw how the scores of the later events are distributed, and where the threshold lies."""
        found, threshold = self.evaluation, self.trained.threshold
        counts = found.histogram.counts.reshape(_BARS, -1).sum(axis=1)
        edges = found.histogram.edges[:: len(found.histogram.counts) // _BARS]
        text = Text(f"scores of the {found.rows:,} latest events, on which it was not trained\n", "bold")
        for start, end, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True):
            flagged = start >= threshold or start < threshold <= end
            text.append(f"{start:>12.5g} ", "dim")
            text.append("┤" if start < threshold <= end else "│", "yellow" if flagged else "dim")
            text.append(bar(count / max(1, counts.max())), "yellow" if start >= threshold else "cyan")
            text.append(f" {count:,}\n", "dim")
        return text

    def _quality(self, found: Evaluation) -> Text:
        text = Text(f"{found.flagged:,} of them ({share_of(found.flagged, max(1, found.rows))}) reach the threshold", "yellow")
        for name, value in (("precision", found.precision), ("recall", found.recall), ("AUC", found.auc)):
            if value is not None:
                text.append(f"  {name} {value:.4f}")
        return text

    def _most_anomalous(self) -> RenderableType:
        table = table_of(">score", "the most anomalous of them, and what each feature added")
        for one in self.anomalous:
            typical = self.trained.explainer.typical_score
            why = ", ".join(f"{name}{_shown(value)} {amount:+.3f}" for name, value, amount in one.amounts)
            table.add_row(f"{one.score:.4f}", Text.assemble((one.place, "bold"), f"\ntypical {typical:.3f}, {why}"))
        return table

    def _latency(self) -> RenderableType:
        compiled = self.trained.compiled
        table = table_of("latency", ">one row", ">a thousand rows")
        estimator = type(self.trained.estimator).__name__
        seconds = self.latency
        table.add_row(estimator, _time(seconds["estimator_1"]), _time(seconds["estimator_1000"]))
        if compiled.model is None:
            return Group(table, Text(f"The estimator itself serves: {compiled.reason}.", "dim"))
        table.add_row("compiled", _time(seconds["compiled_1"]), _time(seconds["compiled_1000"]))
        ratios = [f"{seconds[f'estimator_{size}'] / seconds[f'compiled_{size}']:,.0f} times" for size in (1, 1000)]
        table.add_row("faster by", *ratios)
        return Group(table, Text(f"The largest difference of the two is {compiled.difference:.2g}.", "dim"))


def as_json(events: Events, reports: Sequence[Report]) -> dict[str, Any]:
    """Return for programs what was read and what came of it."""
    return {
        "event_type": events.event_type,
        "events": events.summary.events,
        "fit": events.fit,
        "left_out": events.summary.rejected,
        "other_event_types": events.others,
        "seconds": round(events.summary.seconds, 3),
        "models": [report.as_json() for report in reports],
    }


def for_people(events: Events, reports: Sequence[Report]) -> RenderableType:
    """Return for people what was read and what came of it."""
    summary = events.summary
    if not summary.events:
        return Text(f"No events of {events.event_type}: nothing is trained.")
    parts: list[RenderableType] = [
        Text.assemble((f"Read {summary.events:,} events", "bold"), f" of {events.event_type} in {summary.seconds:.1f} s")
    ]
    if events.others:
        parts.append(Text(f"Passed over {events.others:,} events of other types."))
    if summary.rejected:
        parts.append(
            Text(f"Left out {summary.rejected:,} ({share_of(summary.rejected, summary.events)}), because of", "yellow")
        )
        parts.append(summary.checks_table())
    for report in reports:
        parts.append(report.for_people())
        version = report.version.partition("+")[0]
        next_step = f"assay models activate {events.event_type} {report.name} {version}"
        parts.append(Text(f"It is {report.state}." if report.state else f"To put it in service: {next_step}", "green"))
    return Group(*parts)


def _plain(value: Any) -> float | str:
    """Return a feature's value as it is told; a time as its nanoseconds."""
    return value if isinstance(value, str) else float(value)


def _shown(value: float | str | None) -> str:
    if value is None:
        return ""
    return f" {value}" if isinstance(value, str) else f" {value:.6g}"


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"  # noqa: PLR2004  # A millisecond.
