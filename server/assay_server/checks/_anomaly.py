"""Models: events that are not like those of the past."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from time import monotonic

import numpy as np

from assay_server.baselines import Snapshot
from assay_server.contracts import Classifier, Contract, Enforcement, EventContract, ModelDeclaration
from assay_server.models import Floats, fingerprint
from assay_server.models.registry import Served, Shelf, Slot, Wanted

from ._asked import Asked, settled
from ._batch import Batch
from ._contributions import evidence_of, message_of
from ._failures import FailureLog
from ._findings import Layer, SkipReason
from ._gathering import ModelUnavailableError, Scored
from ._inputs import Inputs
from ._protocol import CheckDescription, Report

_EMPTY = Slot()
_AT_A_TIME = 0.002
"""For how many seconds explanations hold up the event loop before others have their turn."""

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """A model that is asked about a batch.

    Attributes:
        asked: The model.
        description: As what it reports.
        batch: The batch.
        matrix: What the model sees of the events that it can score, (n, width).
        places: Where in the batch each of those is.
    """

    asked: Asked
    description: CheckDescription
    batch: Batch
    matrix: Floats
    places: Sequence[int]


class AnomalyCheck:
    """Asks a model, and the one on trial beside it, how unlike those of the past events are.

    Which models these are may change between two batches, never within one. Compiled ones are asked in the event loop, others
    in threads. An event that lacks a feature is not scored.

    Args:
        contract: The contract that declares the model.
        declaration: The model.
        shelf: What holds the models; None if there is none.

    Attributes:
        inputs: What takes the features out of batches.
        wanted: How the shelf is asked for models that fit.
    """

    takes_time = True

    def __init__(self, contract: Contract, declaration: ModelDeclaration, shelf: Shelf | None) -> None:
        self.declaration = declaration
        self.inputs = Inputs(declaration, contract.model.__pydantic_fields__)
        trained_for = fingerprint(self.inputs.features, declaration.kind)
        self.wanted = Wanted(event_type=contract.event_type, name=declaration.name, fingerprint=trained_for)
        self._shelf = shelf
        self._name = f"{contract.event_type} {contract.version} {declaration.check}"
        self._failures = FailureLog(self._name, discreet=any(feature.sensitive for feature in self.inputs.features))
        self._asked: dict[str, Asked] = {}
        self._description = CheckDescription(
            check=declaration.check,
            layer=Layer.ANOMALY,
            enforcement=declaration.enforcement,
            field="",
            description=_sentence(declaration),
            required=declaration.required,
        )
        self._on_trial = replace(self._description, enforcement=Enforcement.AUDIT, required=False)

    @property
    def description(self) -> CheckDescription:
        """What it is, and that it is not ready if no model serves it."""
        slot = self._slot()
        ready = slot.serving(self.wanted.fingerprint) is not None
        return self._description if ready else replace(self._description, not_ready=self._lack(slot)[0])

    def run(self, batch: Batch, report: Report) -> Awaitable[None] | None:
        """Have a batch scored: at once, but for models that take time, and for what is to be explained."""
        if not len(batch):
            return None
        if len(batch) == 1 and not report.explain and self.passes(batch.models[0], batch.times[0], batch.snapshot):
            return None
        slot = self._slot()
        steps: list[Step] = []
        if (active := slot.serving(self.wanted.fingerprint)) is not None:
            self._ask(active, self._description, batch, report, steps)
        else:
            self._tell_lack(slot, batch, report)
        trial = slot.trial
        if trial is not None and trial.fingerprint == self.wanted.fingerprint:
            self._ask(trial, self._on_trial, batch, report, steps)
        return _in_turn(steps) if steps else None

    def passes(self, event: EventContract, time: int, snapshot: Snapshot | None) -> bool:
        """Return whether the model finds nothing, nor would the one on trial, in a few microseconds."""
        del snapshot
        slot = self._slot()
        served = slot.serving(self.wanted.fingerprint)
        if served is None or slot.trial is not None or not served.scorer.compiled:
            return False
        asked = self._as(served)
        matrix = self.inputs.row(event, time, asked.single)
        try:
            return matrix is not None and bool(served.scorer.score(matrix)[0] < asked.usual)
        except Exception:  # noqa: BLE001  # It is asked again, and said what is wrong.
            return False

    def close(self) -> None:
        """Let go of the threads, once nobody waits for them."""
        self._asked.clear()

    def _slot(self) -> Slot:
        return _EMPTY if self._shelf is None else self._shelf.of(self.wanted.event_type, self.wanted.name)

    def _lack(self, slot: Slot) -> tuple[SkipReason, str]:
        """Return why there is no model."""
        version = slot.mismatch or (slot.active.version if slot.active is not None else None)
        if version is not None:
            message = f"model {version} was trained for other features than the contract has: train it again"
            return SkipReason.MODEL_MISMATCH, message
        if slot.refused is not None:
            return SkipReason.UNAVAILABLE, "the model that was activated is none that can be taken into service"
        return SkipReason.NO_MODEL, "no model has been trained or activated"

    def _tell_lack(self, slot: Slot, batch: Batch, report: Report) -> None:
        reason, message = self._lack(slot)
        for row in batch.rows:
            report.could_not_run(row, self._description, reason, message)

    def _ask(self, served: Served, description: CheckDescription, batch: Batch, report: Report, steps: list[Step]) -> None:
        """Have a model score a batch; what is left to do is added to `steps`."""
        asked = self._as(served)
        asking = self._asking(asked, description, batch, report)
        if not asking.places:
            return
        if not asked.compiled:
            steps.append(partial(self._ask_slowly, asking, report))
            return
        found = asked.score(asking.matrix)
        if _is_worth_telling(found.scores, asked.usual, report):
            steps.append(partial(self._tell, asking, found, report))

    def _as(self, served: Served) -> Asked:
        """Return how to ask a model."""
        asked = self._asked.get(served.version)
        if asked is None or asked.served is not served:
            slot = self._slot()
            kept = {one.version for one in (slot.active, slot.trial, *slot.others.values()) if one is not None}
            self._asked = {version: one for version, one in self._asked.items() if version in kept}
            sensitive = frozenset(feature.name for feature in self.inputs.features if feature.sensitive)
            asked = self._asked[served.version] = Asked(served, f"{self._name} {served.version}", sensitive)
        return asked

    def _asking(self, asked: Asked, description: CheckDescription, batch: Batch, report: Report) -> _Asking:
        """Take the features out of a batch, and say which events lack some."""
        if (matrix := self.inputs.matrix(batch)) is not None:
            return _Asking(asked, description, batch, matrix, range(len(batch)))
        taken = self.inputs.take(batch)
        places: Sequence[int] = range(len(batch)) if taken.places is None else taken.places.tolist()
        if len(places) < len(batch) and description is self._description:
            self.tell_absent(places, batch, report, self._description)
        return _Asking(asked, description, batch, asked.served.encoding.encode(taken.columns), places)

    def tell_absent(self, places: Sequence[int], batch: Batch, report: Report, description: CheckDescription) -> None:
        """Say why the events of a batch at other places than these lack a feature."""
        for index in sorted(set(range(len(batch))).difference(places)):
            absent = self.inputs.absent(batch, index)
            if absent.error is not None:
                self._failures.write(absent.error)
            report.could_not_run(batch.rows[index], description, absent.reason, absent.message)

    async def _ask_slowly(self, asking: _Asking, report: Report) -> None:
        """Have a model score a batch that takes time."""
        try:
            found = await asking.asked.score_slowly(asking.matrix)
        except ModelUnavailableError as error:
            self._failures.write(str(error))
            for place in asking.places:
                report.could_not_run(asking.batch.rows[place], asking.description, SkipReason.UNAVAILABLE, str(error))
            return
        if _is_worth_telling(found.scores, asking.asked.usual, report):
            await self._tell(asking, found, report)

    async def _tell(self, asking: _Asking, found: Scored, report: Report) -> None:
        """Report on the events that are found, and on all of them if the caller wants to know."""
        description = asking.description
        if found.error is not None:
            self._failures.write(found.error)
        since = monotonic()
        told = range(len(found.scores)) if report.explain else np.flatnonzero(~(found.scores < asking.asked.usual)).tolist()
        for index in told:
            row, raw, event = asking.matrix[index], float(found.scores[index]), asking.batch.rows[asking.places[index]]
            if not isfinite(raw):
                report.could_not_run(event, description, SkipReason.UNAVAILABLE, "the model failed on the event")
                continue
            score = settled(raw)
            if score >= asking.asked.threshold or report.explain:
                evidence = evidence_of(asking.asked, row, score, await self._amounts(asking.asked, row))
                if score >= asking.asked.threshold:
                    report.found(event, description, message_of(evidence), evidence)
                if report.explain:
                    report.saw(event, description, evidence)
                if monotonic() - since > _AT_A_TIME:
                    await asyncio.sleep(0)
                    since = monotonic()

    async def _amounts(self, asked: Asked, row: Floats) -> Sequence[float]:
        """Return what each feature added to a score; nothing, if that cannot be told."""
        try:
            return await asked.amounts(row)
        except Exception as error:  # noqa: BLE001  # An estimator may raise anything.
            self._failures.write(error)
            return ()


async def _in_turn(steps: Sequence[Step]) -> None:
    for step in steps:
        await step()


def _is_worth_telling(scores: Floats, usual: float, report: Report) -> bool:
    """Return whether there is anything to say; also where a score is no number."""
    return report.explain or not (scores < usual).all()


def _sentence(declaration: ModelDeclaration) -> str:
    """Return what the check says of an event, in a sentence."""
    names = [feature.name for feature in declaration.features]
    seen = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    marker = declaration.marker
    if isinstance(marker, Classifier):
        return f"By {seen}, a classifier gives {marker.label} a probability below {marker.threshold:g}."
    kind = "an isolation forest" if declaration.kind == "isolation_forest" else "a model"
    return f"By {seen}, {kind} finds the event like those of the past."
