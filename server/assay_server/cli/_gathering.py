"""The events that models are trained on, taken from files."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from assay_server.baselines import NO_TIME
from assay_server.checks import Sample
from assay_server.contracts import ModelDeclaration
from assay_server.engine import Engine
from assay_server.files import Row

from ._events import Events
from ._judges import Verdict, problem_verdict
from ._left_out import LeftOut
from ._progress import FileProgress


@dataclass
class Gathered:
    """What a model sees of the events of files.

    Attributes:
        declaration: The model.
        lacking: How many events were fit by the contract, and lack a feature or the label.
    """

    declaration: ModelDeclaration
    lacking: int = 0
    _samples: list[Sample] = field(default_factory=list)
    _sources: list[str] = field(default_factory=list)
    _of: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = field(default_factory=list)

    def add(self, sample: Sample, rows: list[Row]) -> None:
        """Take what the model sees of rows; `sample.rows` are places among them."""
        if not len(sample):
            return
        self._samples.append(sample)
        taken = [rows[place] for place in sample.rows.tolist()]
        for name in dict.fromkeys(row.source.name for row in taken):
            if name not in self._sources:
                self._sources.append(name)
        places = [(self._sources.index(row.source.name), row.number) for row in taken]
        self._of.append(np.array(places, np.int64))

    def sample(self) -> Sample | None:
        """Return all of it; None if there is nothing."""
        return Sample.joined(self._samples) if self._samples else None

    def place(self, index: int) -> str:
        """Return where an event of the sample stands: file and row."""
        for part in self._of:
            if index < len(part):
                source, number = part[index].tolist()
                return f"{self._sources[source]}:{number}"
            index -= len(part)
        raise IndexError(index)


async def gather(
    engine: Engine,
    batches: Iterator[list[Row]],
    events: Events,
    gathered: list[Gathered],
    left_out: LeftOut,
    progress: FileProgress,
) -> None:
    """Take from rows what models see of them."""
    await engine.start()
    try:
        for batch in batches:
            rows = [row for row in batch if row.event.event_type in {events.event_type, ""}]
            events.others += len(batch) - len(rows)
            sound = [row for row in rows if row.problem is None]
            verdicts: list[Verdict] = []
            for one in gathered:
                sampled = await engine.sample([row.event for row in sound], events.event_type, one.declaration.name)
                one.add(sampled.sample, sound)
                one.lacking += sum(verdict.valid for verdict in sampled.verdicts) - len(sampled.sample)
                verdicts = list(sampled.verdicts)
            said = iter(verdicts)
            for row in rows:
                verdict = next(said) if row.problem is None else problem_verdict(row)
                events.add(row, verdict)
                if not verdict.valid:
                    left_out.write(row)
            progress.advance(len(batch))
    finally:
        await engine.close()


def times_known(sample: Sample) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the times of a sample's events that have one."""
    known: np.ndarray[tuple[int], np.dtype[np.int64]] = sample.times[sample.times != NO_TIME]
    return known
