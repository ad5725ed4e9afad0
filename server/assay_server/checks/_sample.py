"""What a model is trained on: the features of events of the past."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from assay_server.contracts import Enforcement
from assay_server.models import Column

from ._anomaly import AnomalyCheck
from ._batch import Batch
from ._findings import SkipReason
from ._inputs import part_of
from ._protocol import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a model sees of some events.

    Attributes:
        columns: Each feature's values, by the feature's name.
        label: Whether each event is what the label says; None if the model learns without.
        times: When each happened, in nanoseconds since 1970.
        rows: Where each stands among the events that were given.
    """

    columns: dict[str, Column]
    label: npt.NDArray[np.bool_] | None
    times: npt.NDArray[np.int64]
    rows: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: npt.NDArray[np.intp]) -> "Sample":
        """Return the events at these places, in this order."""
        return Sample(
            columns={name: part_of(column, places) for name, column in self.columns.items()},
            label=None if self.label is None else self.label[places],
            times=self.times[places],
            rows=self.rows[places],
        )

    @classmethod
    def joined(cls, samples: Sequence[Self]) -> Self:
        """Return several samples of one model as one; at least one."""
        labels = [sample.label for sample in samples if sample.label is not None]
        return cls(
            columns={name: _joined([sample.columns[name] for sample in samples]) for name in samples[0].columns},
            label=np.concatenate(labels) if labels else None,
            times=np.concatenate([sample.times for sample in samples]),
            rows=np.concatenate([sample.rows for sample in samples]),
        )


def sample_of(check: AnomalyCheck, batch: Batch, report: Report) -> Sample:
    """Return what the model of a check sees of a batch.

    An event that lacks a feature, or the label, is left out, and reported as one that the check could not run on.
    """
    description = replace(check.description, enforcement=Enforcement.WARN, required=False)
    taken = check.inputs.take(batch)
    places = np.arange(len(batch)) if taken.places is None else taken.places
    check.tell_absent(places.tolist(), batch, report, description)
    columns, label = taken.columns, None
    if source := check.declaration.label:
        told = batch.numbers(source)[places]
        known = np.isfinite(told)
        if not known.all():
            for place in places[~known].tolist():
                report.could_not_run(batch.rows[place], description, SkipReason.INPUT_MISSING, f"the event has no {source}")
            kept = np.flatnonzero(known)
            columns = {name: part_of(column, kept) for name, column in columns.items()}
            places, told = places[kept], told[kept]
        label = told != 0
    rows = np.array(batch.rows, np.intp)[places]
    return Sample(columns=columns, label=label, times=batch.nanoseconds()[places], rows=rows)


def _joined(columns: Sequence[Any]) -> Column:
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return [text for column in columns for text in column]
